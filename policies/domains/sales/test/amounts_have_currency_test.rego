package mesh.sales.test.amounts_have_currency

import data.mesh.sales.policy.amounts_have_currency
import data.mesh.sales.test.example

test_an_amount_with_currency if {
	count(amounts_have_currency.deny) == 0 with input as example.publish
}

test_an_amount_without_currency if {
	without_currency := example.without(example.publish, "/contracts/0/schema/0/properties/1")
	denied := amounts_have_currency.deny with input as without_currency
	example.codes(denied) == {"currency_missing"}
}
