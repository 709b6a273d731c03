# METADATA
# scope: package
# title: Four eyes on downloads
# description: Risk data leaves the platform only when a second person has agreed.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.8.12
#     - ISO/IEC 27001:2022 A.5.3
#   remedy: Have a colleague approve the download; the gateway then names that person as `approved_by` in the context.
#   owner: stewards of finance/risk
package mesh.finance.risk.policy.four_eyes_download

requires contains "/context/approved_by" if downloads

deny contains {
	"message": sprintf("`%s` cannot approve the own download", [input.subject.id]),
	"path": "/context/approved_by",
	"code": "own_approval",
} if {
	downloads
	input.context.approved_by == input.subject.id
}

downloads if input.action.name in ["download", "export"]
