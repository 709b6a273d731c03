package mesh.platform.test.access_grants

import data.mesh.platform.policy.access_grants
import data.mesh.platform.test.example

test_engineers_of_every_domain_read if {
	access_grants.permit with input as example.access
}

test_others_do_not if {
	not access_grants.permit with input as example.with_value(example.access, "/subject/registered/roles", ["analyst"])
}

test_everyone_reads_descriptions if {
	described := example.with_value(example.access, "/action/name", "describe")
	access_grants.permit with input as example.with_value(described, "/subject/registered/roles", [])
}

test_our_engineers_write if {
	own := example.with_value(example.access, "/subject/registered/domain", "platform")
	access_grants.permit with input as example.with_value(own, "/action/name", "write")
}

test_engineers_of_others_do_not_write if {
	not access_grants.permit with input as example.with_value(example.access, "/action/name", "write")
}
