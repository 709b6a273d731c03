# METADATA
# title: Service levels
# description: Reads the `slaProperties` of a contract.
package mesh.global.lib.service_level

import data.mesh.global.data.units

# The contract states one of the properties.
states(contract, names) if {
	some level in contract.slaProperties
	level.property in names
}

# A level's length of time in days; undefined when its unit is unknown.
days(level) := level.value * units.days[lower(level.unit)]
