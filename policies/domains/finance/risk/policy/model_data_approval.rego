# METADATA
# scope: package
# title: Models learn from approved data
# description: Data goes into a model only when model validation has approved that product for it, for a time.
# custom:
#   applies_to: [access]
#   controls:
#     - CRR 174 (Regulation (EU) No 575/2013)
#     - SR 11-7 (model risk management)
#   remedy: Ask model validation to approve the product, and name the approval in the context.
#   owner: stewards of finance/risk
package mesh.finance.risk.policy.model_data_approval

import data.mesh.finance.risk.data.approvals

requires contains "/context/approval" if for_a_model

deny contains {
	"message": sprintf("the approval `%v` does not cover `%s` today", [input.context.approval, input.resource.id]),
	"path": "/context/approval",
	"code": "not_approved",
} if {
	for_a_model
	not is_approved
}

# witan: allow lint_deny_silent who names no purpose is refused by `global/purpose_limitation`
for_a_model if input.context.purpose == "model_training"

is_approved if {
	approval := approvals[input.context.approval]
	input.resource.id in approval.products
	time.parse_rfc3339_ns(input.now) < time.parse_rfc3339_ns(approval.until)
}
