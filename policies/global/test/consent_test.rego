package mesh.global.test.consent

import data.mesh.global.policy.consent
import data.mesh.global.test.example

test_analytics_need_no_consent if {
	count(consent.obligations) == 0 with input as example.access
	count(consent.deny) == 0 with input as example.access
}

test_marketing_sees_who_consented if {
	marketing := example.access_with("/context/purpose", "marketing")
	consent.obligations == {{
		"type": "filter_rows",
		"properties": {"table": "orders", "column": "consent_marketing", "operator": "eq", "value": true},
	}} with input as marketing
	count(consent.deny) == 0 with input as marketing
}

test_consent_is_not_recorded if {
	profiling := example.access_with("/context/purpose", "profiling")
	consent.deny == {{
		"message": "table `orders` does not record consent to `profiling` in a column `consent_profiling`",
		"path": "/context/purpose",
		"code": "consent_not_recorded",
	}} with input as profiling
}

test_other_data_needs_no_consent if {
	impersonal := json.patch(example.access, [
		{"op": "replace", "path": "/context/purpose", "value": "profiling"},
		{"op": "remove", "path": "/contracts/0/schema/0/properties/3"},
	])
	count(consent.deny) == 0 with input as impersonal
}
