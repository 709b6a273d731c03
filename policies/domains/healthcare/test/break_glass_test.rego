package mesh.healthcare.test.break_glass

import data.mesh.healthcare.policy.break_glass
import data.mesh.healthcare.test.example

test_a_clinician_in_an_emergency if {
	break_glass.permit with input as example.emergency
	break_glass.requires == {"/context/reason"} with input as example.emergency
}

test_it_is_reviewed_and_ends if {
	break_glass.obligations == {
		{
			"type": "review",
			"properties": {"by": "data protection officer", "within_hours": 24, "reason": "cardiac arrest"},
		},
		{"type": "expire", "properties": {"at": "2026-06-01T13:00:00Z"}},
	} with input as example.emergency
}

test_whole_glass if {
	not break_glass.permit with input as example.access
	count(break_glass.obligations) == 0 with input as example.access
	count(break_glass.requires) == 0 with input as example.access
}

test_others_cannot_break_it if {
	clerk := example.with_value(example.emergency, "/subject/registered/roles", ["billing_clerk"])
	not break_glass.permit with input as clerk
	not break_glass.permit with input as example.with_value(example.emergency, "/subject/registered/domain", "sales")
}

test_it_is_no_way_out if {
	not break_glass.permit with input as example.with_value(example.emergency, "/action/name", "download")
}
