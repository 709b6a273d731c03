package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// tidy is how a residual is made readable: names as the author gave them, negations in their place, calls as
// assignments. What it says stays the same.
type tidy struct {
	compiler *ast.Compiler
	support  []*ast.Module
}

// body tidies one alternative. What it says, if anything, is a part of it.
func (tidy tidy) body(body ast.Body) ast.Body {
	return tidy.named(inPlace(tidy.plain(body)))
}

// plain does all but the naming, which is done once for everything.
func (tidy tidy) plain(body ast.Body) ast.Body {
	tidied := ast.Body{}
	for _, expr := range body {
		if otherSide(expr, elementVar) == nil {
			for _, each := range tidy.negations(expr.Copy()) {
				tidied.Append(each)
			}
		}
	}
	ast.WalkBodies(tidied, func(inner ast.Body) bool {
		for index := range inner {
			inner[index] = tidy.assigned(inner[index])
		}
		return false
	})
	return tidied
}

// otherSide is what an expression equates with a variable; nil for others.
func otherSide(expr *ast.Expr, variable ast.Var) *ast.Term {
	if !expr.IsEquality() || expr.Negated {
		return nil
	}
	left, right := expr.Operand(0), expr.Operand(1)
	switch {
	case left.Value.Compare(variable) == 0:
		return right
	case right.Value.Compare(variable) == 0:
		return left
	}
	return nil
}

// negations puts the body of a supporting rule where it is negated. A rule that has several is false when all are.
func (tidy tidy) negations(expr *ast.Expr) []*ast.Expr {
	ref := negatedRef(expr)
	if ref == nil || len(expr.With) > 0 {
		return []*ast.Expr{expr}
	}
	var negations []*ast.Expr
	for _, module := range tidy.support {
		for _, rule := range module.Rules {
			if !module.Package.Path.Extend(rule.Head.Ref()).Equal(ref) {
				continue
			}
			if rule.Default || rule.Else != nil || len(rule.Head.Args) > 0 || !rule.Head.Value.Equal(ast.InternedTerm(true)) {
				return []*ast.Expr{expr}
			}
			negations = append(negations, negationOf(tidy.plain(rule.Body)))
		}
	}
	if len(negations) == 0 {
		return []*ast.Expr{expr}
	}
	return negations
}

// negatedRef is the reference that an expression negates, and nothing else; nil for others.
func negatedRef(expr *ast.Expr) ast.Ref {
	terms := expr.Terms
	if not, isNot := terms.(*ast.Not); isNot && len(not.Body) == 1 && len(not.Body[0].With) == 0 && !not.Body[0].Negated {
		terms = not.Body[0].Terms
	} else if !expr.Negated {
		return nil
	}
	term, isTerm := terms.(*ast.Term)
	if !isTerm {
		return nil
	}
	ref, _ := term.Value.(ast.Ref)
	return ref
}

// negationOf negates one expression as `not x`, and what has variables of its own, or is several, as `not { … }`.
func negationOf(body ast.Body) *ast.Expr {
	_, isNot := body[0].Terms.(*ast.Not)
	if len(body) > 1 || body[0].Negated || isNot || !isGround(body[0]) {
		return ast.NewExpr(&ast.Not{Body: body, ExplicitBody: true})
	}
	negated := body[0].Copy()
	negated.Negated = true
	return negated
}

func isGround(expr *ast.Expr) bool {
	uses, _ := generatedIn(ast.NewBody(expr))
	return len(uses) == 0
}

// assigned writes a call that hands its result to its last operand as the assignment or comparison that it was, and
// a unification that binds nothing as a comparison.
func (tidy tidy) assigned(expr *ast.Expr) *ast.Expr {
	terms, isCall := expr.Terms.([]*ast.Term)
	if !isCall || expr.Negated {
		return expr
	}
	if expr.IsEquality() && terms[1].IsGround() && terms[2].IsGround() {
		return with(ast.Equal.Expr(terms[1], terms[2]), expr)
	}
	operator, isRef := terms[0].Value.(ast.Ref)
	if arity := tidy.compiler.GetArity(operator); !isRef || arity < 0 || len(terms)-1 != arity+1 {
		return expr
	}
	result, call := terms[len(terms)-1], ast.CallTerm(terms[:len(terms)-1]...)
	variable, isVar := result.Value.(ast.Var)
	switch {
	case isVar && variable == residualVar:
		return with(ast.Equality.Expr(result, call), expr)
	case isVar:
		return with(ast.Assign.Expr(result, call), expr)
	}
	return with(ast.Equal.Expr(call, result), expr)
}

func with(made, from *ast.Expr) *ast.Expr {
	made.With = from.With
	return made
}

// inPlace puts comprehensions where they are read, if that is one place: they are never undefined.
func inPlace(body ast.Body) ast.Body {
	for index := 0; index < len(body); index++ {
		if !body[index].IsEquality() || len(body) == 1 {
			continue
		}
		variable, isVar := body[index].Operand(0).Value.(ast.Var)
		made := body[index].Operand(1)
		switch made.Value.(type) {
		case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
		default:
			continue
		}
		if uses, _ := generatedIn(body); !isVar || uses[variable] != 2 {
			continue
		}
		rest := slices.Delete(slices.Clone(body), index, index+1)
		replaced, err := ast.TransformVars(rest.Copy(), func(each ast.Var) (ast.Value, error) {
			if each == variable {
				return made.Value, nil
			}
			return each, nil
		})
		if err == nil {
			body, index = replaced.(ast.Body), -1
		}
	}
	return body
}

// generatedIn counts the uses of variables that no author named, and gives them in their order.
func generatedIn(body ast.Body) (uses map[ast.Var]int, order []ast.Var) {
	uses = map[ast.Var]int{}
	ast.WalkTerms(body, func(term *ast.Term) bool {
		if variable, isVar := term.Value.(ast.Var); isVar && (variable.IsGenerated() || variable.IsWildcard() || strings.HasPrefix(string(variable), "_")) {
			if uses[variable]++; uses[variable] == 1 {
				order = append(order, variable)
			}
		}
		return false
	})
	return uses, order
}

var generatedName = regexp.MustCompile(`^(__local\d+__)\d*$`)

// named gives variables the names that the author gave them, and `_` to those that are used once.
func (tidy tidy) named(body ast.Body) ast.Body {
	uses, order := generatedIn(body)
	names, taken := map[ast.Var]ast.Var{}, map[ast.Var]bool{residualVar: true}
	for _, variable := range order {
		name := tidy.nameOf(variable)
		if uses[variable] == 1 {
			names[variable] = ast.Var(ast.WildcardPrefix + string(variable))
			continue
		}
		for number, wanted := 2, name; taken[name]; number++ {
			name = ast.Var(fmt.Sprintf("%s%d", wanted, number))
		}
		names[variable], taken[name] = name, true
	}
	renamed, err := ast.TransformVars(body.Copy(), func(variable ast.Var) (ast.Value, error) {
		if name, found := names[variable]; found {
			return name, nil
		}
		return variable, nil
	})
	if err != nil {
		return body
	}
	return renamed.(ast.Body)
}

func (tidy tidy) nameOf(variable ast.Var) ast.Var {
	if match := generatedName.FindStringSubmatch(string(variable)); match != nil {
		if original, known := tidy.compiler.RewrittenVars[ast.Var(match[1])]; known && !original.IsGenerated() && !original.IsWildcard() {
			return original
		}
	}
	return "x"
}
