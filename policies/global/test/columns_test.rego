package mesh.global.test.columns

import data.mesh.global.lib.columns

test_columns_of_objects_and_arrays if {
	[item.name | some item in columns.all] == [
		"address", "lines",
		"address.street", "lines.sku",
	] with input as nested
	[columns.path(item) | some item in columns.nested] == [
		"/contracts/0/schema/0/properties/0/properties/0",
		"/contracts/0/schema/0/properties/1/items/properties/0",
	] with input as nested
}

test_no_contracts if {
	count(columns.all) == 0 with input as {}
}

test_personal_by_tag_or_custom_property if {
	columns.is_personal({"tags": ["pii"]})
	columns.is_personal({"customProperties": [{"property": "pii", "value": true}]})
	not columns.is_personal({"customProperties": [{"property": "pii", "value": false}]})
	not columns.is_personal({"name": "total"})
}

test_without_a_known_class_it_counts_as_restricted if {
	columns.rank({}) == 3
	columns.rank({"classification": "secret"}) == 3
	columns.rank({"classification": "public"}) == 0
}

nested := {"contracts": [{"schema": [{"name": "orders", "properties": [
	{"name": "address", "properties": [{"name": "street"}]},
	{"name": "lines", "items": {"properties": [{"name": "sku"}]}},
]}]}]}
