# METADATA
# scope: package
# title: Writing is for the owner
# description: Only the owning domain changes its data; others offer products of their own.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.15
#     - ISO/IEC 27001:2022 A.8.3
#   remedy: Ask the owning domain to make the change, or publish a product of your own.
#   owner: council
package mesh.global.policy.writes_by_owner

import data.mesh.global.lib.access

deny contains {
	"message": sprintf("only the owning domain may %s this", [input.action.name]),
	"path": "/action/name",
	"code": "write_by_other_domain",
} if {
	access.writes
	not access.same_domain
}
