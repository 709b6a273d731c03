package mesh.sales.test.access_grants

import data.mesh.sales.policy.access_grants
import data.mesh.sales.test.example

test_own_people_do_what_their_role_may if {
	access_grants.permit with input as example.access
}

test_own_people_do_nothing_else if {
	not access_grants.permit with input as example.access_with("/action/name", "download")
}

test_everyone_reads_descriptions if {
	described := json.patch(stranger, [{"op": "replace", "path": "/action/name", "value": "describe"}])
	access_grants.permit with input as described
}

test_another_domain_reads_under_an_agreement if {
	access_grants.permit with input as under("sales.customers.v2")
}

test_another_domain_reads_nothing_without_one if {
	not access_grants.permit with input as stranger
	not access_grants.permit with input as under("sales.price_lists.v1")
}

test_another_domain_does_not_download if {
	downloaded := json.patch(under("sales.customers.v2"), [{"op": "replace", "path": "/action/name", "value": "download"}])
	not access_grants.permit with input as downloaded
}

stranger := example.access_with("/subject/registered", {"domain": "marketing", "roles": ["analyst"]})

under(contract) := json.patch(stranger, [{"op": "add", "path": "/context/contract", "value": contract}])
