# METADATA
# scope: package
# title: No bulk download
# description: Data of patients stays on the platform; who needs it queries it there.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.8.12
#     - GDPR 32(1)(b)
#   remedy: Query the data where it is, or ask the stewards of healthcare for a waiver that ends.
#   owner: stewards of healthcare
package mesh.healthcare.policy.no_bulk_download

import data.mesh.global.lib.columns

deny contains {
	"message": sprintf("`%s` would take data of patients out of `%s`", [input.action.name, input.resource.id]),
	"path": "/action/name",
	"code": "bulk_download",
} if {
	input.action.name in ["download", "export"]
	count(columns.personal) > 0
}
