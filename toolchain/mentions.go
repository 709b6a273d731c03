package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// mention is a place in the input that a rule reads, and how.
type mention struct {
	path inputPath
	at   *ast.Location
	use  use
	// The rule that it stands in, which may be one that the rule at hand reads.
	rule *ast.Rule
}

type use int

const (
	// Its value counts: when it is missing, what it stands in is undefined.
	compared use = iota
	// It equals something: of elements only those that do are meant.
	selected
	// It stands alone: the author asks whether it is there.
	guarded
	// It is looked through: when it is missing, there is nothing to look at.
	iterated
	// Its absence is heard: it is negated, or read with a default.
	heeded
)

// reading gathers what a rule reads, also by way of rules without arguments that it reads itself.
type reading struct {
	bundle *parsed
	// Where variables stand in the input, for those that stand for a place in it.
	scope    map[ast.Var]inputPath
	assigned map[ast.Var]*ast.Location
	module   *ast.Module
	rule     *ast.Rule
	// The place in the rule's own module that led to another one; nil in the own module.
	anchor   *ast.Location
	anchored *ast.Rule
	visited  map[*ast.Rule]bool
	mentions *[]mention
	// Inside a negation, where of several ways to be true all must fail.
	negated bool
}

func (bundle *parsed) readingOf(module *ast.Module, rule *ast.Rule) *reading {
	return &reading{bundle: bundle, scope: map[ast.Var]inputPath{}, assigned: map[ast.Var]*ast.Location{}, module: module, rule: rule,
		visited: map[*ast.Rule]bool{}, mentions: &[]mention{}}
}

func (reading *reading) mention(path inputPath, at *ast.Location, use use) {
	rule := reading.rule
	if reading.anchor != nil {
		at, rule = reading.anchor, reading.anchored
	}
	*reading.mentions = append(*reading.mentions, mention{path, at, use, rule})
}

func (reading *reading) body(body ast.Body) {
	for _, expr := range body {
		reading.expr(expr)
	}
}

func (reading *reading) expr(expr *ast.Expr) {
	if expr.Negated {
		reading.heed(expr.Terms)
		return
	}
	switch terms := expr.Terms.(type) {
	case *ast.Not:
		reading.heed(terms.Body)
	case *ast.LogicalAnd:
		reading.body(terms.Lhs)
		reading.body(terms.Rhs)
	case *ast.LogicalOr:
		reading.body(terms.Lhs)
		reading.body(terms.Rhs)
	case *ast.SomeDecl:
		reading.someDecl(terms)
	case *ast.Every:
		reading.term(terms.Domain, compared)
		// Nothing is true of every element of what is not there: it is undefined.
		if path, known := reading.pathOf(terms.Domain); known {
			reading.bind(terms.Value, append(path, anyElement))
		}
		reading.body(terms.Body)
	case *ast.Term:
		reading.term(terms, guarded)
	case []*ast.Term:
		reading.call(terms)
	}
}

// someDecl binds what is iterated over. A collection that is missing has no elements: there is nothing to judge.
func (reading *reading) someDecl(declared *ast.SomeDecl) {
	for _, symbol := range declared.Symbols {
		member, isCall := symbol.Value.(ast.Call)
		if !isCall {
			continue
		}
		element, domain := member[len(member)-2], member[len(member)-1]
		reading.collection(domain)
		if path, known := reading.pathOf(domain); known {
			reading.bind(element, append(path, anyElement))
		}
	}
}

func (reading *reading) bind(term *ast.Term, path inputPath) {
	if variable, isVar := term.Value.(ast.Var); isVar {
		reading.scope[variable] = slices.Clone(path)
	}
}

// call reads the operands of a call in the way that the operator reads them.
func (reading *reading) call(terms []*ast.Term) {
	operator, operands := terms[0].String(), terms[1:]
	if len(operands) < 2 {
		reading.terms(operands)
		return
	}
	left, right := operands[0], operands[1]
	switch operator {
	case "assign", "eq":
		path, known := reading.pathOf(right)
		if variable, isVar := left.Value.(ast.Var); isVar && known {
			reading.scope[variable], reading.assigned[variable] = path, right.Location
			return
		}
		reading.term(left, selected)
		reading.term(right, selected)
	case "equal":
		reading.term(left, selected)
		reading.term(right, selected)
	case "internal.member_2", "internal.member_3":
		reading.terms(operands[:len(operands)-1])
		reading.collection(operands[len(operands)-1])
	case "gt", "gte":
		reading.count(left)
		reading.count(right)
	case "object.get":
		reading.withDefault(operands)
	default:
		reading.terms(operands)
	}
}

// collection is looked through: one that is missing holds nothing.
func (reading *reading) collection(term *ast.Term) {
	if path, known := reading.pathOf(term); known {
		reading.mention(path, term.Location, iterated)
		return
	}
	switch value := term.Value.(type) {
	case ast.Var:
		reading.follow(ast.Ref{term}, term.Location, true)
	case ast.Ref:
		reading.follow(value, term.Location, true)
	default:
		reading.term(term, compared)
	}
}

// count that exceeds something: a collection that is missing does not.
func (reading *reading) count(term *ast.Term) {
	if call, isCall := term.Value.(ast.Call); isCall && call[0].String() == "count" {
		reading.collection(call[1])
		return
	}
	reading.term(term, compared)
}

// withDefault reads `object.get`: what it looks into must be there, what it looks for need not.
func (reading *reading) withDefault(operands []*ast.Term) {
	reading.terms(operands)
	path, known := reading.pathOf(operands[0])
	if !known {
		return
	}
	switch key := operands[1].Value.(type) {
	case ast.String:
		reading.mention(append(path, string(key)), operands[1].Location, heeded)
	case *ast.Array:
		for index := range key.Len() {
			name, isText := key.Elem(index).Value.(ast.String)
			if !isText {
				return
			}
			path = append(path, string(name))
		}
		reading.mention(path, operands[1].Location, heeded)
	}
}
