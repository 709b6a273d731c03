# METADATA
# scope: package
# title: Consent
# description: For a purpose that needs consent, only the rows of people who gave it are used.
# custom:
#   applies_to: [access]
#   controls:
#     - GDPR 6(1)(a)
#     - GDPR 7(1)
#   remedy: Add the consent column to the table, or use the data for a purpose that needs no consent.
#   owner: council
package mesh.global.policy.consent

import data.mesh.global.data.consent
import data.mesh.global.lib.access
import data.mesh.global.lib.columns

obligations contains {
	"type": "filter_rows",
	"properties": {"table": table, "column": consent_column, "operator": "eq", "value": true},
} if {
	some table in tables_with_consent
}

# witan: allow lint_deny_silent without a purpose there is no consent to ask for, and `purpose_limitation` requires one
deny contains {
	"message": sprintf("table `%s` does not record consent to `%s` in a column `%s`", [
		table,
		input.context.purpose,
		consent_column,
	]),
	"path": "/context/purpose",
	"code": "consent_not_recorded",
} if {
	some table in (personal_tables - tables_with_consent)
}

# The column that records consent to the purpose; undefined for a purpose that needs none.
consent_column := consent.columns[lower(input.context.purpose)] if access.touches_data

tables_with_consent := {item.table |
	name := consent_column
	some item in columns.all
	item.name == name
}

personal_tables := {item.table | consent_column; some item in columns.personal}
