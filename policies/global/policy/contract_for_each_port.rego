# METADATA
# scope: package
# title: A contract for each port
# description: What a product offers, it promises; every output port refers to a contract that comes with the product.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 8 (data integration and interoperability)
#   remedy: Write a data contract for the port, and refer to it by `contractId`.
#   owner: council
package mesh.global.policy.contract_for_each_port

import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s has no contract", [label.port(port, position)]),
	"path": sprintf("/product/outputPorts/%d/contractId", [position]),
	"code": "contract_missing",
} if {
	some position, port in input.product.outputPorts
	not port.contractId
}

deny contains {
	"message": sprintf("%s refers to the contract `%s`, which does not come with the product", [
		label.port(port, position),
		port.contractId,
	]),
	"path": sprintf("/product/outputPorts/%d/contractId", [position]),
	"code": "contract_unknown",
} if {
	some position, port in input.product.outputPorts
	port.contractId
	not port.contractId in contract_ids
}

contract_ids := {contract.id | some contract in input.contracts}
