package mesh.marketing.test.no_special_categories

import data.mesh.marketing.policy.no_special_categories
import data.mesh.marketing.test.example

test_ordinary_data if {
	count(no_special_categories.deny) == 0 with input as example.consume
}

test_data_of_a_special_category if {
	denied := no_special_categories.deny with input as special
	example.codes(denied) == {"special_category"}
}

test_a_description_may_be_read if {
	count(no_special_categories.deny) == 0 with input as example.with_value(special, "/action/name", "describe")
}

special := example.with_value(example.consume, "/contracts/0/schema/0/properties/0/tags", ["special_category"])
