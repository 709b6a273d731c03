package mesh.healthcare.test.research_approval

import data.mesh.healthcare.policy.research_approval
import data.mesh.healthcare.test.example

test_an_approval_that_covers_the_product if {
	count(research_approval.deny) == 0 with input as example.research
	research_approval.requires == {"/context/approval"} with input as example.research
}

test_an_approval_that_nobody_gave if {
	denied := research_approval.deny with input as example.with_value(example.research, "/context/approval", "EC-0")
	example.codes(denied) == {"not_approved"}
}

test_an_approval_of_another_product if {
	denied := research_approval.deny with input as example.with_value(example.research, "/resource/id", "staff")
	example.codes(denied) == {"not_approved"}
}

test_an_approval_that_has_ended if {
	denied := research_approval.deny with input as example.with_value(example.research, "/now", "2030-01-01T00:00:00Z")
	example.codes(denied) == {"not_approved"}
}

test_treatment_needs_none if {
	count(research_approval.deny) == 0 with input as example.access
	count(research_approval.requires) == 0 with input as example.access
}
