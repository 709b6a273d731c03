package main

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
)

// Partial is the answer to partial: what is left of each policy that applies when a part of the input is known.
type Partial struct {
	Errors   []Fault          `json:"errors"`
	Policies []PolicyResidual `json:"policies"`
}

// PolicyResidual is what is left of one policy: of each rule that the kind reads, requires aside.
type PolicyResidual struct {
	Name    string         `json:"name"`
	Package string         `json:"package"`
	File    string         `json:"file"`
	Row     int            `json:"row"`
	Rules   []RuleResidual `json:"rules"`
}

// RuleResidual is what is left of one rule.
type RuleResidual struct {
	Rule string `json:"rule"`
	// `always`: it says something whatever the rest of the input is; `never`; `conditional`; or `error`, which denies.
	Outcome string `json:"outcome"`
	// Each suffices for the rule to say what stands in it.
	Alternatives []Alternative `json:"alternatives"`
	// Modules that conditions refer to, as text, under `data.partial`.
	Support []string `json:"support"`
	Error   *Fault   `json:"error,omitempty"`
}

// Alternative is one way for a rule to say something.
type Alternative struct {
	// What it says, as Rego, and as a value when nothing in it depends on what is unknown; neither for `permit`.
	Says  string          `json:"says,omitempty"`
	Value json.RawMessage `json:"value,omitempty"`
	// All of them must hold; none is left when it holds whatever the rest of the input is.
	Conditions []Condition `json:"conditions"`
}

// Condition is one expression as Rego. A comparison of a reference with a constant comes apart, too; negated, it also
// holds when the reference is undefined.
type Condition struct {
	Text     string          `json:"text"`
	Ref      string          `json:"ref,omitempty"`
	Operator string          `json:"operator,omitempty"`
	Value    json.RawMessage `json:"value,omitempty"`
	Negated  bool            `json:"negated,omitempty"`
}

func partial(request *Request) Partial {
	bundle, checked := checkBundle(request)
	answer := Partial{Errors: checked.Errors, Policies: []PolicyResidual{}}
	if len(checked.Errors) > 0 {
		return answer
	}
	unknowns, fault := unknownsOf(request.Unknowns)
	if fault != nil {
		answer.Errors = append(answer.Errors, *fault)
		return answer
	}
	if value, _, err := decode(string(request.Input)); err == nil {
		bundle.settle(ast.MustInterfaceToValue(value), unknowns)
	}
	interpreter, fault := interpret(bundle, request)
	if fault != nil {
		answer.Errors = append(answer.Errors, *fault)
		return answer
	}
	defer interpreter.close()
	input := shapeOf(request.Schema)
	for _, policy := range checked.Policies {
		if !slices.Contains(policy.AppliesTo, request.Kind) {
			continue
		}
		residual := PolicyResidual{Name: policy.Name, Package: policy.Package, File: policy.File, Row: policy.Row, Rules: []RuleResidual{}}
		for _, rule := range read(&policy, request.Kind) {
			if rule != "requires" {
				residual.Rules = append(residual.Rules, interpreter.residual(&policy, rule, unknowns, input))
			}
		}
		answer.Policies = append(answer.Policies, residual)
	}
	return answer
}

func unknownsOf(references []string) ([]*ast.Term, *Fault) {
	if len(references) == 0 {
		return nil, &Fault{Code: "bad_request", Message: "nothing is unknown: name what is, such as `input.subject`"}
	}
	unknowns := make([]*ast.Term, 0, len(references))
	for _, text := range references {
		term, err := ast.ParseTerm(text)
		if err == nil && term.Equal(ast.NewTerm(ast.InputRootDocument.Value)) {
			term = ast.NewTerm(ast.InputRootRef)
		}
		ref, isRef := ast.Ref(nil), false
		if err == nil {
			ref, isRef = term.Value.(ast.Ref)
		}
		if !isRef || !ref.HasPrefix(ast.InputRootRef) || !ref.IsGround() {
			return nil, &Fault{Code: "bad_request", Message: fmt.Sprintf("`%s` is no reference into the input, such as `input.subject`", text)}
		}
		unknowns = append(unknowns, term)
	}
	return unknowns, nil
}

const (
	// What a rule says stands for itself twice, as the key of the set and as its element; of the element the evaluator
	// loses parts (OPA 1.22.2), and where it has no name the whole answer gets lost in it.
	residualVar      = ast.Var("said")
	elementVar       = ast.Var("element")
	partialNamespace = "partial"
)

// residual evaluates one rule as far as what is known goes.
func (in *interpreter) residual(policy *Policy, rule string, unknowns []*ast.Term, input shape) RuleResidual {
	left := RuleResidual{Rule: rule, Outcome: "never", Alternatives: []Alternative{}, Support: []string{}}
	ref := policyRef(policy, rule)
	body := ast.NewBody(ast.Equality.Expr(ast.NewTerm(ref), ast.BooleanTerm(true)))
	if rule != "permit" {
		body = ast.NewBody(ast.Equality.Expr(ast.NewTerm(elementVar), ast.NewTerm(ref.Append(ast.NewTerm(residualVar)))))
	}
	nowIsKnown := !slices.ContainsFunc(unknowns, func(each *ast.Term) bool {
		return ast.MustParseRef("input.now").HasPrefix(each.Value.(ast.Ref))
	})
	queries, support, err := in.query(body, in.input).
		WithUnknowns(unknowns).
		WithPartialNamespace(partialNamespace).
		WithDisableInlining(in.setsByKey()).
		// All others are refused: this is `time.now_ns`, which answers the input's `now`.
		WithNondeterministicBuiltins(nowIsKnown).
		PartialRun(context.Background())
	if err != nil {
		fault := evaluationFault(err, policy.File)
		left.Outcome, left.Error = "error", &fault
		return left
	}
	tidy := tidy{in.compiler, support}
	referred := strings.Builder{}
	for _, query := range queries {
		alternative := alternativeOf(tidy.body(query), input)
		// Two ways to say the same are one.
		if slices.ContainsFunc(left.Alternatives, func(other Alternative) bool { return reflect.DeepEqual(other, alternative) }) {
			continue
		}
		for _, condition := range alternative.Conditions {
			referred.WriteString(condition.Text + "\n")
		}
		referred.WriteString(alternative.Says + "\n")
		if len(alternative.Conditions) == 0 {
			left.Outcome = "always"
		} else if left.Outcome == "never" {
			left.Outcome = "conditional"
		}
		left.Alternatives = append(left.Alternatives, alternative)
	}
	// What was put in its place is no longer referred to.
	if strings.Contains(referred.String(), "data."+partialNamespace+".") {
		for _, module := range support {
			left.Support = append(left.Support, regoOf(module))
		}
	}
	return left
}

// setsByKey are the rules such as `ports[name] contains port`. The evaluator would take each member for the whole set
// (OPA 1.22.2), so that `count(ports[name]) > 1` was never true; left as they are they stand among the support.
func (in *interpreter) setsByKey() []ast.Ref {
	var refs []ast.Ref
	for _, module := range in.compiler.Modules {
		for _, rule := range module.Rules {
			if rule.Head.RuleKind() == ast.MultiValue && len(rule.Head.Ref()) > 1 {
				refs = append(refs, rule.Ref().GroundPrefix())
			}
		}
	}
	return refs
}

// regoOf lays out what partial evaluation made, whose places are those of the sources it was made of. Where they are
// missing, the formatter puts its own by the same name, but for the heads of rules (OPA 1.22.2), on which it breaks.
func regoOf(node any) string {
	if module, isModule := node.(*ast.Module); isModule {
		placed := module.Copy()
		for _, rule := range placed.Rules {
			ast.WalkTerms(rule.Head.Reference, func(term *ast.Term) bool {
				if term.Location == nil {
					term.Location = ast.NewLocation([]byte(" "), "__format_default__", 1, 1)
				}
				return false
			})
		}
		node = placed
	}
	text, err := format.AstWithOpts(node, format.Opts{IgnoreLocations: true, RegoVersion: ast.RegoV1})
	if err != nil {
		return fmt.Sprint(node)
	}
	return string(text)
}
