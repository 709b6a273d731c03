# METADATA
# scope: package
# title: Encryption
# description: Confidential, restricted and personal data is encrypted where it is stored.
# custom:
#   applies_to: [publish]
#   controls:
#     - GDPR 32(1)(a)
#     - ISO/IEC 27001:2022 A.8.24
#   remedy: Set the custom property `encryption_at_rest` of the contract to an accepted cipher such as `AES-256`.
#   owner: council
package mesh.global.policy.encryption

import data.mesh.global.data.encryption
import data.mesh.global.lib.columns
import data.mesh.global.lib.label
import data.mesh.global.lib.property

deny contains {
	"message": sprintf("%s holds sensitive data and does not say how it is encrypted", [label.contract(contract, c)]),
	"path": sprintf("/contracts/%d/customProperties", [c]),
	"code": "encryption_missing",
} if {
	some c in sensitive_contracts
	contract := input.contracts[c]
	not property.value(contract, "encryption_at_rest")
}

deny contains {
	"message": sprintf("%s holds sensitive data under the encryption `%v`, which is not accepted", [
		label.contract(contract, c),
		cipher,
	]),
	"path": sprintf("/contracts/%d/customProperties", [c]),
	"code": "encryption_not_accepted",
} if {
	some c in sensitive_contracts
	contract := input.contracts[c]
	cipher := property.value(contract, "encryption_at_rest")
	not is_accepted(cipher)
}

is_accepted(cipher) if lower(cipher) in encryption.accepted

sensitive_contracts := {item.contract | some item in columns.sensitive}
