package mesh.sales.test.customer_purposes

import data.mesh.sales.policy.customer_purposes
import data.mesh.sales.test.example

test_a_purpose_of_the_role if {
	count(customer_purposes.deny) == 0 with input as example.access
}

test_a_purpose_of_another_role if {
	denied := customer_purposes.deny with input as example.access_with("/context/purpose", "analytics")
	example.codes(denied) == {"purpose_not_of_role"}
}

test_who_has_no_role_has_no_purpose if {
	denied := customer_purposes.deny with input as example.access_with("/subject/registered/roles", [])
	example.codes(denied) == {"purpose_not_of_role"}
}

test_the_purpose_must_be_known if {
	customer_purposes.requires == {"/context/purpose"} with input as example.access
}

test_data_without_people_is_for_any_purpose if {
	anonymous := example.without(example.access, "/contracts/0/schema/0/properties/0")
	count(customer_purposes.deny) == 0 with input as json.patch(anonymous, [{"op": "remove", "path": "/context/purpose"}])
	count(customer_purposes.requires) == 0 with input as anonymous
}
