package main

import (
	"cmp"
	"encoding/json"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// The codes of the linter, each explained in docs/lint.md. A code never changes its meaning.
const (
	lintNeverTrue            = "lint_never_true"
	lintKindNotApplied       = "lint_kind_not_applied"
	lintEnumValue            = "lint_enum_value"
	lintDenySilent           = "lint_deny_silent"
	lintControlsMissing      = "lint_controls_missing"
	lintRemedyMissing        = "lint_remedy_missing"
	lintOwnerMissing         = "lint_owner_missing"
	lintOutcomeUntested      = "lint_outcome_untested"
	lintSilenceWithoutReason = "lint_silence_without_reason"
	lintSilenceUnused        = "lint_silence_unused"
)

var (
	// What check finds by reading, and what test finds by running.
	lintsOfCheck = []string{lintNeverTrue, lintKindNotApplied, lintEnumValue, lintDenySilent, lintControlsMissing, lintRemedyMissing, lintOwnerMissing}
	lintsOfTest  = []string{lintOutcomeUntested}
)

// finding is a warning before it is known whether someone has allowed it.
type finding struct {
	Fault
	// First row of the rule that it stands in; 0 outside of rules.
	ruleRow int
}

// found makes a finding at a place inside a rule, which may be nil.
func found(code string, location *ast.Location, rule *ast.Rule, message string) finding {
	made := finding{Fault: at(location, "", code, message)}
	if rule != nil && rule.Location != nil {
		made.ruleRow = rule.Location.Row
	}
	return made
}

// lint looks for what compiles and yet says something else than it seems to. It is asked of bundles without faults.
func (bundle *parsed) lint(policies []Policy, schema json.RawMessage) []Fault {
	input := shapeOf(schema)
	var findings []finding
	for _, policy := range policies {
		module := bundle.policies[policy.File]
		findings = append(findings, lintMetadata(policy, module)...)
		findings = append(findings, bundle.lintTruth(module, input, policy.AppliesTo)...)
		findings = append(findings, bundle.lintSilence(module, input)...)
	}
	for _, label := range sortedKeys(bundle.libraries) {
		findings = append(findings, bundle.lintTruth(bundle.libraries[label], input, nil)...)
	}
	return bundle.warn(findings, lintsOfCheck)
}

// lintTests finds rules of policies that the tests, all of them together, have not seen both ways.
func (bundle *parsed) lintTests(policies []Policy, watch *witness) []Fault {
	var findings []finding
	for _, policy := range policies {
		findings = append(findings, lintOutcomes(policy, bundle.policies[policy.File], watch)...)
	}
	return bundle.warn(findings, lintsOfTest)
}

// warn leaves out what is allowed, adds what is wrong with the silences themselves, and puts all in order.
func (bundle *parsed) warn(findings []finding, codes []string) []Fault {
	warnings := bundle.allowances(codes).apply(findings)
	slices.SortStableFunc(warnings, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Code, b.Code))
	})
	return append([]Fault{}, slices.Compact(warnings)...)
}
