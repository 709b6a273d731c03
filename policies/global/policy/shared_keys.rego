# METADATA
# scope: package
# title: Shared keys
# description: Keys that join the products of several domains have the same type in all of them.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 8 (data integration and interoperability)
#     - DAMA-DMBOK2 ch. 10 (reference and master data)
#   remedy: Give the key the type that the mesh agreed on, or name it otherwise if it is another thing.
#   owner: council
package mesh.global.policy.shared_keys

import data.mesh.global.data.shared_keys
import data.mesh.global.lib.columns
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s is a shared key and must be a `%s`, not a `%s`", [
		label.column(item),
		shared_keys[item.column.name],
		item.column.logicalType,
	]),
	"path": concat("/", [columns.path(item), "logicalType"]),
	"code": "shared_key_type",
} if {
	some item in columns.all
	item.column.logicalType != shared_keys[item.column.name]
}
