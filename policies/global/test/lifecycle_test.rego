package mesh.global.test.lifecycle

import data.mesh.global.policy.lifecycle
import data.mesh.global.test.example

test_active if {
	count(lifecycle.deny) == 0 with input as example.access
	count(lifecycle.advice) == 0 with input as example.access
}

test_retired if {
	example.codes(lifecycle.deny) == {"product_retired"} with input as in_status("retired")
}

test_a_draft_is_not_for_others if {
	lifecycle.deny == {{
		"message": "the product is `draft` and for its own domain only",
		"path": "/product/status",
		"code": "product_not_open",
	}} with input as in_status("draft")
}

test_a_draft_is_for_its_own_domain if {
	own := json.patch(in_status("draft"), [{"op": "replace", "path": "/subject/registered/domain", "value": "sales"}])
	count(lifecycle.deny) == 0 with input as own
}

test_deprecated if {
	deprecated := json.patch(in_status("deprecated"), [
		{
			"op": "add",
			"path": "/product/customProperties/-",
			"value": {"property": "sunset_at", "value": "2026-12-31T00:00:00Z"},
		},
		{"op": "add", "path": "/product/customProperties/-", "value": {"property": "replaced_by", "value": "orders_2"}},
	])
	count(lifecycle.deny) == 0 with input as deprecated
	example.codes(lifecycle.advice) == {"product_deprecated", "product_ends", "product_replaced"}
		with input as deprecated
}

test_a_product_must_be_known if {
	"/product" in lifecycle.requires with input as example.access
}

test_other_resources_have_no_life if {
	dashboard := example.access_with("/resource/type", "dashboard")
	count(lifecycle.requires) == 0 with input as dashboard
}

in_status(status) := example.access_with("/product/status", status)
