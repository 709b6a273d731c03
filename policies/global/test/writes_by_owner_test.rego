package mesh.global.test.writes_by_owner

import data.mesh.global.policy.writes_by_owner
import data.mesh.global.test.example

test_others_may_read if {
	count(writes_by_owner.deny) == 0 with input as example.access
}

test_others_may_not_write if {
	writes_by_owner.deny == {{
		"message": "only the owning domain may write this",
		"path": "/action/name",
		"code": "write_by_other_domain",
	}} with input as example.access_with("/action/name", "write")
}

test_the_owner_may_write if {
	own := json.patch(example.access, [
		{"op": "replace", "path": "/action/name", "value": "write"},
		{"op": "replace", "path": "/subject/registered/domain", "value": "sales"},
	])
	count(writes_by_owner.deny) == 0 with input as own
}
