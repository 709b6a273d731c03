package main

import (
	"cmp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// addModule lists the definitions of a compiled module.
func (recorder *recorder) addModule(in *interpreter, label string, own bool) {
	module := in.compiler.Modules[label]
	writer := newWriter(in, label)
	for _, rule := range module.Rules {
		for each := rule; each != nil; each = each.Else {
			recorder.addDefinition(in, each, writer, own)
		}
	}
}

func (recorder *recorder) addDefinition(in *interpreter, rule *ast.Rule, writer *writer, own bool) {
	path := strings.TrimPrefix(rule.Module.Package.Path.String(), "data.")
	text := string(rule.Location.Text)
	added := &definition{rule: rule, own: own, traced: RuleTraced{
		Name:    strings.TrimPrefix(rule.Ref().GroundPrefix().String(), rule.Module.Package.Path.String()+"."),
		Package: path,
		File:    rule.Location.File,
		Row:     rule.Location.Row,
		EndRow:  rule.Location.Row + strings.Count(text, "\n"),
		Head:    headText(rule),
	}}
	added.body = recorder.addBody(in, rule.Body, added, writer, 0)
	// In the order of the file; the head comes before the body, and an expression before what stands inside it.
	slices.SortStableFunc(added.lines, func(a, b *line) int {
		return cmp.Or(cmp.Compare(a.traced.Row, b.traced.Row), cmp.Compare(a.traced.Column, b.traced.Column), cmp.Compare(a.traced.Depth, b.traced.Depth))
	})
	recorder.definitions = append(recorder.definitions, added)
	recorder.byRule[rule] = added
}

// addBody makes a line of each expression that stands in the file, and gives it the steps that the compiler took
// out of it. Steps of none belong to the head.
func (recorder *recorder) addBody(in *interpreter, body ast.Body, of *definition, writer *writer, depth int) *frame {
	added := &frame{furthest: -1}
	recorder.frames[body[0]] = added
	written := []*line{}
	for _, expr := range body {
		if !expr.Generated {
			written = append(written, recorder.newLine(expr, depth))
		}
	}
	var head *line
	steps := map[*line][]*ast.Expr{}
	for _, expr := range body {
		if isConstant(expr) {
			continue
		}
		owner := ownerOf(expr, written)
		if owner == nil {
			if head == nil {
				head = recorder.newLine(expr, depth)
				if depth == 0 {
					head.traced.Row, head.traced.Column, head.traced.Head = of.traced.Row, of.rule.Location.Col, true
					head.traced.Text = of.traced.Head
				}
			}
			owner = head
			head.main = expr
		}
		steps[owner] = append(steps[owner], expr)
		if len(added.lines) == 0 || added.lines[len(added.lines)-1] != owner {
			added.lines = append(added.lines, owner)
		}
		recorder.steps[expr] = step{line: owner, frame: added, index: len(added.lines) - 1}
	}
	for index, each := range added.lines {
		if slices.Index(added.lines, each) < index {
			continue
		}
		each.operands, each.traced.Reads = writer.operandsOf(steps[each], each.traced.Head), in.rulesRead(steps[each])
		of.lines = append(of.lines, each)
		for _, expr := range steps[each] {
			for _, inner := range innerBodies(expr) {
				recorder.addBody(in, inner, of, writer, depth+1)
			}
		}
	}
	return added
}

func (recorder *recorder) newLine(expr *ast.Expr, depth int) *line {
	_, isEvery := expr.Terms.(*ast.Every)
	return &line{
		main:   expr,
		single: isEvery || expr.IsNot(),
		end:    expr.Location.Offset + len(expr.Location.Text),
		traced: LineTraced{Row: expr.Location.Row, Column: expr.Location.Col, Depth: depth, Text: lineText(expr)},
	}
}

// ownerOf is the innermost expression of the file in which a step stands.
func ownerOf(expr *ast.Expr, written []*line) *line {
	var owner *line
	for _, each := range written {
		if each.main == expr {
			return each
		}
		at := expr.Location.Offset
		if expr.Generated && each.main.Location.Offset <= at && at < each.end && (owner == nil || owner.main.Location.Offset <= each.main.Location.Offset) {
			owner = each
		}
	}
	return owner
}

// isConstant says whether the compiler put the expression where the file has none: the body of a rule without one.
func isConstant(expr *ast.Expr) bool {
	term, single := expr.Terms.(*ast.Term)
	return expr.Generated && single && ast.IsConstant(term.Value)
}

// innerBodies are the bodies inside an expression that have lines of their own: those of comprehensions, of `every`,
// and of `not { … }`. What `not` negates without braces is part of the line.
func innerBodies(expr *ast.Expr) []ast.Body {
	var bodies []ast.Body
	visitor := ast.NewGenericVisitor(func(node any) bool {
		switch node := node.(type) {
		case *ast.Not:
			if !node.ExplicitBody {
				for _, each := range node.Body {
					bodies = append(bodies, innerBodies(each)...)
				}
				return true
			}
		case ast.Body:
			bodies = append(bodies, node)
			return true
		}
		return false
	})
	visitor.Walk(expr)
	return bodies
}

// rulesRead lists the rules and functions that expressions refer to, each once, without those that only inner bodies
// refer to.
func (in *interpreter) rulesRead(exprs []*ast.Expr) []string {
	var read []string
	for _, expr := range exprs {
		walkOwn(expr, func(term *ast.Term) bool {
			ref, isRef := term.Value.(ast.Ref)
			if !isRef || !ref.HasPrefix(ast.DefaultRootRef) {
				return false
			}
			for _, rule := range in.compiler.GetRulesForVirtualDocument(ref.GroundPrefix()) {
				if path := strings.TrimPrefix(rule.Ref().GroundPrefix().String(), "data."); !slices.Contains(read, path) {
					read = append(read, path)
				}
			}
			return false
		})
	}
	return read
}

// walkOwn visits the terms of an expression that are not inside comprehensions, `every` or `not { … }`.
func walkOwn(expr *ast.Expr, visit func(*ast.Term) (skip bool)) {
	ast.NewGenericVisitor(func(node any) bool {
		switch node := node.(type) {
		case *ast.Every:
			walkTerm(node.Domain, visit)
			return true
		case *ast.Not:
			return node.ExplicitBody
		case *ast.With:
			return true
		case *ast.Term:
			walkTerm(node, visit)
			return true
		}
		return false
	}).Walk(expr)
}

func walkTerm(term *ast.Term, visit func(*ast.Term) (skip bool)) {
	ast.NewGenericVisitor(func(node any) bool {
		switch node := node.(type) {
		case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
			return true
		case *ast.Term:
			return visit(node)
		}
		return false
	}).Walk(term)
}

const textCharsMax = 400

// headText is a rule up to its body, in one line.
func headText(rule *ast.Rule) string {
	text := string(rule.Head.Location.Text)
	if rule.Default {
		text = "default " + rule.Head.String()
	}
	return oneLine(text)
}

// lineText is an expression as it is written, in one line, without the bodies that have lines of their own. OPA takes
// the body of an `else` for the whole `else`.
func lineText(expr *ast.Expr) string {
	written := string(expr.Location.Text)
	switch terms := expr.Terms.(type) {
	case *ast.Every:
		return beforeBody(written, expr, terms.Body)
	case *ast.Not:
		if terms.ExplicitBody {
			return beforeBody(written, expr, terms.Body)
		}
	}
	text := oneLine(written)
	if rest, isElse := strings.CutPrefix(text, "else"); isElse && !expr.Generated {
		if _, body, found := strings.Cut(rest, "if "); found {
			return strings.Trim(body, "{} ")
		}
	}
	return text
}

func beforeBody(written string, expr *ast.Expr, body ast.Body) string {
	first := body[0].Location.Offset
	for _, each := range body {
		first = min(first, each.Location.Offset)
	}
	length := min(max(first-expr.Location.Offset, 0), len(written))
	return oneLine(written[:length]) + " " + ellipsis + " }"
}

// oneLine joins the lines of a text, with semicolons where expressions end.
func oneLine(text string) string {
	var joined strings.Builder
	for _, row := range strings.Split(text, "\n") {
		row = strings.TrimSpace(row)
		if row == "" || strings.HasPrefix(row, "#") {
			continue
		}
		if before := joined.String(); before != "" {
			if !strings.ContainsAny(before[len(before)-1:], "{[(,|;") && !strings.ContainsAny(row[:1], "}])|") {
				joined.WriteString(";")
			}
			joined.WriteString(" ")
		}
		joined.WriteString(row)
	}
	words := []rune(joined.String())
	if len(words) > textCharsMax {
		return string(words[:textCharsMax]) + ellipsis
	}
	return string(words)
}
