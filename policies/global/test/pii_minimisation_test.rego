package mesh.global.test.pii_minimisation

import data.mesh.global.policy.pii_minimisation
import data.mesh.global.test.example

test_little_and_described if {
	count(pii_minimisation.deny) == 0 with input as example.publish
}

test_not_described if {
	undescribed := example.publish_without("/contracts/0/schema/0/properties/3/description")
	example.codes(pii_minimisation.deny) == {"personal_column_undescribed"} with input as undescribed
}

test_more_than_the_domain_wants if {
	column := {"name": "phone", "description": "For the courier", "tags": ["pii"]}
	much := json.patch(example.publish, [
		{"op": "add", "path": "/contracts/0/schema/0/properties/-", "value": column},
		{"op": "replace", "path": "/parameters/personal_columns_max", "value": 1},
	])
	example.codes(pii_minimisation.deny) == {"many_personal_columns"} with input as much
}
