# METADATA
# title: Example
# description: A product that keeps every rule, and a request that it grants; tests change one thing each.
package mesh.global.test.example

# A product on its way in.
publish := {
	"kind": "publish",
	"now": "2026-06-01T12:00:00Z",
	"subject": {"type": "user", "id": "ada", "properties": {}, "registered": {"domain": "sales"}},
	"action": {"name": "publish", "properties": {}},
	"resource": {"type": "data_product", "id": "orders", "properties": {}},
	"context": {},
	"product": product,
	"contracts": [contract],
	"domain": "sales",
	"parameters": parameters,
}

# Another domain that asks to read it.
access := {
	"kind": "access",
	"now": "2026-06-01T12:00:00Z",
	"subject": {
		"type": "user",
		"id": "grace",
		"properties": {},
		"registered": {"domain": "marketing", "roles": ["analyst"], "clearances": ["confidential", "pii"]},
	},
	"action": {"name": "query", "properties": {}},
	"resource": {"type": "data_product", "id": "orders", "properties": {}},
	"context": {"purpose": "analytics", "region": "eu-central-1", "contract": "orders_v1"},
	"product": product,
	"contracts": [contract],
	"domain": "sales",
	"parameters": parameters,
}

product := {
	"id": "orders",
	"name": "Orders",
	"version": "1.2.0",
	"status": "active",
	"domain": "sales",
	"description": {
		"purpose": "One row per order placed in the web shop since 2020, corrected nightly from the payment ledger.",
		"usage": "Revenue reports and forecasts",
	},
	"team": {"name": "checkout", "members": [{"username": "ada", "role": "owner"}]},
	"support": [{"channel": "#orders"}],
	"outputPorts": [{"name": "warehouse", "version": "1.0.0", "contractId": "orders_v1"}],
	"customProperties": [
		{"property": "purposes", "value": ["analytics", "marketing"]},
		{"property": "residency", "value": "eu"},
	],
}

contract := {
	"id": "orders_v1",
	"version": "1.0.0",
	"schema": [{
		"name": "orders",
		"description": "One row per order",
		"properties": [
			{
				"name": "order_id",
				"logicalType": "string",
				"classification": "internal",
				"required": true,
				"quality": [{"metric": "duplicateValues"}],
			},
			{"name": "placed_at", "logicalType": "timestamp", "classification": "internal"},
			{"name": "margin", "logicalType": "number", "classification": "confidential"},
			{
				"name": "email",
				"description": "Where the invoice goes",
				"logicalType": "string",
				"classification": "confidential",
				"tags": ["pii"],
			},
			{"name": "consent_marketing", "logicalType": "boolean", "classification": "internal"},
		],
	}],
	"servers": [{"server": "production", "location": "warehouse/orders", "region": "eu-central-1"}],
	"slaProperties": [
		{"property": "retention", "value": 1, "unit": "y"},
		{"property": "latency", "value": 4, "unit": "h"},
		{"property": "availability", "value": 99.5, "unit": "percent"},
	],
	"roles": [{"role": "analyst"}],
	"customProperties": [{"property": "encryption_at_rest", "value": "AES-256"}],
}

# The defaults of the manifest.
parameters := {
	"description_words_min": 5,
	"retention_days_max": 365,
	"deprecation_notice_days_min": 90,
	"personal_columns_max": 10,
	"download_days_max": 30,
}

# The example with one thing put in its place, or added to a list with `/-`.
publish_with(path, value) := put(publish, path, value)

publish_without(path) := json.patch(publish, [{"op": "remove", "path": path}])

access_with(path, value) := put(access, path, value)

access_without(path) := json.patch(access, [{"op": "remove", "path": path}])

put(example, path, value) := json.patch(example, [{"op": "add", "path": path, "value": value}])

# What a policy said, in short.
codes(said) := {item.code | some item in said}
