package mesh.finance.risk.test.timeliness

import data.mesh.finance.risk.policy.timeliness
import data.mesh.finance.risk.test.example

test_data_of_today if {
	count(timeliness.deny) == 0 with input as example.publish
}

test_data_of_last_week if {
	late := example.with_value(example.publish, "/contracts/0/slaProperties/0/value", 7)
	denied := timeliness.deny with input as late
	example.codes(denied) == {"latency_too_long"}
}

test_data_of_who_knows_when if {
	denied := timeliness.deny with input as example.without(example.publish, "/contracts/0/slaProperties")
	example.codes(denied) == {"latency_too_long"}
}
