# METADATA
# scope: package
# title: Interoperability
# description: Columns have types that every domain knows, and names that promise a type keep the promise.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 5 (data modelling and design)
#     - DAMA-DMBOK2 ch. 8 (data integration and interoperability)
#   remedy: Give the column one of the logical types of ODCS, and the one that its name promises.
#   owner: council
package mesh.global.policy.interoperability

import data.mesh.global.data.column_types
import data.mesh.global.lib.columns
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s has no logical type", [label.column(item)]),
	"path": columns.path(item),
	"code": "type_missing",
} if {
	some item in columns.all
	not item.column.logicalType
}

deny contains {
	"message": sprintf("%s has the unknown logical type `%s`", [label.column(item), item.column.logicalType]),
	"path": concat("/", [columns.path(item), "logicalType"]),
	"code": "type_unknown",
} if {
	some item in columns.all
	item.column.logicalType
	not item.column.logicalType in column_types.known
}

deny contains {
	"message": sprintf("%s is a `%s`; a name that ends in `%s` means %s", [
		label.column(item),
		item.column.logicalType,
		suffix,
		concat(" or ", expected),
	]),
	"path": concat("/", [columns.path(item), "logicalType"]),
	"code": "type_breaks_name",
} if {
	some item in columns.all
	some suffix, expected in column_types.by_suffix
	endswith(item.name, suffix)
	item.column.logicalType
	not item.column.logicalType in expected
}
