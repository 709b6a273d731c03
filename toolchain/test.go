package main

import (
	"context"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// Tested is the answer to test.
type Tested struct {
	Errors  []Fault  `json:"errors"`
	Results []Result `json:"results"`
}

// Result is the outcome of one test: pass, fail, error or skip.
type Result struct {
	Package    string `json:"package"`
	Name       string `json:"name"`
	File       string `json:"file"`
	Row        int    `json:"row"`
	Outcome    string `json:"outcome"`
	DurationNs int64  `json:"duration_ns"`
	Message    string `json:"message,omitempty"`
	// The expression that was not true, and where it stands.
	FailedAt *Fault `json:"failed_at,omitempty"`
}

func test(request *Request) Tested {
	bundle, checked := checkBundle(request)
	tested := Tested{Errors: checked.Errors, Results: []Result{}}
	if len(checked.Errors) > 0 {
		return tested
	}
	ctx := context.Background()
	store := inmem.NewFromObject(bundle.data)
	compiler := ast.NewCompiler().WithCapabilities(capabilities()).WithEnablePrintStatements(true)
	runner := tester.NewRunner().
		SetParallel(1).
		SetCompiler(compiler).
		SetStore(store).
		SetModules(bundle.modules(true)).
		CapturePrintOutput(true).
		EnableTracing(true).
		Filter(request.Filter)
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		panic(err)
	}
	defer store.Abort(ctx, txn)
	results, err := runner.RunTests(ctx, txn)
	if err != nil {
		tested.Errors = faultsOf(err, "")
		return tested
	}
	for each := range results {
		tested.Results = append(tested.Results, resultOf(each))
	}
	return tested
}

func resultOf(each *tester.Result) Result {
	result := Result{
		Package:    strings.TrimPrefix(each.Package, "data."),
		Name:       each.Name,
		Outcome:    "pass",
		DurationNs: each.Duration.Nanoseconds(),
		Message:    strings.TrimSpace(string(each.Output)),
	}
	if each.Location != nil {
		result.File, result.Row = each.Location.File, each.Location.Row
	}
	switch {
	case each.Error != nil:
		result.Outcome, result.Message = "error", each.Error.Error()
	case each.Skip:
		result.Outcome = "skip"
	case each.Fail:
		result.Outcome = "fail"
		result.FailedAt = failedAt(each)
	}
	return result
}

// failedAt finds in the trace how far the body of a failed test came: the runner leaves `FailedAt` empty.
func failedAt(each *tester.Result) *Fault {
	bodies := map[uint64]bool{}
	var furthest *topdown.Event
	for _, event := range each.Trace {
		switch node := event.Node.(type) {
		case *ast.Rule:
			if event.Op == topdown.EnterOp && node.Location.Equal(each.Location) {
				bodies[event.QueryID] = true
			}
		case *ast.Expr:
			if event.Op == topdown.FailOp && bodies[event.QueryID] && event.Location != nil &&
				(furthest == nil || furthest.Location.Compare(event.Location) < 0) {
				furthest = event
			}
		}
	}
	if furthest == nil {
		return nil
	}
	failed := at(furthest.Location, each.Location.File, "test_failed", strings.TrimSpace(string(furthest.Location.Text)))
	return &failed
}
