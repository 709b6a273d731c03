# METADATA
# title: Columns
# description: Every column of every contract, nested ones too, and what each says about itself.
package mesh.global.lib.columns

import data.mesh.global.data.classifications
import data.mesh.global.lib.property

# The columns of the product's contracts. Each has the position of its `contract`, its `table`, its `name`
# (`address.street` when nested), where it stands in the input (`at`), and the `column` as the contract describes it.
all := array.concat(top_level, nested)

top_level := top_level_of(object.get(input, "contracts", []))

nested := nested_in(top_level)

# The columns of any contracts, such as those of the version before.
of(contracts) := array.concat(top, nested_in(top)) if top := top_level_of(contracts)

top_level_of(contracts) := [item |
	some c, contract in contracts
	some t, table in contract.schema
	some k, column in table.properties
	item := {
		"contract": c,
		"table": object.get(table, "name", "unnamed table"),
		"name": object.get(column, "name", "unnamed column"),
		"at": ["contracts", c, "schema", t, "properties", k],
		"column": column,
	}
]

nested_in(items) := [item | some parent in items; some item in children(parent)]

# The columns inside a column: members of an object, or of the objects in an array.
children(parent) := array.concat(members, elements) if {
	members := [item |
		some k, column in parent.column.properties
		item := child(parent, ["properties", k], column)
	]
	elements := [item |
		some k, column in parent.column.items.properties
		item := child(parent, ["items", "properties", k], column)
	]
}

child(parent, inside, column) := {
	"contract": parent.contract,
	"table": parent.table,
	"name": concat(".", [parent.name, object.get(column, "name", "unnamed column")]),
	"at": array.concat(parent.at, inside),
	"column": column,
}

# Where a column stands, as a JSON pointer. A function, since only a message needs it.
path(item) := concat("", [sprintf("/%v", [step]) | some step in item.at])

# Those that hold personal data.
personal := [item | some item in all; is_personal(item.column)]

# Those that are confidential, restricted or personal.
sensitive := [item | some item in all; is_sensitive(item.column)]

is_personal(column) if "pii" in column.tags

is_personal(column) if property.value(column, "pii") == true

is_sensitive(column) if is_personal(column)

is_sensitive(column) if not classification(column) in unprotected

# The classes that need no protection within the mesh.
unprotected := {name | some name, rank in classifications; rank <= classifications.internal}

# How much a column must be protected. One without a known class counts as the highest.
rank(column) := object.get(classifications, classification(column), classifications.restricted)

# A column's class; `restricted` when the contract gives none.
classification(column) := object.get(column, "classification", "restricted")
