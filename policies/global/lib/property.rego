# METADATA
# title: Custom properties
# description: Reads what a product, a contract, a server or a column says in its `customProperties`.
package mesh.global.lib.property

# What `thing` says under `name`; undefined when it says nothing.
value(thing, name) := [p.value | some p in thing.customProperties; p.property == name][0]

# The same as a list: a single value is a list of one; undefined when it says nothing.
list(thing, name) := said if {
	said := value(thing, name)
	is_array(said)
}

list(thing, name) := [said] if {
	said := value(thing, name)
	not is_array(said)
}
