package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

func TestCheckFindsFaults(t *testing.T) {
	complete := policy("p", denying)
	meta := func(lines ...string) File {
		text := "# METADATA\n"
		for _, line := range lines {
			text += "# " + line + "\n"
		}
		return File{Path: "policy/p.rego", Text: text + "package mesh.finance.policy.p\n" + denying}
	}
	cases := []struct {
		name  string
		files []File
		// Every fault, in order; its message need only contain what stands here.
		want []Fault
	}{
		{"nothing wrong", []File{complete}, nil},

		{"an unfinished reference", []File{policy("p", "deny contains \"x\" if {\n\tinput.\n}\n")},
			[]Fault{{"rego_parse_error", "expected identifier", "policy/p.rego", 9, 1}}},
		{"an unknown token", []File{policy("p", "deny contains \"x\" if input.product.name ~ 3\n")},
			[]Fault{{"rego_parse_error", "", "policy/p.rego", 7, 41}}},
		{"Rego before version 1", []File{policy("p", "deny[x] { x := 1 }\n")},
			[]Fault{{"rego_parse_error", "`contains` keyword is required", "policy/p.rego", 7, 1}, {"rego_parse_error", "`if` keyword is required", "policy/p.rego", 7, 1}}},
		{"an empty file", []File{{Path: "policy/p.rego", Text: ""}},
			[]Fault{{"rego_parse_error", "empty module", "policy/p.rego", 1, 1}}},
		{"metadata that are not YAML", []File{meta("title: [")},
			[]Fault{{"rego_parse_error", "yaml", "policy/p.rego", 2, 1}}},
		{"every file with a fault is named", []File{{Path: "policy/b.rego", Text: "package"}, {Path: "lib/a.rego", Text: "package"}},
			[]Fault{{"rego_parse_error", "", "lib/a.rego", 1, 7}, {"rego_parse_error", "", "policy/b.rego", 1, 7}}},

		{"a field that input lacks", []File{policy("p", "deny contains \"x\" if input.product.ownr == \"\"\n")},
			[]Fault{{"rego_type_error", `want (one of): ["name" "owner"]`, "policy/p.rego", 7, 22}}},
		{"a field that input lacks and that is near another", []File{policy("p", "deny contains \"x\" if input.product.ownr == \"\"\n")},
			[]Fault{{"rego_type_error", "; did you mean `owner`?", "policy/p.rego", 7, 22}}},
		{"a function that is near a built-in", []File{policy("p", "deny contains \"x\" if strings.revers(input.product.name) == \"\"\n")},
			[]Fault{{"rego_type_error", "undefined function strings.revers; did you mean `strings.reverse`?", "policy/p.rego", 7, 22}}},
		{"a function that is near one of the same file", []File{policy("p", "deny contains \"x\" if shrot(input.product.name)\n\nshort(name) if count(name) < 3\n")},
			[]Fault{{"rego_type_error", "did you mean `short`?", "policy/p.rego", 7, 22}}},
		{"a function that is near one of a library", []File{policy("p", "import data.mesh.finance.lib.l\ndeny contains \"x\" if l.shrot(input.product.name)\n"), {Path: "lib/l.rego", Text: "package mesh.finance.lib.l\n\nshort(name) if count(name) < 3\n"}},
			[]Fault{{"rego_type_error", "undefined function data.mesh.finance.lib.l.shrot; did you mean `short`?", "policy/p.rego", 8, 22}}},
		{"a rule that is near another", []File{policy("p", "deny contains \"x\" if not has_onwer\n\nhas_owner if input.product.owner\n")},
			[]Fault{{"rego_unsafe_var_error", "var has_onwer is unsafe; did you mean `has_owner`?", "policy/p.rego", 7, 22}}},
		{"a field that input lacks, in a library", []File{complete, {Path: "lib/l.rego", Text: "package mesh.finance.lib.l\n\nx := input.produt\n"}},
			[]Fault{{"rego_type_error", `want (one of): ["kind" "parameters" "product"]`, "lib/l.rego", 3, 6}}},
		{"types that never match", []File{policy("p", "deny contains \"x\" if input.product.name == 3\n")},
			[]Fault{{"rego_type_error", "match error", "policy/p.rego", 7, 22}}},
		{"a function that is unknown", []File{policy("p", "deny contains \"x\" if nothing(3)\n")},
			[]Fault{{"rego_type_error", "undefined function nothing", "policy/p.rego", 7, 22}}},
		{"strict mode", []File{policy("p", "deny contains \"x\" if y := 1\n")},
			[]Fault{{"rego_compile_error", "assigned var y unused", "policy/p.rego", 7, 22}}},
		{"a recursion", []File{policy("p", "deny contains x if some x in deny\n")},
			[]Fault{{"rego_recursion_error", "", "policy/p.rego", 7, 1}}},
		{"a fault in a test", []File{complete, {Path: "test/p_test.rego", Text: "package mesh.finance.test.p\n\ntest_x if nothing\n"}},
			[]Fault{{"rego_unsafe_var_error", "var nothing is unsafe", "test/p_test.rego", 3, 11}}},

		{"metadata and types, both", []File{{Path: "policy/p.rego", Text: "package mesh.finance.policy.p\n\ndeny contains \"x\" if input.product.ownr\n"}}, []Fault{
			{"policy_metadata_missing", "", "policy/p.rego", 1, 1}, {"rego_type_error", "", "policy/p.rego", 3, 22}}},
		{"a policy and its test, each its own", []File{policy("p", "deny contains \"x\" if input.product.ownr\n"), {Path: "test/p_test.rego", Text: "package mesh.finance.test.p\n\ntest_x if nothing\n"}}, []Fault{
			{"rego_type_error", "", "policy/p.rego", 7, 22}, {"rego_unsafe_var_error", "", "test/p_test.rego", 3, 11}}},
		{"a fault of a policy is not said twice", []File{policy("p", "deny contains \"x\" if nothing\n"), {Path: "test/p_test.rego", Text: "package mesh.finance.test.p\n\ntest_x if true\n"}},
			[]Fault{{"rego_unsafe_var_error", "var nothing is unsafe", "policy/p.rego", 7, 22}}},

		{"a name that is no name", []File{{Path: "policy/a-b.rego", Text: metadata + "package mesh.finance.policy[\"a-b\"]\n" + denying}},
			[]Fault{{"rego_root_error", "`policy/a-b.rego` has no place in a bundle", "policy/a-b.rego", 1, 1}}},
		{"a folder too deep", []File{{Path: "lib/sub/l.rego", Text: "package mesh.finance.lib[\"sub/l\"]\n"}},
			[]Fault{{"rego_root_error", "has no place", "lib/sub/l.rego", 1, 1}}},
		{"a test that would never run", []File{{Path: "test/p.rego", Text: "package mesh.finance.test.p\n"}},
			[]Fault{{"rego_root_error", "test/<name>_test.rego", "test/p.rego", 1, 1}}},
		{"a folder that is unknown", []File{{Path: "other/p.rego", Text: ""}},
			[]Fault{{"rego_root_error", "has no place", "other/p.rego", 1, 1}}},
		{"a package of another domain", []File{{Path: "policy/p.rego", Text: metadata + "package mesh.sales.policy.p\n" + denying}},
			[]Fault{{"rego_root_error", "must be `mesh.finance.policy.p`, not `mesh.sales.policy.p`", "policy/p.rego", 6, 1}}},
		{"a package of another name", []File{{Path: "lib/l.rego", Text: "package mesh.finance.lib.m\n"}},
			[]Fault{{"rego_root_error", "must be `mesh.finance.lib.l`, not `mesh.finance.lib.m`", "lib/l.rego", 1, 1}}},
		{"a package below the right one", []File{complete, {Path: "test/p_test.rego", Text: "package mesh.finance.test.p.deeper\n"}},
			[]Fault{{"rego_root_error", "must be `mesh.finance.test.p`", "test/p_test.rego", 1, 1}}},
		{"another domain's library", []File{policy("p", "deny contains \"x\" if data.mesh.sales.lib.x.y\n")},
			[]Fault{{"rego_root_error", "`data.mesh.sales.lib.x.y` lies outside what `finance` may read", "policy/p.rego", 7, 22}}},
		{"a domain whose name begins alike", []File{policy("p", "deny contains \"x\" if data.mesh.finance.library.x\n")},
			[]Fault{{"rego_root_error", "`data.mesh.finance.library.x`", "policy/p.rego", 7, 22}}},
		{"an inner domain's library", []File{policy("p", "deny contains \"x\" if data.mesh.finance.risk.lib.x.y\n")},
			[]Fault{{"rego_root_error", "`data.mesh.finance.risk.lib.x.y`", "policy/p.rego", 7, 22}}},
		{"a global policy", []File{policy("p", "deny contains x if some x in data.mesh.global.policy.ownership.deny\n")},
			[]Fault{{"rego_root_error", "`data.mesh.global.policy.ownership.deny`", "policy/p.rego", 7, 30}}},
		{"global data, which only global libraries read", []File{policy("p", "deny contains \"x\" if data.mesh.global.data.x\n")},
			[]Fault{{"rego_root_error", "`data.mesh.global.data.x`", "policy/p.rego", 7, 22}}},
		{"its own tests", []File{policy("p", "deny contains \"x\" if data.mesh.finance.test.x.y\n")},
			[]Fault{{"rego_root_error", "`data.mesh.finance.test.x.y`", "policy/p.rego", 7, 22}}},
		{"a computed root", []File{policy("p", "deny contains \"x\" if data[input.product.name]\n")},
			[]Fault{{"rego_root_error", "`data[input.product.name]`", "policy/p.rego", 7, 22}}},
		{"a computed domain", []File{policy("p", "deny contains \"x\" if data.mesh[input.product.name].policy\n")},
			[]Fault{{"rego_root_error", "`data.mesh[input.product.name].policy`", "policy/p.rego", 7, 22}}},
		{"everything", []File{policy("p", "deny contains \"x\" if walk(data, [_, 3])\n")},
			[]Fault{{"rego_root_error", "`data` lies outside", "policy/p.rego", 7, 27}}},
		{"an import", []File{policy("p", "import data.mesh.sales.lib.x\ndeny contains \"x\" if x.y\n")},
			[]Fault{{"rego_root_error", "`data.mesh.sales.lib.x`", "policy/p.rego", 7, 8}}},
		{"an import of everything", []File{policy("p", "import data as everything\ndeny contains \"x\" if everything.mesh.sales\n")},
			[]Fault{{"rego_root_error", "`data` lies outside", "policy/p.rego", 7, 8}}},
		{"what `with` replaces", []File{policy("p", "deny contains \"x\" if input.kind == \"\" with data.mesh.sales.data.x as 3\n")},
			[]Fault{{"rego_root_error", "`data.mesh.sales.data.x`", "policy/p.rego", 7, 44}}},
		{"a test may not read elsewhere either", []File{complete, {Path: "test/p_test.rego", Text: "package mesh.finance.test.p\n\ntest_x if data.mesh.sales.policy.x.deny\n"}},
			[]Fault{{"rego_root_error", "`data.mesh.sales.policy.x.deny`", "test/p_test.rego", 3, 11}}},
		{"a policy named after a word of Rego", []File{policy("if", denying)},
			[]Fault{{"rego_root_error", "a policy cannot be named `if`", "policy/if.rego", 6, 1}}},
		{"a policy named input", []File{policy("input", denying)},
			[]Fault{{"rego_root_error", "a policy cannot be named `input`", "policy/input.rego", 6, 1}}},

		{"the network", []File{policy("p", "deny contains \"x\" if http.send({\"url\": \"x\"}).status == 3\n")},
			[]Fault{{"rego_builtin_refused", "`http.send` is refused: a decision reaches no network", "policy/p.rego", 7, 22}}},
		{"chance, in a library", []File{complete, {Path: "lib/l.rego", Text: "package mesh.finance.lib.l\n\nx := rand.intn(\"a\", 3)\n"}},
			[]Fault{{"rego_builtin_refused", "`rand.intn` is refused: a replay could not repeat it", "lib/l.rego", 3, 6}}},
		{"a name resolved, mocked away", []File{policy("p", "deny contains \"x\" if input.kind == \"\" with net.lookup_ip_addr as 3\n")},
			[]Fault{{"rego_builtin_refused", "`net.lookup_ip_addr` is refused", "policy/p.rego", 7, 44}}},
		{"the environment, in a test", []File{complete, {Path: "test/p_test.rego", Text: "package mesh.finance.test.p\n\ntest_x if opa.runtime().env\n"}},
			[]Fault{{"rego_builtin_refused", "`opa.runtime` is refused", "test/p_test.rego", 3, 11}}},

		{"no metadata", []File{{Path: "policy/p.rego", Text: "package mesh.finance.policy.p\n\n" + denying}},
			[]Fault{{"policy_metadata_missing", "write a `# METADATA` block", "policy/p.rego", 1, 1}}},
		{"empty metadata", []File{meta("scope: package")}, []Fault{
			{"policy_metadata_missing", "`custom.applies_to`", "policy/p.rego", 3, 1},
			{"policy_metadata_missing", "`description`", "policy/p.rego", 3, 1},
			{"policy_metadata_missing", "`title`", "policy/p.rego", 3, 1},
		}},
		{"a kind that is unknown", []File{meta("title: T", "description: D", "custom:", "  applies_to: [publish, read, 3]")},
			[]Fault{{"policy_metadata_invalid", "holds `3`, `read`; expected publish, access, consume", "policy/p.rego", 6, 1}}},
		{"a kind without list", []File{meta("title: T", "description: D", "custom:", "  applies_to: publish")},
			[]Fault{{"policy_metadata_invalid", "`custom.applies_to` holds `publish`", "policy/p.rego", 6, 1}}},
		{"controls, remedy and owner of a wrong type", []File{meta("title: T", "description: D", "custom:", "  applies_to: [publish]", "  controls: [1]", "  remedy: 2", "  owner: [3]")}, []Fault{
			{"policy_metadata_invalid", "`custom.controls` must be a list of strings", "policy/p.rego", 9, 1},
			{"policy_metadata_invalid", "`custom.owner` must be a string", "policy/p.rego", 9, 1},
			{"policy_metadata_invalid", "`custom.remedy` must be a string", "policy/p.rego", 9, 1},
		}},

		{"deny as a boolean", []File{policy("p", "deny if input.product.name\n")},
			[]Fault{{"policy_rule_shape", "`deny` must be a set: write `deny contains …`", "policy/p.rego", 7, 1}}},
		{"obligations as an object", []File{policy("p", denying+"obligations[x] := 3 if x := input.product.name\n")},
			[]Fault{{"policy_rule_shape", "`obligations` must be a set", "policy/p.rego", 8, 1}}},
		{"a set inside advice", []File{policy("p", denying+"advice.x contains 3 if input.product.name\n")},
			[]Fault{{"policy_rule_shape", "`advice` must be a set", "policy/p.rego", 8, 1}}},
		{"requires as a function", []File{policy("p", denying+"requires(x) := x\n")},
			[]Fault{{"policy_rule_shape", "`requires` must be a set", "policy/p.rego", 8, 1}}},
		{"permit as a set", []File{policy("p", "permit contains \"x\" if input.product.name\n")},
			[]Fault{{"policy_rule_shape", "`permit` must be a boolean rule", "policy/p.rego", 7, 1}}},
		{"permit as a function", []File{policy("p", "permit(x) if x\n")},
			[]Fault{{"policy_rule_shape", "`permit` must be a boolean rule", "policy/p.rego", 7, 1}}},
		{"a default for permit", []File{policy("p", "default permit := false\n\npermit if input.product.name\n")}, nil},

		{"a rule misspelt", []File{policy("p", denying+"denny contains \"x\" if input.product.name\n")},
			[]Fault{{"policy_rule_unknown", "`denny` is read by nothing; did you mean `deny`?", "policy/p.rego", 8, 1}}},
		{"obligations misspelt", []File{policy("p", denying+"obligation contains \"x\" if input.product.name\n")},
			[]Fault{{"policy_rule_unknown", "did you mean `obligations`?", "policy/p.rego", 8, 1}}},
		{"permit misspelt, which is no set", []File{policy("p", denying+"permt if input.product.name\n")},
			[]Fault{{"policy_rule_unknown", "did you mean `permit`?", "policy/p.rego", 8, 1}}},
		{"a short name one letter off", []File{policy("p", denying+"dny contains \"x\" if input.product.name\n")},
			[]Fault{{"policy_rule_unknown", "did you mean `deny`?", "policy/p.rego", 8, 1}}},
		{"a function that is called", []File{policy("p", "denies(x) if x\n\ndeny contains \"x\" if denies(input.product.name)\n")}, nil},
		{"a name read in a body", []File{policy("p", "denny contains \"x\" if input.product.name\n\ndeny contains x if some x in denny\n")}, nil},
		{"a name read in a value", []File{policy("p", denying+"denny contains \"x\" if input.product.name\n\npermit := count(denny) == 0\n")}, nil},
		{"a name read in what a set holds", []File{policy("p", "denny contains \"x\" if input.product.name\n\ndeny contains concat(\", \", denny)\n")}, nil},
		{"a name read after else", []File{policy("p", denying+"denny contains \"x\" if input.product.name\n\npermit if input.kind == \"a\" else := false if count(denny) > 0\n")}, nil},
		{"a helper that is no set", []File{policy("p", denying+"denied if input.product.name\n")}, nil},

		{"requires alone", []File{policy("p", "requires contains \"/parameters/x\"\n")},
			[]Fault{{"policy_says_nothing", "defines none of deny, permit, obligations, advice", "policy/p.rego", 6, 1}}},
		{"no rule", []File{policy("p", "")},
			[]Fault{{"policy_says_nothing", "", "policy/p.rego", 6, 1}}},
		{"a permit that nobody reads", []File{{Path: "policy/p.rego", Text: strings.Replace(metadata, ", access", "", 1) + "package mesh.finance.policy.p\npermit if input.product.name\n"}},
			[]Fault{{"policy_permit_unused", "`permit` is read for access alone", "policy/p.rego", 6, 1}}},

		{"data that are empty", []File{complete, {Path: "data/d.json", Text: ""}},
			[]Fault{{"data_malformed", "the file ends before its value does", "data/d.json", 1, 1}}},
		{"data that end early", []File{complete, {Path: "data/d.json", Text: "{\n  \"a\": 1,\n"}},
			[]Fault{{"data_malformed", "the file ends before its value does", "data/d.json", 3, 1}}},
		{"a word unfinished", []File{complete, {Path: "data/d.json", Text: "{\n  \"a\": tru\n}"}},
			[]Fault{{"data_malformed", "in literal true", "data/d.json", 2, 11}}},
		{"a comma too many", []File{complete, {Path: "data/d.json", Text: "{\n  \"a\": [1,\n  2,]\n}"}},
			[]Fault{{"data_malformed", "invalid character ']'", "data/d.json", 3, 5}}},
		{"a member twice", []File{complete, {Path: "data/d.json", Text: "{\n  \"a\": {\"b\": [{}], \"c\": 1},\n  \"d\": [{\"b\": 1}],\n  \"a\": 2\n}"}},
			[]Fault{{"data_malformed", "the member `a` stands here twice", "data/d.json", 4, 3}}},
		{"a text after the value", []File{complete, {Path: "data/d.json", Text: "{}\n\n  {}"}},
			[]Fault{{"data_malformed", "more follows after the value", "data/d.json", 3, 3}}},
		{"a bracket after the value", []File{complete, {Path: "data/d.json", Text: "{}}\n"}},
			[]Fault{{"data_malformed", "more follows after the value", "data/d.json", 1, 3}}},
		{"nothing but a line break after the value", []File{complete, {Path: "data/d.json", Text: " [] \r\n"}}, nil},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have := ask[Checked](t, finance("check", each.files...)).Errors
			same := slices.EqualFunc(have, each.want, func(have, want Fault) bool {
				contains := strings.Contains(have.Message, want.Message)
				want.Message = have.Message
				return contains && have == want
			})
			if !same {
				t.Errorf("have %+v\nwant %+v", have, each.want)
			}
		})
	}
}

func TestCheckReportsEveryFault(t *testing.T) {
	var rules strings.Builder
	for range 30 {
		rules.WriteString("deny contains \"x\" if input.product.ownr\n")
	}
	faults := ask[Checked](t, finance("check", policy("p", rules.String()))).Errors
	if len(faults) != 30 || faults[29].Row != 36 {
		t.Errorf("%d faults: %+v", len(faults), faults)
	}
}

func TestCheckDescribesPolicies(t *testing.T) {
	text := "# METADATA\n# title: Owned\n# description: Somebody answers for it.\n# custom:\n#   applies_to: [access]\n" +
		"#   controls: [ISO/IEC 27001]\n#   remedy: Name an owner.\n#   owner: council\npackage mesh.finance.policy.owned\n" +
		"deny contains \"x\" if count(input.product.owner) + count(input.product.name) == 0\npermit if not startswith(input.product.owner, \"x\")\n"
	checked := ask[Checked](t, finance("check", policy("b", denying), File{Path: "policy/owned.rego", Text: text}, policy("a", denying)))
	names := []string{}
	for _, described := range checked.Policies {
		names = append(names, described.Name)
	}
	if !slices.Equal(names, []string{"a", "b", "owned"}) {
		t.Errorf("policies %v are not in order", names)
	}
	have, _ := json.Marshal(checked.Policies[2])
	want := `{"name":"owned","package":"mesh.finance.policy.owned","title":"Owned","description":"Somebody answers for it.",` +
		`"applies_to":["access"],"controls":["ISO/IEC 27001"],"remedy":"Name an owner.","owner":"council",` +
		`"file":"policy/owned.rego","row":9,"column":1,"rules":["deny","permit"]}`
	if string(have) != want {
		t.Errorf("have %s\nwant %s", have, want)
	}
	place := slices.IndexFunc(checked.Builtins, func(builtin Builtin) bool { return builtin.Name == "count" })
	if place < 0 || checked.Builtins[place] != (Builtin{Name: "count", File: "policy/owned.rego", Row: 10, Column: 22}) {
		t.Errorf("the first place of a built-in is not named: %+v", checked.Builtins)
	}
}

func TestCheckReadsWhatOuterLayersOffer(t *testing.T) {
	global := Library{Layer: "global", Files: []File{
		{Path: "lib/label.rego", Text: "package mesh.global.lib.label\n\nimport data.mesh.global.data.labels\n\nknown(name) if name in labels\n"},
		{Path: "data/labels.json", Text: `["a", "b"]`},
	}}
	outer := Library{Layer: "finance", Files: []File{{Path: "lib/money.rego", Text: "package mesh.finance.lib.money\n\nlimit := 3\n"}}}
	rules := "import data.mesh.finance.lib.money\nimport data.mesh.global.lib.label\n\n" +
		"deny contains \"x\" if {\n\tnot label.known(input.product.name)\n\tmoney.limit > 2\n}\n"
	inner := File{Path: "policy/p.rego", Text: metadata + "package mesh.finance.risk.policy.p\n" + rules}
	request := Request{Op: "check", Layer: "finance/risk", Files: []File{inner}, Libraries: []Library{global, outer}, Schema: json.RawMessage(schemaOfInput)}

	if faults := ask[Checked](t, request).Errors; len(faults) > 0 {
		t.Errorf("refused: %+v", faults)
	}
	// The library of a sibling of the outer domain is out of reach.
	request.Layer = "sales/risk"
	request.Files = []File{{Path: "policy/p.rego", Text: strings.ReplaceAll(inner.Text, "finance.risk", "sales.risk")}}
	faults := ask[Checked](t, request).Errors
	if len(faults) != 1 || faults[0].Code != "rego_root_error" || faults[0].Row != 7 {
		t.Errorf("have %+v", faults)
	}
	// A fault of an outer library names its layer.
	request.Libraries = []Library{{Layer: "global", Files: []File{{Path: "lib/label.rego", Text: "package mesh.global.lib.label\n\nx := \n"}}}}
	faults = ask[Checked](t, request).Errors
	if !slices.ContainsFunc(faults, func(fault Fault) bool { return fault.File == "global/lib/label.rego" && fault.Row == 4 }) {
		t.Errorf("have %+v", faults)
	}
}

func TestADomainMayBeNamedAfterAWordOfRego(t *testing.T) {
	text := metadata + "package mesh[\"import\"].policy.p\n" + denying
	request := finance("compile", File{Path: "policy/p.rego", Text: text})
	request.Layer = "import"
	compiled := ask[Compiled](t, request)
	if len(compiled.Errors) > 0 || compiled.Wasm == "" {
		t.Errorf("refused: %+v", compiled.Errors)
	}
}
