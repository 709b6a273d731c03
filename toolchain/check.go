package main

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Checked is what every operation on a bundle answers: everything that is wrong, and what the policies say of themselves.
type Checked struct {
	Errors   []Fault   `json:"errors"`
	Policies []Policy  `json:"policies"`
	Builtins []Builtin `json:"builtins"`
}

// Linted is the answer to check with what is not wrong and yet most likely not meant.
type Linted struct {
	Checked
	Warnings []Fault `json:"warnings"`
}

// check also lints a bundle without faults; where there are some, warnings would only repeat what follows from them.
func check(request *Request) Linted {
	bundle, checked := checkBundle(request)
	linted := Linted{Checked: checked, Warnings: []Fault{}}
	if len(checked.Errors) == 0 {
		linted.Warnings = bundle.lint(checked.Policies, request.Schema)
	}
	return linted
}

// checkBundle parses a bundle, holds it to the rules of place, built-ins, metadata and shape, and compiles it
// in strict mode with the type of `input`. Every fault is reported, in the order of files and rows.
func checkBundle(request *Request) (*parsed, Checked) {
	bundle := parse(request)
	policies := bundle.describe()
	bundle.checkPlaces()
	builtins := bundle.checkBuiltins()
	if bundle.readable() {
		bundle.typeCheck(request.Schema)
	}
	slices.SortStableFunc(bundle.faults, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Message, b.Message))
	})
	bundle.faults = slices.Compact(bundle.faults)
	if bundle.faults == nil {
		bundle.faults = []Fault{}
	}
	return bundle, Checked{Errors: bundle.faults, Policies: policies, Builtins: builtins}
}

// readable says whether types can be checked: what is wrong so far stands in metadata, in data, or in which rules
// there are. After a fault of syntax, place or built-ins the compiler would repeat it or name what follows from it.
func (bundle *parsed) readable() bool {
	return !slices.ContainsFunc(bundle.faults, func(fault Fault) bool {
		return !strings.HasPrefix(fault.Code, "policy_") && fault.Code != "data_malformed"
	})
}

// typeCheck compiles policies and libraries against the schema, then the tests beside them without it, since
// tests build partial inputs.
func (bundle *parsed) typeCheck(schema json.RawMessage) {
	compiler := ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).SetErrorLimit(0)
	if len(schema) > 0 {
		var value any
		if err := json.Unmarshal(schema, &value); err != nil {
			bundle.faults = append(bundle.faults, Fault{Code: "bad_request", Message: "schema: " + err.Error()})
			return
		}
		schemas := ast.NewSchemaSet()
		schemas.Put(ast.SchemaRootRef, value)
		compiler = compiler.WithSchemas(schemas)
	}
	if compiler.Compile(bundle.modules(false)); compiler.Failed() {
		bundle.faults = append(bundle.faults, bundle.faultsOf(compiler.Errors, "")...)
	}
	if len(bundle.tests) == 0 {
		return
	}
	withTests := ast.NewCompiler().WithStrict(true).WithCapabilities(capabilities()).SetErrorLimit(0)
	if withTests.Compile(bundle.modules(true)); withTests.Failed() {
		for _, fault := range bundle.faultsOf(withTests.Errors, "") {
			// What is wrong outside tests was found above, with the types of input.
			if _, inTest := bundle.tests[fault.File]; inTest || !compiler.Failed() {
				bundle.faults = append(bundle.faults, fault)
			}
		}
	}
}

// modules are copies, since compiling rewrites what it is given.
func (bundle *parsed) modules(tests bool) map[string]*ast.Module {
	all := map[string]*ast.Module{}
	sources := []map[string]*ast.Module{bundle.outer, bundle.libraries, bundle.policies}
	if tests {
		sources = append(sources, bundle.tests)
	}
	for _, source := range sources {
		maps.Copy(all, source)
	}
	for label, module := range all {
		all[label] = module.Copy()
	}
	return all
}

// capabilities are OPA's without the built-ins that are refused.
func capabilities() *ast.Capabilities {
	all := ast.CapabilitiesForThisVersion()
	all.Builtins = slices.DeleteFunc(all.Builtins, func(builtin *ast.Builtin) bool {
		_, forbidden := refused[builtin.Name]
		return forbidden
	})
	return all
}
