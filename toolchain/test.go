package main

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
	"github.com/open-policy-agent/opa/v1/tester"
)

// Tested is the answer to test. Warnings are of a run without a filter alone, and coverage is there when asked for.
type Tested struct {
	Errors   []Fault   `json:"errors"`
	Warnings []Fault   `json:"warnings"`
	Results  []Result  `json:"results"`
	Coverage *Coverage `json:"coverage,omitempty"`
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
	tested := Tested{Errors: checked.Errors, Warnings: []Fault{}, Results: []Result{}}
	if len(checked.Errors) > 0 {
		return tested
	}
	ctx := context.Background()
	store := inmem.NewFromObject(bundle.data)
	watch := newWitness(bundle, request.Coverage)
	compiler := ast.NewCompiler().WithCapabilities(capabilities()).WithEnablePrintStatements(true)
	runner := tester.NewRunner().
		SetParallel(1).
		SetCompiler(compiler).
		SetStore(store).
		SetModules(bundle.modules(true)).
		CapturePrintOutput(true).
		SetCoverageQueryTracer(watch).
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
		tested.Results = append(tested.Results, watch.resultOf(each))
	}
	// They come in the order in which they were ready.
	slices.SortStableFunc(tested.Results, func(a, b Result) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row))
	})
	if request.Filter == "" {
		tested.Warnings = bundle.lintTests(checked.Policies, watch)
	}
	if request.Coverage {
		tested.Coverage = watch.coverage(bundle)
	}
	return tested
}

func (watch *witness) resultOf(each *tester.Result) Result {
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
		// The runner leaves its own `FailedAt` empty.
		if location := watch.failedAt(each.Location); location != nil {
			failed := at(location, each.Location.File, "test_failed", strings.TrimSpace(string(location.Text)))
			result.FailedAt = &failed
		}
	}
	return result
}
