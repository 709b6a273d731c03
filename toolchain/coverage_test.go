package main

import (
	"reflect"
	"testing"
)

func TestCoverage(t *testing.T) {
	files := []File{
		lintPolicy("deny contains \"x\" if {\n\tinput.action.name == \"a\"\n\tl.abroad(input.context.region)\n}\n\npermit if input.action.name == \"b\"\n\npermit if {\n\tinput.action.name == \"c\"\n\tnot input.context.region\n}"),
		{"lib/l.rego", "package mesh.finance.lib.l\n\nabroad(region) if region != \"eu\"\n\nunread := 3\n"},
		{"lib/none.rego", "package mesh.finance.lib.none\n"},
		{"test/p_test.rego", "package mesh.finance.test.p\n\nimport data.mesh.finance.policy.p\n\ntest_a if count(p.deny) == 0 with input as {\"action\": {\"name\": \"b\"}}\n\ntest_b if p.permit with input as {\"action\": {\"name\": \"b\"}}\n\ntest_c if count(p.deny) == 1 with input as {\"action\": {\"name\": \"a\"}, \"context\": {\"region\": \"us\"}}\n"},
	}
	files[0].Text = "" + files[0].Text[:len(metadataToLint)] + "\nimport data.mesh.finance.lib.l\n" + files[0].Text[len(metadataToLint):]
	request := toLint("test", files...)
	if bare := ask[Tested](t, request); bare.Coverage != nil {
		t.Errorf("not asked for, it answers %+v", bare.Coverage)
	}
	request.Coverage = true
	have := ask[Tested](t, request)
	if len(have.Errors) > 0 || have.Coverage == nil {
		t.Fatalf("got %+v", have)
	}
	want := Coverage{
		Percent: 100 * 5.0 / 9, Covered: 5, NotCovered: 4,
		Files: []FileCoverage{
			{"lib/l.rego", 50, []Lines{{3, 3}}, []Lines{{5, 5}}},
			{"lib/none.rego", 100, []Lines{}, []Lines{}},
			{"policy/p.rego", 100 * 4.0 / 7, []Lines{{13, 15}, {18, 18}}, []Lines{{20, 22}}},
		},
	}
	if !reflect.DeepEqual(*have.Coverage, want) {
		t.Errorf("got %+v", *have.Coverage)
	}
}

func TestCoverageOfNoTests(t *testing.T) {
	request := toLint("test", lintPolicy("deny contains \"x\" if not input.action.name == \"a\""))
	request.Coverage = true
	if have := ask[Tested](t, request); have.Coverage.Percent != 0 || have.Coverage.NotCovered != 1 {
		t.Errorf("got %+v", have.Coverage)
	}
}
