# METADATA
# scope: package
# title: One ward at a time
# description: Who treats patients sees the rows of the ward that the request is about.
# custom:
#   applies_to: [access]
#   controls:
#     - HIPAA 45 CFR 164.502(b) (minimum necessary)
#     - GDPR 5(1)(c)
#   remedy: Name the ward in the context.
#   owner: stewards of healthcare
package mesh.healthcare.policy.own_ward

import data.mesh.global.lib.access
import data.mesh.global.lib.columns

requires contains "/context/ward" if treats

obligations contains {
	"type": "filter_rows",
	"properties": {"table": item.table, "column": "ward", "operator": "eq", "value": input.context.ward},
} if {
	treats
	some item in columns.all
	item.name == "ward"
}

treats if {
	access.touches_data
	"clinician" in input.subject.registered.roles
}
