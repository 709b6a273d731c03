package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// alternativeOf tells what a rule says from what must hold for it.
func alternativeOf(body ast.Body, input shape) Alternative {
	alternative := Alternative{Conditions: []Condition{}}
	for _, expr := range body {
		if said := otherSide(expr, residualVar); said != nil {
			alternative.Says = strings.TrimSpace(regoOf(said))
			if ast.IsConstant(said.Value) {
				alternative.Value = jsonOf(said.Value)
			}
			alternative.Conditions = append(alternative.Conditions, presences(said, input)...)
			continue
		}
		if term := present(expr); term != nil {
			if !input.certain(term) && !readBy(body, expr, term) {
				alternative.Conditions = append(alternative.Conditions, presence(term))
			}
			continue
		}
		alternative.Conditions = append(alternative.Conditions, conditionOf(expr))
	}
	alternative.Conditions = slices.CompactFunc(alternative.Conditions, func(a, b Condition) bool { return a.Text == b.Text })
	return alternative
}

// presence is the condition that something is there.
func presence(term *ast.Term) Condition {
	condition := Condition{Text: "_ = " + term.String()}
	if isReferenceTo(term) {
		condition.Ref, condition.Operator = term.String(), "defined"
	}
	return condition
}

// certain says whether the schema demands what a term names.
func (input shape) certain(term *ast.Term) bool {
	path, known := (&reading{}).pathOf(term)
	return known && term.IsGround() && !input.mayLack(path)
}

// readBy says whether another expression, which must hold, cannot do so without a term.
func readBy(body ast.Body, except *ast.Expr, term *ast.Term) bool {
	return slices.ContainsFunc(body, func(expr *ast.Expr) bool {
		_, isCall := expr.Terms.([]*ast.Term)
		_, isTerm := expr.Terms.(*ast.Term)
		if expr == except || expr.Negated || !isCall && !isTerm || present(expr) != nil {
			return false
		}
		found := false
		ast.WalkTerms(expr, func(each *ast.Term) bool {
			switch each.Value.(type) {
			case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
				return true
			}
			found = found || each.Equal(term)
			return found
		})
		return found
	})
}

// presences are what a message reads and may be missing: without it, it cannot be written. They are the references
// to what may be missing in the input, and whatever is taken of variables; a comprehension is never missing.
func presences(said *ast.Term, input shape) []Condition {
	var conditions []Condition
	var visit func(*ast.Term)
	visit = func(term *ast.Term) {
		switch value := term.Value.(type) {
		case ast.Ref:
			condition := presence(term)
			if input.certain(term) {
				return
			}
			if !slices.ContainsFunc(conditions, func(other Condition) bool { return other.Text == condition.Text }) {
				conditions = append(conditions, condition)
			}
		case ast.Call:
			for _, operand := range value[1:] {
				visit(operand)
			}
		case *ast.Array:
			value.Foreach(visit)
		case ast.Set:
			value.Foreach(visit)
		case ast.Object:
			value.Foreach(func(key, member *ast.Term) {
				visit(key)
				visit(member)
			})
		}
	}
	visit(said)
	return conditions
}

func conditionOf(expr *ast.Expr) Condition {
	condition := Condition{Text: textOf(expr)}
	negated, inner := expr.Negated, expr
	if not, isNot := expr.Terms.(*ast.Not); isNot && len(not.Body) == 1 {
		negated, inner = true, not.Body[0]
	}
	terms, isCall := inner.Terms.([]*ast.Term)
	if !isCall || len(terms) != 3 || len(inner.With) > 0 {
		return condition
	}
	operator, left, right := operatorOf(terms[0].String(), false), terms[1], terms[2]
	if !isReferenceTo(left) {
		operator, left, right = mirrored[operator], right, left
	}
	if operator == "" || !isReferenceTo(left) || !ast.IsConstant(right.Value) {
		return condition
	}
	condition.Ref, condition.Operator, condition.Negated = left.String(), operator, negated
	condition.Value = jsonOf(right.Value)
	condition.Text = fmt.Sprintf("%s %s %s", left, operator, right)
	if negated {
		condition.Text = "not " + condition.Text
	}
	return condition
}

// textOf is an expression as Rego, in one line where the formatter would take several.
func textOf(expr *ast.Expr) string {
	not, isNot := expr.Terms.(*ast.Not)
	if !isNot || !not.ExplicitBody || len(expr.With) > 0 {
		return strings.TrimSpace(regoOf(expr))
	}
	texts := make([]string, 0, len(not.Body))
	for _, each := range not.Body {
		texts = append(texts, textOf(each))
	}
	return "not { " + strings.Join(texts, "; ") + " }"
}

// isReferenceTo says whether a term names a place in the input, or any element at one: `input.subject.roles[_]`.
func isReferenceTo(term *ast.Term) bool {
	ref, isRef := term.Value.(ast.Ref)
	return isRef && ref.HasPrefix(ast.InputRootRef) && !slices.ContainsFunc(ref[1:], func(segment *ast.Term) bool {
		variable, isVar := segment.Value.(ast.Var)
		return !ast.IsScalar(segment.Value) && !(isVar && variable.IsWildcard())
	})
}

// jsonOf keeps every digit of numbers; sets become sorted arrays.
func jsonOf(value ast.Value) json.RawMessage {
	plain, err := ast.JSONWithOpt(value, ast.JSONOpt{SortSets: true})
	if err != nil {
		return nil
	}
	encoded, err := json.Marshal(plain)
	if err != nil {
		return nil
	}
	return slices.Clip(encoded)
}
