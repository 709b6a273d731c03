package mesh.global.test.purposes_declared

import data.mesh.global.policy.purposes_declared
import data.mesh.global.test.example

test_declared if {
	count(purposes_declared.deny) == 0 with input as example.publish
}

test_personal_data_for_no_purpose if {
	aimless := example.publish_without("/product/customProperties")
	example.codes(purposes_declared.deny) == {"purposes_missing"} with input as aimless
}

test_other_data_needs_no_purpose if {
	impersonal := json.patch(example.publish, [
		{"op": "remove", "path": "/product/customProperties"},
		{"op": "remove", "path": "/contracts/0/schema/0/properties/3"},
	])
	count(purposes_declared.deny) == 0 with input as impersonal
}
