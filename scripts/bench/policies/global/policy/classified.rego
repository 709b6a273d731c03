# METADATA
# title: classified
# description: Every column has a classification.
# scope: package
# custom:
#   applies_to: [access]
#   controls: []
package mesh.global.policy.classified

deny contains {"message": sprintf("column %s unclassified", [column.name])} if {
	some contract in input.contracts
	some table in contract.schema
	some column in table.properties
	not column.classification
}
