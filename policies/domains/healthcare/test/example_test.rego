# METADATA
# title: Example
# description: A request that healthcare grants, and a product that it lets in; tests change one thing each.
package mesh.healthcare.test.example

access := {
	"kind": "access",
	"now": "2026-06-01T12:00:00Z",
	"subject": {
		"type": "user",
		"id": "nora",
		"properties": {},
		"registered": {"domain": "healthcare", "roles": ["clinician"], "wards": ["cardiology"]},
	},
	"action": {"name": "read", "properties": {}},
	"resource": {"type": "data_product", "id": "urn:mesh:healthcare:patients", "properties": {}},
	"context": {"purpose": "treatment", "ward": "cardiology"},
	"product": product,
	"contracts": contracts,
	"domain": "healthcare",
	"parameters": {},
}

publish := {
	"kind": "publish",
	"now": "2026-06-01T12:00:00Z",
	"subject": {"type": "user", "id": "pia", "properties": {}},
	"action": {"name": "publish", "properties": {}},
	"resource": {"type": "data_product", "id": "urn:mesh:healthcare:patients", "properties": {}},
	"context": {},
	"product": product,
	"contracts": contracts,
	"domain": "healthcare",
	"parameters": {},
}

product := {"id": "urn:mesh:healthcare:patients"}

contracts := [{"schema": [{
	"name": "patients",
	"properties": [
		{"name": "full_name", "classification": "confidential", "tags": ["identity", "pii", "direct_identifier"]},
		{"name": "birth_date", "classification": "confidential", "tags": ["clinical", "pii", "quasi_identifier"]},
		{"name": "ward", "classification": "internal", "tags": ["administrative"]},
		{"name": "insurance_number", "classification": "confidential", "tags": ["billing", "pii"]},
	],
}]}]

# A researcher with an approval.
research := json.patch(access, [
	{"op": "replace", "path": "/subject/registered", "value": {"domain": "healthcare", "roles": ["researcher"]}},
	{"op": "replace", "path": "/context", "value": {"purpose": "research", "approval": "EC-2026-031"}},
])

# A clinician who breaks the glass for another ward.
emergency := json.patch(access, [{
	"op": "replace",
	"path": "/context",
	"value": {"purpose": "treatment", "ward": "oncology", "break_glass": true, "reason": "cardiac arrest"},
}])

with_value(example, path, value) := json.patch(example, [{"op": "add", "path": path, "value": value}])

without(example, path) := json.patch(example, [{"op": "remove", "path": path}])

codes(said) := {item.code | some item in said}
