# METADATA
# scope: package
# title: Risk data is timely
# description: In a crisis risk is reported daily, so the data is never older than a day.
# custom:
#   applies_to: [publish]
#   controls:
#     - BCBS 239 principle 5 (timeliness)
#   remedy: Deliver at least daily, and state the service level `latency` with a value and the unit `d`.
#   owner: stewards of finance/risk
package mesh.finance.risk.policy.timeliness

import data.mesh.global.lib.label
import data.mesh.global.lib.service_level

deny contains {
	"message": sprintf("%s does not promise data that is at most a day old", [label.contract(contract, c)]),
	"path": sprintf("/contracts/%d/slaProperties", [c]),
	"code": "latency_too_long",
} if {
	some c, contract in input.contracts
	not is_timely(contract)
}

is_timely(contract) if {
	some level in contract.slaProperties
	level.property == "latency"
	service_level.days(level) <= 1
}
