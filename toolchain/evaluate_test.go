package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

const now = `"now": "2026-05-01T12:00:00Z"`

// about asks for an access with an input of these members, beside `now`.
func about(input string, files ...File) Request {
	request := finance("evaluate", files...)
	request.Schema = nil
	request.Kind = "access"
	request.Input = json.RawMessage("{" + now + ", " + input + "}")
	return request
}

func traced(t *testing.T, request Request) Evaluated {
	t.Helper()
	evaluated := ask[Evaluated](t, request)
	if len(evaluated.Errors) > 0 {
		t.Fatalf("refused: %+v", evaluated.Errors)
	}
	return evaluated
}

// inWords writes a definition as `<row> <name>: <outcome> <held>/<entered> <what it gave>`, and each of its lines as
// `<row> <outcome> <true>/<false> <values> <undefined>`.
func inWords(rule RuleTraced) []string {
	words := []string{fmt.Sprintf("%d %s: %s %d/%d%s", rule.Row, rule.Name, rule.Outcome, rule.TimesHeld, rule.TimesEntered, asText(rule.Gave))}
	for _, line := range rule.Lines {
		text := fmt.Sprintf("%s%d %s %d/%d%s", strings.Repeat(">", line.Depth), line.Row, line.Outcome, line.TimesTrue, line.TimesFalse, asText(line.Values))
		if len(line.Undefined) > 0 {
			text += " undefined " + strings.Join(line.Undefined, ", ")
		}
		words = append(words, text)
	}
	return words
}

func asText(value any) string {
	encoded, _ := json.Marshal(value)
	if text := string(encoded); text != "null" && text != "{}" {
		return " " + text
	}
	return ""
}

func TestEvaluateTellsWhatBecameOfEachLine(t *testing.T) {
	cases := []struct {
		name, rules, input string
		want               []string
	}{
		{"a reference that is undefined", "deny contains \"x\" if input.product.owner == \"me\"\n", `"product": {}`, []string{
			"7 deny: not_held 0/1", "7 undefined_or_false 0/1 undefined input.product.owner"}},
		{"no input for it at all", "deny contains \"x\" if input.product.owner == \"me\"\n", `"kind": "access"`, []string{
			"7 deny: not_held 0/1", "7 undefined_or_false 0/1 undefined input.product.owner"}},
		{"a comparison that is false, and what comes after it", "deny contains \"x\" if {\n\tinput.product.owner == \"me\"\n\tinput.product.name\n}\n", `"product": {"owner": "you"}`, []string{
			"7 deny: not_held 0/1", `8 undefined_or_false 0/1 {"input.product.owner":"you"}`, "9 not_reached 0/0"}},
		{"two references, one of them undefined", "deny contains \"x\" if input.product.owner == input.product.name\n", `"product": {"owner": "you"}`, []string{
			"7 deny: not_held 0/1", `7 undefined_or_false 0/1 {"input.product.owner":"you"} undefined input.product.name`}},
		{"all that holds", "deny contains input.product.owner if {\n\tname := input.product.owner\n\tname != \"me\"\n}\n", `"product": {"owner": "you"}`, []string{
			`7 deny: held 1/1 ["you"]`, `7 true 1/0 {"input.product.owner":"you"}`, `8 true 1/0 {"input.product.owner":"you","name":"you"}`, `9 true 1/0 {"name":"you"}`}},
		{"a negation", "deny contains \"x\" if {\n\tnot input.product.owner\n\tnot input.product.name\n}\n", `"product": {"name": "n"}`, []string{
			"7 deny: not_held 0/1", "8 true 1/0 undefined input.product.owner", `9 undefined_or_false 0/1 {"input.product.name":"n"}`}},
		{"a negation of a call inside a call", "deny contains \"x\" if not startswith(lower(input.product.owner), \"me\")\n", `"product": {"owner": "YOU"}`, []string{
			`7 deny: held 1/1 ["x"]`, `7 true 1/0 {"input.product.owner":"YOU","lower(input.product.owner)":"you"}`}},
		{"a negation with a body", "deny contains \"x\" if {\n\tnot {\n\t\tinput.product.owner == \"me\"\n\t\tinput.product.name\n\t}\n}\n", `"product": {"owner": "me"}`, []string{
			`7 deny: held 1/1 ["x"]`, "8 true 1/0", `>9 true 1/0 {"input.product.owner":"me"}`, ">10 undefined_or_false 0/1 undefined input.product.name"}},
		{"an iteration, and where it came furthest", "deny contains \"x\" if {\n\tsome tag in input.product.tags\n\tstartswith(tag, \"b\")\n\ttag == \"bc\"\n}\n", `"product": {"tags": ["a", "ba", "bb"]}`, []string{
			"7 deny: not_held 0/1",
			`8 true 3/0 {"input.product.tags":["a","ba","bb"],"tag":"ba"}`,
			`9 true 2/1 {"tag":"ba"}`,
			`10 undefined_or_false 0/2 {"tag":"ba"}`}},
		{"an iteration, and the solution that it has", "deny contains tag if {\n\tsome index, tag in input.product.tags\n\tstartswith(tag, \"b\")\n}\n", `"product": {"tags": ["a", "b"]}`, []string{
			`7 deny: held 1/1 ["b"]`,
			`8 true 2/0 {"index":1,"input.product.tags":["a","b"],"tag":"b"}`,
			`9 true 1/1 {"tag":"b"}`}},
		{"an iteration over nothing", "deny contains \"x\" if {\n\tsome k, v in input.product.tags\n\tk == v\n}\n", `"product": {}`, []string{
			"7 deny: not_held 0/1", "8 undefined_or_false 0/1 undefined input.product.tags", "9 not_reached 0/0"}},
		{"every", "deny contains \"x\" if {\n\tevery tag in input.product.tags {\n\t\ttag != \"b\"\n\t}\n}\n", `"product": {"tags": ["a", "b"]}`, []string{
			"7 deny: not_held 0/1", `8 undefined_or_false 0/1 {"input.product.tags":["a","b"]}`, `>9 true 1/1 {"tag":"a"}`}},
		{"every that holds", "deny contains \"x\" if {\n\tevery tag in input.product.tags {\n\t\ttag != \"b\"\n\t}\n}\n", `"product": {"tags": ["a", "c"]}`, []string{
			`7 deny: held 1/1 ["x"]`, `8 true 1/0 {"input.product.tags":["a","c"]}`, `>9 true 2/0 {"tag":"a"}`}},
		{"a comprehension", "deny contains \"x\" if {\n\tlong := [tag |\n\t\tsome tag in input.product.tags\n\t\tcount(tag) > 2\n\t]\n\tcount(long) > 1\n}\n", `"product": {"tags": ["a", "bcd"]}`, []string{
			"7 deny: not_held 0/1",
			`8 true 1/0 {"long":["bcd"]}`,
			`>9 true 2/0 {"input.product.tags":["a","bcd"],"tag":"bcd"}`,
			`>10 true 1/1 {"count(tag)":3,"tag":"bcd"}`,
			`12 undefined_or_false 0/1 {"count(long)":1,"long":["bcd"]}`}},
		{"the message of a denial that cannot be made", "deny contains sprintf(\"%v\", [input.product.owner]) if input.kind == \"access\"\n", `"kind": "access"`, []string{
			"7 deny: not_held 0/1", `7 undefined_or_false 0/1 undefined input.product.owner`, `7 true 1/0 {"input.kind":"access"}`}},
		{"a set that has the same member twice", "deny contains \"x\" if some tag in input.product.tags\n", `"product": {"tags": ["a", "b"]}`, []string{
			`7 deny: held 2/1 ["x"]`, `7 true 2/0 {"input.product.tags":["a","b"],"tag":"a"}`}},
		{"input replaced for one line", "deny contains \"x\" if {\n\tinput.product.owner == \"me\" with input.product.owner as \"me\"\n\tinput.product.owner == \"me\"\n}\n", `"product": {"owner": "you"}`, []string{
			"7 deny: not_held 0/1", `8 true 1/0 {"input.product.owner":"me"}`, `9 undefined_or_false 0/1 {"input.product.owner":"you"}`}},
		{"data replaced, so that it is not told what data stands for", "deny contains \"x\" if owners == {\"you\"} with data.mesh.finance.policy.p.owners as {\"me\"}\n\nowners := {\"you\"}\n", `"kind": "access"`, []string{
			"7 deny: not_held 0/1", "7 undefined_or_false 0/1", "9 owners: not_reached 0/0"}},
		{"a rule that is read", "deny contains \"x\" if owners == {\"me\"}\n\nowners contains input.product.owner\n", `"product": {"owner": "you"}`, []string{
			"7 deny: not_held 0/1", `7 undefined_or_false 0/1 {"owners":["you"]}`,
			`9 owners: held 1/1 ["you"]`, `9 true 1/0 {"input.product.owner":"you"}`}},
		{"a function, and the definition whose arguments do not fit", "deny contains \"x\" if f(input.kind, 3) == 4\n\nf(\"publish\", n) := n if n > 1\n\nf(\"access\", n) := n + 1 if n > 1\n", `"kind": "access"`, []string{
			`7 deny: held 1/1 ["x"]`, `7 true 1/0 {"f(input.kind, 3)":4,"input.kind":"access"}`,
			"9 f: not_held 0/1", "9 not_reached 0/0",
			"11 f: held 1/1 [4]", `11 true 1/0 {"n":3}`, `11 true 1/0 {"n":3}`}},
		{"else", "deny contains \"x\" if rank == 2\n\nrank := 1 if {\n\tinput.kind == \"publish\"\n} else := 2 if {\n\tinput.kind == \"access\"\n} else := 3\n", `"kind": "access"`, []string{
			`7 deny: held 1/1 ["x"]`, `7 true 1/0 {"rank":2}`,
			"9 rank: not_held 0/1", `10 undefined_or_false 0/1 {"input.kind":"access"}`,
			"11 rank: held 1/1 [2]", `12 true 1/0 {"input.kind":"access"}`,
			"13 rank: not_reached 0/0"}},
		{"a default", "deny contains \"x\" if rank == 2\n\ndefault rank := 2\n\nrank := 1 if input.kind == \"publish\"\n", `"kind": "access"`, []string{
			`7 deny: held 1/1 ["x"]`, `7 true 1/0 {"rank":2}`,
			"9 rank: held 1/1 [2]",
			"11 rank: not_held 0/1", `11 undefined_or_false 0/1 {"input.kind":"access"}`}},
		{"a part of an object", "deny contains \"x\" if ranks[input.kind] == 2\n\nranks[kind] := rank if some kind, rank in {\"access\": 2, \"publish\": 1}\n", `"kind": "access"`, []string{
			`7 deny: held 1/1 ["x"]`, `7 true 1/0 {"input.kind":"access","ranks[input.kind]":2}`,
			`9 ranks: held 1/1 [{"access":2}]`, `9 true 1/0 {"kind":"access","rank":2}`}},
		{"every definition is tried, although one holds and others cannot", "permit if input.kind == \"access\"\n\npermit if input.kind == \"publish\"\n", `"kind": "access"`, []string{
			"7 permit: held 1/1", `7 true 1/0 {"input.kind":"access"}`,
			"9 permit: not_held 0/1", `9 undefined_or_false 0/1 {"input.kind":"access"}`}},
		{"a helper that nothing reads now", "deny contains \"x\" if {\n\tinput.kind == \"publish\"\n\thelper\n}\n\nhelper if input.kind\n", `"kind": "access"`, []string{
			"7 deny: not_held 0/1", `8 undefined_or_false 0/1 {"input.kind":"access"}`, "9 not_reached 0/0",
			"12 helper: not_reached 0/0", "12 not_reached 0/0"}},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			evaluated := traced(t, about(each.input, policy("p", each.rules)))
			have := []string{}
			for _, rule := range evaluated.Policies[0].Rules {
				have = append(have, inWords(rule)...)
			}
			if !slices.Equal(have, each.want) {
				t.Errorf("have\n\t%s\nwant\n\t%s", strings.Join(have, "\n\t"), strings.Join(each.want, "\n\t"))
			}
		})
	}
}

func TestEvaluateShowsLinesAsTheyAreWritten(t *testing.T) {
	rules := "deny contains {\n\t\"message\": sprintf(\"no %s\", [tag]),\n} if {\n\t# why\n\tsome tag in input.product.tags\n\tevery other in input.product.tags {\n\t\tother\n\t}\n" +
		"\tlong := [one |\n\t\tsome one in [tag]\n\t\tone == \"b\"\n\t]\n\tcount(long) == 1 # or more\n\tl.known(tag)\n}\n"
	library := File{Path: "lib/l.rego", Text: "package mesh.finance.lib.l\n\nknown(tag) if tag == \"b\"\n"}
	rules = "import data.mesh.finance.lib.l\n\n" + rules
	result := traced(t, about(`"product": {"tags": ["a", "b"]}`, policy("p", rules), library)).Policies[0]
	if result.Name != "p" || result.Package != "mesh.finance.policy.p" || result.File != "policy/p.rego" || result.Row != 6 {
		t.Errorf("have %+v", result)
	}
	deny := result.Rules[0]
	if deny.Package != "mesh.finance.policy.p" || deny.File != "policy/p.rego" || deny.Row != 9 || deny.EndRow != 23 {
		t.Errorf("have %+v", deny)
	}
	if want := `deny contains { "message": sprintf("no %s", [tag]), }`; deny.Head != want {
		t.Errorf("have %s\nwant %s", deny.Head, want)
	}
	have := []string{}
	for _, line := range deny.Lines {
		have = append(have, fmt.Sprintf("%d:%d %s", line.Row, line.Column, line.Text))
	}
	want := []string{
		`9:1 deny contains { "message": sprintf("no %s", [tag]), }`,
		`13:2 some tag in input.product.tags`,
		`14:2 every other in input.product.tags { … }`,
		`15:3 other`,
		`17:2 long := [one | some one in [tag]; one == "b" ]`,
		`18:3 some one in [tag]`,
		`19:3 one == "b"`,
		`21:2 count(long) == 1`,
		`22:2 l.known(tag)`,
	}
	if !slices.Equal(have, want) {
		t.Errorf("have\n\t%s\nwant\n\t%s", strings.Join(have, "\n\t"), strings.Join(want, "\n\t"))
	}
	if last := deny.Lines[len(deny.Lines)-1]; !slices.Equal(last.Reads, []string{"mesh.finance.lib.l.known"}) {
		t.Errorf("reads %v", last.Reads)
	}
	if known := result.Rules[1]; known.Name != "known" || known.Package != "mesh.finance.lib.l" || known.File != "lib/l.rego" || known.Outcome != "held" {
		t.Errorf("have %+v", known)
	}
}

func TestEvaluateTellsOfOtherReadings(t *testing.T) {
	rules := "permit if {\n\tsome role in input.product.tags\n\tinput.kind in data.mesh.finance.data.may[role]\n}\n"
	data := File{Path: "data/may.json", Text: `{"analyst": ["read"], "clerk": []}`}
	tags := `["analyst", "clerk", "nobody", "a", "b", "c", "d", "e"]`
	line := traced(t, about(`"kind": "write", "product": {"tags": `+tags+`}`, policy("p", rules), data)).Policies[0].Rules[0].Lines[1]
	if line.TimesFalse != 8 || len(line.Further) != readingsMax-1 {
		t.Fatalf("have %+v", line)
	}
	have := []string{asText(line.Values), asText(line.Further[0].Values), asText(line.Further[1].Values) + fmt.Sprint(line.Further[1].Undefined)}
	want := []string{
		` {"data.mesh.finance.data.may[role]":["read"],"input.kind":"write","role":"analyst"}`,
		` {"data.mesh.finance.data.may[role]":[],"input.kind":"write","role":"clerk"}`,
		` {"input.kind":"write","role":"nobody"}[data.mesh.finance.data.may[role]]`,
	}
	if !slices.Equal(have, want) {
		t.Errorf("have %v", have)
	}
}

func TestEvaluateSaysWhatThePoliciesSay(t *testing.T) {
	rules := "default permit := false\n\npermit if input.product.name\n\n" +
		"obligations contains {\"n\": input.parameters.n, \"set\": {3, 1}} if input.parameters\n\n" +
		"requires contains \"/product/name\"\n\nadvice contains \"late\" if time.now_ns() == time.parse_rfc3339_ns(\"2026-05-01T12:00:00Z\")\n"
	files := []File{policy("b", rules), policy("a", denying), {Path: "policy/other.rego", Text: strings.Replace(metadata, "publish, access", "consume", 1) + "package mesh.finance.policy.other\n" + denying}}
	said := func(request Request) []string {
		have := []string{}
		for _, each := range traced(t, request).Policies {
			have = append(have, each.Name+asText(each.Said))
		}
		return have
	}
	access := about(`"product": {"name": "x"}, "parameters": {"n": 12345678901234567890.50}`, files...)
	have := said(access)
	want := []string{
		`a {"deny":["no owner"]}`,
		`b {"advice":["late"],"obligations":[{"n":12345678901234567890.50,"set":[1,3]}],"permit":true,"requires":["/product/name"]}`,
	}
	if raw := string(answer(encode(access))); !strings.Contains(raw, `"n":12345678901234567890.50`) {
		t.Errorf("the number is not exact in %s", raw)
	}
	if have[0] != want[0] || !strings.HasPrefix(have[1], "b ") {
		t.Errorf("have %v", have)
	}
	publish := access
	publish.Kind = "publish"
	if have := said(publish); len(have) != 2 || strings.Contains(have[1], "permit") || !strings.Contains(have[1], "requires") {
		t.Errorf("permit is read for publish: %v", have)
	}
	consume := access
	consume.Kind = "consume"
	if have := said(consume); !slices.Equal(have, []string{`other {"deny":["no owner"]}`}) {
		t.Errorf("have %v", have)
	}
	if have := said(about(`"product": {"owner": "me"}`, policy("b", rules))); have[0] != `b {"advice":["late"],"obligations":[],"permit":false,"requires":["/product/name"]}` {
		t.Errorf("have %v", have)
	}
}

func TestEvaluateReportsWhatGoesWrong(t *testing.T) {
	cases := []struct {
		name, rules string
		want        Fault
		said        string
	}{
		{"a built-in that fails", "deny contains \"x\" if {\n\tinput.kind\n\ttime.parse_rfc3339_ns(input.product.owner) > 0\n}\n",
			Fault{"eval_builtin_error", "time.parse_rfc3339_ns: parsing time", "policy/p.rego", 9, 2}, ""},
		{"a built-in that fails in a library", "import data.mesh.finance.lib.l\n\ndeny contains \"x\" if l.at(input.product.owner) > 0\n",
			Fault{"eval_builtin_error", "time.parse_rfc3339_ns: parsing time", "lib/l.rego", 3, 10}, ""},
		{"a conflict", "deny contains \"x\" if torn == 1\n\ntorn := 1 if input.kind\n\ntorn := 2 if input.product\n",
			Fault{"eval_conflict_error", "produced conflicting values: 1 at policy/p.rego:9 2 at policy/p.rego:11", "policy/p.rego", 11, 1}, ""},
		{"what else the policy says", "deny contains \"x\" if to_number(input.product.owner) > 0\n\npermit if input.kind\n",
			Fault{"eval_builtin_error", "to_number: strconv.ParseFloat", "policy/p.rego", 7, 22}, ` {"permit":true}`},
	}
	library := File{Path: "lib/l.rego", Text: "package mesh.finance.lib.l\n\nat(x) := time.parse_rfc3339_ns(x)\n"}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have := traced(t, about(`"kind": "access", "product": {"owner": "me"}`, policy("p", each.rules), library)).Policies[0]
			if have.Error == nil || !strings.Contains(have.Error.Message, each.want.Message) || asText(have.Said) != each.said {
				t.Fatalf("have %+v, %v", have.Error, have.Said)
			}
			if each.want.Message = have.Error.Message; *have.Error != each.want {
				t.Errorf("have %+v", *have.Error)
			}
			if len(have.Rules) == 0 || have.Rules[0].Outcome == "not_reached" {
				t.Errorf("not traced: %+v", have.Rules)
			}
		})
	}
}

// What OPA never comes to is no error, although the trace goes there.
func TestEvaluateTracesWhatOPASkips(t *testing.T) {
	rules := "permit if input.kind == \"access\"\n\npermit if to_number(input.product.owner) > 0\n"
	have := traced(t, about(`"kind": "access", "product": {"owner": "me"}`, policy("p", rules))).Policies[0]
	if have.Error != nil || have.Said["permit"] != true {
		t.Errorf("have %+v, %v", have.Error, have.Said)
	}
	if line := have.Rules[1].Lines[0]; line.Outcome != "undefined_or_false" {
		t.Errorf("have %+v", line)
	}
}

func TestEvaluateHasLimits(t *testing.T) {
	rules := "deny contains \"x\" if {\n\tsome a in numbers.range(1, 500)\n\tsome b in numbers.range(1, 500)\n\ta + b == 0\n}\n"
	evaluated := traced(t, about(`"kind": "access"`, policy("a", rules), policy("b", denying)))
	if !evaluated.Truncated {
		t.Error("a trace of so many events is not called truncated")
	}
	if asText(evaluated.Policies[0].Said) != ` {"deny":[]}` || evaluated.Policies[1].Rules[0].Outcome != "held" {
		t.Errorf("have %+v", evaluated.Policies)
	}
	var many strings.Builder
	for index := range traceLinesMax/100 + 1 {
		fmt.Fprintf(&many, "deny contains \"%d\" if {\n%s}\n\n", index, strings.Repeat("\tinput.kind\n", 100))
	}
	evaluated = traced(t, about(`"kind": "access"`, policy("p", many.String())))
	last := evaluated.Policies[0].Rules[len(evaluated.Policies[0].Rules)-1]
	if !evaluated.Truncated || len(last.Lines) != 0 || last.Outcome != "held" {
		t.Errorf("have %v, %d lines of the last", evaluated.Truncated, len(last.Lines))
	}
}

func TestEvaluateRefuses(t *testing.T) {
	good := about(`"kind": "access"`, policy("p", denying))
	cases := []struct {
		name   string
		change func(*Request)
		want   Fault
	}{
		{"a bundle with a fault", func(request *Request) { request.Files = []File{policy("p", "deny if true\n")} }, Fault{"policy_rule_shape", "`deny` must be a set", "policy/p.rego", 7, 1}},
		{"a kind that is none", func(request *Request) { request.Kind = "read" }, Fault{"bad_request", "`read` is no kind; expected publish, access, consume", "", 0, 0}},
		{"no input", func(request *Request) { request.Input = nil }, Fault{"bad_request", "`now` of the input is ``", "", 0, 0}},
		{"an input that is no object", func(request *Request) { request.Input = json.RawMessage("[]") }, Fault{"bad_request", "`now` of the input is ``", "", 0, 0}},
		{"a time that is none", func(request *Request) { request.Input = json.RawMessage(`{"now": "today"}`) }, Fault{"bad_request", "`now` of the input is `today`; expected a time of RFC 3339", "", 0, 0}},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			request := good
			each.change(&request)
			evaluated := ask[Evaluated](t, request)
			if len(evaluated.Errors) != 1 || len(evaluated.Policies) != 0 || !strings.Contains(evaluated.Errors[0].Message, each.want.Message) {
				t.Fatalf("have %+v", evaluated)
			}
			if each.want.Message = evaluated.Errors[0].Message; evaluated.Errors[0] != each.want {
				t.Errorf("have %+v", evaluated.Errors[0])
			}
		})
	}
}

func TestEvaluateADomainNamedAfterAWordOfRego(t *testing.T) {
	request := about(`"kind": "access"`, File{Path: "policy/p.rego", Text: metadata + "package mesh[\"import\"].policy.p\n" + denying})
	request.Layer = "import"
	if have := traced(t, request).Policies[0]; asText(have.Said) != ` {"deny":["no owner"]}` {
		t.Errorf("have %+v", have)
	}
}

func TestBrief(t *testing.T) {
	long := strings.Repeat("ä", briefCharsMax)
	cases := []struct{ name, value, want string }{
		{"scalars", `[null, true, 1.50, "x"]`, `[null,true,1.50,"x"]`},
		{"a set, in order", `{"b", "a"}`, `["a","b"]`},
		{"a text at the limit", `"` + long + `"`, `"` + long + `"`},
		{"a text beyond it", `"` + long + `b"`, `"` + long + `… (201 characters)"`},
		{"ten items", `[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]`, `[1,2,3,4,5,6,7,8,9,10]`},
		{"more than ten", `[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]`, `[1,2,3,4,5,6,7,8,9,10,"… 2 more"]`},
		{"more than ten members", `{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5, "f": 6, "g": 7, "h": 8, "i": 9, "j": 10, "k": 11}`,
			`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"…":"… 1 more"}`},
		{"a name that is no text", `{1: 2}`, `{"1":2}`},
		{"too deep", `[[[1], []]]`, `[["…",[]]]`},
		{"too much at all depths together", `[[1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [1]]`,
			`[[1,2,3,4,5,6,7,8,9,10],[1,2,3,4,5,6,7,8,9,10],[1,2,3,4,5,6,"… 4 more"],"… 1 more"]`},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			if have := strings.TrimPrefix(asText(brief(ast.MustParseTerm(each.value).Value, readDepthMax, readNodesMax)), " "); have != each.want {
				t.Errorf("have %s\nwant %s", have, each.want)
			}
		})
	}
}
