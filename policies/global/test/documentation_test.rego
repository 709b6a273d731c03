package mesh.global.test.documentation

import data.mesh.global.policy.documentation
import data.mesh.global.test.example

test_described if {
	count(documentation.deny) == 0 with input as example.publish
}

test_no_description if {
	example.codes(documentation.deny) == {"description_missing"}
		with input as example.publish_without("/product/description")
}

test_the_name_again if {
	says("The dataset contains information about orders.") == {"description_says_little"}
}

test_a_placeholder if {
	says("TODO: one row per order of the web shop, corrected nightly") == {"description_placeholder"}
}

test_a_phrase_that_holds_the_place if {
	says("No description provided") == {"description_placeholder", "description_says_little"}
}

test_a_domain_may_ask_for_more if {
	asked := example.publish_with("/parameters/description_words_min", 50)
	example.codes(documentation.deny) == {"description_says_little"} with input as asked
}

says(text) := codes if {
	codes := example.codes(documentation.deny)
		with input as example.publish_with("/product/description/purpose", text)
}
