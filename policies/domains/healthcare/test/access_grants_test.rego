package mesh.healthcare.test.access_grants

import data.mesh.healthcare.policy.access_grants
import data.mesh.healthcare.test.example

test_a_clinician_treats_patients_of_an_own_ward if {
	access_grants.permit with input as example.access
}

test_a_clinician_does_not_read_another_ward if {
	not access_grants.permit with input as example.with_value(example.access, "/context/ward", "oncology")
	not access_grants.permit with input as example.without(example.access, "/subject/registered/wards")
}

test_a_clinician_reads_for_treatment_alone if {
	not access_grants.permit with input as example.with_value(example.access, "/context/purpose", "research")
}

test_a_researcher_reads_for_research if {
	access_grants.permit with input as example.research
}

test_a_researcher_reads_for_nothing_else if {
	not access_grants.permit with input as example.with_value(example.research, "/context/purpose", "billing")
}

test_everyone_reads_descriptions if {
	access_grants.permit with input as example.with_value(stranger, "/action/name", "describe")
}

test_another_domain_reads_under_an_agreement if {
	agreed := example.with_value(stranger, "/context/contract", "healthcare.bed_occupancy.v1")
	access_grants.permit with input as agreed
}

test_another_domain_reads_nothing_without_one if {
	not access_grants.permit with input as stranger
}

stranger := example.with_value(example.access, "/subject/registered", {"domain": "finance", "roles": ["analyst"]})
