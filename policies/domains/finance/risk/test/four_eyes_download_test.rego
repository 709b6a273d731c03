package mesh.finance.risk.test.four_eyes_download

import data.mesh.finance.risk.policy.four_eyes_download
import data.mesh.finance.risk.test.example

test_a_second_person_agreed if {
	count(four_eyes_download.deny) == 0 with input as approved_by("lena")
	four_eyes_download.requires == {"/context/approved_by"} with input as approved_by("lena")
}

test_own_approval if {
	denied := four_eyes_download.deny with input as approved_by("kai")
	example.codes(denied) == {"own_approval"}
}

test_a_query_needs_none if {
	count(four_eyes_download.deny) == 0 with input as example.access
	count(four_eyes_download.requires) == 0 with input as example.access
}

approved_by(person) := example.with_value(
	example.with_value(example.access, "/action/name", "download"),
	"/context/approved_by",
	person,
)
