package mesh.marketing.test.consent_based

import data.mesh.marketing.policy.consent_based
import data.mesh.marketing.test.example

test_a_purpose_to_which_people_consent if {
	count(consent_based.deny) == 0 with input as example.consume
}

test_another_purpose if {
	denied := consent_based.deny with input as analytics
	example.codes(denied) == {"purpose_without_consent"}
}

test_data_without_people if {
	count(consent_based.deny) == 0 with input as example.anonymous(analytics)
	count(consent_based.requires) == 0 with input as example.anonymous(analytics)
}

test_the_purpose_must_be_known if {
	consent_based.requires == {"/context/purpose"} with input as example.consume
}

analytics := example.with_value(example.consume, "/context/purpose", "analytics")
