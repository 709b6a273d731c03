package mesh.global.test.region

import data.mesh.global.lib.region

test_a_region_lies_in_its_jurisdiction if {
	region.jurisdiction("eu-central-1") == "eu"
	region.jurisdiction("EU") == "eu"
	not region.jurisdiction("moon-1")
}

test_residency_admits if {
	region.admits(["eu", "ch"], "switzerlandnorth")
	region.admits(["any"], "moon-1")
	not region.admits(["eu"], "us-east-1")
	not region.admits([], "eu-central-1")
}
