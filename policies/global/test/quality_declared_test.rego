package mesh.global.test.quality_declared

import data.mesh.global.policy.quality_declared
import data.mesh.global.test.example

test_declared if {
	count(quality_declared.deny) == 0 with input as example.publish
}

test_not_declared if {
	quality_declared.deny == {{
		"message": "table `orders` states no quality rule",
		"path": "/contracts/0/schema/0",
		"code": "quality_missing",
	}} with input as example.publish_without("/contracts/0/schema/0/properties/0/quality")
}

test_a_critical_column if {
	critical := example.publish_with("/contracts/0/schema/0/properties/2/criticalDataElement", true)
	example.codes(quality_declared.deny) == {"critical_column_without_quality"} with input as critical
}
