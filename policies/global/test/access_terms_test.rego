package mesh.global.test.access_terms

import data.mesh.global.policy.access_terms
import data.mesh.global.test.example

test_under_a_contract if {
	count(access_terms.deny) == 0 with input as example.access
}

test_an_unknown_contract if {
	example.codes(access_terms.deny) == {"contract_unknown"}
		with input as example.access_with("/context/contract", "other")
}

test_without_a_role if {
	access_terms.deny == {{
		"message": "the subject has none of the roles that the contract `orders_v1` knows: analyst",
		"path": "/subject/registered/roles",
		"code": "role_missing",
	}} with input as example.access_without("/subject/registered/roles")
}

test_a_contract_without_roles if {
	count(access_terms.deny) == 0 with input as example.access_without("/contracts/0/roles")
}

test_a_contract_must_be_named if {
	"/context/contract" in access_terms.requires with input as example.access
}

test_at_home if {
	own := json.patch(example.access, [
		{"op": "remove", "path": "/context/contract"},
		{"op": "replace", "path": "/subject/registered/domain", "value": "sales"},
	])
	count(access_terms.requires) == 0 with input as own
	count(access_terms.deny) == 0 with input as own
}
