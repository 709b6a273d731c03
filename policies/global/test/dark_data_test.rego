package mesh.global.test.dark_data

import data.mesh.global.policy.dark_data
import data.mesh.global.test.example

test_reachable_and_useful if {
	count(dark_data.deny) == 0 with input as example.publish
}

test_no_port if {
	example.codes(dark_data.deny) == {"no_output_port"} with input as example.publish_without("/product/outputPorts")
}

test_for_nothing if {
	aimless := json.patch(example.publish, [
		{"op": "remove", "path": "/product/description/usage"},
		{"op": "remove", "path": "/product/customProperties/0"},
	])
	example.codes(dark_data.deny) == {"no_usage"} with input as aimless
}

test_no_table_described if {
	example.codes(dark_data.deny) == {"no_table_described"}
		with input as example.publish_without("/contracts/0/schema/0/description")
}

test_no_table_at_all if {
	example.codes(dark_data.deny) == {"no_table_described"} with input as example.publish_without("/contracts/0/schema")
}
