# METADATA
# scope: package
# title: Every column has a category
# description: A column that belongs to no category would be seen by nobody, so each has one of ours among its tags.
# custom:
#   applies_to: [publish]
#   controls:
#     - ISO/IEC 27001:2022 A.5.13
#   remedy: Tag the column `administrative`, `billing`, `clinical`, `contact` or `identity`.
#   owner: stewards of healthcare
package mesh.healthcare.policy.columns_categorised

import data.mesh.global.lib.columns
import data.mesh.global.lib.label
import data.mesh.healthcare.data.categories

deny contains {
	"message": sprintf("%s has no category", [label.column(item)]),
	"path": columns.path(item),
	"code": "category_missing",
} if {
	some item in columns.all
	not has_category(item.column)
}

has_category(column) if {
	some tag in column.tags
	tag in categories.known
}
