package mesh.global.test.the_whole_law

import data.mesh.global.policy
import data.mesh.global.test.example

test_the_example_may_be_published if {
	every name in object.keys(policy) {
		count(object.get(policy[name], "deny", set())) == 0 with input as example.publish
	}
}

test_the_example_may_be_read if {
	every name in object.keys(policy) {
		count(object.get(policy[name], "deny", set())) == 0 with input as example.access
	}
}
