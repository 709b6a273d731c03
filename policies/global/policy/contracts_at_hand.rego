# METADATA
# scope: package
# title: Contracts at hand
# description: Access is judged with the contracts in view, for without them no column would be masked.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.8.3
#   remedy: Send the contracts along with the product, or register them.
#   owner: council
package mesh.global.policy.contracts_at_hand

import data.mesh.global.lib.access
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s refers to the contract `%s`, which is not known", [
		label.port(port, position),
		port.contractId,
	]),
	"path": sprintf("/product/outputPorts/%d/contractId", [position]),
	"code": "contract_not_at_hand",
} if {
	access.touches_data
	some position, port in input.product.outputPorts
	port.contractId
	not port.contractId in contract_ids
}

contract_ids := {contract.id | some contract in input.contracts}
