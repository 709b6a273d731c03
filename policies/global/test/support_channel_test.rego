package mesh.global.test.support_channel

import data.mesh.global.policy.support_channel
import data.mesh.global.test.example

test_a_channel if {
	count(support_channel.deny) == 0 with input as example.publish
}

test_an_address if {
	support := [{"url": "https://help.example/orders"}]
	count(support_channel.deny) == 0 with input as example.publish_with("/product/support", support)
}

test_neither if {
	support := [{"description": "ask around"}]
	example.codes(support_channel.deny) == {"support_missing"}
		with input as example.publish_with("/product/support", support)
}
