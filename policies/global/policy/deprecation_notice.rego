# METADATA
# scope: package
# title: Notice of deprecation
# description: A product leaves the mesh after notice, and says when, and what comes in its place.
# custom:
#   applies_to: [publish]
#   controls:
#     - ISO/IEC 27001:2022 A.8.32
#     - DAMA-DMBOK2 ch. 3 (data governance)
#   remedy: Deprecate with the custom properties `sunset_at` (RFC 3339) and `replaced_by`; retire after the sunset.
#   owner: council
package mesh.global.policy.deprecation_notice

import data.mesh.global.lib.property

requires contains "/parameters/deprecation_notice_days_min"

deny contains {
	"message": sprintf("the sunset does not leave those who use the product %d days", [
		input.parameters.deprecation_notice_days_min,
	]),
	"path": "/product/customProperties",
	"code": "notice_too_short",
} if {
	input.action.name == "deprecate"
	not notice_is_long_enough
}

deny contains {
	"message": "the product does not say what replaces it",
	"path": "/product/customProperties",
	"code": "replacement_missing",
	"remedy": "set the custom property `replaced_by` to the id of a product, or to `none`",
} if {
	input.action.name == "deprecate"
	not property.value(input.product, "replaced_by")
}

deny contains {
	"message": "the product may be retired only after the sunset that was announced",
	"path": "/product/status",
	"code": "sunset_not_reached",
} if {
	input.action.name == "retire"
	not sunset_has_passed
}

notice_is_long_enough if {
	days := input.parameters.deprecation_notice_days_min
	sunset(input.product) >= time.add_date(notice_given, 0, 0, days)
}

# Notice counts from when it was first registered, otherwise from now.
notice_given := time.parse_rfc3339_ns(registered_notice)

notice_given := time.now_ns() if not registered_notice

registered_notice := property.value(input.previous.product, "deprecated_at")

# What was announced is what is registered; the request cannot bring it forward.
sunset_has_passed if sunset(input.previous.product) <= time.now_ns()

sunset(product) := time.parse_rfc3339_ns(property.value(product, "sunset_at"))
