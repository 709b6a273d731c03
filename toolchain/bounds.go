package main

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// bounds are the comparisons with constants that one reference has to meet at once.
type bounds struct {
	met []bound
}

type bound struct {
	operator string
	value    ast.Value
	at       *ast.Location
}

// add takes one more comparison, and gives the place of one that excludes it, or nil.
func (limits *bounds) add(operator string, value ast.Value, at *ast.Location) *ast.Location {
	added := bound{operator, value, at}
	defer func() { limits.met = append(limits.met, added) }()
	for _, other := range limits.met {
		if added.excludes(other) || other.excludes(added) {
			return other.at
		}
	}
	return nil
}

// excludes says whether no value can meet both.
func (one bound) excludes(other bound) bool {
	switch one.operator {
	case "==":
		return !holds(one.value, other.operator, other.value)
	case "in":
		candidates := elementsOf(one.value)
		return len(candidates) > 0 && !slices.ContainsFunc(candidates, func(each ast.Value) bool {
			return holds(each, other.operator, other.value)
		})
	case "<", "<=":
		if other.operator == ">" || other.operator == ">=" {
			order := other.value.Compare(one.value)
			return order > 0 || order == 0 && (one.operator == "<" || other.operator == ">")
		}
	}
	return false
}

// holds compares two constants as Rego does.
func holds(left ast.Value, operator string, right ast.Value) bool {
	order := left.Compare(right)
	contained := func() bool {
		return slices.ContainsFunc(elementsOf(right), func(each ast.Value) bool { return each.Compare(left) == 0 })
	}
	switch operator {
	case "==":
		return order == 0
	case "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "in":
		return contained()
	default:
		return !contained()
	}
}

// elementsOf are the values that `in` looks through.
func elementsOf(collection ast.Value) []ast.Value {
	var values []ast.Value
	take := func(term *ast.Term) { values = append(values, term.Value) }
	switch collection := collection.(type) {
	case *ast.Array:
		collection.Foreach(take)
	case ast.Set:
		collection.Foreach(take)
	case ast.Object:
		collection.Foreach(func(_, value *ast.Term) { take(value) })
	}
	return values
}

// constantsOf are the values that a comparison names.
func constantsOf(compared comparison) []ast.Value {
	if strings.HasSuffix(compared.operator, "in") {
		return elementsOf(compared.right.Value)
	}
	if compared.operator == "==" || compared.operator == "!=" {
		return []ast.Value{compared.right.Value}
	}
	return nil
}

// nameOf is what stands for the same value throughout a body: a variable, or a reference without calls and without
// wildcards, each of which is a variable of its own.
func nameOf(term *ast.Term) (string, bool) {
	switch value := term.Value.(type) {
	case ast.Var:
		return string(value), !value.IsWildcard()
	case ast.Ref:
		for _, segment := range value[1:] {
			if variable, isVar := segment.Value.(ast.Var); isVar && variable.IsWildcard() || !isVar && !ast.IsScalar(segment.Value) {
				return "", false
			}
		}
		return value.String(), true
	}
	return "", false
}

// sourceOf is the text of an expression in one line.
func sourceOf(at *ast.Location) string {
	return strings.Join(strings.Fields(string(at.Text)), " ")
}

func plainText(value ast.Value) string {
	if text, isText := value.(ast.String); isText {
		return string(text)
	}
	return value.String()
}

func textsOf(values []ast.Value) []string {
	texts := make([]string, 0, len(values))
	for _, each := range values {
		texts = append(texts, plainText(each))
	}
	return texts
}

func listed(values []ast.Value) string {
	return strings.Join(textsOf(values), ", ")
}
