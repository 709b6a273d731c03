# METADATA
# scope: package
# title: Prices are confidential until they are in force
# description: Whoever learns a price before it holds can trade on it, so such columns are classed accordingly.
# custom:
#   applies_to: [publish]
#   controls:
#     - ISO/IEC 27001:2022 A.5.12
#   remedy: Classify the column as `confidential` or `restricted` until the day that `effective_from` names.
#   owner: stewards of sales
package mesh.sales.policy.price_lists_confidential

import data.mesh.global.lib.columns
import data.mesh.global.lib.label
import data.mesh.global.lib.property

deny contains {
	"message": sprintf("%s is a price that holds from %v and is `%s` already", [
		label.column(item),
		effective_from,
		columns.classification(item.column),
	]),
	"path": concat("/", [columns.path(item), "classification"]),
	"code": "price_disclosed",
} if {
	not in_force
	some item in columns.all
	"price" in item.column.tags
	not columns.is_sensitive(item.column)
}

in_force if time.parse_rfc3339_ns(effective_from) <= time.parse_rfc3339_ns(input.now)

effective_from := property.value(input.product, "effective_from")
