# METADATA
# scope: package
# title: Retention of logs
# description: Operational logs serve to find faults, and are kept for no longer than that takes.
# custom:
#   applies_to: [publish]
#   controls:
#     - ISO/IEC 27001:2022 A.8.10
#     - ISO/IEC 27001:2022 A.8.15
#   remedy: Lower the service level `retention`, and publish figures of what you need for longer.
#   owner: stewards of platform
package mesh.platform.policy.log_retention

import data.mesh.global.lib.label
import data.mesh.global.lib.service_level

requires contains "/parameters/log_retention_days_max"

deny contains {
	"message": sprintf("%s keeps logs for %v days; at most %v are allowed", [
		label.contract(contract, c),
		service_level.days(level),
		input.parameters.log_retention_days_max,
	]),
	"path": sprintf("/contracts/%d/slaProperties/%d", [c, s]),
	"code": "logs_kept_too_long",
} if {
	"logs" in input.product.tags
	some c, contract in input.contracts
	some s, level in contract.slaProperties
	level.property == "retention"
	service_level.days(level) > input.parameters.log_retention_days_max
}
