# METADATA
# scope: package
# title: Retention
# description: Every contract says how long data is kept, and personal data is not kept longer than the domain allows.
# custom:
#   applies_to: [publish]
#   controls:
#     - GDPR 5(1)(e)
#     - ISO/IEC 27001:2022 A.8.10
#   remedy: State the service level `retention` with a value and a unit, such as 90 `d`.
#   owner: council
package mesh.global.policy.retention

import data.mesh.global.lib.columns
import data.mesh.global.lib.label
import data.mesh.global.lib.service_level

requires contains "/parameters/retention_days_max"

deny contains {
	"message": sprintf("%s does not say how long data is kept", [label.contract(contract, c)]),
	"path": sprintf("/contracts/%d/slaProperties", [c]),
	"code": "retention_missing",
} if {
	some c, contract in input.contracts
	not service_level.states(contract, ["retention"])
}

deny contains {
	"message": sprintf("%s keeps data for `%v` of the unknown unit `%v`", [
		label.contract(contract, c),
		level.value,
		object.get(level, "unit", ""),
	]),
	"path": sprintf("/contracts/%d/slaProperties/%d", [c, s]),
	"code": "retention_unclear",
} if {
	some c, contract in input.contracts
	some s, level in contract.slaProperties
	level.property == "retention"
	not service_level.days(level)
}

deny contains {
	"message": sprintf("%s keeps personal data for %v days; at most %v are allowed", [
		label.contract(contract, c),
		service_level.days(level),
		input.parameters.retention_days_max,
	]),
	"path": sprintf("/contracts/%d/slaProperties/%d", [c, s]),
	"code": "retention_too_long",
} if {
	some c, contract in input.contracts
	c in personal_contracts
	some s, level in contract.slaProperties
	level.property == "retention"
	service_level.days(level) > input.parameters.retention_days_max
}

personal_contracts := {item.contract | some item in columns.personal}
