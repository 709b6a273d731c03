package mesh.healthcare.test.columns_categorised

import data.mesh.healthcare.policy.columns_categorised
import data.mesh.healthcare.test.example

test_every_column_has_a_category if {
	count(columns_categorised.deny) == 0 with input as example.publish
}

test_a_column_without_tags if {
	denied := columns_categorised.deny with input as example.without(example.publish, tags)
	example.codes(denied) == {"category_missing"}
}

test_a_column_of_no_known_category if {
	denied := columns_categorised.deny with input as example.with_value(example.publish, tags, ["pii"])
	example.codes(denied) == {"category_missing"}
}

tags := "/contracts/0/schema/0/properties/0/tags"
