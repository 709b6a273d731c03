package mesh.global.test.lineage

import data.mesh.global.policy.lineage
import data.mesh.global.test.example

test_a_source_has_no_inputs if {
	count(lineage.deny) == 0 with input as example.publish
}

test_inputs_are_not_named if {
	derived := example.publish_with("/product/inputPorts", [{"name": "payments", "contractId": "payments_v1"}])
	lineage.deny == {{
		"message": "output port `warehouse` does not say which inputs it is made from",
		"path": "/product/outputPorts/0/inputContracts",
		"code": "lineage_missing",
	}} with input as derived
}

test_inputs_are_named if {
	derived := json.patch(example.publish, [
		{"op": "add", "path": "/product/inputPorts", "value": [{"name": "payments", "contractId": "payments_v1"}]},
		{"op": "add", "path": "/product/outputPorts/0/inputContracts", "value": [{"id": "payments_v1"}]},
	])
	count(lineage.deny) == 0 with input as derived
}
