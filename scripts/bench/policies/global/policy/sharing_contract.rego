# METADATA
# title: sharing_contract
# description: Another domain needs a contract.
# scope: package
# custom:
#   applies_to: [access]
#   controls: []
package mesh.global.policy.sharing_contract

deny contains {"message": "no contract"} if {
	input.subject.registered.domain != input.domain
	not input.context.contract
}
