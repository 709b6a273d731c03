# METADATA
# scope: package
# title: Purposes of personal data
# description: Personal data is collected for stated purposes, so the product states them.
# custom:
#   applies_to: [publish]
#   controls:
#     - GDPR 5(1)(b)
#     - GDPR 30(1)(b)
#   remedy: List the purposes in the custom property `purposes` of the product, such as `[analytics, fraud_prevention]`.
#   owner: council
package mesh.global.policy.purposes_declared

import data.mesh.global.lib.columns
import data.mesh.global.lib.purpose

deny contains {
	"message": "the product holds personal data and declares no purpose",
	"path": "/product/customProperties",
	"code": "purposes_missing",
} if {
	count(columns.personal) > 0
	count(purpose.declared) == 0
}
