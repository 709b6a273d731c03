# METADATA
# title: residency
# description: Data is processed where it may be.
# scope: package
# custom:
#   applies_to: [access]
#   controls: []
package mesh.global.policy.residency

deny contains {"message": "region"} if {
	some property in input.product.customProperties
	property.property == "region"
	not input.context.region in data.mesh.global.data.facts.residency[property.value]
}
