package mesh.finance.test.embargo

import data.mesh.finance.policy.embargo
import data.mesh.finance.test.example

test_no_embargo if {
	count(embargo.deny) == 0 with input as example.access
}

test_before_the_embargo_ends if {
	denied := embargo.deny with input as until("2026-06-01T12:00:01Z")
	example.codes(denied) == {"under_embargo"}
}

test_when_the_embargo_ends if {
	count(embargo.deny) == 0 with input as until("2026-06-01T12:00:00Z")
}

test_an_embargo_without_a_readable_end_never_ends if {
	denied := embargo.deny with input as until("spring")
	example.codes(denied) == {"under_embargo"}
}

test_insiders_know_before if {
	insider := example.with_value(until("2026-06-02T00:00:00Z"), "/subject/registered/roles", ["insider"])
	count(embargo.deny) == 0 with input as insider
}

test_descriptions_are_under_no_embargo if {
	described := example.with_value(until("2026-06-02T00:00:00Z"), "/action/name", "describe")
	count(embargo.deny) == 0 with input as described
}

until(end) := example.with_value(
	example.access,
	"/product/customProperties",
	[{"property": "embargo_until", "value": end}],
)
