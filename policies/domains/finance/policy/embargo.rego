# METADATA
# scope: package
# title: Embargo
# description: Results are for insiders alone until the moment of their publication.
# custom:
#   applies_to: [access]
#   controls:
#     - MAR 14 (Regulation (EU) No 596/2014)
#     - MAR 18 (Regulation (EU) No 596/2014)
#   remedy: Wait until the embargo ends, or have finance enter you in the list of insiders.
#   owner: stewards of finance
package mesh.finance.policy.embargo

import data.mesh.global.lib.access
import data.mesh.global.lib.property

deny contains {
	"message": sprintf("the product `%s` is under embargo until %v", [input.resource.id, embargo_until]),
	"path": "/product/customProperties",
	"code": "under_embargo",
} if {
	access.touches_data
	embargo_until
	not has_ended
	not is_insider
}

embargo_until := property.value(input.product, "embargo_until")

has_ended if time.parse_rfc3339_ns(embargo_until) <= time.parse_rfc3339_ns(input.now)

is_insider if "insider" in input.subject.registered.roles
