# METADATA
# scope: package
# title: Masking
# description: Columns above the subject's clearance are masked, and personal data for whoever is not cleared for it.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.8.3
#     - ISO/IEC 27001:2022 A.8.11
#     - GDPR 25(1)
#   remedy: Ask the owner of the registry for the clearance that the columns need.
#   owner: council
package mesh.global.policy.masking

import data.mesh.global.data.masks
import data.mesh.global.lib.access
import data.mesh.global.lib.columns

obligations contains mask(item, method) if {
	access.touches_data
	some item in columns.sensitive
	columns.rank(item.column) > access.clearance
	method := object.get(masks.by_class, columns.classification(item.column), masks.by_class.restricted)
}

obligations contains mask(item, masks.personal) if {
	access.touches_data
	not access.cleared_for_personal_data
	some item in columns.personal
}

mask(item, method) := {
	"type": "mask_column",
	"properties": {"table": item.table, "column": item.name, "method": method},
}
