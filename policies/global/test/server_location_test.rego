package mesh.global.test.server_location

import data.mesh.global.policy.server_location
import data.mesh.global.test.example

test_within if {
	count(server_location.deny) == 0 with input as example.publish
}

test_outside if {
	server_location.deny == {{
		"message": "server `production` stands in `us-east-1`, outside the residency `eu`",
		"path": "/contracts/0/servers/0",
		"code": "outside_residency",
	}} with input as example.publish_with("/contracts/0/servers/0/region", "us-east-1")
}

test_an_unknown_region_is_outside if {
	unknown := example.publish_with("/contracts/0/servers/0/region", "moon-1")
	example.codes(server_location.deny) == {"outside_residency"} with input as unknown
}

test_no_region if {
	example.codes(server_location.deny) == {"region_missing"}
		with input as example.publish_without("/contracts/0/servers/0/region")
}

test_a_custom_property_tells_the_region if {
	server := {"server": "lake", "customProperties": [{"property": "region", "value": "eu-west-1"}]}
	count(server_location.deny) == 0 with input as example.publish_with("/contracts/0/servers/-", server)
}
