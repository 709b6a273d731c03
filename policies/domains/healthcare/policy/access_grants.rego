# METADATA
# scope: package
# title: Who may use healthcare data
# description: Clinicians treat the patients of their wards; others of the house and other domains read what their role has.
# custom:
#   applies_to: [access]
#   controls:
#     - GDPR 9(2)(h)
#     - HIPAA 45 CFR 164.312(a)(1)
#   remedy: Name the ward and the purpose in the context; in an emergency break the glass, and say why.
#   owner: stewards of healthcare
package mesh.healthcare.policy.access_grants

import data.mesh.global.lib.access
import data.mesh.healthcare.data.agreements
import data.mesh.healthcare.data.roles

# Everyone may learn what there is.
permit if access.describes

# A clinician, for the patients of an own ward.
permit if {
	access.same_domain
	"clinician" in input.subject.registered.roles
	input.context.purpose == "treatment"
	input.context.ward in own_wards
	input.action.name in ["read", "query"]
}

# Others of the house, for the purpose of their role.
permit if {
	access.same_domain
	some role in input.subject.registered.roles
	input.context.purpose in roles.purposes[role]
	input.action.name in roles.may[role]
}

# Which roles read under a contract, the contract itself says.
permit if {
	input.subject.registered.domain in agreements[input.context.contract]
	input.action.name in ["read", "query"]
}

own_wards := object.get(input.subject.registered, "wards", [])
