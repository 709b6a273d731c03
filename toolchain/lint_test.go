package main

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
)

// What a policy of these tests may read: all of it may be missing but the kind, the action's name, and `level`.
const schemaToLint = `{
	"type": "object", "additionalProperties": false, "required": ["kind", "action", "context"],
	"properties": {
		"kind": {"type": "string", "enum": ["publish", "access", "consume"]},
		"action": {"type": "object", "additionalProperties": false, "required": ["name"], "properties": {"name": {"type": "string"}, "weight": {"type": "number"}}},
		"context": {"type": "object", "additionalProperties": true},
		"product": {
			"type": "object", "additionalProperties": false, "x-witan-missing": "nothing_to_judge",
			"properties": {
				"name": {"type": "string"}, "status": {"type": "string"}, "size": {"type": "number"},
				"tags": {"type": "array", "items": {"type": "string"}},
				"ports": {"type": "array", "items": {
					"type": "object", "additionalProperties": false, "required": ["level"],
					"properties": {"level": {"type": "string", "enum": ["low", "high"]}, "name": {"type": "string"}, "sizes": {"type": "array", "items": {"type": "number"}}}
				}}
			}
		}
	}
}`

const metadataToLint = `# METADATA
# title: Title
# description: Description.
# custom:
#   applies_to: [publish, access]
#   controls: [house rules]
#   remedy: Mend it.
#   owner: the council
package mesh.finance.policy.p
`

// Rules of a policy to lint start in row 11.
const firstRow = 11

func toLint(op string, files ...File) Request {
	return Request{Op: op, Layer: "finance", Files: files, Schema: json.RawMessage(schemaToLint)}
}

func lintPolicy(rules string) File {
	return File{"policy/p.rego", metadataToLint + "\n" + rules + "\n"}
}

// linted are the warnings about one policy, each with its row among the rules.
func linted(t *testing.T, rules string, more ...File) []Fault {
	t.Helper()
	have := ask[Linted](t, toLint("check", append(more, lintPolicy(rules))...))
	if len(have.Errors) > 0 {
		t.Fatalf("refused: %+v", have.Errors)
	}
	for index := range have.Warnings {
		have.Warnings[index].Row -= firstRow - 1
	}
	return have.Warnings
}

type lintCase struct {
	name, rules string
	// Every warning: its code, what its message contains, its row among the rules, its column.
	want []Fault
}

func runLintCases(t *testing.T, cases []lintCase, more ...File) {
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have := linted(t, each.rules, more...)
			same := slices.EqualFunc(have, each.want, func(have, want Fault) bool {
				return have.Code == want.Code && strings.Contains(have.Message, want.Message) && have.Row == want.Row && have.Column == want.Column && have.File == "policy/p.rego"
			})
			if !same {
				t.Errorf("got %+v", have)
			}
		})
	}
}

func TestLintTruth(t *testing.T) {
	never := func(message string, row, column int) []Fault {
		return []Fault{{Code: lintNeverTrue, Message: message, Row: row, Column: column}}
	}
	runLintCases(t, []lintCase{
		{"a constant", "deny contains \"x\" if {\n\tinput.action.name == \"a\"\n\tfalse\n}", never("`false` is never true", 3, 2)},
		{"a negated constant", "deny contains \"x\" if not true", never("`not true` is never true", 1, 22)},
		{"constants compared", "deny contains \"x\" if 1 == 2", never("`1 == 2` is never true", 1, 22)},
		{"constants that hold", "deny contains \"x\" if {\n\t1 < 2\n\t\"a\" in [\"a\"]\n}", nil},
		{"a constant looked for", "deny contains \"x\" if \"c\" in {\"a\", \"b\"}", never("", 1, 22)},
		{"false as a value", "permit := false", never("`permit` is false whatever the input", 1, 1)},
		{"false by default", "default permit := false\n\npermit if input.action.name == \"a\"", nil},
		{"false as one of two", "permit := true if {\n\tinput.action.name == \"a\"\n} else := false", nil},
		{"two equalities", "deny contains \"x\" if {\n\tinput.action.name == \"a\"\n\tinput.action.name == \"b\"\n}",
			never("`input.action.name == \"a\"` in row 12 excludes `input.action.name == \"b\"`", 3, 2)},
		{"two equalities, one turned round", "deny contains \"x\" if {\n\tinput.action.name == \"a\"\n\t\"b\" == input.action.name\n}", never("excludes", 3, 2)},
		{"an equality and its negation", "deny contains \"x\" if {\n\tinput.action.name == \"a\"\n\tnot input.action.name == \"a\"\n}", never("excludes", 3, 2)},
		{"an equality and a difference", "deny contains \"x\" if {\n\tinput.action.name != \"a\"\n\tinput.action.name == \"a\"\n}", never("excludes", 3, 2)},
		{"an equality outside of a list", "deny contains \"x\" if {\n\tinput.action.name in [\"a\", \"b\"]\n\tinput.action.name == \"c\"\n}", never("excludes", 3, 2)},
		{"an equality that is not in a list", "deny contains \"x\" if {\n\tnot input.action.name in {\"a\", \"b\"}\n\tinput.action.name == \"a\"\n}", never("excludes", 3, 2)},
		{"lists without a common member", "deny contains \"x\" if {\n\tinput.action.name in [\"a\", \"b\"]\n\tinput.action.name in [\"c\"]\n}", never("excludes", 3, 2)},
		{"bounds that cross", "deny contains \"x\" if {\n\tinput.product.size > 5\n\tinput.product.size < 5\n\tinput.product.size\n}", never("excludes", 3, 2)},
		{"bounds that touch", "deny contains \"x\" if {\n\tinput.product.size >= 5\n\tinput.product.size <= 5\n\tinput.product.size\n}", nil},
		{"elements of one iteration", "deny contains \"x\" if {\n\tsome tag in input.product.tags\n\ttag == \"a\"\n\ttag == \"b\"\n}", never("excludes", 4, 2)},
		{"elements of two iterations", "deny contains \"x\" if {\n\tinput.product.tags[_] == \"a\"\n\tinput.product.tags[_] == \"b\"\n}", nil},
		{"the same index", "deny contains \"x\" if {\n\tsome i\n\tinput.product.tags[i] == \"a\"\n\tinput.product.tags[i] == \"b\"\n}", never("excludes", 4, 2)},
		{"two alternatives", "deny contains \"x\" if input.action.name == \"a\"\n\ndeny contains \"y\" if input.action.name == \"b\"", nil},
		{"an `or`", "deny contains \"x\" if input.action.name == \"a\" or input.action.name == \"b\"", nil},
		{"an `and`", "deny contains \"x\" if input.action.name == \"a\" and input.action.name == \"b\"", never("excludes", 1, 51)},
		{"what is negated need not be true", "deny contains \"x\" if not { input.action.name == \"a\"; input.action.name == \"b\" }", nil},
		{"inside a comprehension", "deny contains \"x\" if count([t | some t in input.product.tags; t == \"a\"; t == \"b\"]) == 0", never("excludes", 1, 73)},
		{"inside `every`", "deny contains \"x\" if {\n\tinput.product.tags\n\tevery t in input.product.tags {\n\t\tt == \"a\"\n\t\tt == \"b\"\n\t}\n}", never("excludes", 5, 3)},
		{"under `with`, which changes what is read", "deny contains \"x\" if {\n\tinput.action.name == \"a\"\n\tinput.action.name == \"b\" with input as {\"action\": {\"name\": \"b\"}}\n}", nil},
		{"in a rule that others read", "deny contains \"x\" if closed\n\nclosed if {\n\tinput.action.name == \"a\"\n\tinput.action.name == \"b\"\n}", never("excludes", 5, 2)},
	})
}

func TestLintKindsAndValues(t *testing.T) {
	runLintCases(t, []lintCase{
		{"a kind that the policy is not asked about", "deny contains \"x\" if input.kind == \"consume\"",
			[]Fault{{Code: lintKindNotApplied, Message: "never true: the policy applies only to publish, access (", Row: 1, Column: 22}}},
		{"kinds that the policy is not asked about", "deny contains \"x\" if input.kind in {\"consume\"}", []Fault{{Code: lintKindNotApplied, Row: 1, Column: 22}}},
		{"a kind that it is asked about", "deny contains \"x\" if input.kind == \"publish\"", nil},
		{"one of two", "deny contains \"x\" if input.kind in {\"publish\", \"consume\"}", nil},
		{"any other kind", "deny contains \"x\" if input.kind != \"publish\"", nil},
		{"a kind that there is not", "deny contains \"x\" if input.kind == \"acces\"",
			[]Fault{{Code: lintEnumValue, Message: "`acces` is none of the values that `input.kind` may have: publish, access, consume; did you mean `access`?", Row: 1, Column: 22}}},
		{"a value outside, negated", "deny contains \"x\" if not input.kind == \"read\"",
			[]Fault{{Code: lintEnumValue, Message: "`read` is none of the values that `input.kind` may have: publish, access, consume", Row: 1, Column: 22}}},
		{"a value outside, of an element", "deny contains \"x\" if {\n\tsome port in input.product.ports\n\tport.level == \"hihg\"\n}",
			[]Fault{{Code: lintEnumValue, Message: "`input.product.ports[_].level` may have: low, high; did you mean `high`?", Row: 3, Column: 2}}},
		{"a value outside, in a list", "deny contains \"x\" if input.product.ports[_].level in [\"low\", \"middle\"]",
			[]Fault{{Code: lintEnumValue, Message: "`middle` is none", Row: 1, Column: 22}}},
		{"a value inside", "deny contains \"x\" if input.product.ports[_].level == \"high\"", nil},
	})
	t.Run("in a library, where every kind may come", func(t *testing.T) {
		library := File{"lib/l.rego", "package mesh.finance.lib.l\n\na if input.kind == \"consume\"\n\nb if input.kind == \"red\"\n"}
		have := ask[Linted](t, toLint("check", lintPolicy("deny contains \"x\" if data.mesh.finance.lib.l.a"), library)).Warnings
		if len(have) != 1 || have[0].Code != lintEnumValue || have[0].File != "lib/l.rego" || have[0].Row != 5 {
			t.Errorf("got %+v", have)
		}
	})
}

func TestLintMetadata(t *testing.T) {
	bare := "# METADATA\n# title: T\n# description: D.\n# custom:\n#   applies_to: [publish, access]\npackage mesh.finance.policy.p\n\n"
	cases := []struct {
		name, rules string
		codes       []string
	}{
		{"everything", "deny contains \"x\" if input.action.name == \"a\"\n", []string{lintControlsMissing, lintOwnerMissing, lintRemedyMissing}},
		{"no remedy is needed where nothing is denied", "advice contains \"x\" if input.action.name == \"a\"\n", []string{lintControlsMissing, lintOwnerMissing}},
		{"each denial brings its own", "deny contains {\"message\": \"x\", \"remedy\": \"mend it\"} if input.action.name == \"a\"\n", []string{lintControlsMissing, lintOwnerMissing}},
		{"one denial does not", "deny contains {\"message\": \"x\", \"remedy\": \"mend it\"} if input.action.name == \"a\"\n\ndeny contains {\"message\": \"y\"} if input.action.name == \"b\"\n",
			[]string{lintControlsMissing, lintOwnerMissing, lintRemedyMissing}},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have := ask[Linted](t, toLint("check", File{"policy/p.rego", bare + each.rules})).Warnings
			var codes []string
			for _, warning := range have {
				codes = append(codes, warning.Code)
				if warning.Row != 6 || warning.Column != 1 || warning.File != "policy/p.rego" {
					t.Errorf("%+v does not stand at the package", warning)
				}
			}
			if !slices.Equal(codes, each.codes) {
				t.Errorf("got %v", codes)
			}
		})
	}
}

func TestLintIsNotAskedOfABundleWithFaults(t *testing.T) {
	have := ask[Linted](t, toLint("check", lintPolicy("deny contains \"x\" if {\n\tfalse\n\tinput.nothing\n}")))
	if len(have.Errors) != 1 || len(have.Warnings) != 0 {
		t.Errorf("got %+v", have)
	}
}

// What a code means is told in one place, and every code is.
func TestEveryLintIsExplained(t *testing.T) {
	text, err := os.ReadFile("../docs/lint.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range slices.Concat(lintsOfCheck, lintsOfTest, []string{lintSilenceUnused, lintSilenceWithoutReason}) {
		if !strings.Contains(string(text), "\n## `"+code+"`\n") {
			t.Errorf("docs/lint.md has no section on %s", code)
		}
	}
}
