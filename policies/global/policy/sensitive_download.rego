# METADATA
# scope: package
# title: Download of sensitive data
# description: Sensitive data that leaves the platform is deleted in time, and the owning team learns of it.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.8.12
#     - GDPR 5(1)(f)
#   remedy: Query the data where it is, or delete the copy when it expires.
#   owner: council
package mesh.global.policy.sensitive_download

import data.mesh.global.data.actions
import data.mesh.global.lib.columns

requires contains "/parameters/download_days_max" if sensitive_download

obligations contains {"type": "expire", "properties": {"at": time.format(end)}} if {
	sensitive_download
	end := time.add_date(time.now_ns(), 0, 0, input.parameters.download_days_max)
}

obligations contains {"type": "notify", "properties": {"team": input.product.team.name}} if sensitive_download

sensitive_download if {
	input.action.name in actions.download
	count(columns.sensitive) > 0
}
