# METADATA
# title: Example
# description: A request that sales grants, and a price list that it lets in; tests change one thing each.
package mesh.sales.test.example

access := {
	"kind": "access",
	"now": "2026-06-01T12:00:00Z",
	"subject": {
		"type": "user",
		"id": "ana",
		"properties": {},
		"registered": {"domain": "sales", "roles": ["account_manager"], "sales_regions": ["dach"]},
	},
	"action": {"name": "query", "properties": {}},
	"resource": {"type": "data_product", "id": "customers", "properties": {}},
	"context": {"purpose": "customer_care"},
	"product": {"id": "customers"},
	"contracts": [{"schema": [{
		"name": "customers",
		"properties": [
			{"name": "email", "classification": "confidential", "tags": ["pii"]},
			{"name": "sales_region", "classification": "internal"},
		],
	}]}],
	"domain": "sales",
	"parameters": {},
}

publish := {
	"kind": "publish",
	"now": "2026-06-01T12:00:00Z",
	"subject": {"type": "user", "id": "cleo", "properties": {}},
	"action": {"name": "publish", "properties": {}},
	"resource": {"type": "data_product", "id": "prices", "properties": {}},
	"context": {},
	"product": {"id": "prices", "customProperties": [{"property": "effective_from", "value": "2026-07-01T00:00:00Z"}]},
	"contracts": [{"schema": [{
		"name": "prices",
		"properties": [
			{"name": "net_amount", "classification": "confidential", "tags": ["price"]},
			{"name": "currency_code", "classification": "internal"},
		],
	}]}],
	"domain": "sales",
	"parameters": {},
}

access_with(path, value) := put(access, path, value)

publish_with(path, value) := put(publish, path, value)

put(example, path, value) := json.patch(example, [{"op": "add", "path": path, "value": value}])

without(example, path) := json.patch(example, [{"op": "remove", "path": path}])

codes(said) := {item.code | some item in said}
