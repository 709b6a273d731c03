# METADATA
# scope: package
# title: Each role has its purposes
# description: A product may serve many purposes; a person uses its customer data only for those of the own role.
# custom:
#   applies_to: [access]
#   controls:
#     - GDPR 5(1)(b)
#     - GDPR 29
#   remedy: Ask for a purpose of your role, or have a colleague do this whose role has the purpose.
#   owner: stewards of sales
package mesh.sales.policy.customer_purposes

import data.mesh.global.lib.access
import data.mesh.global.lib.columns
import data.mesh.sales.data.purposes

requires contains "/context/purpose" if uses_customer_data

deny contains {
	"message": sprintf("no role of `%s` uses customer data for `%v`", [input.subject.id, input.context.purpose]),
	"path": "/context/purpose",
	"code": "purpose_not_of_role",
} if {
	uses_customer_data
	not input.context.purpose in purposes_of_subject
}

uses_customer_data if {
	access.touches_data
	count(columns.personal) > 0
}

purposes_of_subject := {purpose |
	some role in input.subject.registered.roles
	some purpose in purposes.of_role[role]
}
