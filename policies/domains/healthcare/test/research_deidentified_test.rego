package mesh.healthcare.test.research_deidentified

import data.mesh.healthcare.policy.research_deidentified
import data.mesh.healthcare.test.example

test_research_sees_no_identities if {
	research_deidentified.obligations == {
		mask("full_name", "null"),
		mask("birth_date", "generalize"),
	} with input as example.research
}

test_treatment_needs_identities if {
	count(research_deidentified.obligations) == 0 with input as example.access
}

mask(column, method) := {
	"type": "mask_column",
	"properties": {"table": "patients", "column": column, "method": method},
}
