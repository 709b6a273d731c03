package mesh.global.test.residency_declared

import data.mesh.global.policy.residency_declared
import data.mesh.global.test.example

test_declared if {
	count(residency_declared.deny) == 0 with input as example.publish
}

test_not_declared if {
	homeless := example.publish_without("/product/customProperties/1")
	example.codes(residency_declared.deny) == {"residency_missing"} with input as homeless
}

test_declared_by_the_contract if {
	by_contract := json.patch(example.publish, [
		{"op": "remove", "path": "/product/customProperties/1"},
		{"op": "add", "path": "/contracts/0/customProperties/-", "value": {"property": "residency", "value": "eu"}},
	])
	count(residency_declared.deny) == 0 with input as by_contract
}
