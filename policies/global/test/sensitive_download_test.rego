package mesh.global.test.sensitive_download

import data.mesh.global.policy.sensitive_download
import data.mesh.global.test.example

test_queries_stay if {
	count(sensitive_download.obligations) == 0 with input as example.access
	count(sensitive_download.requires) == 0 with input as example.access
}

test_downloads_expire_and_are_told if {
	sensitive_download.obligations == {
		{"type": "expire", "properties": {"at": "2026-07-01T12:00:00Z"}},
		{"type": "notify", "properties": {"team": "checkout"}},
	} with input as example.access_with("/action/name", "download")
		with time.now_ns as time.parse_rfc3339_ns("2026-06-01T12:00:00Z")
}

test_the_time_must_be_set if {
	"/parameters/download_days_max" in sensitive_download.requires
		with input as example.access_with("/action/name", "download")
}

test_harmless_downloads if {
	harmless := json.patch(example.access, [
		{"op": "replace", "path": "/action/name", "value": "download"},
		{"op": "remove", "path": "/contracts/0/schema/0/properties/3"},
		{"op": "remove", "path": "/contracts/0/schema/0/properties/2"},
	])
	count(sensitive_download.obligations) == 0 with input as harmless
}
