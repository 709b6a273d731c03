# METADATA
# scope: package
# title: The minimum necessary
# description: Each role sees the categories of columns that its work needs, and no other column.
# custom:
#   applies_to: [access]
#   controls:
#     - HIPAA 45 CFR 164.502(b) (minimum necessary)
#     - GDPR 5(1)(c)
#   remedy: Ask the stewards of healthcare to give your role the category that your work needs.
#   owner: stewards of healthcare
package mesh.healthcare.policy.minimum_necessary

import data.mesh.global.lib.access
import data.mesh.global.lib.columns
import data.mesh.global.lib.label
import data.mesh.healthcare.data.categories

obligations contains {"type": "allow_columns", "properties": {"table": table, "columns": names}} if {
	access.touches_data
	some table in {item.table | some item in columns.all}
	names := [item.name | some item in needed; item.table == table]
}

deny contains {
	"message": sprintf("no role of `%s` needs a column of `%s`: %s", [
		input.subject.id,
		input.resource.id,
		label.list(object.get(input.subject, ["registered", "roles"], [])),
	]),
	"path": "/subject/registered/roles",
	"code": "nothing_needed",
} if {
	access.touches_data
	count(columns.all) > 0
	count(needed) == 0
}

# The columns that one of the subject's roles needs.
needed := [item | some item in columns.all; is_needed(item.column)]

is_needed(column) if {
	some tag in column.tags
	tag in needed_categories
}

needed_categories := {category |
	some role in input.subject.registered.roles
	some category in categories.by_role[role]
}
