package mesh.global.test.nesting

import data.mesh.global.policy.nesting
import data.mesh.global.test.example

test_flat if {
	count(nesting.deny) == 0 with input as example.publish
}

test_columns_in_a_column if {
	count(nesting.deny) == 0 with input as with_address({"name": "street"})
}

test_columns_in_a_column_in_a_column if {
	geo := {"name": "geo", "properties": [{"name": "latitude"}]}
	nesting.deny == {{
		"message": "column `address.geo` of table `orders` is nested and holds columns itself",
		"path": "/contracts/0/schema/0/properties/5/properties/0",
		"code": "nested_too_deep",
	}} with input as with_address(geo)
}

with_address(inner) := example.publish_with(
	"/contracts/0/schema/0/properties/-",
	{"name": "address", "properties": [inner]},
)
