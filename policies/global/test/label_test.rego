package mesh.global.test.label

import data.mesh.global.lib.label

test_by_name if {
	label.port({"name": "stream"}, 0) == "output port `stream`"
	label.contract({"id": "orders_v1"}, 0) == "contract `orders_v1`"
	label.table({"name": "orders"}, 0) == "table `orders`"
}

test_by_position if {
	label.port({}, 0) == "output port 1"
	label.contract({}, 1) == "contract 2"
	label.table({}, 2) == "table 3"
}

test_a_list if {
	label.list(["eu", "uk"]) == "eu, uk"
	label.list([]) == ""
}
