# METADATA
# scope: package
# title: Research is approved
# description: Research uses the products that the ethics committee approved for it, for as long as it approved.
# custom:
#   applies_to: [access]
#   controls:
#     - GDPR 89(1)
#     - Declaration of Helsinki 23
#   remedy: Ask the ethics committee, and name its approval in the context.
#   owner: stewards of healthcare
package mesh.healthcare.policy.research_approval

import data.mesh.healthcare.data.approvals

requires contains "/context/approval" if for_research

deny contains {
	"message": sprintf("the approval `%v` does not cover `%s` today", [input.context.approval, input.resource.id]),
	"path": "/context/approval",
	"code": "not_approved",
} if {
	for_research
	not is_approved
}

# witan: allow lint_deny_silent who names no purpose is refused by `global/purpose_limitation`
for_research if input.context.purpose == "research"

is_approved if {
	approval := approvals[input.context.approval]
	input.resource.id in approval.products
	time.parse_rfc3339_ns(input.now) < time.parse_rfc3339_ns(approval.until)
}
