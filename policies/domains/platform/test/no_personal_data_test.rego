package mesh.platform.test.no_personal_data

import data.mesh.platform.policy.no_personal_data
import data.mesh.platform.test.example

test_data_without_people if {
	count(no_personal_data.deny) == 0 with input as example.publish
}

test_data_with_people if {
	personal := example.with_value(example.publish, "/contracts/0/schema/0/properties/0/tags", ["pii"])
	denied := no_personal_data.deny with input as personal
	example.codes(denied) == {"personal_data"}
}
