package mesh.finance.test.access_grants

import data.mesh.finance.policy.access_grants
import data.mesh.finance.test.example

test_own_people_do_what_their_role_may if {
	access_grants.permit with input as example.access
	access_grants.permit with input as example.approval
}

test_own_people_do_nothing_else if {
	not access_grants.permit with input as example.with_value(example.access, "/action/name", "delete")
}

test_everyone_reads_descriptions if {
	access_grants.permit with input as example.with_value(stranger, "/action/name", "describe")
}

test_another_domain_reads_under_an_agreement if {
	access_grants.permit with input as example.with_value(stranger, "/context/contract", "finance.earnings.v1")
}

test_another_domain_reads_nothing_without_one if {
	not access_grants.permit with input as stranger
	not access_grants.permit with input as example.with_value(stranger, "/context/contract", "finance.journals.v1")
}

test_sub_domains_grant_themselves if {
	own := example.with_value(example.access, "/subject/registered/domain", "finance/risk")
	not access_grants.permit with input as example.with_value(own, "/domain", "finance/risk")
}

test_auditors_read_all_for_an_audit if {
	access_grants.permit with input as example.with_value(auditor, "/context/purpose", "audit")
	not access_grants.permit with input as auditor
}

stranger := example.with_value(example.access, "/subject/registered", {"domain": "sales", "roles": ["analyst"]})

auditor := json.patch(example.access, [
	{"op": "replace", "path": "/subject/registered/roles", "value": ["auditor"]},
	{"op": "replace", "path": "/domain", "value": "finance/risk"},
])
