# METADATA
# title: masked_reading
# description: Analysts read, and personal data is masked for those without the clearance.
# scope: package
# custom:
#   applies_to: [access]
#   controls: []
package mesh.sales.policy.masked_reading

permit if "analyst" in input.subject.registered.roles

obligations contains {"type": "mask_column", "properties": {"table": table.name, "column": column.name, "method": "redact"}} if {
	some contract in input.contracts
	some table in contract.schema
	some column in table.properties
	column.classification in {"pii", "restricted"}
	not "pii" in input.subject.registered.clearances
}
