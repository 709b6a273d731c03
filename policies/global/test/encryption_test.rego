package mesh.global.test.encryption

import data.mesh.global.policy.encryption
import data.mesh.global.test.example

test_encrypted if {
	count(encryption.deny) == 0 with input as example.publish
}

test_not_encrypted if {
	example.codes(encryption.deny) == {"encryption_missing"}
		with input as example.publish_without("/contracts/0/customProperties")
}

test_a_weak_cipher if {
	encryption.deny == {{
		"message": "contract `orders_v1` holds sensitive data under the encryption `DES`, which is not accepted",
		"path": "/contracts/0/customProperties",
		"code": "encryption_not_accepted",
	}} with input as example.publish_with("/contracts/0/customProperties/0/value", "DES")
}

test_yes_is_no_cipher if {
	vague := example.publish_with("/contracts/0/customProperties/0/value", true)
	example.codes(encryption.deny) == {"encryption_not_accepted"} with input as vague
}

test_other_data_needs_none if {
	harmless := json.patch(example.publish, [
		{"op": "remove", "path": "/contracts/0/customProperties"},
		{"op": "remove", "path": "/contracts/0/schema/0/properties/3"},
		{"op": "remove", "path": "/contracts/0/schema/0/properties/2"},
	])
	count(encryption.deny) == 0 with input as harmless
}
