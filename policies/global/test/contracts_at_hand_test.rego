package mesh.global.test.contracts_at_hand

import data.mesh.global.policy.contracts_at_hand
import data.mesh.global.test.example

test_at_hand if {
	count(contracts_at_hand.deny) == 0 with input as example.access
}

test_not_at_hand if {
	example.codes(contracts_at_hand.deny) == {"contract_not_at_hand"}
		with input as example.access_with("/contracts", [])
}

test_a_port_without_contract if {
	loose := json.patch(example.access, [
		{"op": "replace", "path": "/contracts", "value": []},
		{"op": "remove", "path": "/product/outputPorts/0/contractId"},
	])
	count(contracts_at_hand.deny) == 0 with input as loose
}
