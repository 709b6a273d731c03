package mesh.finance.risk.test.model_data_approval

import data.mesh.finance.risk.policy.model_data_approval
import data.mesh.finance.risk.test.example

test_an_approval_that_covers_the_product if {
	count(model_data_approval.deny) == 0 with input as example.access
	model_data_approval.requires == {"/context/approval"} with input as example.access
}

test_an_approval_that_nobody_gave if {
	denied := model_data_approval.deny with input as example.with_value(example.access, "/context/approval", "MRC-0")
	example.codes(denied) == {"not_approved"}
}

test_an_approval_of_another_product if {
	denied := model_data_approval.deny with input as example.with_value(example.access, "/resource/id", "journals")
	example.codes(denied) == {"not_approved"}
}

test_an_approval_that_has_ended if {
	denied := model_data_approval.deny with input as example.with_value(example.access, "/now", "2029-12-31T00:00:00Z")
	example.codes(denied) == {"not_approved"}
}

test_another_purpose_needs_none if {
	other := example.with_value(example.access, "/context", {"purpose": "risk_management"})
	count(model_data_approval.deny) == 0 with input as other
	count(model_data_approval.requires) == 0 with input as other
}
