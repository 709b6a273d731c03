package mesh.global.test.classification

import data.mesh.global.policy.classification
import data.mesh.global.test.example

test_every_column_is_classified if {
	count(classification.deny) == 0 with input as example.publish
}

test_no_classification if {
	classification.deny == {{
		"message": "column `placed_at` of table `orders` has no classification",
		"path": "/contracts/0/schema/0/properties/1",
		"code": "classification_missing",
	}} with input as example.publish_without("/contracts/0/schema/0/properties/1/classification")
}

test_an_unknown_classification if {
	unknown := example.publish_with("/contracts/0/schema/0/properties/1/classification", "secret")
	example.codes(classification.deny) == {"classification_unknown"} with input as unknown
}

test_columns_inside_a_column if {
	street := {"name": "street", "logicalType": "string"}
	address := {"name": "address", "classification": "internal", "properties": [street]}
	classification.deny == {{
		"message": "column `address.street` of table `orders` has no classification",
		"path": "/contracts/0/schema/0/properties/5/properties/0",
		"code": "classification_missing",
	}} with input as example.publish_with("/contracts/0/schema/0/properties/-", address)
}
