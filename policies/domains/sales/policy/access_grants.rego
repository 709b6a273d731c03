# METADATA
# scope: package
# title: Who may use sales data
# description: Our own people do what their role needs; another domain reads under an agreement with us.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.15
#     - ISO/IEC 27001:2022 A.5.18
#   remedy: Ask the stewards of sales for an agreement on the contract, or for a role that may do this.
#   owner: stewards of sales
package mesh.sales.policy.access_grants

import data.mesh.global.lib.access
import data.mesh.sales.data.agreements
import data.mesh.sales.data.roles

# Everyone may learn what there is.
permit if access.describes

permit if {
	access.same_domain
	some role in input.subject.registered.roles
	input.action.name in roles.may[role]
}

# Which roles read under a contract, the contract itself says.
permit if {
	input.subject.registered.domain in agreements[input.context.contract]
	input.action.name in ["read", "query"]
}
