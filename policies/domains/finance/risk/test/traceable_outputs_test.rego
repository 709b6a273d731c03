package mesh.finance.risk.test.traceable_outputs

import data.mesh.finance.risk.policy.traceable_outputs
import data.mesh.finance.risk.test.example

test_an_output_with_known_sources if {
	count(traceable_outputs.deny) == 0 with input as example.publish
}

test_an_output_without_sources if {
	denied := traceable_outputs.deny with input as example.without(
		example.publish,
		"/product/outputPorts/0/inputContracts",
	)
	example.codes(denied) == {"sources_missing"}
}

test_an_output_with_a_source_that_comes_in_nowhere if {
	denied := traceable_outputs.deny with input as example.without(example.publish, "/product/inputPorts/0")
	example.codes(denied) == {"source_unknown"}
}

test_an_output_with_a_source_that_has_no_id if {
	denied := traceable_outputs.deny with input as example.without(
		example.publish,
		"/product/outputPorts/0/inputContracts/0/id",
	)
	example.codes(denied) == {"source_unknown"}
}
