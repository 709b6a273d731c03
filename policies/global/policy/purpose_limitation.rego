# METADATA
# scope: package
# title: Purpose limitation
# description: Data is used for the purposes that its product declares, and for no other.
# custom:
#   applies_to: [access]
#   controls:
#     - GDPR 5(1)(b)
#     - DAMA-DMBOK2 ch. 2 (data handling ethics)
#   remedy: Ask for one of the purposes that the product declares, or ask its owner to declare yours.
#   owner: council
package mesh.global.policy.purpose_limitation

import data.mesh.global.lib.access
import data.mesh.global.lib.purpose

# Who does not say what for cannot be held to it.
requires contains "/context/purpose" if limited

deny contains {
	"message": sprintf("the product is not for the purpose `%v`", [input.context.purpose]),
	"path": "/context/purpose",
	"code": "purpose_not_declared",
} if {
	limited
	not input.context.purpose in purpose.declared
}

# Open data is for every purpose.
limited if {
	access.touches_data
	not access.open_data
}
