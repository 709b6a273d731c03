# METADATA
# scope: package
# title: Personal data is named
# description: A column that looks like personal data says whether it is, since masks and consent depend on it.
# custom:
#   applies_to: [publish]
#   controls:
#     - GDPR 4(1)
#     - GDPR 30(1)(c)
#     - ISO/IEC 27001:2022 A.5.34
#   remedy: Tag the column `pii`; if it is not personal data, say so with the custom property `pii` set to false.
#   owner: council
package mesh.global.policy.pii_named

import data.mesh.global.data.personal_data
import data.mesh.global.lib.columns
import data.mesh.global.lib.label
import data.mesh.global.lib.property

deny contains {
	"message": sprintf("%s looks like personal data and does not say whether it is", [label.column(item)]),
	"path": columns.path(item),
	"code": "pii_unnamed",
} if {
	some item in columns.all
	looks_personal(item)
	not says_whether(item.column)
}

looks_personal(item) if {
	some fragment in personal_data.name_fragments
	contains(lower(item.name), fragment)
}

looks_personal(item) if item.column.classification in personal_data.classifications

says_whether(column) if columns.is_personal(column)

says_whether(column) if property.value(column, "pii") == false
