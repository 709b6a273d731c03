# METADATA
# scope: package
# title: Who may use risk data
# description: Risk's own people do what their role needs; nobody else reads it but the auditors that finance admits.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.15
#   remedy: Ask the stewards of risk for a role that may do this.
#   owner: stewards of finance/risk
package mesh.finance.risk.policy.access_grants

import data.mesh.finance.risk.data.roles
import data.mesh.global.lib.access

permit if {
	access.same_domain
	some role in input.subject.registered.roles
	input.action.name in roles.may[role]
}
