package main

import (
	"github.com/open-policy-agent/opa/v1/ast"
)

// guardModule keeps what the partial evaluator loses (OPA 1.22.2). It puts the reference in the place of a variable
// that stands for it, so that `name := input.name; not name == "x"` becomes `not input.name == "x"`, which is true of a
// missing name, as the rule is not. A variable that is read in a negation or comprehension is therefore held to be there.
func guardModule(module *ast.Module) {
	for _, each := range module.Rules {
		for rule := each; rule != nil; rule = rule.Else {
			guardClosures(rule.Body)
			bound := ast.NewVarSet()
			for _, argument := range rule.Head.Args {
				bound.Update(argument.Vars())
			}
			rule.Body = guardBody(rule.Body, bound)
		}
	}
}

// guardClosures does the same inside negations, comprehensions and `every`.
func guardClosures(body ast.Body) {
	ast.WalkClosures(body, func(closure any) bool {
		switch closure := closure.(type) {
		case *ast.ArrayComprehension:
			closure.Body = guardBody(closure.Body, ast.NewVarSet())
		case *ast.SetComprehension:
			closure.Body = guardBody(closure.Body, ast.NewVarSet())
		case *ast.ObjectComprehension:
			closure.Body = guardBody(closure.Body, ast.NewVarSet())
		case *ast.Not:
			closure.Body = guardBody(closure.Body, ast.NewVarSet())
		case *ast.Every:
			closure.Body = guardBody(closure.Body, ast.NewVarSet())
		}
		return false
	})
}

func guardBody(body ast.Body, bound ast.VarSet) ast.Body {
	inner := ast.NewVarSet()
	for _, expr := range body {
		bindIn(expr, bound)
		readInside(expr, inner)
	}
	for _, variable := range bound.Sorted() {
		if inner.Contains(variable) && !variable.IsWildcard() {
			body.Append(presenceOf(ast.NewTerm(variable)))
		}
	}
	return body
}

// bindIn adds the variables that an expression gives a value.
func bindIn(expr *ast.Expr, bound ast.VarSet) {
	if expr.Negated {
		return
	}
	switch terms := expr.Terms.(type) {
	case *ast.SomeDecl:
		for _, symbol := range terms.Symbols {
			if member, isCall := symbol.Value.(ast.Call); isCall {
				for _, operand := range member[1 : len(member)-1] {
					bound.Update(operand.Vars())
				}
			}
		}
	case []*ast.Term:
		if operator := terms[0].String(); len(terms) == 3 && (operator == "assign" || operator == "eq") {
			switch terms[1].Value.(type) {
			case ast.Var, *ast.Array, ast.Object:
				bound.Update(terms[1].Vars())
			}
		}
	}
}

// readInside adds the variables that an expression reads where undefined does not end the body around it.
func readInside(expr *ast.Expr, inner ast.VarSet) {
	take := func(node any) {
		ast.WalkVars(node, func(variable ast.Var) bool {
			inner.Add(variable)
			return false
		})
	}
	if expr.Negated {
		take(expr.Terms)
		return
	}
	ast.WalkClosures(expr, func(closure any) bool {
		take(closure)
		return true
	})
}

// presenceOf is true of everything that is there, and undefined otherwise.
func presenceOf(term *ast.Term) *ast.Expr {
	return ast.Member.Expr(term, ast.ArrayTerm(term))
}

// present is what an expression of `presenceOf` is about; nil for others.
func present(expr *ast.Expr) *ast.Term {
	if expr.Negated || !expr.IsCall() || !expr.Operator().Equal(ast.Member.Ref()) || len(expr.Operands()) != 2 {
		return nil
	}
	array, isArray := expr.Operand(1).Value.(*ast.Array)
	if !isArray || array.Len() != 1 || !array.Elem(0).Equal(expr.Operand(0)) {
		return nil
	}
	return expr.Operand(0)
}
