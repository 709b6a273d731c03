package main

import (
	"strings"
	"testing"
)

const tests = `package mesh.finance.test.p

import data.mesh.finance.policy.p

test_pass if count(p.deny) == 0 with input as {"product": {"owner": "me"}}

test_fail if {
	print("seen", input)
	count(p.deny) == 0 with input as {"product": {}}
}

test_error if {
	some value in [3, 4]
	conflict(value) == 1
}



conflict(value) := 1 if value > 2

conflict(value) := 2 if value > 1

todo_test_skip if false

test_cases[case.name] if {
	some case in [{"name": "one", "owner": "me"}, {"name": "two", "owner": 3}]
	count(p.deny) == 0 with input as {"product": {"owner": case.owner}}
}
`

func TestTestOutcomes(t *testing.T) {
	tested := ask[Tested](t, finance("test", policy("p", denying), File{Path: "test/p_test.rego", Text: tests}))
	if len(tested.Errors) > 0 {
		t.Fatalf("refused: %+v", tested.Errors)
	}
	byName := map[string]Result{}
	for _, result := range tested.Results {
		if result.Package != "mesh.finance.test.p" || result.File != "test/p_test.rego" {
			t.Errorf("%+v is not where it stands", result)
		}
		byName[result.Name] = result
	}
	cases := []struct {
		name, outcome string
		row           int
		message       string
		failedAt      *Fault
	}{
		{"test_pass", "pass", 5, "", nil},
		{"test_fail", "fail", 7, "seen", &Fault{"test_failed", "count(p.deny) == 0", "test/p_test.rego", 9, 2}},
		{"test_error", "error", 12, "eval_conflict_error", nil},
		{"todo_test_skip", "skip", 23, "", nil},
		{"test_cases", "pass", 25, "", nil},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have, found := byName[each.name]
			if !found || have.Outcome != each.outcome || have.Row != each.row || !strings.Contains(have.Message, each.message) {
				t.Fatalf("have %+v", have)
			}
			if have.FailedAt == nil && each.failedAt == nil {
				return
			}
			if have.FailedAt == nil || each.failedAt == nil {
				t.Fatalf("failed at %+v", have.FailedAt)
			}
			want := *each.failedAt
			if !strings.Contains(have.FailedAt.Message, want.Message) {
				t.Errorf("failed at %+v", have.FailedAt)
			}
			if want.Message = have.FailedAt.Message; *have.FailedAt != want {
				t.Errorf("failed at %+v", have.FailedAt)
			}
		})
	}
}

func TestTestNamesWhatFailed(t *testing.T) {
	cases := []struct {
		name, test string
		want       Fault
	}{
		{"the first expression", "test_x if {\n\tcount(p.deny) == 7\n\tp.deny\n}\n", Fault{"", "count(p.deny) == 7", "", 6, 2}},
		{"a reference that is undefined", "test_x if {\n\tcount(p.deny) == 1\n\tp.permit\n}\n", Fault{"", "p.permit", "", 7, 2}},
		{"a negation", "test_x if {\n\tcount(p.deny) == 1\n\tnot p.deny\n}\n", Fault{"", "not p.deny", "", 7, 2}},
		{"with an input", "test_x if p.deny == set() with input as {\"product\": {}}\n", Fault{"", "p.deny == set() with input as", "", 5, 11}},
		{"after an iteration, how far it came", "test_x if {\n\tsome n in [3, 1, 2]\n\tn < 3\n\tn == 7\n\tp.deny\n}\n", Fault{"", "n == 7", "", 8, 2}},
		{"inside every", "test_x if {\n\tevery n in [1, 2] {\n\t\tn < count(p.deny) + 1\n\t}\n}\n", Fault{"", "every n in [1, 2]", "", 6, 2}},
		{"an assignment", "test_x if {\n\tx := p.permit\n\tx == true\n}\n", Fault{"", "p.permit", "", 6, 2}},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			text := "package mesh.finance.test.p\n\nimport data.mesh.finance.policy.p\n\n" + each.test
			tested := ask[Tested](t, finance("test", policy("p", denying+"permit if input.product.owner\n"), File{Path: "test/p_test.rego", Text: text}))
			if len(tested.Results) != 1 || tested.Results[0].Outcome != "fail" || tested.Results[0].FailedAt == nil {
				t.Fatalf("have %+v", tested)
			}
			have := *tested.Results[0].FailedAt
			if have.Row != each.want.Row || have.Column != each.want.Column || !strings.Contains(have.Message, each.want.Message) {
				t.Errorf("have %+v", have)
			}
		})
	}
}

func TestTestFilter(t *testing.T) {
	request := finance("test", policy("p", denying), File{Path: "test/p_test.rego", Text: tests})
	request.Filter = "test_(pass|fail)$"
	tested := ask[Tested](t, request)
	if len(tested.Results) != 2 || tested.Results[0].Name != "test_pass" || tested.Results[1].Name != "test_fail" {
		t.Errorf("have %+v", tested.Results)
	}
	request.Filter = "("
	if tested := ask[Tested](t, request); len(tested.Errors) != 1 || len(tested.Results) != 0 {
		t.Errorf("a malformed filter gave %+v", tested)
	}
}

func TestTestSeesLibrariesAndData(t *testing.T) {
	request := finance("test",
		policy("p", "deny contains \"x\" if input.product.name in data.mesh.finance.data.names\n"),
		File{Path: "data/names.json", Text: `["a"]`},
		File{Path: "test/p_test.rego", Text: "package mesh.finance.test.p\n\nimport data.mesh.finance.policy.p\nimport data.mesh.global.lib.l\n\n" +
			"test_own if count(p.deny) == 1 with input.product.name as \"a\"\n\n" +
			"test_replaced if count(p.deny) == 0 with input.product.name as \"a\" with data.mesh.finance.data.names as []\n\n" +
			"test_outer if l.x == data.mesh.global.data.d.x\n"})
	request.Libraries = []Library{{Layer: "global", Files: []File{
		{Path: "lib/l.rego", Text: "package mesh.global.lib.l\n\nx := data.mesh.global.data.d.x\n"},
		{Path: "data/d.json", Text: `{"x": 3}`},
	}}}
	tested := ask[Tested](t, request)
	if len(tested.Errors) > 0 || len(tested.Results) != 3 {
		t.Fatalf("have %+v", tested)
	}
	for _, result := range tested.Results {
		if result.Outcome != "pass" {
			t.Errorf("have %+v", result)
		}
	}
}

func TestTestRunsNothingOfAFaultyBundle(t *testing.T) {
	tested := ask[Tested](t, finance("test", policy("p", "deny if true\n"), File{Path: "test/p_test.rego", Text: tests}))
	if len(tested.Errors) == 0 || len(tested.Results) != 0 {
		t.Errorf("have %+v", tested)
	}
}
