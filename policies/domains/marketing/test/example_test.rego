# METADATA
# title: Example
# description: Customers that marketing may take in, and an audience that it may offer; tests change one thing each.
package mesh.marketing.test.example

# An analyst of marketing asks for data of sales.
consume := {
	"kind": "consume",
	"now": "2026-06-01T12:00:00Z",
	"subject": {
		"type": "user",
		"id": "emil",
		"properties": {},
		"registered": {"domain": "marketing", "roles": ["analyst"]},
	},
	"action": {"name": "query", "properties": {}},
	"resource": {"type": "data_product", "id": "customers", "properties": {}},
	"context": {"purpose": "marketing"},
	"product": {"id": "customers", "customProperties": [{"property": "data_subjects", "value": ["customers"]}]},
	"contracts": [{"schema": [{
		"name": "customers",
		"properties": [
			{"name": "segment", "classification": "internal"},
			{"name": "email", "classification": "confidential", "tags": ["pii"]},
		],
	}]}],
	"domain": "sales",
	"parameters": {"download_days_max": 14},
}

# The same person asks for data of marketing itself.
access := json.patch(consume, [
	{"op": "replace", "path": "/kind", "value": "access"},
	{"op": "replace", "path": "/domain", "value": "marketing"},
])

publish := {
	"kind": "publish",
	"now": "2026-06-01T12:00:00Z",
	"subject": {"type": "user", "id": "fay", "properties": {}},
	"action": {"name": "publish", "properties": {}},
	"resource": {"type": "data_product", "id": "audiences", "properties": {}},
	"context": {},
	"product": {"id": "audiences"},
	"contracts": [{"schema": [{
		"name": "members",
		"tags": ["audience"],
		"properties": [{"name": "customer_id", "classification": "internal", "tags": ["pii"]}],
		"quality": [{"metric": "rowCount", "mustBeGreaterOrEqualTo": 100}],
	}]}],
	"domain": "marketing",
	"parameters": {},
}

with_value(example, path, value) := json.patch(example, [{"op": "add", "path": path, "value": value}])

without(example, path) := json.patch(example, [{"op": "remove", "path": path}])

anonymous(example) := without(example, "/contracts/0/schema/0/properties/1")

codes(said) := {item.code | some item in said}
