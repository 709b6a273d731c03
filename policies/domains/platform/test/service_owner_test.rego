package mesh.platform.test.service_owner

import data.mesh.platform.policy.service_owner
import data.mesh.platform.test.example

test_people_own_themselves if {
	count(service_owner.deny) == 0 with input as example.access
}

test_a_service_with_an_owner if {
	count(service_owner.deny) == 0 with input as example.with_value(service, "/subject/registered/owner", "sam")
}

test_a_service_without_an_owner if {
	denied := service_owner.deny with input as service
	example.codes(denied) == {"service_without_owner"}
}

test_a_service_with_an_empty_owner if {
	denied := service_owner.deny with input as example.with_value(service, "/subject/registered/owner", "")
	example.codes(denied) == {"service_without_owner"}
}

service := example.with_value(example.access, "/subject/type", "service")
