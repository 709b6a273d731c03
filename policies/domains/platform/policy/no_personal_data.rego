# METADATA
# scope: package
# title: No personal data in telemetry
# description: What every engineer may read holds no one's data.
# custom:
#   applies_to: [publish]
#   controls:
#     - GDPR 5(1)(c)
#     - ISO/IEC 27001:2022 A.8.15
#   remedy: Leave the column out, or count instead of naming.
#   owner: stewards of platform
package mesh.platform.policy.no_personal_data

import data.mesh.global.lib.columns
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s holds personal data, and products of the platform hold none", [label.column(item)]),
	"path": columns.path(item),
	"code": "personal_data",
} if {
	some item in columns.personal
}
