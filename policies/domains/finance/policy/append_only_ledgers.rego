# METADATA
# scope: package
# title: Ledgers only grow
# description: A wrong entry in a ledger is set right by another entry, never changed or deleted.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.33
#     - SOX 802
#   remedy: Insert a correcting entry.
#   owner: stewards of finance
package mesh.finance.policy.append_only_ledgers

deny contains {
	"message": sprintf("the product `%s` is a ledger: `%s` would change what was booked", [
		input.resource.id,
		input.action.name,
	]),
	"path": "/action/name",
	"code": "ledger_changed",
} if {
	"ledger" in input.product.tags
	input.action.name in ["write", "update", "delete"]
}
