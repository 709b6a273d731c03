package mesh.marketing.test.imported_people

import data.mesh.marketing.policy.imported_people
import data.mesh.marketing.test.example

test_people_come_in_small_numbers_for_a_while if {
	imported_people.obligations == {
		{"type": "limit_rows", "properties": {"max": 50000}},
		{"type": "expire", "properties": {"at": "2026-06-15T12:00:00Z"}},
	} with input as example.consume
	imported_people.requires == {"/parameters/download_days_max"} with input as example.consume
}

test_data_without_people_stays if {
	count(imported_people.obligations) == 0 with input as example.anonymous(example.consume)
}
