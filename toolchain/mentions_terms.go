package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

func (reading *reading) terms(terms []*ast.Term) {
	for _, term := range terms {
		reading.term(term, compared)
	}
}

func (reading *reading) term(term *ast.Term, use use) {
	switch value := term.Value.(type) {
	case ast.Var:
		reading.variable(value, term, use)
	case ast.Ref:
		reading.ref(value, term, use)
	case ast.Call:
		reading.call(value)
	case *ast.Array:
		value.Foreach(func(element *ast.Term) { reading.term(element, compared) })
	case ast.Set:
		value.Foreach(func(element *ast.Term) { reading.term(element, compared) })
	case ast.Object:
		value.Foreach(func(key, member *ast.Term) {
			reading.term(key, compared)
			reading.term(member, compared)
		})
	case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
		// A comprehension is never undefined; what was assigned before it is nevertheless.
		reading.assignedIn(value)
	}
}

// variable reads the place that was assigned to it. An element of an iteration is there.
func (reading *reading) variable(variable ast.Var, term *ast.Term, use use) {
	if path, known := reading.scope[variable]; known {
		if reading.assigned[variable] != nil {
			reading.mention(path, reading.assigned[variable], use)
		}
		return
	}
	reading.follow(ast.Ref{term}, term.Location, false)
}

func (reading *reading) ref(ref ast.Ref, term *ast.Term, use use) {
	for _, segment := range ref[1:] {
		if !ast.IsScalar(segment.Value) {
			reading.term(segment, compared)
		}
	}
	if path, known := reading.pathOf(term); known {
		// `xs[_]` is an iteration as `some x in xs` is.
		if last := len(path) - 1; path[last] == anyElement {
			path, use = path[:last], iterated
		}
		reading.mention(path, term.Location, use)
		return
	}
	reading.follow(ref, term.Location, !ast.IsScalar(ref[len(ref)-1].Value))
}

// pathOf is the place in the input that a term stands for, by way of the variables that stand for one.
func (reading *reading) pathOf(term *ast.Term) (inputPath, bool) {
	ref, isRef := term.Value.(ast.Ref)
	if !isRef {
		ref = ast.Ref{term}
	}
	head, isVar := ref[0].Value.(ast.Var)
	if !isVar {
		return nil, false
	}
	path, known := reading.scope[head]
	if !known && (!head.Equal(ast.InputRootDocument.Value) || len(ref) == 1) {
		return nil, false
	}
	path = slices.Clone(path)
	for _, segment := range ref[1:] {
		if name, isText := segment.Value.(ast.String); isText {
			path = append(path, string(name))
		} else {
			path = append(path, anyElement)
		}
	}
	return path, true
}

// heed notes every place whose absence makes a negation true.
func (reading *reading) heed(negated any) {
	reading.assignedIn(negated)
	inner := *reading
	inner.mentions, inner.visited, inner.negated = &[]mention{}, map[*ast.Rule]bool{}, true
	switch negated := negated.(type) {
	case ast.Body:
		inner.body(negated)
	case *ast.Term:
		inner.term(negated, compared)
	case []*ast.Term:
		inner.call(negated)
	}
	for _, each := range *inner.mentions {
		// Twice negated, its absence is no longer heard.
		if each.use != heeded {
			reading.mention(each.path, each.at, heeded)
		}
	}
}

// assignedIn reads the places that were assigned before something which itself bears that they are missing:
// `x := input.x` ends the rule before `not x == 1` is reached.
func (reading *reading) assignedIn(later any) {
	ast.WalkVars(later, func(variable ast.Var) bool {
		if at := reading.assigned[variable]; at != nil {
			reading.mention(reading.scope[variable], at, compared)
		}
		return false
	})
}

// follow reads what the rules behind a reference read: their absence is the reference's. A set is never undefined;
// only who looks through it misses what is not there.
func (reading *reading) follow(ref ast.Ref, at *ast.Location, through bool) {
	module, rules := reading.bundle.rulesBehind(reading.module, ref)
	if slices.ContainsFunc(rules, func(rule *ast.Rule) bool {
		isSet := rule.Head.RuleKind() == ast.MultiValue
		return rule.Default || len(rule.Head.Args) > 0 || isSet && !through
	}) {
		return
	}
	var ways [][]mention
	for _, rule := range rules {
		for ; rule != nil && !reading.visited[rule]; rule = rule.Else {
			reading.visited[rule] = true
			inner := *reading
			inner.scope, inner.assigned = map[ast.Var]inputPath{}, map[ast.Var]*ast.Location{}
			inner.module, inner.rule, inner.mentions = module, rule, &[]mention{}
			if module != reading.module && reading.anchor == nil {
				inner.anchor, inner.anchored = at, reading.rule
			}
			inner.whole(rule)
			ways = append(ways, *inner.mentions)
		}
	}
	for _, way := range ways {
		for _, each := range way {
			if len(ways) == 1 || reading.inAll(ways, each) {
				*reading.mentions = append(*reading.mentions, each)
			}
		}
	}
}

// inAll says whether a mention in one of several ways to be true counts for all of them.
func (reading *reading) inAll(ways [][]mention, one mention) bool {
	if !reading.negated {
		return one.use != guarded
	}
	return !slices.ContainsFunc(ways, func(way []mention) bool {
		return !slices.ContainsFunc(way, func(each mention) bool { return each.use != heeded && each.path.startsWith(one.path) })
	})
}

// whole reads a body and what the rule gives when it is true.
func (reading *reading) whole(rule *ast.Rule) {
	reading.body(rule.Body)
	for _, term := range []*ast.Term{rule.Head.Key, rule.Head.Value} {
		if term != nil {
			reading.term(term, compared)
		}
	}
}

// rulesBehind are the rules that a reference of a module names, and the module that they stand in.
func (bundle *parsed) rulesBehind(module *ast.Module, ref ast.Ref) (*ast.Module, []*ast.Rule) {
	head := ref[0].String()
	for _, each := range module.Imports {
		if string(each.Name()) == head {
			path, _ := each.Path.Value.(ast.Ref)
			ref = append(slices.Clone(path), ref[1:]...)
		}
	}
	if !ref.HasPrefix(ast.DefaultRootRef) {
		return module, rulesNamed(module, head)
	}
	for _, modules := range []map[string]*ast.Module{bundle.policies, bundle.libraries, bundle.outer} {
		for _, each := range modules {
			packagePath := each.Package.Path
			if !ref.HasPrefix(packagePath) || len(ref) == len(packagePath) {
				continue
			}
			if name, isText := ref[len(packagePath)].Value.(ast.String); isText {
				return each, rulesNamed(each, string(name))
			}
		}
	}
	return module, nil
}

func rulesNamed(module *ast.Module, name string) []*ast.Rule {
	var rules []*ast.Rule
	for _, rule := range module.Rules {
		if ruleName(rule) == name {
			rules = append(rules, rule)
		}
	}
	return rules
}
