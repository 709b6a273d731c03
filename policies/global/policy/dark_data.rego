# METADATA
# scope: package
# title: Dark data
# description: Data that nobody can reach, or that is for nothing in particular, costs and serves no one.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 3 (data governance)
#     - GDPR 5(1)(c)
#   remedy: Offer the data at an output port and say what it is for, or do not keep it.
#   owner: council
package mesh.global.policy.dark_data

import data.mesh.global.lib.purpose

deny contains {
	"message": "nobody can reach the data: the product has no output port",
	"path": "/product/outputPorts",
	"code": "no_output_port",
} if {
	count(object.get(input.product, "outputPorts", [])) == 0
}

deny contains {
	"message": "nobody knows what the data is for: the product describes no usage and declares no purpose",
	"path": "/product/description/usage",
	"code": "no_usage",
} if {
	not input.product.description.usage
	count(purpose.declared) == 0
}

deny contains {
	"message": "no table of the contract describes what one row is",
	"path": sprintf("/contracts/%d/schema", [c]),
	"code": "no_table_described",
} if {
	some c, contract in input.contracts
	every table in object.get(contract, "schema", []) {
		not table.description
		not table.dataGranularityDescription
	}
}
