# METADATA
# title: Access
# description: What the registry knows of the one who asks, and what is asked.
package mesh.global.lib.access

import data.mesh.global.data.actions
import data.mesh.global.data.classifications
import data.mesh.global.lib.columns
import data.mesh.global.lib.property

# The product belongs to the subject's own domain, as the registry says.
same_domain if input.subject.registered.domain == input.domain

# The request reaches data, not only its description.
touches_data if {
	input.resource.type == "data_product"
	not describes
}

# The request reaches the description of a product alone.
describes if input.action.name in actions.describe

# The request changes data.
writes if input.action.name in actions.write

# The product is open to everyone: it says so, and no column contradicts it.
open_data if {
	property.value(input.product, "visibility") == "public"
	every item in columns.all {
		item.column.classification == "public"
		not columns.is_personal(item.column)
	}
}

# The highest class that the subject may see as it is. Everyone in the registry may see `internal`.
clearance := max({classifications.internal} | {rank |
	some name in input.subject.registered.clearances
	rank := classifications[name]
})

# Personal data is a clearance of its own, beside the classes.
cleared_for_personal_data if "pii" in input.subject.registered.clearances
