package mesh.global.test.breaking_change

import data.mesh.global.policy.breaking_change
import data.mesh.global.test.example

test_first_version if {
	count(breaking_change.deny) == 0 with input as example.publish
}

test_nothing_changes if {
	count(breaking_change.deny) == 0 with input as now([])
}

test_a_column_comes if {
	column := {"name": "channel", "logicalType": "string"}
	count(breaking_change.deny) == 0 with input as now([{
		"op": "add",
		"path": "/contracts/0/schema/0/properties/-",
		"value": column,
	}])
}

test_a_column_goes if {
	breaking_change.deny == {{
		"message": "contract `orders_v1` no longer has the column `margin` of table `orders`",
		"path": "/contracts",
		"code": "column_removed",
	}} with input as now([margin_goes])
}

test_a_column_goes_with_a_major_version if {
	count(breaking_change.deny) == 0 with input as now([
		margin_goes,
		{"op": "replace", "path": "/contracts/0/version", "value": "2.0.0"},
	])
}

test_a_column_goes_with_a_major_version_of_the_product if {
	count(breaking_change.deny) == 0 with input as now([
		margin_goes,
		{"op": "replace", "path": "/product/version", "value": "2.0.0"},
	])
}

test_a_column_goes_with_a_minor_version if {
	example.codes(breaking_change.deny) == {"column_removed"} with input as now([
		margin_goes,
		{"op": "replace", "path": "/contracts/0/version", "value": "1.1.0"},
	])
}

test_a_contract_goes if {
	example.codes(breaking_change.deny) == {"column_removed"}
		with input as now([{"op": "remove", "path": "/contracts/0"}])
}

test_a_column_changes_its_type if {
	breaking_change.deny == {{
		"message": "contract `orders_v1` changes the type of column `margin` of table `orders`, which was `number`",
		"path": "/contracts",
		"code": "column_retyped",
	}} with input as now([{
		"op": "replace",
		"path": "/contracts/0/schema/0/properties/2/logicalType",
		"value": "string",
	}])
}

test_a_column_becomes_required if {
	example.codes(breaking_change.deny) == {"column_required"} with input as now([{
		"op": "add",
		"path": "/contracts/0/schema/0/properties/2/required",
		"value": true,
	}])
}

margin_goes := {"op": "remove", "path": "/contracts/0/schema/0/properties/2"}

# The example is registered, and now comes again with changes.
now(changes) := json.patch(
	example.publish_with("/previous", {"product": example.product, "contracts": [example.contract]}),
	changes,
)
