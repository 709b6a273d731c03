# METADATA
# title: Example
# description: A request that finance grants, and a product that it lets in; tests change one thing each.
package mesh.finance.test.example

access := {
	"kind": "access",
	"now": "2026-06-01T12:00:00Z",
	"subject": {
		"type": "user",
		"id": "hana",
		"properties": {},
		"registered": {"domain": "finance", "roles": ["accountant", "controller"]},
	},
	"action": {"name": "query", "properties": {}},
	"resource": {"type": "data_product", "id": "journals", "properties": {}},
	"context": {"purpose": "financial_reporting"},
	"product": {"id": "journals", "tags": ["ledger"]},
	"contracts": [],
	"domain": "finance",
	"parameters": {},
}

# A controller approves what an accountant prepared.
approval := json.patch(access, [
	{"op": "replace", "path": "/action/name", "value": "approve"},
	{
		"op": "replace",
		"path": "/resource",
		"value": {"type": "journal_entry", "id": "J-1", "properties": {"domain": "finance", "prepared_by": "ivo"}},
	},
	{"op": "remove", "path": "/product"},
])

publish := {
	"kind": "publish",
	"now": "2026-06-01T12:00:00Z",
	"subject": {"type": "user", "id": "jada", "properties": {}},
	"action": {"name": "publish", "properties": {}},
	"resource": {"type": "data_product", "id": "journals", "properties": {}},
	"context": {},
	"product": {"id": "journals"},
	"contracts": [{"schema": [{
		"name": "entries",
		"properties": [{
			"name": "amount",
			"classification": "confidential",
			"criticalDataElement": true,
			"transformSourceObjects": ["erp.bseg"],
		}],
	}]}],
	"domain": "finance",
	"parameters": {},
}

with_value(example, path, value) := json.patch(example, [{"op": "add", "path": path, "value": value}])

without(example, path) := json.patch(example, [{"op": "remove", "path": path}])

codes(said) := {item.code | some item in said}
