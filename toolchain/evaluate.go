package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Evaluated is the answer to evaluate: what OPA's interpreter makes of one input, policy by policy.
type Evaluated struct {
	Errors   []Fault        `json:"errors"`
	Policies []PolicyTraced `json:"policies"`
	// Events or lines were left out, since there were too many: what is not reached may have been.
	Truncated bool `json:"truncated"`
}

// PolicyTraced is what one policy said, and how it came to say it.
type PolicyTraced struct {
	Name    string `json:"name"`
	Package string `json:"package"`
	File    string `json:"file"`
	Row     int    `json:"row"`
	// By rule (deny, permit, obligations, advice, requires), whole: only the rules that the policy defines and the
	// kind reads, and of those only what is defined.
	Said map[string]any `json:"said"`
	// The first built-in that failed, or the conflict that ended the evaluation.
	Error *Fault `json:"error,omitempty"`
	// The policy's own definitions in the order of the file, then those of libraries in the order of being reached.
	Rules []RuleTraced `json:"rules"`
}

const (
	// traceEventsMax limits the events of one call; each policy has an equal share of what those before it left.
	traceEventsMax = 400_000
	// traceLinesMax limits the lines of one answer.
	traceLinesMax = 10_000
)

// evaluate asks every policy that applies to the kind twice: once as OPA always does, for what it says, and once
// without the shortcuts of OPA (indices of rules, early exits), so that every line tells what became of it.
func evaluate(request *Request) Evaluated {
	bundle, checked := checkBundle(request)
	evaluated := Evaluated{Errors: checked.Errors, Policies: []PolicyTraced{}}
	if len(checked.Errors) > 0 {
		return evaluated
	}
	interpreter, fault := interpret(bundle, request)
	if fault != nil {
		evaluated.Errors = append(evaluated.Errors, *fault)
		return evaluated
	}
	defer interpreter.close()
	applying := slices.DeleteFunc(checked.Policies, func(policy Policy) bool { return !slices.Contains(policy.AppliesTo, request.Kind) })
	events, lines := traceEventsMax, traceLinesMax
	for index, policy := range applying {
		share := events / (len(applying) - index)
		traced, used, truncated := interpreter.trace(&policy, request.Kind, share, &lines)
		events -= used
		evaluated.Policies = append(evaluated.Policies, traced)
		evaluated.Truncated = evaluated.Truncated || truncated
	}
	return evaluated
}

// interpreter is a bundle ready to be asked about one input.
type interpreter struct {
	bundle   *parsed
	compiler *ast.Compiler
	store    storage.Store
	txn      storage.Transaction
	input    *ast.Term
	now      time.Time
}

func interpret(bundle *parsed, request *Request) (*interpreter, *Fault) {
	wrong := func(message string) (*interpreter, *Fault) {
		return nil, &Fault{Code: "bad_request", Message: message}
	}
	if !slices.Contains(kinds, request.Kind) {
		return wrong(fmt.Sprintf("`%s` is no kind; expected %s", request.Kind, strings.Join(kinds, ", ")))
	}
	value, _, err := decode(string(request.Input))
	if err != nil {
		return wrong("input: " + err.Error())
	}
	members, _ := value.(map[string]any)
	text, _ := members["now"].(string)
	now, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return wrong(fmt.Sprintf("`now` of the input is `%s`; expected a time of RFC 3339", text))
	}
	input, err := ast.InterfaceToValue(value)
	if err != nil {
		return wrong("input: " + err.Error())
	}
	compiler := ast.NewCompiler().WithCapabilities(capabilities())
	if compiler.Compile(bundle.modules(false)); compiler.Failed() {
		return nil, &faultsOf(compiler.Errors, "")[0]
	}
	store := inmem.NewFromObject(bundle.data)
	txn, err := store.NewTransaction(context.Background())
	if err != nil {
		panic(err)
	}
	return &interpreter{bundle, compiler, store, txn, ast.NewTerm(input), now}, nil
}

func (in *interpreter) close() {
	in.store.Abort(context.Background(), in.txn)
}

// query prepares a query about the input; a built-in that fails is an error of it.
func (in *interpreter) query(body ast.Body, input *ast.Term) *topdown.Query {
	return topdown.NewQuery(body).
		WithCompiler(in.compiler).
		WithStore(in.store).
		WithTransaction(in.txn).
		WithInput(input).
		WithTime(in.now).
		WithStrictBuiltinErrors(true)
}

// value is what a reference to data stands for; nil when it is undefined.
func (in *interpreter) value(ref ast.Ref, input *ast.Term, prepare func(*topdown.Query)) (*ast.Term, error) {
	said := ast.VarTerm("said")
	query := in.query(ast.NewBody(ast.Equality.Expr(said, ast.NewTerm(ref))), input)
	prepare(query)
	results, err := query.Run(context.Background())
	if err != nil || len(results) == 0 {
		return nil, err
	}
	return results[0][said.Value.(ast.Var)], nil
}

// result is what a call comes to; nil when it is undefined.
func (in *interpreter) result(call []*ast.Term, input *ast.Term) (*ast.Term, error) {
	said := ast.VarTerm("said")
	results, err := in.query(ast.NewBody(ast.NewExpr(append(call, said))), input).Run(context.Background())
	if err != nil || len(results) == 0 {
		return nil, err
	}
	return results[0][said.Value.(ast.Var)], nil
}

// trace asks one policy. It uses at most `share` events, and takes its lines from what is left of them.
func (in *interpreter) trace(policy *Policy, kind string, share int, lines *int) (traced PolicyTraced, used int, truncated bool) {
	traced = PolicyTraced{Name: policy.Name, Package: policy.Package, File: policy.File, Row: policy.Row}
	traced.Said, traced.Error = in.said(policy, kind)
	recorder := newRecorder(in, policy.File, share)
	cache := topdown.NewVirtualCache()
	for _, rule := range read(policy, kind) {
		// What goes wrong stands in the answer already, and a conflict ends the trace where it ends the evaluation.
		_, _ = in.value(policyRef(policy, rule), in.input, func(query *topdown.Query) {
			query.WithVirtualCache(cache).WithIndexing(false).WithEarlyExit(false).WithQueryTracer(recorder)
		})
	}
	traced.Rules, truncated = recorder.rules(lines)
	return traced, share - recorder.left, truncated || recorder.cut
}

// said is what the host reads of a policy.
func (in *interpreter) said(policy *Policy, kind string) (map[string]any, *Fault) {
	said := map[string]any{}
	var fault *Fault
	cache := topdown.NewVirtualCache()
	for _, rule := range read(policy, kind) {
		value, err := in.value(policyRef(policy, rule), in.input, func(query *topdown.Query) { query.WithVirtualCache(cache) })
		if err == nil && value != nil {
			said[rule], err = ast.JSONWithOpt(value.Value, ast.JSONOpt{SortSets: true})
		}
		if err != nil && fault == nil {
			found := evaluationFault(err, policy.File)
			fault = &found
		}
	}
	return said, fault
}

// read lists the rules that the host reads for a kind: `permit` for access alone.
func read(policy *Policy, kind string) []string {
	return slices.DeleteFunc(slices.Clone(policy.Rules), func(rule string) bool { return rule == "permit" && kind != "access" })
}

func policyRef(policy *Policy, rule string) ast.Ref {
	return append(dataRef(policy.Package), ast.StringTerm(rule))
}

// dataRef is the reference to a package as metadata name it. Segments are names of layers, which need no quotes
// here: one that is a word of Rego comes as `mesh["import"]`.
func dataRef(path string) ast.Ref {
	return ast.MustParseRef("data." + path)
}

func evaluationFault(err error, file string) Fault {
	var failed *topdown.Error
	if !errors.As(err, &failed) {
		return Fault{Code: "rego_error", Message: err.Error(), File: file}
	}
	// Conflicts list their values in lines.
	return at(failed.Location, file, failed.Code, strings.Join(strings.Fields(failed.Message), " "))
}
