package mesh.healthcare.test.own_ward

import data.mesh.healthcare.policy.own_ward
import data.mesh.healthcare.test.example

test_a_clinician_sees_the_ward_of_the_request if {
	own_ward.obligations == {filter("cardiology")} with input as example.access
	own_ward.requires == {"/context/ward"} with input as example.access
}

test_so_it_is_in_an_emergency if {
	own_ward.obligations == {filter("oncology")} with input as example.emergency
}

test_a_researcher_sees_all_wards if {
	count(own_ward.obligations) == 0 with input as example.research
	count(own_ward.requires) == 0 with input as example.research
}

filter(ward) := {
	"type": "filter_rows",
	"properties": {"table": "patients", "column": "ward", "operator": "eq", "value": ward},
}
