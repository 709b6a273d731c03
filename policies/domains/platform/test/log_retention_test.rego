package mesh.platform.test.log_retention

import data.mesh.platform.policy.log_retention
import data.mesh.platform.test.example

test_logs_of_90_days if {
	count(log_retention.deny) == 0 with input as example.publish
	log_retention.requires == {"/parameters/log_retention_days_max"} with input as example.publish
}

test_logs_of_91_days if {
	denied := log_retention.deny with input as kept(91)
	example.codes(denied) == {"logs_kept_too_long"}
}

test_figures_are_kept_for_longer if {
	count(log_retention.deny) == 0 with input as example.with_value(kept(400), "/product/tags", ["telemetry"])
}

kept(days) := example.with_value(example.publish, "/contracts/0/slaProperties/0/value", days)
