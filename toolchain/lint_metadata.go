package main

import (
	"fmt"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// lintMetadata finds what people look for in the metadata of a policy and do not find there.
func lintMetadata(policy Policy, module *ast.Module) []finding {
	var findings []finding
	missing := func(code, message string) {
		findings = append(findings, found(code, module.Package.Location, nil, message))
	}
	if len(policy.Controls) == 0 {
		missing(lintControlsMissing, "the metadata name no `custom.controls`: no auditor can tell which duty this policy keeps")
	}
	if policy.Owner == "" {
		missing(lintOwnerMissing, "the metadata name no `custom.owner`: nobody can be asked about this policy")
	}
	if policy.Remedy == "" && deniesWithoutRemedy(module) {
		missing(lintRemedyMissing, "the policy denies and the metadata name no `custom.remedy`: whoever is refused does not learn what to do")
	}
	return findings
}

// deniesWithoutRemedy says whether some denial brings no remedy of its own; one that is computed is taken to.
func deniesWithoutRemedy(module *ast.Module) bool {
	return slices.ContainsFunc(module.Rules, func(rule *ast.Rule) bool {
		if ruleName(rule) != "deny" || rule.Head.Key == nil {
			return false
		}
		object, isObject := rule.Head.Key.Value.(ast.Object)
		return rule.Head.Key.IsGround() && !isObject || isObject && object.Get(ast.StringTerm("remedy")) == nil
	})
}

// lintOutcomes finds rules that the tests have not seen both ways.
func lintOutcomes(policy Policy, module *ast.Module, watch *witness) []finding {
	var findings []finding
	for _, name := range policy.Rules {
		if name == "requires" {
			continue
		}
		rule := module.Rules[slices.IndexFunc(module.Rules, func(rule *ast.Rule) bool { return ruleName(rule) == name })]
		spoke, stayedSilent := watch.heard(policy, name)
		says, saysNot := "says something", "says nothing"
		if name == "permit" {
			says, saysNot = "is true", "is not true"
		}
		var message string
		switch {
		case !spoke && !stayedSilent:
			message = fmt.Sprintf("no test asks `%s`", name)
		case !spoke:
			message = fmt.Sprintf("no test sees that `%s` %s", name, says)
		case !stayedSilent:
			message = fmt.Sprintf("no test sees that `%s` %s", name, saysNot)
		default:
			continue
		}
		findings = append(findings, found(lintOutcomeUntested, rule.Location, rule, message))
	}
	return findings
}
