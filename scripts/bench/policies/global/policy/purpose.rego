# METADATA
# title: purpose
# description: The purpose is one of the permitted ones.
# scope: package
# custom:
#   applies_to: [access]
#   controls: []
package mesh.global.policy.purpose

deny contains {"message": "purpose not permitted"} if not input.context.purpose in data.mesh.global.data.facts.purposes
