package main

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

const (
	readingsMax = 5
	valuesMax   = 20
	givenMax    = 10
)

// readings are different from each other.
type readings struct {
	all   []Reading
	texts []string
}

func (kept *readings) full() bool { return len(kept.all) == readingsMax }

func (kept *readings) add(reading Reading) {
	encoded, err := json.Marshal(reading)
	if err != nil || slices.Contains(kept.texts, string(encoded)) {
		return
	}
	kept.all, kept.texts = append(kept.all, reading), append(kept.texts, string(encoded))
}

// reader finds out what operands stand for at an event. What the event's own variables do not tell it asks the
// interpreter, once for each reference and input.
type reader struct {
	in *interpreter
	// Policies that replace data or functions by `with`: what these stand for depends on where they are read.
	shifting bool
	known    map[asked]*ast.Term
}

type asked struct {
	text  string
	input *ast.Term
}

func newReader(in *interpreter) *reader {
	made := &reader{in: in, known: map[asked]*ast.Term{}}
	for _, module := range in.compiler.Modules {
		ast.WalkWiths(module, func(with *ast.With) bool {
			ref, isRef := with.Target.Value.(ast.Ref)
			made.shifting = made.shifting || !isRef || !ref.HasPrefix(ast.InputRootRef)
			return false
		})
	}
	return made
}

// solution keeps what the lines of a body read when all of it held.
func (reader *reader) solution(of *frame, event *topdown.Event) {
	for _, line := range of.lines {
		// What a line reads of an input of its own only its own events tell.
		if !line.held.full() && len(line.main.With) == 0 {
			line.held.add(reader.read(line.operands, event))
		}
	}
}

// failure keeps what a line read in vain, and what those before it had read, if the body never came so far.
func (reader *reader) failure(at step, event *topdown.Event) {
	if !at.line.failed.full() {
		at.line.failed.add(reader.read(at.line.operands, event))
	}
	if at.index <= at.frame.furthest {
		return
	}
	at.frame.furthest = at.index
	for _, line := range at.frame.lines[:at.index] {
		way := reader.read(line.operands, event)
		line.way = &way
	}
}

// read gives every operand that has been read by now its value; those that later steps would compute are left out.
func (reader *reader) read(operands []operand, event *topdown.Event) Reading {
	reading := Reading{Values: map[string]any{}}
	results := map[ast.Var]*ast.Term{}
	for _, each := range operands {
		if len(reading.Values)+len(reading.Undefined) == valuesMax {
			break
		}
		label := each.label
		value, tried := reader.valueOf(each, event, results)
		if value == nil && !tried && each.prefix != nil {
			label = each.before
			value, tried = reader.resolve(each.prefix, event, results)
		}
		for _, kept := range each.kept {
			if value != nil {
				results[kept] = value
			}
		}
		switch {
		case value != nil && !each.quiet:
			reading.Values[label] = brief(value.Value, readDepthMax, readNodesMax)
		case value == nil && tried:
			reading.Undefined = append(reading.Undefined, label)
		}
	}
	return reading
}

// valueOf is what an operand stands for. Without a value it says whether there is none, or whether the operand was
// not read yet.
func (reader *reader) valueOf(each operand, event *topdown.Event, results map[ast.Var]*ast.Term) (value *ast.Term, tried bool) {
	if each.call == nil {
		return reader.resolve(each.term, event, results)
	}
	bound, _ := reader.resolve(each.term, event, results)
	if bound == nil {
		return reader.call(each.call, event, results)
	}
	return bound, true
}

func (reader *reader) resolve(term *ast.Term, event *topdown.Event, results map[ast.Var]*ast.Term) (value *ast.Term, tried bool) {
	switch of := term.Value.(type) {
	case ast.Var:
		if result, known := results[of]; known {
			return result, true
		}
		if plugged := event.Plug(term); plugged.IsGround() && !isReference(plugged) {
			return plugged, true
		}
		return nil, false
	case ast.Ref:
		return reader.follow(of, event, results)
	}
	return nil, false
}

func isReference(term *ast.Term) bool {
	_, isRef := term.Value.(ast.Ref)
	return isRef
}

// follow goes along a reference as far as its parts are known.
func (reader *reader) follow(ref ast.Ref, event *topdown.Event, results map[ast.Var]*ast.Term) (value *ast.Term, tried bool) {
	path := ast.Ref{ref[0]}
	for _, part := range ref[1:] {
		if variable, isVar := part.Value.(ast.Var); isVar {
			known, _ := reader.resolve(ast.NewTerm(variable), event, results)
			if known == nil {
				return nil, false
			}
			part = known
		}
		path = append(path, part)
	}
	base := event.Input()
	if ref.HasPrefix(ast.DefaultRootRef) {
		return reader.ask(path, event.Input())
	}
	if !ref.HasPrefix(ast.InputRootRef) {
		if base, tried = reader.resolve(ref[0], event, results); base == nil {
			return nil, tried
		}
	}
	if base == nil {
		return nil, true
	}
	found, err := base.Value.Find(path[1:])
	if err != nil {
		return nil, true
	}
	return ast.NewTerm(found), true
}

// ask evaluates a reference to data on the side.
func (reader *reader) ask(path ast.Ref, input *ast.Term) (value *ast.Term, tried bool) {
	if reader.shifting {
		return nil, false
	}
	key := asked{path.String(), input}
	value, known := reader.known[key]
	if !known {
		// An error leaves it undefined, as it did where it was read.
		value, _ = reader.in.value(path, input, func(*topdown.Query) {})
		reader.known[key] = value
	}
	return value, true
}

// call evaluates a call on the side, where the variable of its result is not bound any more: after `not`.
func (reader *reader) call(expr *ast.Expr, event *topdown.Event, results map[ast.Var]*ast.Term) (value *ast.Term, tried bool) {
	terms := expr.Terms.([]*ast.Term)
	if reader.shifting {
		return nil, false
	}
	call := []*ast.Term{terms[0]}
	for _, argument := range terms[1 : len(terms)-1] {
		filled := reader.fill(argument, event, results)
		if filled == nil {
			return nil, false
		}
		call = append(call, filled)
	}
	text := make([]string, len(call))
	for index, term := range call {
		text[index] = term.String()
	}
	key := asked{strings.Join(text, " "), event.Input()}
	value, known := reader.known[key]
	if !known {
		value, _ = reader.in.result(call, event.Input())
		reader.known[key] = value
	}
	return value, true
}

// fill replaces every variable in a term by what it stands for; nil when one is not known.
func (reader *reader) fill(term *ast.Term, event *topdown.Event, results map[ast.Var]*ast.Term) *ast.Term {
	complete := true
	filled, err := ast.TransformVars(term.Copy(), func(variable ast.Var) (ast.Value, error) {
		known, _ := reader.resolve(ast.NewTerm(variable), event, results)
		if known == nil {
			complete = false
			return variable, nil
		}
		return known.Value, nil
	})
	value, isValue := filled.(ast.Value)
	if err != nil || !complete || !isValue {
		return nil
	}
	return ast.NewTerm(value)
}

// given notes what a definition came to: the value, the member of a set, or the member of an object under its name.
func (of *definition) given(event *topdown.Event) {
	if len(of.gave) == givenMax {
		return
	}
	head := of.rule.Head
	term := head.Value
	if head.RuleKind() == ast.MultiValue {
		term = head.Key
	}
	value := event.Plug(term)
	if reference := head.Reference; head.RuleKind() == ast.SingleValue && !reference.IsGround() {
		value = ast.ObjectTerm([2]*ast.Term{event.Plug(reference[len(reference)-1]), value})
	}
	if !value.IsGround() || value.Equal(ast.BooleanTerm(true)) || slices.ContainsFunc(of.gave, value.Equal) {
		return
	}
	of.gave = append(of.gave, value)
}
