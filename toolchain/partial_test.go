package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

func residualOf(t *testing.T, rules, input string, unknowns ...string) []RuleResidual {
	t.Helper()
	request := toLint("partial", lintPolicy(rules))
	request.Kind, request.Input, request.Unknowns = "access", json.RawMessage(input), unknowns
	have := ask[Partial](t, request)
	if len(have.Errors) > 0 || len(have.Policies) != 1 || have.Policies[0].Name != "p" {
		t.Fatalf("got %+v", have)
	}
	return have.Policies[0].Rules
}

const knownInputText = `{"kind": "access", "now": "2026-06-01T12:00:00Z", "action": {"name": "read"}, "context": {"region": "eu", "number": 12345678901234567890}}`

func TestPartialConditions(t *testing.T) {
	value := func(text string) json.RawMessage { return json.RawMessage(text) }
	cases := []struct {
		name, condition string
		want            []Condition
	}{
		{"equal", `input.product.name == "a"`, []Condition{{`input.product.name == "a"`, "input.product.name", "==", value(`"a"`), false}}},
		{"turned round", `"a" == input.product.name`, []Condition{{`input.product.name == "a"`, "input.product.name", "==", value(`"a"`), false}}},
		{"different", `input.product.name != "a"`, []Condition{{`input.product.name != "a"`, "input.product.name", "!=", value(`"a"`), false}}},
		{"less, turned round", `3 > input.product.size`, []Condition{{`input.product.size < 3`, "input.product.size", "<", value(`3`), false}}},
		{"a number with every digit", `input.product.size >= input.context.number`, []Condition{{`input.product.size >= 12345678901234567890`, "input.product.size", ">=", value(`12345678901234567890`), false}}},
		{"one of a list", `input.product.name in {"b", "a"}`, []Condition{{`input.product.name in {"a", "b"}`, "input.product.name", "in", value(`["a","b"]`), false}}},
		{"some element", `"a" in input.product.tags`, []Condition{{Text: `"a" in input.product.tags`}}},
		{"some element, iterated", `input.product.tags[_] == "a"`, []Condition{{`input.product.tags[_] == "a"`, "input.product.tags[_]", "==", value(`"a"`), false}}},
		{"negated", `not input.product.name == "a"`, []Condition{{`not input.product.name == "a"`, "input.product.name", "==", value(`"a"`), true}}},
		{"negated, one of a list", `not input.product.name in ["a"]`, []Condition{{`not input.product.name in ["a"]`, "input.product.name", "in", value(`["a"]`), true}}},
		{"there", `input.product.name`, []Condition{{Text: `input.product.name`}}},
		{"not there", `not input.product.name`, []Condition{{Text: `not input.product.name`}}},
		{"a function", `startswith(input.product.name, "a")`, []Condition{{Text: `startswith(input.product.name, "a")`}}},
		{"of two references", `input.product.name == input.product.status`, []Condition{{Text: `input.product.name == input.product.status`}}},
		{"what is known and true is left out", "input.action.name == \"read\"\n\tinput.product.name == \"a\"", []Condition{{`input.product.name == "a"`, "input.product.name", "==", value(`"a"`), false}}},
		{"a negation of several", `not { input.product.name == "a"; input.product.size > 3 }`, []Condition{{Text: `not { input.product.name == "a"; input.product.size > 3 }`}}},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have := residualOf(t, "deny contains \"x\" if {\n\t"+each.condition+"\n}", knownInputText, "input.product")
			want := []RuleResidual{{Rule: "deny", Outcome: "conditional", Support: []string{},
				Alternatives: []Alternative{{Says: `"x"`, Value: value(`"x"`), Conditions: each.want}}}}
			if !reflect.DeepEqual(have, want) {
				t.Errorf("got %+v", have)
			}
		})
	}
}

func TestPartialOutcomes(t *testing.T) {
	cases := []struct{ name, rules, rule, outcome string }{
		{"always", `deny contains "x" if input.action.name == "read"`, "deny", "always"},
		{"always, and under a condition too", "deny contains \"x\" if input.action.name == \"read\"\n\ndeny contains \"y\" if input.product.name == \"a\"", "deny", "always"},
		{"never", `deny contains "x" if { input.action.name == "write"; input.product.name == "a" }`, "deny", "never"},
		{"under a condition", `permit if input.product.name == "a"`, "permit", "conditional"},
		{"never by default", "default permit := false\n\npermit if input.action.name == \"write\"", "permit", "never"},
		{"conditions beside a default", "default permit := false\n\npermit if input.product.name == \"a\"", "permit", "conditional"},
		{"the time of the input", `deny contains "x" if time.now_ns() == time.parse_rfc3339_ns("2026-06-01T12:00:00Z")`, "deny", "always"},
		{"what needs nothing of what is unknown", `obligations contains {"type": "expire", "properties": {"at": input.now}} if input.action.name == "read"`, "obligations", "always"},
		{"a message that can be written only if", `advice contains sprintf("%s", [input.product.name])`, "advice", "conditional"},
		{"a built-in that fails", `deny contains "x" if time.parse_rfc3339_ns(input.action.name) > 3`, "deny", "error"},
		{"a default of what is known beside what is unknown", `deny contains "x" if object.get(input, ["context", "region"], "") == "eu"`, "deny", "always"},
		{"a default of what is known to be missing", `deny contains "x" if object.get(input.context, "purpose", "none") == "none"`, "deny", "always"},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have := residualOf(t, strings.Replace(each.rules, "input.now", `"2026"`, 1), knownInputText, "input.product")
			if len(have) != 1 || have[0].Rule != each.rule || have[0].Outcome != each.outcome || (have[0].Error != nil) != (each.outcome == "error") {
				t.Errorf("got %+v", have)
			}
		})
	}
	t.Run("the conditions of a message", func(t *testing.T) {
		have := residualOf(t, `advice contains sprintf("%s", [input.product.name])`, knownInputText, "input.product")
		want := []Condition{{Text: "_ = input.product.name", Ref: "input.product.name", Operator: "defined"}}
		if alternatives := have[0].Alternatives; len(alternatives) != 1 || !reflect.DeepEqual(alternatives[0].Conditions, want) || alternatives[0].Value != nil {
			t.Errorf("got %+v", have)
		}
	})
	t.Run("only what the kind reads", func(t *testing.T) {
		request := toLint("partial", lintPolicy("permit if input.product.name == \"a\"\n\ndeny contains \"x\" if not input.product\n\nrequires contains \"/product\""))
		request.Kind, request.Input, request.Unknowns = "publish", json.RawMessage(knownInputText), []string{"input.product"}
		have := ask[Partial](t, request)
		if len(have.Policies) != 1 || len(have.Policies[0].Rules) != 1 || have.Policies[0].Rules[0].Rule != "deny" {
			t.Errorf("got %+v", have)
		}
		request.Kind = "consume"
		if have := ask[Partial](t, request); len(have.Errors) > 0 || len(have.Policies) != 0 {
			t.Errorf("got %+v", have)
		}
	})
}

func TestPartialRefusesWhatItCannotUnderstand(t *testing.T) {
	cases := []struct {
		name, kind, input string
		unknowns          []string
		message           string
	}{
		{"no unknowns", "access", knownInputText, nil, "nothing is unknown: name what is, such as `input.subject`"},
		{"no reference", "access", knownInputText, []string{"input."}, "`input.` is no reference into the input, such as `input.subject`"},
		{"a reference elsewhere", "access", knownInputText, []string{"data.mesh"}, "`data.mesh` is no reference into the input"},
		{"a variable reference", "access", knownInputText, []string{"input[x]"}, "`input[x]` is no reference into the input"},
		{"no kind", "read", knownInputText, []string{"input.product"}, "`read` is no kind"},
		{"no input", "access", "", []string{"input.product"}, "input: "},
		{"no time", "access", "{}", []string{"input.product"}, "`now` of the input"},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			request := toLint("partial", lintPolicy("permit if input.product.name == \"a\""))
			request.Kind, request.Input, request.Unknowns = each.kind, json.RawMessage(each.input), each.unknowns
			have := partial(&request)
			if len(have.Errors) != 1 || have.Errors[0].Code != "bad_request" || !strings.Contains(have.Errors[0].Message, each.message) {
				t.Errorf("got %+v", have)
			}
		})
	}
	t.Run("a bundle with faults", func(t *testing.T) {
		have := ask[Partial](t, toLint("partial", lintPolicy("permit if input.nothing")))
		if len(have.Errors) != 1 || have.Errors[0].Code != "rego_type_error" || have.Errors[0].Row != firstRow {
			t.Errorf("got %+v", have)
		}
	})
}

// What is left must say what the whole says: the conditions, held against any input that agrees with what is known,
// come out as the rule itself does.
func TestPartialAgreesWithTheWhole(t *testing.T) {
	unknowns := []struct {
		references []string
		// Another value for what is unknown, where little is there.
		lesser []string
	}{
		{[]string{"input.subject"}, []string{`{"op": "add", "path": "/subject", "value": {"type": "user", "id": "x", "properties": {}}}`}},
		{[]string{"input.context"}, []string{`{"op": "add", "path": "/context", "value": {}}`}},
		{[]string{"input.product"}, []string{`{"op": "add", "path": "/product", "value": {"name": "x", "outputPorts": [{}, {}]}}`}},
		{[]string{"input.contracts"}, []string{`{"op": "add", "path": "/contracts", "value": [{"schema": [{"properties": [{"name": "email"}, {"tags": ["pii"]}]}], "servers": [{}]}]}`}},
		{[]string{"input.context.purpose", "input.subject.registered.roles"}, []string{`{"op": "add", "path": "/context/purpose", "value": "marketing"}`, `{"op": "add", "path": "/subject/registered/roles", "value": []}`}},
	}
	compared := map[string]int{}
	for _, layer := range meshLayers {
		request := meshSource(t, layer)
		bundle, _ := checkBundle(&request)
		evaluator := newTextEvaluator(bundle)
		for _, name := range []string{"publish", "access"} {
			whole := evaluator.example(t, layer, name)
			if whole == nil {
				continue
			}
			for _, unknown := range unknowns {
				request.Kind, request.Unknowns = name, unknown.references
				request.Input, _ = json.Marshal(whole)
				left := partial(&request)
				if len(left.Errors) > 0 {
					t.Fatalf("%s: %+v", layer, left.Errors)
				}
				for _, input := range []any{whole, evaluator.patched(t, whole, unknown.lesser)} {
					evaluator.compare(t, layer+" "+name, left, input, compared)
				}
			}
		}
	}
	t.Logf("compared %v", compared)
	if compared["conditional"] < 200 || compared["never"] < 200 || compared["error"] > 0 {
		t.Errorf("too little was compared: %v", compared)
	}
}

// textEvaluator evaluates what stands in texts over a bundle, compiled once for each support.
type textEvaluator struct {
	bundle    *parsed
	compilers map[string]*ast.Compiler
}

func newTextEvaluator(bundle *parsed) textEvaluator {
	return textEvaluator{bundle, map[string]*ast.Compiler{}}
}

func (evaluator textEvaluator) compiler(t *testing.T, support []string) *ast.Compiler {
	t.Helper()
	key := strings.Join(support, "\n")
	if known := evaluator.compilers[key]; known != nil {
		return known
	}
	modules := evaluator.bundle.modules(true)
	for index, text := range support {
		modules[fmt.Sprintf("support%d.rego", index)] = ast.MustParseModuleWithOpts(text, ast.ParserOptions{RegoVersion: ast.RegoV1})
	}
	compiler := ast.NewCompiler()
	if compiler.Compile(modules); compiler.Failed() {
		t.Fatal(compiler.Errors)
	}
	evaluator.compilers[key] = compiler
	return compiler
}

func (evaluator textEvaluator) eval(t *testing.T, input any, query string, support []string) rego.ResultSet {
	t.Helper()
	results, err := rego.New(
		rego.ParsedQuery(ast.MustParseBodyWithOpts(query, ast.ParserOptions{RegoVersion: ast.RegoV1, AllFutureKeywords: true})),
		rego.Store(inmem.NewFromObject(evaluator.bundle.data)),
		rego.Input(input),
		rego.Compiler(evaluator.compiler(t, support)),
	).Eval(context.Background())
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return results
}

// example is what the tests of a layer build on; nil when it has none of the kind.
func (evaluator textEvaluator) example(t *testing.T, layer, name string) any {
	t.Helper()
	results := evaluator.eval(t, nil, fmt.Sprintf("data.%s.test.example.%s", packageOf(layer), name), nil)
	if len(results) == 0 {
		return nil
	}
	whole, _ := results[0].Expressions[0].Value.(map[string]any)
	if !slices.Contains(kinds, fmt.Sprint(whole["kind"])) {
		return nil
	}
	return whole
}

// patched is the input with other values; as it is where there is no place for them.
func (evaluator textEvaluator) patched(t *testing.T, whole any, patches []string) any {
	t.Helper()
	results := evaluator.eval(t, whole, "json.patch(input, ["+strings.Join(patches, ", ")+"])", nil)
	if len(results) == 0 {
		return whole
	}
	return results[0].Expressions[0].Value
}

func (evaluator textEvaluator) compare(t *testing.T, where string, left Partial, input any, compared map[string]int) {
	t.Helper()
	for _, policy := range left.Policies {
		for _, rule := range policy.Rules {
			compared[rule.Outcome]++
			want := false
			if results := evaluator.eval(t, input, fmt.Sprintf("data.%s.%s", policy.Package, rule.Rule), nil); len(results) > 0 {
				said, isSet := results[0].Expressions[0].Value.([]any)
				want = isSet && len(said) > 0 || results[0].Expressions[0].Value == true
			}
			have := slices.ContainsFunc(rule.Alternatives, func(alternative Alternative) bool {
				query := "true"
				for _, condition := range alternative.Conditions {
					query += "\n" + condition.Text
				}
				return len(evaluator.eval(t, input, query, rule.Support)) > 0
			})
			if have != want {
				t.Errorf("%s: %s.%s is %v as a whole, and %v by %+v", where, policy.Package, rule.Rule, want, have, rule)
			}
		}
	}
}
