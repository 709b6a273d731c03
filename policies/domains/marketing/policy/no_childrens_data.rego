# METADATA
# scope: package
# title: No data of children
# description: Marketing takes in personal data only if the product says whose it is, and never that of children.
# custom:
#   applies_to: [consume]
#   controls:
#     - GDPR 8(1)
#     - GDPR recital 38
#   remedy: Ask the owner to state `data_subjects` in the product's custom properties, and to leave children out.
#   owner: stewards of marketing
package mesh.marketing.policy.no_childrens_data

import data.mesh.global.lib.access
import data.mesh.global.lib.columns
import data.mesh.global.lib.property

deny contains {
	"message": sprintf("the product `%s` holds data of children", [input.resource.id]),
	"path": "/product/customProperties",
	"code": "data_of_children",
} if {
	takes_in_people
	"children" in data_subjects
}

deny contains {
	"message": sprintf("the product `%s` does not say whose data it holds", [input.resource.id]),
	"path": "/product/customProperties",
	"code": "data_subjects_missing",
} if {
	takes_in_people
	not data_subjects
}

data_subjects := property.list(input.product, "data_subjects")

takes_in_people if {
	access.touches_data
	count(columns.personal) > 0
}
