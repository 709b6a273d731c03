# METADATA
# scope: package
# title: Amounts have a currency
# description: A table that holds an amount of money says in the column `currency_code` of which currency.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 10 (reference and master data)
#   remedy: Add the column `currency_code` (ISO 4217) to the table.
#   owner: stewards of sales
package mesh.sales.policy.amounts_have_currency

import data.mesh.global.lib.columns
import data.mesh.global.lib.label

deny contains {
	"message": sprintf("%s is an amount, and the table has no `currency_code`", [label.column(item)]),
	"path": columns.path(item),
	"code": "currency_missing",
} if {
	some item in columns.all
	endswith(item.name, "_amount")
	not item.table in tables_with_currency
}

tables_with_currency := {item.table | some item in columns.all; item.name == "currency_code"}
