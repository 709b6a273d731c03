# METADATA
# scope: package
# title: Residency is declared
# description: A data product says in which jurisdictions its data may be.
# custom:
#   applies_to: [publish]
#   controls:
#     - GDPR 44
#     - ISO/IEC 27001:2022 A.5.14
#   remedy: Set the custom property `residency` of the product to a jurisdiction such as `eu`, to a list, or to `any`.
#   owner: council
package mesh.global.policy.residency_declared

import data.mesh.global.lib.region

deny contains {
	"message": "the product does not say where its data may be",
	"path": "/product/customProperties",
	"code": "residency_missing",
} if {
	count(region.residencies) == 0
}
