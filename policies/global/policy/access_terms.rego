# METADATA
# scope: package
# title: Terms of access
# description: Another domain uses data under one of the product's contracts, in a role that the contract knows.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.14
#     - ISO/IEC 27001:2022 A.5.15
#   remedy: Name in the context the `contract` that you use, and ask its owner for one of its roles.
#   owner: council
package mesh.global.policy.access_terms

import data.mesh.global.lib.access
import data.mesh.global.lib.label

requires contains "/context/contract" if under_terms

deny contains {
	"message": sprintf("the product has no contract `%v`", [input.context.contract]),
	"path": "/context/contract",
	"code": "contract_unknown",
} if {
	under_terms
	not input.context.contract in contract_ids
}

deny contains {
	"message": sprintf("the subject has none of the roles that the contract `%s` knows: %s", [
		contract.id,
		label.list(roles),
	]),
	"path": "/subject/registered/roles",
	"code": "role_missing",
} if {
	under_terms
	some contract in input.contracts
	contract.id == input.context.contract
	roles := {entry.role | some entry in contract.roles}
	count(roles) > 0
	count(roles & held_roles) == 0
}

# A domain is at home in its own data, and open data is for all.
under_terms if {
	access.touches_data
	not access.same_domain
	not access.open_data
}

contract_ids := {contract.id | some contract in input.contracts}

held_roles := {role | some role in input.subject.registered.roles}
