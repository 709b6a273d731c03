# METADATA
# scope: package
# title: Lineage
# description: A product made from others says from which, so that an error can be followed to where it began.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 12 (metadata management)
#     - DAMA-DMBOK2 ch. 4 (data architecture)
#   remedy: List in the output port's `inputContracts` the contracts that it is made from.
#   owner: council
package mesh.global.policy.lineage

import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s does not say which inputs it is made from", [label.port(port, position)]),
	"path": sprintf("/product/outputPorts/%d/inputContracts", [position]),
	"code": "lineage_missing",
} if {
	count(input.product.inputPorts) > 0
	some position, port in input.product.outputPorts
	count(object.get(port, "inputContracts", [])) == 0
}
