package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// operand is something that an expression reads: a variable, a reference, or the result of a call inside it.
type operand struct {
	// As the file writes it.
	label string
	// A variable or a reference; of a call, the variable that the compiler gave its result.
	term *ast.Term
	call *ast.Expr
	// What stands before the first part of a reference that is a variable, and how the file writes it.
	prefix *ast.Term
	before string
	// The variables that the compiler keeps the value in.
	kept []ast.Var
	// Shown only when it is undefined, since what it computes is shown elsewhere.
	quiet bool
}

// writer turns compiled terms back into what the file says.
type writer struct {
	rewritten map[ast.Var]ast.Var
	// Prefixes of references to data and what the file writes for them, longest first.
	prefixes []prefix
}

type prefix struct {
	path  ast.Ref
	alias string
}

func newWriter(in *interpreter, label string) *writer {
	module := in.compiler.Modules[label]
	made := &writer{rewritten: in.compiler.RewrittenVars, prefixes: []prefix{{module.Package.Path, ""}}}
	for _, each := range in.bundle.imports(label) {
		if path, isRef := each.Path.Value.(ast.Ref); isRef && path.HasPrefix(ast.DefaultRootRef) {
			made.prefixes = append(made.prefixes, prefix{path, string(each.Name())})
		}
	}
	slices.SortStableFunc(made.prefixes, func(a, b prefix) int { return len(b.path) - len(a.path) })
	return made
}

// imports are those of the file: the compiler takes them away.
func (bundle *parsed) imports(label string) []*ast.Import {
	for _, modules := range []map[string]*ast.Module{bundle.policies, bundle.libraries, bundle.outer} {
		if module, found := modules[label]; found {
			return module.Imports
		}
	}
	return nil
}

// local is the name that the file gives a variable; empty when the compiler made it, or when it is a wildcard.
func (writer *writer) local(variable ast.Var) string {
	if name, known := writer.rewritten[variable]; known {
		variable = name
	}
	if variable.IsWildcard() || variable.IsGenerated() {
		return ""
	}
	return string(variable)
}

// reference writes a reference up to the first part that the file does not name; `labels` has the expressions whose
// results the compiler keeps in variables. The second result says how many parts were written.
func (writer *writer) reference(ref ast.Ref, labels map[ast.Var]string) (text string, parts int) {
	var written strings.Builder
	rest := ref[1:]
	head, isVar := ref[0].Value.(ast.Var)
	switch {
	case !isVar:
		return "", 0
	case head.Equal(ast.DefaultRootDocument.Value):
		for _, each := range writer.prefixes {
			if ref.HasPrefix(each.path) && len(ref) > len(each.path)-len(each.alias) {
				written.WriteString(each.alias)
				rest = ref[len(each.path):]
				break
			}
		}
		if written.Len() == 0 && len(rest) == len(ref)-1 {
			written.WriteString("data")
		}
	case labels[head] != "":
		written.WriteString(labels[head])
	default:
		written.WriteString(writer.local(head))
	}
	for index, part := range rest {
		name, known := writer.part(part, labels)
		if !known {
			return written.String(), len(ref) - len(rest) + index
		}
		if written.Len() == 0 {
			name = strings.Trim(name, ".")
		}
		written.WriteString(name)
	}
	return written.String(), len(ref)
}

func (writer *writer) part(part *ast.Term, labels map[ast.Var]string) (text string, known bool) {
	switch value := part.Value.(type) {
	case ast.String:
		if isName(string(value)) {
			return "." + string(value), true
		}
	case ast.Var:
		name := labels[value]
		if name == "" {
			name = writer.local(value)
		}
		return "[" + name + "]", name != ""
	}
	return "[" + part.Value.String() + "]", part.IsGround()
}

func isName(text string) bool {
	return ast.IsVarCompatibleString(text)
}

// operandsOf lists what the steps of a line read, each once; `quiet` holds back what the line computes.
func (writer *writer) operandsOf(steps []*ast.Expr, quiet bool) []operand {
	collected := &collector{writer: writer, labels: map[ast.Var]string{}, quiet: quiet}
	for _, expr := range steps {
		collected.counting = bytes.HasPrefix(expr.Location.Text, []byte("some "))
		collected.step(expr)
	}
	return collected.operands
}

type collector struct {
	writer   *writer
	labels   map[ast.Var]string
	operands []operand
	quiet    bool
	// Within `some … in`: the last part of a reference is what it counts through.
	counting bool
}

func (collected *collector) add(found operand) {
	same := slices.IndexFunc(collected.operands, func(each operand) bool { return each.label == found.label })
	switch {
	case found.label == "":
	case same >= 0:
		collected.operands[same].kept = append(collected.operands[same].kept, found.kept...)
	default:
		collected.operands = append(collected.operands, found)
	}
}

func (collected *collector) step(expr *ast.Expr) {
	switch terms := expr.Terms.(type) {
	case *ast.Term:
		collected.term(terms)
	case *ast.Every:
		collected.term(terms.Domain)
	case *ast.Not:
		if !terms.ExplicitBody {
			for _, each := range terms.Body {
				collected.step(each)
			}
		}
	case []*ast.Term:
		collected.call(expr, terms)
	}
}

func (collected *collector) call(expr *ast.Expr, terms []*ast.Term) {
	last := terms[len(terms)-1]
	if expr.IsEquality() {
		last = terms[1]
	}
	result, isVar := last.Value.(ast.Var)
	kept := isVar && expr.Generated && collected.writer.local(result) == "" && len(terms) > 2
	if !kept {
		for _, term := range terms[1:] {
			collected.term(term)
		}
		return
	}
	label := withoutParentheses(oneLine(string(expr.Location.Text)))
	if !expr.IsEquality() {
		for _, term := range terms[1 : len(terms)-1] {
			collected.term(term)
		}
		collected.labels[result] = label
		collected.add(operand{label: label, term: last, call: expr, kept: []ast.Var{result}, quiet: collected.quiet})
		return
	}
	switch moved := terms[2].Value.(type) {
	case ast.Ref:
		label, _ = collected.writer.reference(moved, collected.labels)
		collected.labels[result] = label
		collected.reference(moved, result)
	case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
		collected.labels[result] = label
		collected.add(operand{label: label, term: last, kept: []ast.Var{result}, quiet: collected.quiet})
	default:
		collected.labels[result] = label
		collected.term(terms[2])
	}
}

func (collected *collector) term(term *ast.Term) {
	walkTerm(term, func(each *ast.Term) bool {
		switch value := each.Value.(type) {
		case ast.Var:
			collected.variable(each, value)
		case ast.Ref:
			collected.reference(value)
			return true
		}
		return false
	})
}

func (collected *collector) variable(term *ast.Term, variable ast.Var) {
	if name := collected.writer.local(variable); name != "" && collected.labels[variable] == "" && !ast.RootDocumentNames.Contains(term) {
		collected.add(operand{label: name, term: term})
	}
}

// reference adds a reference up to the part that `some` counts through, and the variables among its parts. As long as
// these have no value, what stands before them is read.
func (collected *collector) reference(ref ast.Ref, kept ...ast.Var) {
	text, parts := collected.writer.reference(ref, collected.labels)
	if last := len(ref) - 1; parts == len(ref) && collected.counting && isVariable(ref[last]) {
		text, parts = collected.writer.reference(ref[:last], collected.labels)
	}
	if variable, isVar := ref[0].Value.(ast.Var); isVar && parts == 1 {
		collected.variable(ref[0], variable)
	}
	if parts > 1 {
		found := operand{label: text, term: ast.NewTerm(ref[:parts])}
		if parts == len(ref) {
			found.kept = kept
		}
		if constant := slices.IndexFunc(ref[1:parts], isVariable); constant > 0 {
			found.before, _ = collected.writer.reference(ref[:constant+1], collected.labels)
			found.prefix = ast.NewTerm(ref[:constant+1])
		}
		collected.add(found)
	}
	for _, part := range ref[1:] {
		collected.term(part)
	}
}

func isVariable(term *ast.Term) bool {
	_, isVar := term.Value.(ast.Var)
	return isVar
}

// withoutParentheses takes away those around the whole of a text.
func withoutParentheses(text string) string {
	if !strings.HasPrefix(text, "(") || !strings.HasSuffix(text, ")") {
		return text
	}
	depth := 0
	for index, each := range text {
		switch each {
		case '(':
			depth++
		case ')':
			depth--
		}
		if depth == 0 && index < len(text)-1 {
			return text
		}
	}
	return strings.TrimSpace(text[1 : len(text)-1])
}
