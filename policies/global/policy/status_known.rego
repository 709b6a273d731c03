# METADATA
# scope: package
# title: Known status
# description: A product's status is one of the words that the whole mesh understands.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 12 (metadata management)
#   remedy: Set the status to `proposed`, `draft`, `active`, `deprecated` or `retired`.
#   owner: council
package mesh.global.policy.status_known

import data.mesh.global.data.statuses

deny contains {
	"message": "the product has no status",
	"path": "/product/status",
	"code": "status_missing",
} if {
	not input.product.status
}

deny contains {
	"message": sprintf("`%s` is not a status that the mesh knows", [input.product.status]),
	"path": "/product/status",
	"code": "status_unknown",
} if {
	not input.product.status in statuses.known
	input.product.status
}
