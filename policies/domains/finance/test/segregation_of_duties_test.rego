package mesh.finance.test.segregation_of_duties

import data.mesh.finance.policy.segregation_of_duties
import data.mesh.finance.test.example

test_the_work_of_another if {
	count(segregation_of_duties.deny) == 0 with input as example.approval
	segregation_of_duties.requires == {"/resource/properties/prepared_by"} with input as example.approval
}

test_own_work if {
	own := example.with_value(example.approval, "/resource/properties/prepared_by", "hana")
	denied := segregation_of_duties.deny with input as own
	example.codes(denied) == {"own_work"}
}

test_reading_is_not_approving if {
	own := example.with_value(example.access, "/resource/properties/prepared_by", "hana")
	count(segregation_of_duties.deny) == 0 with input as own
	count(segregation_of_duties.requires) == 0 with input as own
}
