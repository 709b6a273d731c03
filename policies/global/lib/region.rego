# METADATA
# title: Regions
# description: Where a place lies, and where data may be.
package mesh.global.lib.region

import data.mesh.global.data.regions
import data.mesh.global.lib.property

# The jurisdiction of a place: a provider's region such as `eu-central-1`, or a jurisdiction itself.
jurisdiction(place) := regions.places[lower(place)]

# What the product and its contracts say about where the data may be; all of it holds.
residencies contains residency if residency := property.list(input.product, "residency")

residencies contains residency if {
	some contract in input.contracts
	residency := property.list(contract, "residency")
}

# Whether data that resides in one of the jurisdictions may be at the place.
admits(residency, _) if "any" in residency

admits(residency, place) if jurisdiction(place) in residency

# Whether personal data that is kept in a jurisdiction may go to the place.
adequate(home, place) if jurisdiction(place) in regions.adequate_for_personal_data[home]

# Where a server stands; undefined when it does not say.
of_server(server) := server.region

of_server(server) := property.value(server, "region") if not server.region
