# METADATA
# scope: package
# title: Lineage of critical data
# description: A figure that decisions and reports rest on says what it is made from.
# custom:
#   applies_to: [publish]
#   controls:
#     - BCBS 239 principle 3 (accuracy and integrity)
#     - DAMA-DMBOK2 ch. 12 (metadata management)
#   remedy: List the tables or systems that the column is made from in `transformSourceObjects`.
#   owner: stewards of finance
package mesh.finance.policy.critical_data_lineage

import data.mesh.global.lib.columns
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s is critical and does not say what it is made from", [label.column(item)]),
	"path": columns.path(item),
	"code": "source_missing",
} if {
	some item in columns.all
	item.column.criticalDataElement
	count(object.get(item.column, "transformSourceObjects", [])) == 0
}
