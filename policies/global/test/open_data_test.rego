package mesh.global.test.open_data

import data.mesh.global.policy.open_data
import data.mesh.global.test.example

test_other_data_is_not_granted if {
	not open_data.permit with input as example.access
}

test_public_data_is_granted if {
	open_data.permit with input as public
}

test_public_by_word_alone_is_not_granted if {
	leaky := json.patch(public, [{
		"op": "replace",
		"path": "/contracts/0/schema/0/properties/0/classification",
		"value": "internal",
	}])
	not open_data.permit with input as leaky
}

test_personal_data_is_never_open if {
	personal := json.patch(public, [{
		"op": "add",
		"path": "/contracts/0/schema/0/properties/0/tags",
		"value": ["pii"],
	}])
	not open_data.permit with input as personal
}

test_writing_is_not_granted if {
	not open_data.permit
		with input as json.patch(public, [{"op": "replace", "path": "/action/name", "value": "write"}])
}

public := json.patch(example.access, [
	{"op": "add", "path": "/product/customProperties/-", "value": {"property": "visibility", "value": "public"}},
	{
		"op": "replace",
		"path": "/contracts/0/schema/0/properties",
		"value": [{"name": "order_id", "classification": "public"}],
	},
])
