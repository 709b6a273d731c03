package mesh.sales.test.price_lists_confidential

import data.mesh.sales.policy.price_lists_confidential
import data.mesh.sales.test.example

test_a_confidential_price if {
	count(price_lists_confidential.deny) == 0 with input as example.publish
}

test_a_price_disclosed_early if {
	denied := price_lists_confidential.deny with input as disclosed
	example.codes(denied) == {"price_disclosed"}
}

test_a_price_in_force if {
	later := json.patch(disclosed, [{"op": "replace", "path": "/now", "value": "2026-07-01T00:00:00Z"}])
	count(price_lists_confidential.deny) == 0 with input as later
}

test_a_product_without_such_a_day if {
	count(price_lists_confidential.deny) == 0 with input as example.without(disclosed, "/product/customProperties")
}

disclosed := example.publish_with("/contracts/0/schema/0/properties/0/classification", "internal")
