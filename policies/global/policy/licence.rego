# METADATA
# scope: package
# title: Licence
# description: Who receives open data knows what may be done with it.
# custom:
#   applies_to: [publish]
#   controls:
#     - ISO/IEC 27001:2022 A.5.32
#     - DAMA-DMBOK2 ch. 2 (data handling ethics)
#   remedy: Set the custom property `licence` of the product, for instance to `CC-BY-4.0`.
#   owner: council
package mesh.global.policy.licence

import data.mesh.global.lib.property

deny contains {
	"message": "the product is public and states no licence",
	"path": "/product/customProperties",
	"code": "licence_missing",
} if {
	property.value(input.product, "visibility") == "public"
	not property.value(input.product, "licence")
}
