# METADATA
# scope: package
# title: Research sees no identities
# description: Whatever a researcher is cleared for, research works on data in which patients cannot be recognised.
# custom:
#   applies_to: [access]
#   controls:
#     - HIPAA 45 CFR 164.514(b) (de-identification)
#     - GDPR 89(1)
#   remedy: Work with the masked columns, or ask the ethics committee for a study with consent.
#   owner: stewards of healthcare
package mesh.healthcare.policy.research_deidentified

import data.mesh.global.lib.access
import data.mesh.global.lib.columns
import data.mesh.healthcare.data.deidentification

obligations contains {
	"type": "mask_column",
	"properties": {"table": item.table, "column": item.name, "method": method},
} if {
	access.touches_data
	input.context.purpose == "research"
	some item in columns.all
	some tag in item.column.tags
	method := deidentification.mask_by_tag[tag]
}
