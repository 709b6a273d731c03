package main

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// meant is the name that was probably meant where OPA found none: a member of the input, a function, or a name of
// the module. It is empty when nothing is near enough, or when the error is about something else.
func (bundle *parsed) meant(err *ast.Error) string {
	if detail, isRef := err.Details.(*ast.RefErrInvalidDetail); isRef {
		return nearestMember(detail)
	}
	if bundle == nil {
		return ""
	}
	if name, found := strings.CutPrefix(err.Message, "undefined function "); found && err.Code == ast.TypeErr {
		return bundle.nearestFunction(name, err.Location)
	}
	name, found := strings.CutPrefix(err.Message, "var ")
	if name, isUnsafe := strings.CutSuffix(name, " is unsafe"); found && isUnsafe && err.Code == ast.UnsafeVarErr {
		return nearest(name, bundle.namesIn(err.Location))
	}
	return ""
}

// nearestMember looks among the members that OPA would have accepted.
func nearestMember(detail *ast.RefErrInvalidDetail) string {
	if detail.Pos >= len(detail.Ref) {
		return ""
	}
	written, isText := detail.Ref[detail.Pos].Value.(ast.String)
	if !isText {
		return ""
	}
	names := make([]string, 0, len(detail.OneOf))
	for _, each := range detail.OneOf {
		if name, isName := each.(ast.String); isName {
			names = append(names, string(name))
		}
	}
	return nearest(string(written), names)
}

// nearestFunction looks among built-ins and the functions of the module itself, or, for a function of another
// module, among the functions there; what is in another module is named without its package.
func (bundle *parsed) nearestFunction(name string, location *ast.Location) string {
	if !strings.HasPrefix(name, "data.") {
		names := bundle.namesIn(location)
		for _, builtin := range capabilities().Builtins {
			if builtin.Infix == "" && !strings.HasPrefix(builtin.Name, "internal.") {
				names = append(names, builtin.Name)
			}
		}
		return nearest(name, names)
	}
	cut := strings.LastIndexByte(name, '.')
	for _, module := range bundle.modules(false) {
		if module.Package.Path.String() == name[:cut] {
			return nearest(name[cut+1:], rulesIn(module))
		}
	}
	return ""
}

// namesIn are the rules and imports that the module at a location may name.
func (bundle *parsed) namesIn(location *ast.Location) []string {
	if location == nil {
		return nil
	}
	for _, modules := range []map[string]*ast.Module{bundle.policies, bundle.libraries, bundle.tests} {
		if module, found := modules[location.File]; found {
			names := rulesIn(module)
			for _, each := range module.Imports {
				names = append(names, string(each.Name()))
			}
			return names
		}
	}
	return nil
}

func rulesIn(module *ast.Module) []string {
	names := make([]string, 0, len(module.Rules))
	for _, rule := range module.Rules {
		names = append(names, ruleName(rule))
	}
	return names
}

// nearest is the candidate that a name was probably meant for, the alphabet deciding between equals: two slips off, one
// for a short name; one of two letters or fewer is never guessed at.
func nearest(name string, candidates []string) string {
	limit := 0
	switch {
	case len(name) > 5:
		limit = 2
	case len(name) > 2:
		limit = 1
	}
	best, bestOff := "", limit+1
	for _, candidate := range slices.Sorted(slices.Values(candidates)) {
		if off := distance(name, candidate); off > 0 && off < bestOff {
			best, bestOff = candidate, off
		}
	}
	return best
}

// distance counts the slips between two names, in bytes: a letter too many, too few, another, or two swapped
// (Levenshtein's with adjacent transpositions).
func distance(a, b string) int {
	var before []int
	last := make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			substitution := last[j-1]
			if a[i-1] != b[j-1] {
				substitution++
			}
			row[j] = min(last[j]+1, row[j-1]+1, substitution)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
