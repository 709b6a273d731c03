# METADATA
# scope: package
# title: Break the glass
# description: In an emergency a clinician reads the data of any ward, for an hour, and it is reviewed afterwards.
# custom:
#   applies_to: [access]
#   controls:
#     - HIPAA 45 CFR 164.312(a)(2)(ii) (emergency access procedure)
#     - GDPR 9(2)(c)
#   remedy: Say in the context's `reason` what the emergency is.
#   owner: stewards of healthcare
package mesh.healthcare.policy.break_glass

import data.mesh.global.lib.access

requires contains "/context/reason" if glass_is_broken

permit if may_break

obligations contains {
	"type": "review",
	"properties": {"by": "data protection officer", "within_hours": 24, "reason": input.context.reason},
} if {
	may_break
}

obligations contains {"type": "expire", "properties": {"at": time.format(end)}} if {
	may_break
	end := time.parse_rfc3339_ns(input.now) + time.parse_duration_ns("1h")
}

may_break if {
	glass_is_broken
	access.same_domain
	"clinician" in input.subject.registered.roles
	input.action.name in ["read", "query"]
}

glass_is_broken if input.context.break_glass == true
