# METADATA
# title: Example
# description: A request that the platform grants, and logs that it lets in; tests change one thing each.
package mesh.platform.test.example

access := {
	"kind": "access",
	"now": "2026-06-01T12:00:00Z",
	"subject": {
		"type": "user",
		"id": "dan",
		"properties": {},
		"registered": {"domain": "sales", "roles": ["engineer"]},
	},
	"action": {"name": "query", "properties": {}},
	"resource": {"type": "data_product", "id": "telemetry", "properties": {}},
	"context": {"purpose": "operations"},
	"product": {"id": "telemetry"},
	"contracts": [],
	"domain": "platform",
	"parameters": {},
}

publish := {
	"kind": "publish",
	"now": "2026-06-01T12:00:00Z",
	"subject": {"type": "user", "id": "sam", "properties": {}},
	"action": {"name": "publish", "properties": {}},
	"resource": {"type": "data_product", "id": "logs", "properties": {}},
	"context": {},
	"product": {"id": "logs", "tags": ["logs"]},
	"contracts": [{
		"id": "logs_v1",
		"schema": [{"name": "lines", "properties": [{"name": "text", "classification": "internal"}]}],
		"slaProperties": [{"property": "retention", "value": 90, "unit": "d"}],
	}],
	"domain": "platform",
	"parameters": {"log_retention_days_max": 90},
}

with_value(example, path, value) := json.patch(example, [{"op": "add", "path": path, "value": value}])

without(example, path) := json.patch(example, [{"op": "remove", "path": path}])

codes(said) := {item.code | some item in said}
