package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// settle puts into the modules what is known where the partial evaluator would not look: `object.get(input, "contracts",
// [])` is as good as unknown to it as soon as any part of the input is, and with it everything that is made of it.
func (bundle *parsed) settle(input ast.Value, unknowns []*ast.Term) {
	known := knownInput{input, unknowns}
	for _, modules := range []map[string]*ast.Module{bundle.policies, bundle.libraries, bundle.outer} {
		for label, module := range modules {
			settled := module.Copy()
			ast.WalkNodes(settled, func(node ast.Node) bool {
				if expr, isExpr := node.(*ast.Expr); isExpr {
					if terms, isCall := expr.Terms.([]*ast.Term); isCall {
						known.settle(terms)
					}
				}
				return false
			})
			ast.WalkTerms(settled, func(term *ast.Term) bool {
				if call, isCall := term.Value.(ast.Call); isCall {
					known.settle(call)
				}
				return false
			})
			guardModule(settled)
			modules[label] = settled
		}
	}
}

type knownInput struct {
	input    ast.Value
	unknowns []*ast.Term
}

// settle replaces what `object.get` looks into by the one member that it looks for.
func (known knownInput) settle(call []*ast.Term) {
	if len(call) != 4 || call[0].String() != "object.get" {
		return
	}
	base, isRef := call[1].Value.(ast.Ref)
	if !isRef {
		base = ast.Ref{call[1]}
	}
	key, isKey := firstKey(call[2])
	if !base.HasPrefix(ast.InputRootRef) || !base.IsGround() || !isKey {
		return
	}
	if path := base.Append(key); slices.ContainsFunc(known.unknowns, func(each *ast.Term) bool {
		unknown := each.Value.(ast.Ref)
		return unknown.HasPrefix(path) || path.HasPrefix(unknown)
	}) {
		return
	}
	found, err := known.input.Find(base[1:])
	object, isObject := found.(ast.Object)
	if err != nil || !isObject {
		return
	}
	left := ast.NewObject()
	if member := object.Get(key); member != nil {
		left.Insert(key, member)
	}
	call[1] = ast.NewTerm(left).SetLocation(call[1].Location)
}

func firstKey(term *ast.Term) (*ast.Term, bool) {
	if path, isPath := term.Value.(*ast.Array); isPath && path.Len() > 0 {
		term = path.Elem(0)
	}
	_, isText := term.Value.(ast.String)
	return term, isText
}
