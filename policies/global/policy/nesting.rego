# METADATA
# scope: package
# title: Nesting
# description: A column may hold columns, and these hold none, so that every column can be classified and masked.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 5 (data modelling and design)
#     - ISO/IEC 27001:2022 A.5.12
#   remedy: Move the inner columns up, or into a table of their own.
#   owner: council
package mesh.global.policy.nesting

import data.mesh.global.lib.columns
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s is nested and holds columns itself", [label.column(item)]),
	"path": columns.path(item),
	"code": "nested_too_deep",
} if {
	some item in columns.nested
	count(columns.children(item)) > 0
}
