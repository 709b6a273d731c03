# METADATA
# scope: package
# title: Support channel
# description: Who uses a product knows where to ask.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 6 (data storage and operations)
#   remedy: Add a `support` entry with a channel or an address that the team reads.
#   owner: council
package mesh.global.policy.support_channel

deny contains {
	"message": "the product does not say where to ask for help",
	"path": "/product/support",
	"code": "support_missing",
} if {
	not has_channel
}

has_channel if {
	some support in input.product.support
	support.channel
}

has_channel if {
	some support in input.product.support
	support.url
}
