package mesh.finance.risk.test.access_grants

import data.mesh.finance.risk.policy.access_grants
import data.mesh.finance.risk.test.example

test_own_people_do_what_their_role_may if {
	access_grants.permit with input as example.access
}

test_own_people_do_nothing_else if {
	not access_grants.permit with input as example.with_value(example.access, "/action/name", "write")
}

test_even_finance_does_not_read if {
	not access_grants.permit with input as example.with_value(example.access, "/subject/registered/domain", "finance")
}
