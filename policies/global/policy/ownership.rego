# METADATA
# scope: package
# title: Ownership
# description: A data product has a domain, a team, and in it someone who is accountable.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 3 (data governance)
#     - ISO/IEC 27001:2022 A.5.2
#     - ISO/IEC 27001:2022 A.5.9
#   remedy: Name the domain, the team, and a team member with the role `owner`.
#   owner: council
package mesh.global.policy.ownership

import data.mesh.global.data.roles

deny contains {
	"message": "the product belongs to no domain",
	"path": "/product/domain",
	"code": "domain_missing",
} if {
	not input.domain
}

deny contains {
	"message": "the product has no team",
	"path": "/product/team",
	"code": "team_missing",
} if {
	not input.product.team.name
}

deny contains {
	"message": "nobody in the team is accountable for the product",
	"path": "/product/team/members",
	"code": "owner_missing",
	"remedy": "give a member who has not left the role `owner`",
} if {
	not has_owner
}

has_owner if {
	some member in input.product.team.members
	lower(member.role) in roles.accountable
	not has_left(member)
}

has_left(member) if member.dateOut <= input.now
