# METADATA
# title: Example
# description: A request that risk grants, and a product that it lets in; tests change one thing each.
package mesh.finance.risk.test.example

access := {
	"kind": "access",
	"now": "2026-06-01T12:00:00Z",
	"subject": {
		"type": "user",
		"id": "kai",
		"properties": {},
		"registered": {"domain": "finance/risk", "roles": ["modeller"]},
	},
	"action": {"name": "query", "properties": {}},
	"resource": {"type": "data_product", "id": "urn:mesh:finance:risk:default-history", "properties": {}},
	"context": {"purpose": "model_training", "approval": "MRC-2026-014"},
	"product": {"id": "urn:mesh:finance:risk:default-history"},
	"contracts": [],
	"domain": "finance/risk",
	"parameters": {},
}

publish := {
	"kind": "publish",
	"now": "2026-06-01T12:00:00Z",
	"subject": {"type": "user", "id": "lena", "properties": {}},
	"action": {"name": "publish", "properties": {}},
	"resource": {"type": "data_product", "id": "exposures", "properties": {}},
	"context": {},
	"product": {
		"id": "exposures",
		"inputPorts": [{"name": "journals", "version": "1.0.0", "contractId": "journals_v1"}],
		"outputPorts": [{"name": "table", "inputContracts": [{"id": "journals_v1", "version": "1.0.0"}]}],
	},
	"contracts": [{"id": "exposures_v1", "slaProperties": [{"property": "latency", "value": 1, "unit": "d"}]}],
	"domain": "finance/risk",
	"parameters": {},
}

with_value(example, path, value) := json.patch(example, [{"op": "add", "path": path, "value": value}])

without(example, path) := json.patch(example, [{"op": "remove", "path": path}])

codes(said) := {item.code | some item in said}
