package mesh.global.test.accountable_access

import data.mesh.global.policy.accountable_access
import data.mesh.global.test.example

test_registered if {
	count(accountable_access.deny) == 0 with input as example.access
}

test_unregistered if {
	accountable_access.deny == {{
		"message": "the user `grace` is not registered",
		"path": "/subject/id",
		"code": "subject_unregistered",
	}} with input as example.access_without("/subject/registered")
}

test_what_the_caller_claims_does_not_count if {
	claimed := json.patch(example.access, [
		{"op": "remove", "path": "/subject/registered"},
		{"op": "replace", "path": "/subject/properties", "value": {"domain": "marketing"}},
	])
	example.codes(accountable_access.deny) == {"subject_unregistered"} with input as claimed
}

test_without_domain if {
	homeless := example.access_without("/subject/registered/domain")
	example.codes(accountable_access.deny) == {"subject_without_domain"} with input as homeless
}
