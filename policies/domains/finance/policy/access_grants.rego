# METADATA
# scope: package
# title: Who may use finance data
# description: Our own people do what their role needs, and auditors read all that finance and its sub-domains hold.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.15
#     - ISO/IEC 27001:2022 A.5.35
#   remedy: Ask the stewards of finance for an agreement on the contract, or for a role that may do this.
#   owner: stewards of finance
package mesh.finance.policy.access_grants

import data.mesh.finance.data.agreements
import data.mesh.finance.data.roles
import data.mesh.global.lib.access

# Everyone may learn what there is.
permit if access.describes

# What our sub-domains own, they grant themselves.
permit if {
	input.domain == "finance"
	access.same_domain
	some role in input.subject.registered.roles
	input.action.name in roles.may[role]
}

# Which roles read under a contract, the contract itself says.
permit if {
	input.subject.registered.domain in agreements[input.context.contract]
	input.action.name in ["read", "query"]
}

permit if {
	"auditor" in input.subject.registered.roles
	input.context.purpose == "audit"
	input.action.name in ["read", "query"]
}
