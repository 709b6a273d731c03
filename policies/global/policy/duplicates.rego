# METADATA
# scope: package
# title: No duplicates
# description: One thing stands in one place; no port, server or column comes twice.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 12 (metadata management)
#     - ISO/IEC 27001:2022 A.5.9
#   remedy: Remove one of the two, or give each a contract, a location or a name of its own.
#   owner: council
package mesh.global.policy.duplicates

import data.mesh.global.lib.columns

deny contains {
	"message": sprintf("%d output ports offer version `%s` of the contract `%s`", [count(positions), version, contract]),
	"path": "/product/outputPorts",
	"code": "port_twice",
} if {
	some [contract, version], positions in ports
	count(positions) > 1
}

deny contains {
	"message": sprintf("%d output ports have the name `%s`", [count(positions), name]),
	"path": "/product/outputPorts",
	"code": "port_name_twice",
} if {
	some name, positions in port_names
	count(positions) > 1
}

deny contains {
	"message": sprintf("%d servers have the location `%s`", [count(positions), location]),
	"path": "/contracts",
	"code": "location_twice",
} if {
	some location, positions in locations
	count(positions) > 1
}

deny contains {
	"message": sprintf("table `%s` has %d columns with the name `%s`", [table, count(places), name]),
	"path": sprintf("/contracts/%d", [contract]),
	"code": "column_twice",
} if {
	some [contract, table, name], places in column_names
	count(places) > 1
}

ports[[port.contractId, object.get(port, "version", "unstated")]] contains position if {
	some position, port in input.product.outputPorts
}

port_names[port.name] contains position if some position, port in input.product.outputPorts

locations[server.location] contains [c, s] if {
	some c, contract in input.contracts
	some s, server in contract.servers
}

column_names[[item.contract, item.table, item.name]] contains item.at if some item in columns.all
