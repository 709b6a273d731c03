package mesh.global.test.shared_keys

import data.mesh.global.policy.shared_keys
import data.mesh.global.test.example

test_the_agreed_type if {
	count(shared_keys.deny) == 0 with input as example.publish
}

test_another_type if {
	shared_keys.deny == {{
		"message": "column `order_id` of table `orders` is a shared key and must be a `string`, not a `integer`",
		"path": "/contracts/0/schema/0/properties/0/logicalType",
		"code": "shared_key_type",
	}} with input as example.publish_with("/contracts/0/schema/0/properties/0/logicalType", "integer")
}
