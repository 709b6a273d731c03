# METADATA
# scope: package
# title: Only with consent
# description: Marketing takes in personal data only for purposes to which people consent.
# custom:
#   applies_to: [consume]
#   controls:
#     - GDPR 6(1)(a)
#     - ePrivacy Directive 13(1)
#   remedy: Use the data for a purpose that asks for consent, such as `marketing`, or a product without personal data.
#   owner: stewards of marketing
package mesh.marketing.policy.consent_based

import data.mesh.global.lib.access
import data.mesh.global.lib.columns
import data.mesh.global.lib.label
import data.mesh.marketing.data.consent

requires contains "/context/purpose" if takes_in_people

deny contains {
	"message": sprintf("people did not consent to `%v`; marketing takes in their data only for %s", [
		input.context.purpose,
		label.list(consent.purposes),
	]),
	"path": "/context/purpose",
	"code": "purpose_without_consent",
} if {
	takes_in_people
	not input.context.purpose in consent.purposes
}

takes_in_people if {
	access.touches_data
	count(columns.personal) > 0
}
