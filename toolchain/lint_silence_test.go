package main

import (
	"strings"
	"testing"
)

func TestLintSilence(t *testing.T) {
	silent := func(path string, row, column int) []Fault {
		return []Fault{{Code: lintDenySilent, Message: "`" + path + "` may be missing, and the denial is then not made", Row: row, Column: column}}
	}
	unwritten := func(path string, row, column int) []Fault {
		return []Fault{{Code: lintDenySilent, Message: "`" + path + "` may be missing, and the message is then not written", Row: row, Column: column}}
	}
	library := File{"lib/l.rego", "package mesh.finance.lib.l\n\nabroad if input.context.region != \"eu\"\n\nregions contains input.context.region\n\nall := [port | some port in input.product.ports]\n"}
	imported := "import data.mesh.finance.lib.l\n\n"
	runLintCases(t, []lintCase{
		{"a difference", "deny contains \"x\" if input.context.region != \"eu\"", silent("input.context.region", 1, 22)},
		{"an equality", "deny contains \"x\" if input.context.purpose == \"training\"", silent("input.context.purpose", 1, 22)},
		{"an order", "deny contains \"x\" if input.product.size > 5", silent("input.product.size", 1, 22)},
		{"an argument of a function", "deny contains \"x\" if startswith(lower(input.context.region), \"us\")", silent("input.context.region", 1, 39)},
		{"a look-up", "deny contains \"x\" if {\"us\": true}[input.context.region]", silent("input.context.region", 1, 35)},
		{"one of a list", "deny contains \"x\" if input.context.region in {\"us\", \"cn\"}", silent("input.context.region", 1, 22)},
		{"the part that may be missing is named", "deny contains \"x\" if input.context.place.region != \"eu\"", silent("input.context.place.region", 1, 22)},
		{"a name that needs quotes", "deny contains \"x\" if input.context[\"a-b\"] != \"eu\"", silent("input.context[\"a-b\"]", 1, 22)},
		{"what is required is there", "deny contains \"x\" if input.action.name != \"a\"", nil},
		{"a member that may be missing of one that is there", "deny contains \"x\" if input.action.weight > 3", silent("input.action.weight", 1, 22)},

		{"a negation hears it", "deny contains \"x\" if not input.context.region == \"eu\"", nil},
		{"a negation of several", "deny contains \"x\" if not { input.context.region == \"eu\" }", nil},
		{"a negated function", "deny contains \"x\" if not startswith(input.context.region, \"eu\")", nil},
		{"an assignment before the negation does not", "deny contains \"x\" if {\n\tregion := input.context.region\n\tnot region == \"eu\"\n}", silent("input.context.region", 2, 12)},
		{"an assignment before a comprehension does not", "deny contains \"x\" if {\n\tregion := input.context.region\n\tcount([1 | region == \"us\"]) == 0\n}", silent("input.context.region", 2, 12)},
		{"an assignment", "deny contains \"x\" if {\n\tregion := input.context.region\n\tregion != \"eu\"\n}", silent("input.context.region", 2, 12)},
		{"a default", "deny contains \"x\" if object.get(input.context, \"region\", \"\") != \"eu\"", nil},
		{"a default of what may be missing itself", "deny contains \"x\" if object.get(input.context.place, \"region\", \"\") != \"eu\"", silent("input.context.place", 1, 33)},
		{"a default by path", "deny contains \"x\" if object.get(input, [\"context\", \"place\", \"region\"], \"\") != \"eu\"", nil},
		{"asked for in so many words", "deny contains \"x\" if {\n\tinput.context.region\n\tinput.context.region != \"eu\"\n}", nil},

		{"required", "requires contains \"/context/region\"\n\ndeny contains \"x\" if input.context.region != \"eu\"", nil},
		{"required under a condition", "requires contains \"/context/region\" if input.action.name == \"a\"\n\ndeny contains \"x\" if input.context.region != \"eu\"", nil},
		{"required below", "requires contains \"/context/place/region\"\n\ndeny contains \"x\" if input.context.place.region != \"eu\"", nil},
		{"something else required", "requires contains \"/context/purpose\"\n\ndeny contains \"x\" if input.context.region != \"eu\"", silent("input.context.region", 3, 22)},
		{"required with an escaped name", "requires contains \"/context/a~1b\"\n\ndeny contains \"x\" if input.context[\"a/b\"] != \"eu\"", nil},

		{"its absence is denied beside", "deny contains \"x\" if input.context.region != \"eu\"\n\ndeny contains \"y\" if not input.context.region", nil},
		{"its absence is denied by a negated rule", "deny contains \"x\" if input.context.region != \"eu\"\n\ndeny contains \"y\" if not has_region\n\nhas_region if input.context.region", nil},
		{"its absence is denied on condition that it is there", "deny contains \"x\" if input.context.region != \"eu\"\n\ndeny contains \"y\" if {\n\tinput.context.region > \"a\"\n\tnot input.context.region == \"eu\"\n}",
			[]Fault{silent("input.context.region", 1, 22)[0], silent("input.context.region", 4, 2)[0]}},
		{"another absence is denied beside", "deny contains \"x\" if input.context.region != \"eu\"\n\ndeny contains \"y\" if not input.context.purpose", silent("input.context.region", 1, 22)},
		{"a negated rule with two ways, of which one is left", "deny contains \"x\" if input.context.region != \"eu\"\n\ndeny contains \"y\" if not placed\n\nplaced if input.context.region\n\nplaced if input.context.home", silent("input.context.region", 1, 22)},
		{"a negated rule with two ways, which both need it", "deny contains \"x\" if input.context.region != \"eu\"\n\ndeny contains \"y\" if not placed\n\nplaced if input.context.region == \"eu\"\n\nplaced if input.context.region == \"uk\"", nil},

		{"by way of a rule", "deny contains \"x\" if abroad\n\nabroad if input.context.region != \"eu\"", silent("input.context.region", 3, 11)},
		{"by way of a negated rule", "deny contains \"x\" if not at_home\n\nat_home if input.context.region == \"eu\"", nil},
		{"by way of a rule with a default", "deny contains \"x\" if abroad\n\ndefault abroad := true\n\nabroad := false if input.context.region == \"eu\"", nil},
		{"by way of a library, at the place that leads there", imported + "deny contains \"x\" if l.abroad", silent("input.context.region", 3, 22)},
		{"by way of a set that is looked through", imported + "deny contains \"x\" if {\n\tsome region in l.regions\n\tregion != \"eu\"\n}", silent("input.context.region", 4, 17)},
		{"a set is never undefined", imported + "deny contains \"x\" if count(l.regions) == 0", nil},

		{"no elements, nothing to judge", "deny contains \"x\" if {\n\tsome port in input.product.ports\n\tnot port.name\n}", nil},
		{"an element that is looked for", "deny contains \"x\" if \"secret\" in input.product.tags", nil},
		{"an element with a certain value", "deny contains \"x\" if {\n\tsome port in input.product.ports\n\tport.name == \"a\"\n}", nil},
		{"an element whose value counts", "deny contains \"x\" if {\n\tsome port in input.product.ports\n\tport.name != \"a\"\n}", silent("input.product.ports[_].name", 3, 2)},
		{"an element's member that is required", "deny contains \"x\" if {\n\tsome port in input.product.ports\n\tport.level != \"high\"\n}", nil},
		{"too many", "deny contains \"x\" if count(input.product.tags) > 5", nil},
		{"too few", "deny contains \"x\" if count(input.product.tags) < 5", silent("input.product.tags", 1, 28)},
		{"nothing is true of each of what is not there", "deny contains \"x\" if every tag in input.product.tags { tag != \"a\" }", silent("input.product.tags", 1, 35)},
		{"inside a comprehension", "deny contains \"x\" if count([tag | some tag in input.product.tags; tag != input.context.tag]) == 0", nil},
		{"what the schema says does not matter", "deny contains \"x\" if object.get(input.product, \"name\", \"\") == \"\"", nil},

		{"a message", "deny contains sprintf(\"not for %s\", [input.context.purpose]) if not input.action.name == \"a\"", unwritten("input.context.purpose", 1, 38)},
		{"a message about what is denied to be missing", "deny contains sprintf(\"not for %s\", [input.context.purpose]) if not input.context.purpose in {\"a\"}", unwritten("input.context.purpose", 1, 38)},
		{"a message about what was compared before", "requires contains \"/context/purpose\"\n\ndeny contains sprintf(\"not for %s\", [input.context.purpose]) if input.context.purpose != \"a\"", nil},
		{"a message with a default", "deny contains sprintf(\"not for %s\", [object.get(input.context, \"purpose\", \"nothing\")]) if not input.action.name == \"a\"", nil},
		{"once for each denial and place", "deny contains \"x\" if {\n\tinput.context.region != \"eu\"\n\tinput.context.region != \"uk\"\n}", silent("input.context.region", 2, 2)},

		{"other rules than deny", "permit if input.context.purpose == \"a\"\n\nadvice contains \"x\" if input.context.region != \"eu\"", nil},
	}, library)
}

func TestLintSilenceTellsTheRemedy(t *testing.T) {
	have := linted(t, "deny contains \"x\" if input.context[\"a/b\"] != \"eu\"\n\ndeny contains \"y\" if input.product.ports[_].name != \"a\"")
	if want := "say `requires contains \"/context/a~1b\"`, deny its absence with `not`, or read it with `object.get`"; !strings.Contains(have[0].Message, want) {
		t.Errorf("got %+v", have[0])
	}
	if strings.Contains(have[1].Message, "requires") {
		t.Errorf("got %+v", have[1])
	}
}
