package mesh.marketing.test.access_grants

import data.mesh.marketing.policy.access_grants
import data.mesh.marketing.test.example

test_own_people_do_what_their_role_may if {
	access_grants.permit with input as example.access
}

test_own_people_do_nothing_else if {
	not access_grants.permit with input as example.with_value(example.access, "/action/name", "write")
}

test_everyone_reads_descriptions if {
	access_grants.permit with input as example.with_value(stranger, "/action/name", "describe")
}

test_figures_are_for_every_domain if {
	access_grants.permit with input as example.anonymous(stranger)
}

test_people_are_not_for_other_domains if {
	not access_grants.permit with input as stranger
}

test_figures_are_not_for_others_to_change if {
	not access_grants.permit with input as example.with_value(example.anonymous(stranger), "/action/name", "update")
}

stranger := example.with_value(example.access, "/subject/registered", {"domain": "sales", "roles": ["analyst"]})
