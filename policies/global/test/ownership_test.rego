package mesh.global.test.ownership

import data.mesh.global.policy.ownership
import data.mesh.global.test.example

test_owned if {
	count(ownership.deny) == 0 with input as example.publish
}

test_no_domain if {
	example.codes(ownership.deny) == {"domain_missing"} with input as example.publish_without("/domain")
}

test_no_team if {
	example.codes(ownership.deny) == {"team_missing", "owner_missing"}
		with input as example.publish_without("/product/team")
}

test_nobody_is_accountable if {
	members := [{"username": "ada", "role": "developer"}]
	example.codes(ownership.deny) == {"owner_missing"}
		with input as example.publish_with("/product/team/members", members)
}

test_the_owner_has_left if {
	members := [{"username": "ada", "role": "owner", "dateOut": "2026-05-31"}]
	example.codes(ownership.deny) == {"owner_missing"}
		with input as example.publish_with("/product/team/members", members)
}

test_the_owner_leaves_later if {
	members := [{"username": "ada", "role": "Data Owner", "dateOut": "2026-12-31"}]
	count(ownership.deny) == 0 with input as example.publish_with("/product/team/members", members)
}
