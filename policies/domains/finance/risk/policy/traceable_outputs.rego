# METADATA
# scope: package
# title: Outputs can be traced
# description: Each output names the contracts that it is made from, and each of those comes in at an input port.
# custom:
#   applies_to: [publish]
#   controls:
#     - BCBS 239 principle 2 (data architecture and IT infrastructure)
#     - BCBS 239 principle 3 (accuracy and integrity)
#   remedy: List the sources in the port's `inputContracts`, and describe an input port for each of them.
#   owner: stewards of finance/risk
package mesh.finance.risk.policy.traceable_outputs

import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s does not say what it is made from", [label.port(port, position)]),
	"path": sprintf("/product/outputPorts/%d/inputContracts", [position]),
	"code": "sources_missing",
} if {
	some position, port in input.product.outputPorts
	count(object.get(port, "inputContracts", [])) == 0
}

deny contains {
	"message": sprintf("%s is made from the contract `%s`, which comes in at no input port", [
		label.port(port, position),
		object.get(source, "id", "without id"),
	]),
	"path": sprintf("/product/outputPorts/%d/inputContracts/%d", [position, s]),
	"code": "source_unknown",
} if {
	some position, port in input.product.outputPorts
	some s, source in port.inputContracts
	not source.id in sources
}

sources := {port.contractId | some port in input.product.inputPorts}
