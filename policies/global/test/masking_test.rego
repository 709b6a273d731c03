package mesh.global.test.masking

import data.mesh.global.policy.masking
import data.mesh.global.test.example

test_cleared_for_all if {
	count(masking.obligations) == 0 with input as example.access
}

test_not_cleared_for_personal_data if {
	masking.obligations == {mask("email", "hash")} with input as cleared_for(["confidential"])
}

test_not_cleared_for_confidential_data if {
	masking.obligations == {mask("email", "redact"), mask("margin", "redact")} with input as cleared_for(["pii"])
}

test_not_cleared_at_all if {
	masking.obligations == {
		mask("email", "hash"),
		mask("email", "redact"),
		mask("margin", "redact"),
	} with input as cleared_for([])
}

test_a_column_without_class_counts_as_restricted if {
	unclassified := example.access_without("/contracts/0/schema/0/properties/1/classification")
	masking.obligations == {mask("placed_at", "null")} with input as unclassified
}

test_a_column_of_unknown_class_counts_as_restricted if {
	unknown := example.access_with("/contracts/0/schema/0/properties/1/classification", "personal")
	masking.obligations == {mask("placed_at", "null")} with input as unknown
}

test_descriptions_are_not_masked if {
	described := json.patch(cleared_for([]), [{"op": "replace", "path": "/action/name", "value": "describe"}])
	count(masking.obligations) == 0 with input as described
}

cleared_for(clearances) := example.access_with("/subject/registered/clearances", clearances)

mask(column, method) := {
	"type": "mask_column",
	"properties": {"table": "orders", "column": column, "method": method},
}
