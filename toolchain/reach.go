package main

import (
	"maps"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// reachableData is the part of the data document that the policies can read: the files that they and the libraries
// that they import refer to. Otherwise each layer's module would carry the data of every layer above it.
func (bundle *parsed) reachableData() map[string]any {
	references := bundle.references()
	data := map[string]any{}
	for _, file := range bundle.dataFiles {
		if slices.ContainsFunc(references, func(path string) bool { return meet(path, file.path) }) {
			put(data, strings.Split(file.path, "."), file.value)
		}
	}
	return data
}

// references are the paths below `data`, as far as they are constant, that the policies and the libraries that they
// lead to mention.
func (bundle *parsed) references() []string {
	libraries := map[string][]*ast.Module{}
	for _, modules := range []map[string]*ast.Module{bundle.outer, bundle.libraries} {
		for _, module := range modules {
			name := strings.Join(segmentsOf(module.Package.Path), ".")
			libraries[name] = append(libraries[name], module)
		}
	}
	references := []string{}
	waiting := slices.Collect(maps.Values(bundle.policies))
	for len(waiting) > 0 {
		module := waiting[0]
		waiting = waiting[1:]
		ast.WalkRefs(module, func(ref ast.Ref) bool {
			if !ref.HasPrefix(ast.DefaultRootRef) {
				return false
			}
			path := strings.Join(segmentsOf(ref), ".")
			references = append(references, path)
			for name, modules := range libraries {
				if meet(path, name) {
					waiting = append(waiting, modules...)
					delete(libraries, name)
				}
			}
			return false
		})
	}
	return references
}

// meet says whether one of two dotted paths lies within the other.
func meet(a, b string) bool {
	return a == b || a == "" || strings.HasPrefix(a, b+".") || strings.HasPrefix(b, a+".")
}

// put sets the value at a path, making the objects that lead to it.
func put(document map[string]any, path []string, value any) {
	for _, segment := range path[:len(path)-1] {
		inner, found := document[segment].(map[string]any)
		if !found {
			inner = map[string]any{}
			document[segment] = inner
		}
		document = inner
	}
	document[path[len(path)-1]] = value
}
