package mesh.sales.test.own_region

import data.mesh.sales.policy.own_region
import data.mesh.sales.test.example

test_an_account_manager_sees_own_regions if {
	own_region.obligations == {filter(["dach"])} with input as example.access
}

test_without_regions_none_is_seen if {
	without_regions := example.without(example.access, "/subject/registered/sales_regions")
	own_region.obligations == {filter([])} with input as without_regions
	own_region.requires == {"/subject/registered/sales_regions"} with input as without_regions
}

test_an_analyst_sees_all_regions if {
	analyst := example.access_with("/subject/registered/roles", ["analyst"])
	count(own_region.obligations) == 0 with input as analyst
	count(own_region.requires) == 0 with input as analyst
}

filter(regions) := {
	"type": "filter_rows",
	"properties": {"table": "customers", "column": "sales_region", "operator": "in", "value": regions},
}
