# METADATA
# scope: package
# title: Residency
# description: Data is processed only where its product says that it may be.
# custom:
#   applies_to: [access]
#   controls:
#     - GDPR 44
#     - ISO/IEC 27001:2022 A.5.14
#   remedy: Process the data in a region within the residency that the product declares.
#   owner: council
package mesh.global.policy.residency

import data.mesh.global.lib.access
import data.mesh.global.lib.label
import data.mesh.global.lib.region

requires contains "/context/region" if {
	access.touches_data
	some residency in region.residencies
	not "any" in residency
}

deny contains {
	"message": sprintf("data of the residency `%s` may not be processed in `%v`", [
		label.list(residency),
		input.context.region,
	]),
	"path": "/context/region",
	"code": "outside_residency",
} if {
	access.touches_data
	some residency in region.residencies
	not region.admits(residency, input.context.region)
}
