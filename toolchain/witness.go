package main

import (
	"slices"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// witness watches tests as they run, and keeps of it only what is asked for afterwards: keeping every event, as OPA's
// tracer does, takes most of the time of a run.
type witness struct {
	// The runner hands over the result of a test while the next one runs.
	mutex sync.Mutex
	// Files of tests, and the rules that the host reads, as references in text.
	tests    map[string]*ast.Module
	outcomes map[string]*outcome
	// Queries of the test that runs, each with the place of its rule; and how far the body of each rule came.
	bodies   map[uint64]string
	furthest map[string]*ast.Location
	// Nil unless coverage is asked for.
	cover *cover.Cover
}

// outcome is what came of a rule of a policy in all tests together.
type outcome struct {
	spoke, stayedSilent bool
	// It was asked, and has not said anything yet.
	open bool
}

func newWitness(bundle *parsed, withCoverage bool) *witness {
	watch := &witness{tests: bundle.tests, outcomes: map[string]*outcome{}, furthest: map[string]*ast.Location{}}
	for _, module := range bundle.policies {
		for _, name := range rulesOf(module) {
			if name != "requires" {
				watch.outcomes[module.Package.Path.String()+"."+name] = &outcome{}
			}
		}
	}
	if withCoverage {
		watch.cover = cover.New()
	}
	return watch
}

// Enabled says that events are wanted.
func (*witness) Enabled() bool { return true }

// Config spares the evaluator the copying of variables.
func (*witness) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

// TraceEvent takes note of one step of an evaluation.
func (watch *witness) TraceEvent(event topdown.Event) {
	watch.mutex.Lock()
	defer watch.mutex.Unlock()
	if watch.cover != nil {
		watch.cover.TraceEvent(event)
	}
	switch event.Op {
	case topdown.IndexOp:
		watch.asked(*event.Ref)
	case topdown.EnterOp:
		watch.entered(event)
	case topdown.ExitOp:
		if rule, isRule := event.Node.(*ast.Rule); isRule {
			watch.said(rule)
		}
	case topdown.FailOp:
		watch.failed(event)
	}
}

// asked begins an evaluation of a rule; the one before ended without a word unless it was heard.
func (watch *witness) asked(ref ast.Ref) {
	name, isText := ref[len(ref)-1].Value.(ast.String)
	if !isText || !slices.Contains(spoken, string(name)) {
		return
	}
	if asked := watch.outcomes[ref.String()]; asked != nil {
		asked.stayedSilent = asked.stayedSilent || asked.open
		asked.open = true
	}
}

func (watch *witness) said(rule *ast.Rule) {
	if rule.Default || rule.Head.Value != nil && rule.Head.Value.Equal(ast.InternedTerm(false)) {
		return
	}
	if rule.Module == nil || !slices.Contains(spoken, ruleName(rule)) {
		return
	}
	if asked := watch.outcomes[rule.Module.Package.Path.String()+"."+ruleName(rule)]; asked != nil {
		asked.spoke, asked.open = true, false
	}
}

func (watch *witness) entered(event topdown.Event) {
	// Every test is a query of its own, which counts its parts from 0.
	if event.QueryID == 0 {
		watch.bodies = map[uint64]string{}
	}
	if rule, isRule := event.Node.(*ast.Rule); isRule && rule.Location != nil {
		if _, isTest := watch.tests[rule.Location.File]; isTest {
			watch.bodies[event.QueryID] = rule.Location.String()
		}
	}
}

func (watch *witness) failed(event topdown.Event) {
	_, isExpr := event.Node.(*ast.Expr)
	rule, known := watch.bodies[event.QueryID]
	if !isExpr || !known || event.Location == nil {
		return
	}
	if furthest := watch.furthest[rule]; furthest == nil || furthest.Compare(event.Location) < 0 {
		watch.furthest[rule] = event.Location
	}
}

// failedAt is the expression of a test's body that was not true, the furthest one; nil when none is known.
func (watch *witness) failedAt(test *ast.Location) *ast.Location {
	watch.mutex.Lock()
	defer watch.mutex.Unlock()
	return watch.furthest[test.String()]
}

// heard says whether the rule of a policy spoke in some test, and whether it stayed silent in some.
func (watch *witness) heard(policy Policy, rule string) (spoke, stayedSilent bool) {
	watch.mutex.Lock()
	defer watch.mutex.Unlock()
	heard := watch.outcomes["data."+policy.Package+"."+rule]
	return heard.spoke, heard.stayedSilent || heard.open
}
