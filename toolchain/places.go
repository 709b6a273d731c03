package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// refused are built-ins whose answer a replay could not repeat, or that reach out of the decision.
var refused = map[string]string{
	"http.send":          "a decision reaches no network",
	"net.lookup_ip_addr": "a decision reaches no network",
	"opa.runtime":        "a decision does not depend on where it is made",
	"rand.intn":          "a replay could not repeat it",
	"uuid.rfc4122":       "a replay could not repeat it",
}

// Builtin is a built-in that the bundle calls, with the first place where it does.
type Builtin struct {
	Name   string `json:"name"`
	File   string `json:"file"`
	Row    int    `json:"row"`
	Column int    `json:"column"`
}

// checkPlaces holds every module to its layer's own packages and to what the layers above offer.
func (bundle *parsed) checkPlaces() {
	own := packageOf(bundle.layer)
	outer := outerLayers(bundle.layer)
	policy := []string{own + ".policy", own + ".lib", own + ".data"}
	for _, layer := range outer {
		policy = append(policy, packageOf(layer)+".lib")
	}
	withData := slices.Clone(policy)
	for _, layer := range outer {
		withData = append(withData, packageOf(layer)+".data")
	}
	for _, label := range sortedKeys(bundle.policies) {
		bundle.checkReferences(bundle.policies[label], label, policy)
	}
	for _, label := range sortedKeys(bundle.libraries) {
		bundle.checkReferences(bundle.libraries[label], label, withData)
	}
	for _, label := range sortedKeys(bundle.tests) {
		bundle.checkReferences(bundle.tests[label], label, append(slices.Clone(withData), own+".test"))
	}
}

func (bundle *parsed) checkReferences(module *ast.Module, label string, allowed []string) {
	packageRef := module.Package.Path
	ast.WalkRefs(module, func(ref ast.Ref) bool {
		if !ref.HasPrefix(ast.DefaultRootRef) || ref.Equal(packageRef) {
			return false
		}
		path := strings.Join(segmentsOf(ref), ".")
		if !slices.ContainsFunc(allowed, func(prefix string) bool { return path == prefix || strings.HasPrefix(path, prefix+".") }) {
			bundle.faults = append(bundle.faults, at(ref[0].Location, label, "rego_root_error",
				fmt.Sprintf("`%s` lies outside what `%s` may read: %s", ref, bundle.layer, strings.Join(allowed, ", "))))
		}
		return false
	})
}

// outerLayers are global and the domains around a layer, outermost first.
func outerLayers(layer string) []string {
	if layer == "global" {
		return nil
	}
	outer := []string{"global"}
	segments := strings.Split(layer, "/")
	for depth := 1; depth < len(segments); depth++ {
		outer = append(outer, strings.Join(segments[:depth], "/"))
	}
	return outer
}

// checkBuiltins lists the built-ins that decisions call and refuses those that nothing may use, tests included.
func (bundle *parsed) checkBuiltins() []Builtin {
	called := []Builtin{}
	seen := map[string]bool{}
	for _, modules := range []map[string]*ast.Module{bundle.outer, bundle.libraries, bundle.policies, bundle.tests} {
		for _, label := range sortedKeys(modules) {
			ast.WalkRefs(modules[label], func(ref ast.Ref) bool {
				name := ref.String()
				_, known := ast.BuiltinMap[name]
				if !known || ref[0].Location == nil {
					return false
				}
				location := ref[0].Location
				if reason, forbidden := refused[name]; forbidden {
					bundle.faults = append(bundle.faults, at(location, label, "rego_builtin_refused",
						fmt.Sprintf("the built-in `%s` is refused: %s", name, reason)))
				}
				if _, isTest := bundle.tests[label]; !isTest && !seen[name] {
					seen[name] = true
					called = append(called, Builtin{Name: name, File: label, Row: location.Row, Column: location.Col})
				}
				return false
			})
		}
	}
	return called
}

func sortedKeys[T any](values map[string]T) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}
