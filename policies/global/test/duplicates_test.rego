package mesh.global.test.duplicates

import data.mesh.global.policy.duplicates
import data.mesh.global.test.example

test_nothing_twice if {
	count(duplicates.deny) == 0 with input as example.publish
}

test_a_port_twice if {
	port := {"name": "lake", "version": "1.0.0", "contractId": "orders_v1"}
	duplicates.deny == {{
		"message": "2 output ports offer version `1.0.0` of the contract `orders_v1`",
		"path": "/product/outputPorts",
		"code": "port_twice",
	}} with input as example.publish_with("/product/outputPorts/-", port)
}

test_two_versions_of_a_contract if {
	port := {"name": "warehouse_next", "version": "2.0.0", "contractId": "orders_v1"}
	count(duplicates.deny) == 0 with input as example.publish_with("/product/outputPorts/-", port)
}

test_a_port_name_twice if {
	port := {"name": "warehouse", "contractId": "orders_v2"}
	example.codes(duplicates.deny) == {"port_name_twice"}
		with input as example.publish_with("/product/outputPorts/-", port)
}

test_a_location_twice if {
	server := {"server": "copy", "location": "warehouse/orders"}
	example.codes(duplicates.deny) == {"location_twice"}
		with input as example.publish_with("/contracts/0/servers/-", server)
}

test_a_column_twice if {
	duplicates.deny == {{
		"message": "table `orders` has 2 columns with the name `margin`",
		"path": "/contracts/0",
		"code": "column_twice",
	}} with input as example.publish_with("/contracts/0/schema/0/properties/-", {"name": "margin"})
}
