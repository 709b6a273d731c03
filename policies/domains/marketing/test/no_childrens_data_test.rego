package mesh.marketing.test.no_childrens_data

import data.mesh.marketing.policy.no_childrens_data
import data.mesh.marketing.test.example

test_data_of_customers if {
	count(no_childrens_data.deny) == 0 with input as example.consume
}

test_data_of_children if {
	denied := no_childrens_data.deny with input as example.with_value(
		example.consume,
		"/product/customProperties/0/value/-",
		"children",
	)
	example.codes(denied) == {"data_of_children"}
}

test_data_of_who_knows_whom if {
	denied := no_childrens_data.deny with input as unstated
	example.codes(denied) == {"data_subjects_missing"}
}

test_data_without_people if {
	count(no_childrens_data.deny) == 0 with input as example.anonymous(unstated)
}

unstated := example.without(example.consume, "/product/customProperties")
