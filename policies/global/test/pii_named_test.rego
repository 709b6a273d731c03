package mesh.global.test.pii_named

import data.mesh.global.policy.pii_named
import data.mesh.global.test.example

test_tagged if {
	count(pii_named.deny) == 0 with input as example.publish
}

test_looks_personal_by_name if {
	pii_named.deny == {{
		"message": "column `email` of table `orders` looks like personal data and does not say whether it is",
		"path": "/contracts/0/schema/0/properties/3",
		"code": "pii_unnamed",
	}} with input as example.publish_without("/contracts/0/schema/0/properties/3/tags")
}

test_looks_personal_by_classification if {
	personal := example.publish_with("/contracts/0/schema/0/properties/1/classification", "personal")
	example.codes(pii_named.deny) == {"pii_unnamed"} with input as personal
}

test_says_that_it_is_not if {
	column := {"name": "email_template", "customProperties": [{"property": "pii", "value": false}]}
	count(pii_named.deny) == 0 with input as example.publish_with("/contracts/0/schema/0/properties/-", column)
}
