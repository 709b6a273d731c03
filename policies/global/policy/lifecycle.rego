# METADATA
# scope: package
# title: Life of a product
# description: A retired product is closed, an unfinished one is for its own domain, and a deprecated one says goodbye.
# custom:
#   applies_to: [access]
#   controls:
#     - ISO/IEC 27001:2022 A.5.9
#     - DAMA-DMBOK2 ch. 3 (data governance)
#   remedy: Use a product that is active, or the one that replaces this.
#   owner: council
package mesh.global.policy.lifecycle

import data.mesh.global.data.statuses
import data.mesh.global.lib.access
import data.mesh.global.lib.property

# A product of which nothing is known cannot be judged.
requires contains "/product" if input.resource.type == "data_product"

deny contains {
	"message": "the product is retired",
	"path": "/product/status",
	"code": "product_retired",
} if {
	access.touches_data
	status == "retired"
}

deny contains {
	"message": sprintf("the product is `%s` and for its own domain only", [status]),
	"path": "/product/status",
	"code": "product_not_open",
} if {
	access.touches_data
	status != "retired"
	not status in statuses.open_to_others
	not access.same_domain
}

advice contains {
	"message": "the product is deprecated",
	"path": "/product/status",
	"code": "product_deprecated",
} if {
	status == "deprecated"
}

advice contains {
	"message": sprintf("the product ends at %v", [sunset]),
	"path": "/product/status",
	"code": "product_ends",
} if {
	status == "deprecated"
	sunset := property.value(input.product, "sunset_at")
}

advice contains {
	"message": sprintf("use the product `%v` in its place", [replacement]),
	"path": "/product/status",
	"code": "product_replaced",
} if {
	status == "deprecated"
	replacement := property.value(input.product, "replaced_by")
	replacement != "none"
}

status := object.get(input.product, "status", "without status")
