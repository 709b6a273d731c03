# METADATA
# scope: package
# title: Breaking change
# description: What others build on changes with a new major version, not under their feet.
# custom:
#   applies_to: [publish]
#   controls:
#     - ISO/IEC 27001:2022 A.8.32
#     - DAMA-DMBOK2 ch. 8 (data integration and interoperability)
#   remedy: Keep what is there, or raise the major version of the contract or of the product.
#   owner: council
package mesh.global.policy.breaking_change

import data.mesh.global.lib.columns
import data.mesh.global.lib.version

deny contains {
	"message": sprintf("contract `%s` no longer has the column `%s` of table `%s`", [
		column.contract,
		column.name,
		column.table,
	]),
	"path": "/contracts",
	"code": "column_removed",
} if {
	some column in (before.columns - now.columns)
	not major_raised(column.contract)
}

deny contains {
	"message": sprintf("contract `%s` changes the type of column `%s` of table `%s`, which was `%s`", [
		column.contract,
		column.name,
		column.table,
		type,
	]),
	"path": "/contracts",
	"code": "column_retyped",
} if {
	some [column, type] in (before.types - now.types)
	column in now.columns
	not major_raised(column.contract)
}

deny contains {
	"message": sprintf("contract `%s` makes the column `%s` of table `%s` required, which it was not", [
		column.contract,
		column.name,
		column.table,
	]),
	"path": "/contracts",
	"code": "column_required",
} if {
	some column in (now.required - before.required)
	column in before.columns
	not major_raised(column.contract)
}

# The contract, or the product as a whole, comes with a new major version.
major_raised(id) if {
	some old in input.previous.contracts
	some new in input.contracts
	old.id == id
	new.id == id
	version.raises_major(old.version, new.version)
}

major_raised(_) if version.raises_major(input.previous.product.version, input.product.version)

before := described(object.get(input, ["previous", "contracts"], []))

now := described(object.get(input, "contracts", []))

# What contracts say of their columns, as sets that can be compared.
described(contracts) := {
	"columns": {identity(contracts, item) | some item in items},
	"types": {[identity(contracts, item), type(item)] | some item in items},
	"required": {identity(contracts, item) | some item in items; item.column.required},
} if {
	items := columns.of(contracts)
}

identity(contracts, item) := {
	"contract": object.get(contracts[item.contract], "id", "unnamed"),
	"table": item.table,
	"name": item.name,
}

type(item) := object.get(item.column, "logicalType", "not stated")
