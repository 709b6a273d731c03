# METADATA
# scope: package
# title: Segregation of duties
# description: Who prepared an entry does not approve it.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.3
#     - SOX 404
#   remedy: Have another controller approve the entry.
#   owner: stewards of finance
package mesh.finance.policy.segregation_of_duties

requires contains "/resource/properties/prepared_by" if input.action.name == "approve"

deny contains {
	"message": sprintf("`%s` prepared the %s `%s` and cannot approve it", [
		input.subject.id,
		input.resource.type,
		input.resource.id,
	]),
	"path": "/resource/properties/prepared_by",
	"code": "own_work",
} if {
	input.action.name == "approve"
	input.resource.properties.prepared_by == input.subject.id
}
