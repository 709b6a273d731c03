# METADATA
# title: Purposes
# description: What the data may be used for.
package mesh.global.lib.purpose

import data.mesh.global.lib.property

# The purposes that the product or one of its contracts declares.
declared contains purpose if some purpose in property.list(input.product, "purposes")

declared contains purpose if {
	some contract in input.contracts
	some purpose in property.list(contract, "purposes")
}
