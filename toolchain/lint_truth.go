package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// lintTruth finds what can never be true: constants, comparisons that exclude each other, a kind of decision that
// the policy is never asked about, and values that the schema does not know. `appliesTo` is nil for libraries.
func (bundle *parsed) lintTruth(module *ast.Module, input shape, appliesTo []string) []finding {
	var findings []finding
	for _, each := range module.Rules {
		for rule := each; rule != nil; rule = rule.Else {
			facts := &facts{reading: bundle.readingOf(module, rule), input: input, appliesTo: appliesTo, rule: each}
			facts.closure(rule.Body)
			findings = append(findings, facts.findings...)
		}
		if alwaysFalse(each) {
			findings = append(findings, found(lintNeverTrue, each.Location, each, fmt.Sprintf("`%s` is false whatever the input", ruleName(each))))
		}
	}
	return findings
}

// alwaysFalse says whether `permit` is given the value false in every way that it has.
func alwaysFalse(rule *ast.Rule) bool {
	if rule.Default || ruleName(rule) != "permit" {
		return false
	}
	for ; rule != nil; rule = rule.Else {
		if rule.Head.Value == nil || !rule.Head.Value.Equal(ast.InternedTerm(false)) {
			return false
		}
	}
	return true
}

// facts are what must hold for one body to be true.
type facts struct {
	reading   *reading
	input     shape
	appliesTo []string
	rule      *ast.Rule
	bounds    map[string]*bounds
	findings  []finding
}

// closure looks at a body, and at the bodies inside it, each for itself.
func (facts *facts) closure(body ast.Body) {
	outer := facts.bounds
	facts.bounds = map[string]*bounds{}
	for _, expr := range body {
		// What is read in the place of something else is not what the schema describes.
		if len(expr.With) == 0 {
			facts.expr(expr)
		}
		facts.reading.expr(expr)
		facts.inner(expr)
	}
	facts.bounds = outer
}

// inner bodies are those of `every` and comprehensions. What stands in `not` or `or` need not be true.
func (facts *facts) inner(expr *ast.Expr) {
	ast.WalkClosures(expr, func(closure any) bool {
		switch closure := closure.(type) {
		case *ast.Every:
			facts.closure(closure.Body)
		case *ast.ArrayComprehension:
			facts.closure(closure.Body)
		case *ast.SetComprehension:
			facts.closure(closure.Body)
		case *ast.ObjectComprehension:
			facts.closure(closure.Body)
		}
		return true
	})
}

func (facts *facts) expr(expr *ast.Expr) {
	negated := expr.Negated
	if not, isNot := expr.Terms.(*ast.Not); isNot && len(not.Body) == 1 && len(not.Body[0].With) == 0 && !not.Body[0].Negated {
		negated, expr = true, not.Body[0]
	}
	switch terms := expr.Terms.(type) {
	case *ast.LogicalAnd:
		for _, each := range slices.Concat(terms.Lhs, terms.Rhs) {
			if !negated && len(each.With) == 0 {
				facts.expr(each)
			}
		}
	case *ast.Term:
		if value, isBoolean := terms.Value.(ast.Boolean); isBoolean && bool(value) == negated {
			facts.never(expr.Location, fmt.Sprintf("`%s` is never true", sourceOf(expr.Location)))
		}
	case []*ast.Term:
		if len(terms) == 3 {
			facts.comparison(comparison{operator: operatorOf(terms[0].String(), negated), left: terms[1], right: terms[2], at: expr.Location})
		}
	}
}

// comparison is one of two operands; `operator` is empty when nothing follows from it.
type comparison struct {
	operator    string
	left, right *ast.Term
	at          *ast.Location
}

// operatorOf is how an operator reads once a negation is taken into it. A negation is also true of what is missing,
// so that from `not x < 3` nothing follows for x, and from `not x != 3` neither.
func operatorOf(name string, negated bool) string {
	operators := map[string]string{"equal": "==", "eq": "==", "assign": "==", "neq": "!=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">=", "internal.member_2": "in"}
	if negated {
		operators = map[string]string{"equal": "!=", "eq": "!=", "internal.member_2": "not in"}
	}
	return operators[name]
}

var mirrored = map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (facts *facts) comparison(compared comparison) {
	left, right := compared.left.Value, compared.right.Value
	switch {
	case compared.operator == "":
	case ast.IsScalar(left) && ast.IsConstant(right):
		if !holds(left, compared.operator, right) {
			facts.never(compared.at, fmt.Sprintf("`%s` is never true", sourceOf(compared.at)))
		}
	case ast.IsConstant(right):
		facts.restrict(compared)
	case ast.IsScalar(left) && mirrored[compared.operator] != "":
		compared.operator, compared.left, compared.right = mirrored[compared.operator], compared.right, compared.left
		facts.restrict(compared)
	}
}

// restrict adds what a comparison with a constant says of a reference or variable.
func (facts *facts) restrict(compared comparison) {
	if path, known := facts.reading.pathOf(compared.left); known && facts.schema(path, compared) {
		return
	}
	name, isName := nameOf(compared.left)
	if !isName {
		return
	}
	limits := facts.bounds[name]
	if limits == nil {
		limits = &bounds{}
		facts.bounds[name] = limits
	}
	if clash := limits.add(compared.operator, compared.right.Value, compared.at); clash != nil {
		facts.never(compared.at, fmt.Sprintf("never true: `%s` in row %d excludes `%s`", sourceOf(clash), clash.Row, sourceOf(compared.at)))
	}
}

// schema holds a comparison to the values that the schema allows, and of `input.kind` to what the policy applies to;
// it says whether something was found.
func (facts *facts) schema(path inputPath, compared comparison) bool {
	allowed := facts.input.values(path)
	if allowed == nil {
		return false
	}
	for _, value := range constantsOf(compared) {
		if !slices.ContainsFunc(allowed, func(each ast.Value) bool { return each.Compare(value) == 0 }) {
			message := fmt.Sprintf("`%s` is none of the values that `%s` may have: %s", plainText(value), path, listed(allowed))
			if text, isText := value.(ast.String); isText {
				if meant := nearest(string(text), textsOf(allowed)); meant != "" {
					message += fmt.Sprintf("; did you mean `%s`?", meant)
				}
			}
			facts.findings = append(facts.findings, found(lintEnumValue, compared.at, facts.rule, message))
			return true
		}
	}
	if facts.appliesTo == nil || !slices.Equal(path, inputPath{"kind"}) {
		return false
	}
	for _, kind := range facts.appliesTo {
		if holds(ast.String(kind), compared.operator, compared.right.Value) {
			return false
		}
	}
	facts.findings = append(facts.findings, found(lintKindNotApplied, compared.at, facts.rule, fmt.Sprintf(
		"never true: the policy applies only to %s (`custom.applies_to`)", strings.Join(facts.appliesTo, ", "))))
	return true
}

func (facts *facts) never(at *ast.Location, message string) {
	facts.findings = append(facts.findings, found(lintNeverTrue, at, facts.rule, message))
}
