# METADATA
# scope: package
# title: Service levels
# description: Who builds on an active product knows how fresh its data is and how often it can be had.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 6 (data storage and operations)
#     - DAMA-DMBOK2 ch. 13 (data quality)
#   remedy: State `latency` or `frequency`, and `availability`, in the contract's service levels.
#   owner: council
package mesh.global.policy.service_levels

import data.mesh.global.data.service_levels
import data.mesh.global.lib.label
import data.mesh.global.lib.service_level

deny contains {
	"message": sprintf("%s does not say how fresh the data is", [label.contract(contract, c)]),
	"path": sprintf("/contracts/%d/slaProperties", [c]),
	"code": "freshness_missing",
} if {
	# witan: allow lint_deny_silent a product without a status is refused by `status_known`
	input.product.status == "active"
	some c, contract in input.contracts
	not service_level.states(contract, service_levels.freshness)
}

deny contains {
	"message": sprintf("%s does not say how available the data is", [label.contract(contract, c)]),
	"path": sprintf("/contracts/%d/slaProperties", [c]),
	"code": "availability_missing",
} if {
	# witan: allow lint_deny_silent a product without a status is refused by `status_known`
	input.product.status == "active"
	some c, contract in input.contracts
	not service_level.states(contract, service_levels.availability)
}
