# METADATA
# scope: package
# title: Documentation
# description: The description tells a stranger what the data is, and not its name once more.
# custom:
#   applies_to: [publish]
#   controls:
#     - DAMA-DMBOK2 ch. 12 (metadata management)
#     - ISO/IEC 27001:2022 A.5.9
#   remedy: Write what one row is, where the data comes from and what it is good for.
#   owner: council
package mesh.global.policy.documentation

import data.mesh.global.data.wording

requires contains "/parameters/description_words_min"

deny contains {
	"message": "the product has no description",
	"path": "/product/description/purpose",
	"code": "description_missing",
} if {
	not input.product.description.purpose
}

deny contains {
	"message": sprintf("the description holds the placeholder `%s`", [placeholder]),
	"path": "/product/description/purpose",
	"code": "description_placeholder",
} if {
	some placeholder in placeholders
}

deny contains {
	"message": sprintf(
		"the description says little: %d words beside the name and common words, where at least %d are needed",
		[count(own_words), input.parameters.description_words_min],
	),
	"path": "/product/description/purpose",
	"code": "description_says_little",
} if {
	count(own_words) < input.parameters.description_words_min
}

placeholders contains word if {
	some word in words(input.product.description.purpose)
	word in wording.placeholder_words
}

placeholders contains phrase if {
	some phrase in wording.placeholder_phrases
	contains(lower(input.product.description.purpose), phrase)
}

# What the description says that the name does not.
own_words := (words(input.product.description.purpose) - words(object.get(input.product, "name", ""))) - filler

filler := {word | some word in wording.filler}

words(text) := {word |
	some part in split(lower(text), " ")
	word := trim(part, " .,:;!?()\"'\n\t")
	word != ""
}
