package mesh.finance.test.critical_data_lineage

import data.mesh.finance.policy.critical_data_lineage
import data.mesh.finance.test.example

test_a_critical_column_with_sources if {
	count(critical_data_lineage.deny) == 0 with input as example.publish
}

test_a_critical_column_without_sources if {
	denied := critical_data_lineage.deny with input as example.without(example.publish, sources)
	example.codes(denied) == {"source_missing"}
}

test_a_critical_column_with_no_source_in_its_list if {
	denied := critical_data_lineage.deny with input as example.with_value(example.publish, sources, [])
	example.codes(denied) == {"source_missing"}
}

test_another_column_needs_none if {
	other := example.without(example.publish, "/contracts/0/schema/0/properties/0/criticalDataElement")
	count(critical_data_lineage.deny) == 0 with input as example.without(other, sources)
}

sources := "/contracts/0/schema/0/properties/0/transformSourceObjects"
