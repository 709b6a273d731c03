package mesh.global.test.contract_for_each_port

import data.mesh.global.policy.contract_for_each_port
import data.mesh.global.test.example

test_every_port_has_its_contract if {
	count(contract_for_each_port.deny) == 0 with input as example.publish
}

test_a_port_without_contract if {
	bare := example.publish_with("/product/outputPorts/-", {"name": "stream"})
	contract_for_each_port.deny == {{
		"message": "output port `stream` has no contract",
		"path": "/product/outputPorts/1/contractId",
		"code": "contract_missing",
	}} with input as bare
}

test_a_contract_that_does_not_come_along if {
	example.codes(contract_for_each_port.deny) == {"contract_unknown"}
		with input as example.publish_with("/contracts", [])
}
