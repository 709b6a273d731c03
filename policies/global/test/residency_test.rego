package mesh.global.test.residency

import data.mesh.global.policy.residency
import data.mesh.global.test.example

test_within if {
	count(residency.deny) == 0 with input as example.access
}

test_outside if {
	residency.deny == {{
		"message": "data of the residency `eu` may not be processed in `us-east-1`",
		"path": "/context/region",
		"code": "outside_residency",
	}} with input as example.access_with("/context/region", "us-east-1")
}

test_an_unknown_region_is_outside if {
	unknown := example.access_with("/context/region", "moon-1")
	example.codes(residency.deny) == {"outside_residency"} with input as unknown
}

test_a_region_must_be_given if {
	"/context/region" in residency.requires with input as example.access
}

test_several_jurisdictions if {
	wide := json.patch(example.access, [
		{"op": "replace", "path": "/product/customProperties/1/value", "value": ["eu", "us"]},
		{"op": "replace", "path": "/context/region", "value": "us-east-1"},
	])
	count(residency.deny) == 0 with input as wide
}

test_anywhere if {
	anywhere := example.access_with("/product/customProperties/1/value", "any")
	count(residency.deny) == 0 with input as anywhere
	count(residency.requires) == 0 with input as anywhere
}
