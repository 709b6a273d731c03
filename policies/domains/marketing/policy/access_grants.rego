# METADATA
# scope: package
# title: Who may use marketing data
# description: Our own people do what their role needs; figures are for every domain, audiences for those who run campaigns.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.15
#   remedy: Use the figures of `urn:mesh:marketing:campaign-performance`, or ask the stewards of marketing for a role.
#   owner: stewards of marketing
package mesh.marketing.policy.access_grants

import data.mesh.global.lib.access
import data.mesh.global.lib.columns
import data.mesh.marketing.data.roles

# Everyone may learn what there is.
permit if access.describes

permit if {
	access.same_domain
	some role in input.subject.registered.roles
	input.action.name in roles.may[role]
}

# Figures without people in them help every domain.
permit if {
	not access.same_domain
	count(columns.personal) == 0
	input.action.name in ["read", "query", "download"]
}
