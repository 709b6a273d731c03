# METADATA
# title: Labels
# description: Words for messages that name a thing which may have no name of its own.
package mesh.global.lib.label

port(port, _) := sprintf("output port `%s`", [port.name])

port(port, position) := sprintf("output port %d", [position + 1]) if not port.name

contract(contract, _) := sprintf("contract `%s`", [contract.id])

contract(contract, position) := sprintf("contract %d", [position + 1]) if not contract.id

table(table, _) := sprintf("table `%s`", [table.name])

table(table, position) := sprintf("table %d", [position + 1]) if not table.name

column(item) := sprintf("column `%s` of table `%s`", [item.name, item.table])

# `eu, uk`
list(values) := concat(", ", [sprintf("%v", [value]) | some value in values])
