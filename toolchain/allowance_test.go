package main

import (
	"slices"
	"strings"
	"testing"
)

func TestAllowances(t *testing.T) {
	const silent = "deny contains \"x\" if input.context.region != \"eu\""
	runLintCases(t, []lintCase{
		{"above the line", "deny contains \"x\" if {\n\tinput.action.name == \"a\"\n\n\t# witan: allow lint_deny_silent the gateway always sends it\n\tinput.context.region != \"eu\"\n}", nil},
		{"at the end of the line above", "deny contains \"x\" if { # witan: allow lint_deny_silent the gateway always sends it\n\tinput.context.region != \"eu\"\n}", nil},
		{"above the rule", "# witan: allow lint_deny_silent the gateway always sends it\ndeny contains \"x\" if {\n\tinput.action.name == \"a\"\n\tinput.context.region != \"eu\"\n}", nil},
		{"above the rule that is read", "deny contains \"x\" if abroad\n\n# witan: allow lint_deny_silent the gateway always sends it\nabroad if input.context.region != \"eu\"", nil},
		{"two above one line", "# witan: allow lint_never_true it waits for its time\n# witan: allow lint_deny_silent the gateway always sends it\ndeny contains \"x\" if {\n\tfalse\n\tinput.context.region != \"eu\"\n}", nil},
		{"of another rule", "# witan: allow lint_deny_silent the gateway always sends it\npermit if input.action.name == \"a\"\n\n" + silent,
			[]Fault{{Code: lintSilenceUnused, Message: "nothing here is found by `lint_deny_silent`", Row: 1, Column: 1}, {Code: lintDenySilent, Row: 4, Column: 22}}},
		{"of another code", "# witan: allow lint_never_true it waits for its time\n" + silent,
			[]Fault{{Code: lintSilenceUnused, Row: 1, Column: 1}, {Code: lintDenySilent, Row: 2, Column: 22}}},
		{"without a reason", "# witan: allow lint_deny_silent\n" + silent,
			[]Fault{{Code: lintSilenceWithoutReason, Message: "`lint_deny_silent` is allowed without a reason", Row: 1, Column: 1}}},
		{"of a code that there is not", "# witan: allow lint_deny_silnet it is always sent\n" + silent,
			[]Fault{{Code: lintSilenceUnused, Message: "`lint_deny_silnet` is no code of the linter; did you mean `lint_deny_silent`?", Row: 1, Column: 1}, {Code: lintDenySilent, Row: 2, Column: 22}}},
		{"of everything", "# witan: allow\n" + silent,
			[]Fault{{Code: lintSilenceUnused, Message: "write `# witan: allow <code> <reason>`", Row: 1, Column: 1}, {Code: lintDenySilent, Row: 2, Column: 22}}},
		{"a comment about Witan is none", "# witan knows why\npermit if input.action.name == \"a\"", nil},
		{"what test finds is not unused in check", "# witan: allow lint_outcome_untested it cannot be tested yet\npermit if input.action.name == \"a\"", nil},
	})
}

func TestAllowancesOfAWholePolicy(t *testing.T) {
	whole := func(lines string) File {
		text := strings.Replace(metadataToLint, "#   owner: the council\n", lines, 1)
		return File{"policy/p.rego", text + "\ndeny contains \"x\" if input.context.region != \"eu\"\n\ndeny contains \"y\" if input.context.purpose != \"a\"\n"}
	}
	cases := []struct {
		name, lines string
		want        []Fault
	}{
		{"everything of a code", "#   lint:\n#     lint_deny_silent: the gateway always sends them\n#     lint_owner_missing: it is everyone's\n", nil},
		{"without a reason", "#   owner: me\n#   lint: {lint_deny_silent: }\n", []Fault{{lintSilenceWithoutReason, "", "policy/p.rego", 10, 1}}},
		{"of no use", "#   owner: me\n#   lint:\n#     lint_deny_silent: the gateway always sends them\n#     lint_never_true: why not\n", []Fault{{lintSilenceUnused, "", "policy/p.rego", 11, 1}}},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have := ask[Linted](t, toLint("check", whole(each.lines)))
			for index := range have.Warnings {
				have.Warnings[index].Message = ""
			}
			if len(have.Errors) > 0 || !slices.Equal(have.Warnings, each.want) {
				t.Errorf("got %+v", have)
			}
		})
	}
	t.Run("of a wrong type", func(t *testing.T) {
		have := ask[Linted](t, toLint("check", whole("#   owner: me\n#   lint: all\n")))
		if len(have.Errors) != 1 || have.Errors[0].Code != "policy_metadata_invalid" {
			t.Errorf("got %+v", have)
		}
	})
}

func TestLintOutcomes(t *testing.T) {
	rules := "deny contains \"x\" if not input.context.region == \"eu\"\n\ndefault permit := false\n\npermit if input.action.name == \"read\"\n\nrequires contains \"/context\""
	with := func(tests string) File {
		return File{"test/p_test.rego", "package mesh.finance.test.p\n\nimport data.mesh.finance.policy.p\n\n" + tests + "\n"}
	}
	const (
		denied    = "test_denied if count(p.deny) == 1 with input as {\"context\": {}}\n"
		silent    = "test_silent if count(p.deny) == 0 with input as {\"context\": {\"region\": \"eu\"}}\n"
		permitted = "test_permitted if p.permit with input as {\"action\": {\"name\": \"read\"}}\n"
		refused   = "test_refused if not p.permit with input as {\"action\": {\"name\": \"write\"}}\n"
	)
	cases := []struct {
		name, rules, tests string
		want               []string
	}{
		{"all", rules, denied + silent + permitted + refused, nil},
		{"both in one test", rules, "test_both if {\n\tcount(p.deny) == 1 with input as {\"context\": {}}\n\tcount(p.deny) == 0 with input as {\"context\": {\"region\": \"eu\"}}\n}\n" + permitted + refused, nil},
		{"the other way round", rules, "test_both if {\n\tcount(p.deny) == 0 with input as {\"context\": {\"region\": \"eu\"}}\n\tcount(p.deny) == 1 with input as {\"context\": {}}\n}\n" + permitted + refused, nil},
		{"one element of a set", rules, "test_denied if \"x\" in p.deny with input as {\"context\": {}}\n\ntest_silent if not \"x\" in p.deny with input as {\"context\": {\"region\": \"eu\"}}\n" + permitted + refused, nil},
		{"the whole policy", rules, "test_denied if count(p.deny) == 1 with input as {\"context\": {}, \"action\": {\"name\": \"read\"}}\n\ntest_policy if p == {\"deny\": set(), \"permit\": false, \"requires\": {\"/context\"}} with input as {\"context\": {\"region\": \"eu\"}}\n" + permitted, nil},
		{"never denied", rules, silent + permitted + refused, []string{"no test sees that `deny` says something"}},
		{"always denied", rules, denied + permitted + refused, []string{"no test sees that `deny` says nothing"}},
		{"never permitted", rules, denied + silent + refused, []string{"no test sees that `permit` is true"}},
		{"always permitted", rules, denied + silent + permitted, []string{"no test sees that `permit` is not true"}},
		{"not asked", rules, "test_x if not p.requires[\"/product\"]\n", []string{"no test asks `deny`", "no test asks `permit`"}},
		{"named and not asked", rules, "test_x if {\n\tfalse\n\tcount(p.deny) == 0\n}\n", []string{"no test asks `deny`", "no test asks `permit`"}},
		{"allowed", "# witan: allow lint_outcome_untested it cannot be tested yet\n" + rules, permitted + refused, nil},
		{"allowed and tested", "# witan: allow lint_outcome_untested it cannot be tested yet\n" + rules, denied + silent + permitted + refused, []string{"nothing here is found by `lint_outcome_untested`: take the silence away"}},
		{"another code allowed", "# witan: allow lint_deny_silent what check finds\n" + rules, denied + silent + permitted + refused, nil},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have := ask[Tested](t, toLint("test", lintPolicy(each.rules), with(each.tests)))
			var messages []string
			for _, warning := range have.Warnings {
				messages = append(messages, warning.Message)
				if warning.File != "policy/p.rego" || warning.Row < firstRow {
					t.Errorf("%+v is not at the rule", warning)
				}
			}
			if len(have.Errors) > 0 || !slices.Equal(messages, each.want) {
				t.Errorf("got %+v", have)
			}
		})
	}
	t.Run("a filter leaves tests out", func(t *testing.T) {
		request := toLint("test", lintPolicy(rules), with(denied))
		request.Filter = "denied"
		if have := ask[Tested](t, request); len(have.Warnings) > 0 || len(have.Results) != 1 {
			t.Errorf("got %+v", have)
		}
	})
}
