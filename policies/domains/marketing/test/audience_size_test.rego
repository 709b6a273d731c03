package mesh.marketing.test.audience_size

import data.mesh.marketing.policy.audience_size
import data.mesh.marketing.test.example

test_a_large_audience if {
	count(audience_size.deny) == 0 with input as example.publish
}

test_an_audience_that_may_be_small if {
	small := example.with_value(example.publish, "/contracts/0/schema/0/quality/0/mustBeGreaterOrEqualTo", 99)
	denied := audience_size.deny with input as small
	example.codes(denied) == {"audience_may_be_small"}
}

test_an_audience_that_does_not_say if {
	denied := audience_size.deny with input as example.without(example.publish, "/contracts/0/schema/0/quality")
	example.codes(denied) == {"audience_may_be_small"}
}

test_a_table_that_is_no_audience if {
	table := example.without(example.publish, "/contracts/0/schema/0/quality")
	count(audience_size.deny) == 0 with input as example.without(table, "/contracts/0/schema/0/tags")
}
