package mesh.global.test.service_levels

import data.mesh.global.policy.service_levels
import data.mesh.global.test.example

test_stated if {
	count(service_levels.deny) == 0 with input as example.publish
}

test_not_stated if {
	silent := example.publish_without("/contracts/0/slaProperties")
	example.codes(service_levels.deny) == {"freshness_missing", "availability_missing"} with input as silent
}

test_a_draft_promises_nothing_yet if {
	draft := json.patch(example.publish, [
		{"op": "remove", "path": "/contracts/0/slaProperties"},
		{"op": "replace", "path": "/product/status", "value": "draft"},
	])
	count(service_levels.deny) == 0 with input as draft
}
