# METADATA
# scope: package
# title: Account managers see their regions
# description: An account manager sees the rows of the sales regions that the registry assigns to the person.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.8.3
#     - GDPR 25(2)
#   remedy: Have your sales regions registered by the operator of the mesh.
#   owner: stewards of sales
package mesh.sales.policy.own_region

import data.mesh.global.lib.access
import data.mesh.global.lib.columns

requires contains "/subject/registered/sales_regions" if is_account_manager

obligations contains {
	"type": "filter_rows",
	"properties": {
		"table": item.table,
		"column": "sales_region",
		"operator": "in",
		"value": own_regions,
	},
} if {
	is_account_manager
	some item in columns.all
	item.name == "sales_region"
}

is_account_manager if {
	access.touches_data
	"account_manager" in input.subject.registered.roles
}

own_regions := object.get(input.subject.registered, "sales_regions", [])
