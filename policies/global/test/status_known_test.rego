package mesh.global.test.status_known

import data.mesh.global.policy.status_known
import data.mesh.global.test.example

test_known if {
	count(status_known.deny) == 0 with input as example.publish
}

test_unknown if {
	example.codes(status_known.deny) == {"status_unknown"}
		with input as example.publish_with("/product/status", "live")
}

test_missing if {
	example.codes(status_known.deny) == {"status_missing"} with input as example.publish_without("/product/status")
}
