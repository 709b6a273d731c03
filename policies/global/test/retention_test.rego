package mesh.global.test.retention

import data.mesh.global.policy.retention
import data.mesh.global.test.example

test_stated_and_short if {
	count(retention.deny) == 0 with input as example.publish
}

test_not_stated if {
	example.codes(retention.deny) == {"retention_missing"}
		with input as example.publish_without("/contracts/0/slaProperties/0")
}

test_too_long if {
	retention.deny == {{
		"message": "contract `orders_v1` keeps personal data for 730 days; at most 365 are allowed",
		"path": "/contracts/0/slaProperties/0",
		"code": "retention_too_long",
	}} with input as example.publish_with("/contracts/0/slaProperties/0/value", 2)
}

test_a_domain_allows_less if {
	stricter := example.publish_with("/parameters/retention_days_max", 90)
	example.codes(retention.deny) == {"retention_too_long"} with input as stricter
}

test_an_unknown_unit if {
	unknown := example.publish_with("/contracts/0/slaProperties/0/unit", "moons")
	example.codes(retention.deny) == {"retention_unclear"} with input as unknown
}

test_no_number if {
	unclear := example.publish_with("/contracts/0/slaProperties/0/value", "long")
	example.codes(retention.deny) == {"retention_unclear"} with input as unclear
}

test_other_data_may_be_kept if {
	impersonal := json.patch(example.publish, [
		{"op": "remove", "path": "/contracts/0/schema/0/properties/3"},
		{"op": "replace", "path": "/contracts/0/slaProperties/0/value", "value": 10},
	])
	count(retention.deny) == 0 with input as impersonal
}
