package mesh.global.test.interoperability

import data.mesh.global.policy.interoperability
import data.mesh.global.test.example

test_agreed_types if {
	count(interoperability.deny) == 0 with input as example.publish
}

test_no_type if {
	untyped := example.publish_without("/contracts/0/schema/0/properties/2/logicalType")
	example.codes(interoperability.deny) == {"type_missing"} with input as untyped
}

test_an_unknown_type if {
	unknown := example.publish_with("/contracts/0/schema/0/properties/2/logicalType", "decimal(18,2)")
	example.codes(interoperability.deny) == {"type_unknown"} with input as unknown
}

test_a_moment_as_text if {
	interoperability.deny == {{
		"message": "column `placed_at` of table `orders` is a `string`; a name that ends in `_at` means timestamp",
		"path": "/contracts/0/schema/0/properties/1/logicalType",
		"code": "type_breaks_name",
	}} with input as example.publish_with("/contracts/0/schema/0/properties/1/logicalType", "string")
}
