# METADATA
# scope: package
# title: Minimisation of personal data
# description: A product holds little personal data, and says of each column why it is there.
# custom:
#   applies_to: [publish]
#   controls:
#     - GDPR 5(1)(c)
#     - GDPR 25(2)
#     - DAMA-DMBOK2 ch. 2 (data handling ethics)
#   remedy: Leave out what the purposes do not need, and describe what remains.
#   owner: council
package mesh.global.policy.pii_minimisation

import data.mesh.global.lib.columns
import data.mesh.global.lib.label

requires contains "/parameters/personal_columns_max"

deny contains {
	"message": sprintf("the product holds %d columns of personal data; more than %d are seldom needed", [
		count(columns.personal),
		input.parameters.personal_columns_max,
	]),
	"path": "/contracts",
	"code": "many_personal_columns",
} if {
	count(columns.personal) > input.parameters.personal_columns_max
}

deny contains {
	"message": sprintf("%s holds personal data and does not say why", [label.column(item)]),
	"path": columns.path(item),
	"code": "personal_column_undescribed",
} if {
	some item in columns.personal
	not item.column.description
}
