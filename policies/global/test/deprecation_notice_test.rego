package mesh.global.test.deprecation_notice

import data.mesh.global.policy.deprecation_notice
import data.mesh.global.test.example

test_publishing_needs_no_notice if {
	count(deprecation_notice.deny) == 0 with input as example.publish
}

test_notice_in_time if {
	count(deprecation_notice.deny) == 0 with input as deprecate("2026-12-31T00:00:00Z")
		with time.now_ns as now
}

test_notice_too_late if {
	example.codes(deprecation_notice.deny) == {"notice_too_short"} with input as deprecate("2026-06-30T00:00:00Z")
		with time.now_ns as now
}

test_no_sunset_and_no_replacement if {
	silent := example.publish_with("/action/name", "deprecate")
	example.codes(deprecation_notice.deny) == {"notice_too_short", "replacement_missing"} with input as silent
		with time.now_ns as now
}

test_notice_counts_from_when_it_was_registered if {
	again := json.patch(deprecate("2026-06-30T00:00:00Z"), [{
		"op": "add",
		"path": "/previous",
		"value": {
			"product": {"customProperties": [{"property": "deprecated_at", "value": "2026-01-01T00:00:00Z"}]},
			"contracts": [],
		},
	}])
	count(deprecation_notice.deny) == 0 with input as again
		with time.now_ns as now
}

test_retired_after_the_sunset if {
	count(deprecation_notice.deny) == 0 with input as retire("2026-05-31T00:00:00Z")
		with time.now_ns as now
}

test_retired_before_the_sunset if {
	example.codes(deprecation_notice.deny) == {"sunset_not_reached"} with input as retire("2026-07-01T00:00:00Z")
		with time.now_ns as now
}

test_retired_without_notice if {
	sudden := example.publish_with("/action/name", "retire")
	example.codes(deprecation_notice.deny) == {"sunset_not_reached"} with input as sudden
		with time.now_ns as now
}

now := time.parse_rfc3339_ns("2026-06-01T12:00:00Z")

deprecate(sunset) := json.patch(example.publish, [
	{"op": "replace", "path": "/action/name", "value": "deprecate"},
	{"op": "add", "path": "/product/customProperties/-", "value": {"property": "sunset_at", "value": sunset}},
	{"op": "add", "path": "/product/customProperties/-", "value": {"property": "replaced_by", "value": "orders_2"}},
])

retire(sunset) := json.patch(example.publish, [
	{"op": "replace", "path": "/action/name", "value": "retire"},
	{"op": "add", "path": "/previous", "value": {
		"product": {"customProperties": [{"property": "sunset_at", "value": sunset}]},
		"contracts": [],
	}},
])
