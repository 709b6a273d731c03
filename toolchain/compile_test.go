package main

import (
	"slices"
	"strings"
	"testing"
)

func TestCompileGivesEqualBytes(t *testing.T) {
	library := Library{Layer: "global", Files: []File{
		{Path: "lib/a.rego", Text: "package mesh.global.lib.a\n\nlong(name) if count(name) > 3\n"},
		{Path: "lib/b.rego", Text: "package mesh.global.lib.b\n\nshort(name) if count(name) < data.mesh.global.data.d.a\n"},
		{Path: "data/d.json", Text: `{"z": 9007199254740993, "a": 2.50}`},
		{Path: "data/unread.json", Text: `{"large": true}`},
	}}
	files := []File{
		policy("p", "import data.mesh.global.lib.a\nimport data.mesh.finance.lib.own\n\ndeny contains \"x\" if a.long(input.product.name)\n\npermit if own.ok\n"),
		policy("q", "import data.mesh.global.lib.b\n\ndeny contains \"y\" if b.short(input.product.name)\n\nadvice contains \"z\" if input.product.owner\n"),
		{Path: "lib/own.rego", Text: "package mesh.finance.lib.own\n\nok if data.mesh.finance.data.d.on\n"},
		{Path: "data/d.json", Text: `{"on": true}`},
	}
	request := finance("compile", files...)
	request.Libraries = []Library{library}
	first := ask[Compiled](t, request)
	if len(first.Errors) > 0 || first.Wasm == "" {
		t.Fatalf("refused: %+v", first.Errors)
	}
	data := first.Data
	if want := `{"mesh":{"finance":{"data":{"d":{"on":true}}},"global":{"data":{"d":{"a":2.50,"z":9007199254740993}}}}}`; string(data) != want {
		t.Errorf("data are %s", data)
	}

	again := ask[Compiled](t, request)
	slices.Reverse(request.Files)
	slices.Reverse(request.Libraries[0].Files)
	reversed := ask[Compiled](t, request)
	tested := ask[Compiled](t, finance("compile", append(files, File{Path: "test/p_test.rego", Text: "package mesh.finance.test.p\n"})...))
	if again.Wasm != first.Wasm {
		t.Error("the same request gave other bytes")
	}
	if reversed.Wasm != first.Wasm {
		t.Error("another order of files gave other bytes")
	}
	if tested.Wasm != "" {
		t.Error("compiled without the library that it imports")
	}

	request.Files = append(slices.Clone(files), File{Path: "test/p_test.rego", Text: "package mesh.finance.test.p\n\ntest_x if true\n"})
	if withTests := ask[Compiled](t, request); withTests.Wasm != first.Wasm {
		t.Error("tests changed what is compiled")
	}
	request.Files = append(slices.Clone(files), policy("r", denying))
	if withAnother := ask[Compiled](t, request); withAnother.Wasm == first.Wasm {
		t.Error("another policy changed nothing")
	}
}

func TestCompiledModuleIsWhole(t *testing.T) {
	compiled := ask[Compiled](t, finance("compile",
		policy("p", "deny contains \"x\" if data.mesh.finance.data.d.on\n"), File{Path: "data/d.json", Text: `{"on": 1.50}`}))
	found := map[string]string{}
	for _, section := range moduleOf(t, compiled.Wasm).sections {
		in := &wasmReader{bytes: section.content}
		if section.id == sectionCustom {
			name := string(in.take(in.unsigned()))
			found[name] += string(in.bytes[in.at:])
		}
	}
	if want := string(encode(compiled.Policies)); found[policiesSection] != want {
		t.Errorf("policies are %s, not %s", found[policiesSection], want)
	}
	if want := `{"mesh":{"finance":{"data":{"d":{"on":1.50}}}}}`; found[dataSection] != want || compiled.Data != want {
		t.Errorf("data are %s and %s, not %s", found[dataSection], compiled.Data, want)
	}
}

func TestCompileEntrypoints(t *testing.T) {
	applying := func(name, kinds, rules string) File {
		text := strings.Replace(metadata, "publish, access", kinds, 1)
		return File{Path: "policy/" + name + ".rego", Text: text + "package mesh.finance.policy." + name + "\n" + rules}
	}
	cases := []struct {
		name  string
		files []File
		want  []string
	}{
		{"no policy", []File{{Path: "lib/l.rego", Text: "package mesh.finance.lib.l\n\nx := 1\n"}}, nil},
		{"one for each kind that is met, then one for each policy", []File{applying("b", "consume", denying), applying("a", "publish", denying)},
			[]string{"witan/publish", "witan/consume", "witan/policy/a", "witan/policy/b"}},
		{"a policy of two kinds", []File{applying("a", "access, publish", denying)},
			[]string{"witan/publish", "witan/access", "witan/policy/a"}},
		{"a policy that has the name of a kind", []File{applying("publish", "publish", denying), applying("policy", "publish", denying)},
			[]string{"witan/publish", "witan/policy/policy", "witan/policy/publish"}},
		{"a policy that has the name of a built-in", []File{applying("count", "publish", denying)},
			[]string{"witan/publish", "witan/policy/count"}},
		{"permit alone, which says nothing of other kinds", []File{applying("a", "publish, access, consume", "permit if input.product.name\n")},
			[]string{"witan/publish", "witan/access", "witan/consume", "witan/policy/a"}},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			compiled := ask[Compiled](t, finance("compile", each.files...))
			if len(compiled.Errors) > 0 {
				t.Fatalf("refused: %+v", compiled.Errors)
			}
			if !slices.Equal(compiled.Entrypoints, each.want) || (compiled.Wasm == "") != (each.want == nil) {
				t.Errorf("have %v, want %v", compiled.Entrypoints, each.want)
			}
		})
	}
	t.Run("a bundle with a fault gives none", func(t *testing.T) {
		compiled := ask[Compiled](t, finance("compile", policy("a", denying), policy("b", "deny if true\n")))
		if len(compiled.Errors) != 1 || compiled.Wasm != "" || compiled.Entrypoints != nil {
			t.Errorf("have %+v", compiled.Errors)
		}
	})
}

func TestEntryModule(t *testing.T) {
	policies := []Policy{{Name: "p", Package: "mesh.finance.policy.p", AppliesTo: []string{"publish", "access"}, Rules: []string{"deny", "permit"}}}
	source, _ := entryModule(policies)
	said := func(head, name, rule, silence string) string {
		return head + " := said if {\n\t" + name + "\n\tsaid := data.mesh.finance.policy.p." + rule + "\n\tsaid != " + silence + "\n}\n\n"
	}
	want := map[string]string{
		"witan.rego": "package witan\n\n" +
			said(`publish[policy]["deny"]`, `policy := "p"`, "deny", "set()") +
			said(`access[policy]["deny"]`, `policy := "p"`, "deny", "set()") +
			said(`access[policy]["permit"]`, `policy := "p"`, "permit", "false"),
		"witan/p.rego": "package witan.policy\n\n" + said("p[rule]", `rule := "deny"`, "deny", "set()") +
			said("p[rule]", `rule := "permit"`, "permit", "false"),
	}
	for _, label := range sortedKeys(want) {
		if source[label] != want[label] {
			t.Errorf("%s is\n%s", label, source[label])
		}
	}
}
