package mesh.finance.test.append_only_ledgers

import data.mesh.finance.policy.append_only_ledgers
import data.mesh.finance.test.example

test_a_ledger_is_read_and_added_to if {
	every action in ["query", "insert"] {
		count(append_only_ledgers.deny) == 0 with input as example.with_value(example.access, "/action/name", action)
	}
}

test_a_ledger_is_not_changed if {
	every action in ["write", "update", "delete"] {
		denied := append_only_ledgers.deny with input as example.with_value(example.access, "/action/name", action)
		example.codes(denied) == {"ledger_changed"}
	}
}

test_what_is_no_ledger_is_changed if {
	other := example.without(example.access, "/product/tags")
	count(append_only_ledgers.deny) == 0 with input as example.with_value(other, "/action/name", "update")
}
