# METADATA
# scope: package
# title: Quality is declared
# description: Every table states at least one quality rule, and every critical column has one of its own.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 13 (data quality)
#     - GDPR 5(1)(d)
#   remedy: State in `quality` what must hold of the table or column, for instance that it has no missing values.
#   owner: council
package mesh.global.policy.quality_declared

import data.mesh.global.lib.columns
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s states no quality rule", [label.table(table, t)]),
	"path": sprintf("/contracts/%d/schema/%d", [c, t]),
	"code": "quality_missing",
} if {
	some c, contract in input.contracts
	some t, table in contract.schema
	not has_rule(table)
	not some_column_has_rule(table)
}

deny contains {
	"message": sprintf("%s is critical and has no quality rule", [label.column(item)]),
	"path": columns.path(item),
	"code": "critical_column_without_quality",
} if {
	some item in columns.all
	item.column.criticalDataElement
	not has_rule(item.column)
}

some_column_has_rule(table) if {
	some column in table.properties
	has_rule(column)
}

has_rule(element) if count(element.quality) > 0
