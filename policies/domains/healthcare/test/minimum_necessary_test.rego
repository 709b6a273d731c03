package mesh.healthcare.test.minimum_necessary

import data.mesh.healthcare.policy.minimum_necessary
import data.mesh.healthcare.test.example

test_a_clinician_sees_no_billing if {
	minimum_necessary.obligations == {allow(["full_name", "birth_date", "ward"])} with input as example.access
}

test_a_clerk_sees_nothing_clinical if {
	minimum_necessary.obligations == {allow(["full_name", "ward", "insurance_number"])} with input as with_roles(["billing_clerk"])
}

test_roles_add_up if {
	minimum_necessary.obligations == {allow([
		"full_name",
		"birth_date",
		"ward",
		"insurance_number",
	])} with input as with_roles(["billing_clerk", "clinician"])
}

test_who_needs_nothing_gets_nothing if {
	denied := minimum_necessary.deny with input as with_roles(["account_manager"])
	example.codes(denied) == {"nothing_needed"}
}

test_who_needs_something_is_not_refused if {
	count(minimum_necessary.deny) == 0 with input as example.access
}

test_descriptions_are_not_narrowed if {
	described := example.with_value(with_roles([]), "/action/name", "describe")
	count(minimum_necessary.deny) == 0 with input as described
	count(minimum_necessary.obligations) == 0 with input as described
}

with_roles(roles) := example.with_value(example.access, "/subject/registered/roles", roles)

allow(names) := {"type": "allow_columns", "properties": {"table": "patients", "columns": names}}
