package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ir"
)

// readsIn is what the section of a compiled module says of each entrypoint, as JSON text.
func readsIn(t *testing.T, compiled Compiled) map[string]string {
	t.Helper()
	if len(compiled.Errors) > 0 {
		t.Fatalf("refused: %+v", compiled.Errors)
	}
	texts := map[string]string{}
	for _, section := range moduleOf(t, compiled.Wasm).sections {
		in := &wasmReader{bytes: section.content}
		if section.id != sectionCustom || string(in.take(in.unsigned())) != readsSection {
			continue
		}
		var forms map[string]json.RawMessage
		if err := json.Unmarshal(in.bytes[in.at:], &forms); err != nil {
			t.Fatal(err)
		}
		for entrypoint, form := range forms {
			texts[entrypoint] = string(form)
		}
	}
	return texts
}

// pathsOf writes a form as dotted paths: `*` for each element, `+` after what is read as a whole.
func pathsOf(t *testing.T, text string) string {
	t.Helper()
	var form any
	if err := json.Unmarshal([]byte(text), &form); err != nil {
		t.Fatal(err)
	}
	var paths []string
	var walk func(form any, path string)
	walk = func(form any, path string) {
		object, isObject := form.(map[string]any)
		if !isObject {
			paths = append(paths, path+"+")
			return
		}
		if len(object) == 0 {
			paths = append(paths, path)
		}
		if each, found := object["each"]; found {
			walk(each, strings.TrimPrefix(path+".*", "."))
		}
		members, _ := object["members"].(map[string]any)
		for _, name := range sortedKeys(members) {
			walk(members[name], strings.TrimPrefix(path+"."+name, "."))
		}
	}
	walk(form, "")
	slices.Sort(paths)
	return strings.Join(paths, " ")
}

func TestReads(t *testing.T) {
	library := File{Path: "lib/l.rego", Text: `package mesh.finance.lib.l

name(thing) := thing.name

deep(thing) := thing.inner

either(thing) := thing.a if thing.kind == "a"

either(thing) := thing.b if thing.kind == "b"

product := input.product

names contains input.product.name

columns contains column if {
	some contract in input.contracts
	some column in contract.columns
}

by_id[contract.id] := contract.owner if some contract in input.contracts

owner_of(id) := by_id[id]
`}
	cases := []struct{ name, rules, want string }{
		{"nothing", `deny contains "x" if 1 == 1`, ""},
		{"a member that must be true", `deny contains "x" if input.a`, "a"},
		{"a member that must not be", `deny contains "x" if not input.a.b`, "a.b"},
		{"a member that is compared with a text", `deny contains "x" if input.a == "b"`, "a"},
		{"a member that is compared with a number", `deny contains "x" if input.a == 1`, "a+"},
		{"members that are compared", `deny contains "x" if input.a != input.b`, "a+ b+"},
		{"a member that is compared with an empty object", `deny contains "x" if input.a == {}`, "a.*"},
		{"a member of another name", `deny contains "x" if input["a b"]["*"]`, "a b.*"},
		{"an index", `deny contains "x" if input.a[0].b`, "a.*.b"},
		{"a key that is read", `deny contains "x" if input.a[input.b].c`, "a.*.c b+"},
		{"the whole input", `deny contains "x" if input == {}`, "*"},
		{"the whole input by a variable", `deny contains "x" if {
	whole := input
	count(json.marshal(whole)) > 3
}`, "+"},
		{"a member of a variable", `deny contains "x" if {
	a := input.a
	a.b.c
}`, "a.b.c"},
		{"what is said", `deny contains {"message": "x", "at": input.a}`, "a+"},
		{"what is put into a text", `deny contains sprintf("%v %v", [input.a.b, input.c])`, "a.b+ c+"},
		{"elements by some", `deny contains "x" if {
	some a in input.as
	not a.b
}`, "as.*.b"},
		{"keys and elements", `deny contains name if {
	some name, a in input.as
	a.b == "c"
}`, "as.*.b"},
		{"keys alone", `deny contains name if some name, _ in input.as`, "as.*"},
		{"elements by a wildcard", `deny contains "x" if input.as[_].bs[_].c == 1`, "as.*.bs.*.c+"},
		{"a named member beside each", `deny contains "x" if {
	some a in input.as
	a.b
	input.as.first.c
}`, "as.*.b as.first.b as.first.c"},
		{"membership", `deny contains "x" if "a" in input.as`, "as+"},
		{"membership of a member", `deny contains "x" if input.a.b in {"c", "d"}`, "a.b+"},
		{"every", `deny contains "x" if every a in input.as { a.b == "c" }`, "as.*.b"},
		{"count", `deny contains "x" if count(input.as) > 2`, "as.*"},
		{"keys of an object", `deny contains "x" if "a" in object.keys(input.as)`, "as.*"},
		{"a type", `deny contains "x" if is_object(input.a)`, "a"},
		{"a default", `deny contains "x" if object.get(input.a, "b", {}).c`, "a.b.c"},
		{"a default that is read", `deny contains "x" if object.get(input.a, "b", input.d).c`, "a.b.c d.c"},
		{"a default at a path", `deny contains "x" if object.get(input, ["a", "b"], "").c`, "a.b.c"},
		{"a default at a path in a loop", `deny contains "x" if {
	some a in input.as
	object.get(a, ["b", "c"], "").d
}`, "as.*.b.c.d"},
		{"a default at a path that a loop makes", `deny contains "x" if {
	path := [name | some a in input.as; name := "b"]
	object.get(input.c, path, "").d
}`, "as.* c+"},
		{"a default at a path that is computed", `deny contains "x" if object.get(input.a, ["a", input.b], "")`, "a+ b+"},
		{"a default at a key that is computed", `deny contains "x" if object.get(input.a, input.b, "")`, "a+ b+"},
		{"the pattern of an array", `deny contains "x" if {
	[first, _] := input.as
	first.b
}`, "as.*.b"},
		{"the pattern of an object", `deny contains "x" if {
	{"b": b, "c": _} := input.a
	b.d
}`, "a.* a.b.d a.c.d"},
		{"walk", `deny contains "x" if {
	walk(input.a, [_, value])
	value == "b"
}`, "a+"},
		{"another built-in", `deny contains "x" if startswith(input.a, lower(input.b))`, "a+ b+"},
		{"json.filter", `deny contains "x" if json.filter(input.a, ["b"]) == {}`, "a+"},
		{"an array comprehension", `deny contains "x" if count([a.b | some a in input.as]) > 1`, "as.*.b+"},
		{"a set comprehension", `deny contains "x" if count({a | some a in input.as; a.b}) > 1`, "as+"},
		{"an object comprehension", `deny contains "x" if {
	found := {a.id: a.b | some a in input.as}
	found[input.c].d
}`, "as.*.b+ as.*.id+ c+"},
		{"a function", `deny contains "x" if data.mesh.finance.lib.l.name(input.a) == "b"`, "a.name"},
		{"a function of a function", `deny contains "x" if data.mesh.finance.lib.l.name(data.mesh.finance.lib.l.deep(input.a)) == "b"`, "a.inner.name"},
		{"a function with two results", `deny contains "x" if data.mesh.finance.lib.l.either(input.c).d`, "c.a+ c.b+ c.kind"},
		{"a rule that stands for a place", `deny contains "x" if data.mesh.finance.lib.l.product.owner`, "product.owner"},
		{"a set", `deny contains "x" if "y" in data.mesh.finance.lib.l.names`, "product.name+"},
		{"a set of what is iterated", `deny contains "x" if {
	some column in data.mesh.finance.lib.l.columns
	column.a
}`, "contracts.*.columns+"},
		{"an object of rules", `deny contains "x" if data.mesh.finance.lib.l.owner_of(input.c).d`, "c+ contracts.*.id+ contracts.*.owner+"},
		{"a rule by a name that is computed", `deny contains "x" if data.mesh.finance.lib.l[input.c].d`,
			"c+ contracts.*.columns+ contracts.*.id+ contracts.*.owner+ product.d product.name+"},
		{"another input", `deny contains "x" if data.mesh.finance.lib.l.product.owner with input as {"product": input.a}`, "a+"},
		{"a part of the input as another", `deny contains "x" if data.mesh.finance.lib.l.product.owner with input as input.other`, "other.product.owner"},
		{"a part of the input in another place", `deny contains "x" if data.mesh.finance.lib.l.product.owner with input.product.team as input.a.b`,
			"a.b+ product.owner product.team"},
		{"other data", `deny contains "x" if data.mesh.finance.data.d.e with data.mesh.finance.data.d as input.a`, "a+"},
		{"else", `deny contains "x" if chosen.c

chosen := input.a if {
	input.a.b
} else := input.d`, "a+ d+"},
		{"two rules that use their variables otherwise", `deny contains "x" if {
	a := input.a
	a.b == input.c
}

deny contains "y" if {
	d := input.d
	d.e
}`, "a.b+ c+ d.e"},
		{"two inputs of the same function", `deny contains "x" if {
	data.mesh.finance.lib.l.name(input.a)
	not data.mesh.finance.lib.l.product.owner with input as input.other
	data.mesh.finance.lib.l.product.owner
}`, "a.name other.product.owner product.owner"},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			rules := each.rules
			request := finance("compile", policy("p", rules+"\n"), library, File{Path: "data/d.json", Text: `{"e": 1}`})
			request.Schema = nil
			reads := readsIn(t, ask[Compiled](t, request))
			if paths := pathsOf(t, reads["witan/policy/p"]); paths != each.want {
				t.Errorf("`%s` are read, not `%s`", paths, each.want)
			}
		})
	}
}

func TestReadsOfCallsInOneAnotherHaveALimit(t *testing.T) {
	request := finance("compile", policy("p", `deny contains "x" if deep(deep(deep(input)))

deep(thing) := thing.a
`))
	request.Schema = nil
	reads := readsIn(t, ask[Compiled](t, request))
	want := "true"
	for range readDepthLimit {
		want = `{"members":{"a":` + want + "}}"
	}
	if reads["witan/policy/p"] != want {
		t.Errorf("%s is read", reads["witan/policy/p"])
	}
}

func TestReadsOfAKindAreThoseOfItsPolicies(t *testing.T) {
	request := finance("compile",
		policy("p", "deny contains \"x\" if input.a.b\n"),
		policy("q", "deny contains \"x\" if input.a.c\n\npermit if input.d\n"))
	request.Schema = nil
	reads := readsIn(t, ask[Compiled](t, request))
	for entrypoint, want := range map[string]string{
		"witan/publish":  `{"members":{"a":{"members":{"b":{},"c":{}}}}}`,
		"witan/access":   `{"members":{"a":{"members":{"b":{},"c":{}}},"d":{}}}`,
		"witan/policy/p": `{"members":{"a":{"members":{"b":{}}}}}`,
	} {
		if reads[entrypoint] != want {
			t.Errorf("%s reads %s, not %s", entrypoint, reads[entrypoint], want)
		}
	}
}

func TestReadsHaveALimit(t *testing.T) {
	tree := newReadTree()
	for index := range readPlacesLimit {
		tree.root.member(fmt.Sprintf("a%d", index))
	}
	if tree.root.whole {
		t.Error("everything is read too early")
	}
	if tree.root.member("b"); !tree.root.whole {
		t.Error("there is no limit")
	}
}

// What is read of each is said of every named member too, which may be far more than there are places.
func TestWhatIsSaidOfReadsHasALimit(t *testing.T) {
	tree := newReadTree()
	places := []*readPlace{tree.root}
	for range 12 {
		var below []*readPlace
		for _, place := range places {
			for _, name := range []string{"a", "b", "c"} {
				below = append(below, place.member(name))
			}
			below = append(below, place.element())
		}
		places = below[len(below)-4:]
	}
	if form := tree.written(); form != true {
		t.Errorf("%d places were written", tree.places)
	}
}

func TestEveryStatementOfAPlanIsKnown(t *testing.T) {
	for name, statement := range ir.StmtKinds() {
		switch statement.(type) {
		case *ir.CallStmt, *ir.CallDynamicStmt, *ir.BlockStmt, *ir.ScanStmt, *ir.NotStmt, *ir.WithStmt, *ir.DotStmt, *ir.AssignVarStmt,
			*ir.AssignVarOnceStmt, *ir.ReturnLocalStmt, *ir.EqualStmt, *ir.NotEqualStmt:
			continue
		}
		if err := newPlanFrame(nil, nil).use(statement); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
