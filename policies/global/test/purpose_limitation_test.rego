package mesh.global.test.purpose_limitation

import data.mesh.global.policy.purpose_limitation
import data.mesh.global.test.example

test_a_declared_purpose if {
	count(purpose_limitation.deny) == 0 with input as example.access
}

test_another_purpose if {
	purpose_limitation.deny == {{
		"message": "the product is not for the purpose `profiling`",
		"path": "/context/purpose",
		"code": "purpose_not_declared",
	}} with input as example.access_with("/context/purpose", "profiling")
}

test_a_purpose_must_be_given if {
	"/context/purpose" in purpose_limitation.requires with input as example.access
}

test_a_product_without_purposes_is_for_none if {
	aimless := example.access_without("/product/customProperties")
	example.codes(purpose_limitation.deny) == {"purpose_not_declared"} with input as aimless
}

test_the_contract_may_declare_it if {
	declared := {"property": "purposes", "value": "forecasting"}
	forecast := json.patch(example.access, [
		{"op": "replace", "path": "/context/purpose", "value": "forecasting"},
		{"op": "add", "path": "/contracts/0/customProperties/-", "value": declared},
	])
	count(purpose_limitation.deny) == 0 with input as forecast
}

test_a_description_may_be_read_for_any_purpose if {
	described := example.access_with("/action/name", "describe")
	count(purpose_limitation.requires) == 0 with input as described
}
