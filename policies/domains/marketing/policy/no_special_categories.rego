# METADATA
# scope: package
# title: No special categories
# description: Marketing takes in nothing about health, faith, politics, origin or sex life, whoever offers it.
# custom:
#   applies_to: [consume]
#   controls:
#     - GDPR 9(1)
#   remedy: Ask for a product, or a contract of it, without columns tagged `special_category`.
#   owner: stewards of marketing
package mesh.marketing.policy.no_special_categories

import data.mesh.global.lib.access
import data.mesh.global.lib.columns
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s is of a special category, and marketing takes none in", [label.column(item)]),
	"path": columns.path(item),
	"code": "special_category",
} if {
	access.touches_data
	some item in columns.all
	"special_category" in item.column.tags
}
