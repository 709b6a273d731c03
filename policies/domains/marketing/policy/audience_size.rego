# METADATA
# scope: package
# title: Audiences are large enough
# description: In a small audience a person can be recognised, so each states a lowest number of rows and checks it.
# custom:
#   applies_to: [publish]
#   controls:
#     - GDPR 25(1)
#     - ISO/IEC 27001:2022 A.8.11
#   remedy: Add to the table a `rowCount` quality rule with `mustBeGreaterOrEqualTo` of at least the number named.
#   owner: stewards of marketing
package mesh.marketing.policy.audience_size

import data.mesh.global.lib.label
import data.mesh.marketing.data.audiences

deny contains {
	"message": sprintf("%s is an audience and may hold fewer than %d people", [
		label.table(table, t),
		audiences.people_min,
	]),
	"path": sprintf("/contracts/%d/schema/%d", [c, t]),
	"code": "audience_may_be_small",
} if {
	some c, contract in input.contracts
	some t, table in contract.schema
	"audience" in table.tags
	not is_large(table)
}

is_large(table) if {
	some rule in table.quality
	rule.metric == "rowCount"
	rule.mustBeGreaterOrEqualTo >= audiences.people_min
}
