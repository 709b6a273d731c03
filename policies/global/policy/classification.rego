# METADATA
# scope: package
# title: Classification
# description: Every column has one of the four classes, for it decides who may see it and how it is protected.
# custom:
#   applies_to: [publish]
#   controls:
#     - ISO/IEC 27001:2022 A.5.12
#     - ISO/IEC 27001:2022 A.5.13
#     - DAMA-DMBOK2 ch. 7 (data security)
#   remedy: Classify the column as `public`, `internal`, `confidential` or `restricted`.
#   owner: council
package mesh.global.policy.classification

import data.mesh.global.data.classifications
import data.mesh.global.lib.columns
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s has no classification", [label.column(item)]),
	"path": columns.path(item),
	"code": "classification_missing",
} if {
	some item in columns.all
	not item.column.classification
}

deny contains {
	"message": sprintf("%s has the unknown classification `%s`", [label.column(item), item.column.classification]),
	"path": concat("/", [columns.path(item), "classification"]),
	"code": "classification_unknown",
} if {
	some item in columns.all
	item.column.classification
	not classifications[item.column.classification]
}
