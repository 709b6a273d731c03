package mesh.global.test.cross_border_transfer

import data.mesh.global.policy.cross_border_transfer
import data.mesh.global.test.example

test_at_home if {
	count(cross_border_transfer.deny) == 0 with input as example.access
}

test_to_an_adequate_jurisdiction if {
	count(cross_border_transfer.deny) == 0 with input as example.access_with("/context/region", "eu-west-2")
}

test_to_another if {
	cross_border_transfer.deny == {{
		"message": "personal data may not go from `eu` to `us-east-1`",
		"path": "/context/region",
		"code": "transfer_not_adequate",
	}} with input as example.access_with("/context/region", "us-east-1")
}

test_to_an_unknown_region if {
	unknown := example.access_with("/context/region", "moon-1")
	example.codes(cross_border_transfer.deny) == {"transfer_not_adequate"} with input as unknown
}

test_a_region_must_be_given if {
	"/context/region" in cross_border_transfer.requires with input as example.access
}

test_other_data_may_go if {
	impersonal := json.patch(example.access, [
		{"op": "remove", "path": "/contracts/0/schema/0/properties/3"},
		{"op": "replace", "path": "/context/region", "value": "us-east-1"},
	])
	count(cross_border_transfer.deny) == 0 with input as impersonal
}
