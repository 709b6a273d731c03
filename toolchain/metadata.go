package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Policy is what a policy says of itself in its metadata, and which of the rules that the host reads it defines.
type Policy struct {
	Name        string   `json:"name"`
	Package     string   `json:"package"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	AppliesTo   []string `json:"applies_to"`
	Controls    []string `json:"controls"`
	Remedy      string   `json:"remedy,omitempty"`
	Owner       string   `json:"owner,omitempty"`
	File        string   `json:"file"`
	Row         int      `json:"row"`
	Column      int      `json:"column"`
	Rules       []string `json:"rules"`
}

var (
	kinds = []string{"publish", "access", "consume"}
	// The rules that the host reads; all but permit are sets.
	spoken = []string{"deny", "permit", "obligations", "advice", "requires"}
)

// describe reads metadata and rules of every policy, in the order of their names.
func (bundle *parsed) describe() []Policy {
	policies := make([]Policy, 0, len(bundle.policies))
	for _, label := range sortedKeys(bundle.policies) {
		module := bundle.policies[label]
		_, name := place(label)
		policy := Policy{
			Name:      name,
			Package:   strings.TrimPrefix(module.Package.Path.String(), "data."),
			AppliesTo: []string{},
			Controls:  []string{},
			File:      label,
			Row:       module.Package.Location.Row,
			Column:    module.Package.Location.Col,
			Rules:     rulesOf(module),
		}
		bundle.readMetadata(&policy, module)
		bundle.checkRules(&policy, module)
		policies = append(policies, policy)
	}
	return policies
}

func (bundle *parsed) readMetadata(policy *Policy, module *ast.Module) {
	fault := func(code, message string) {
		bundle.faults = append(bundle.faults, at(module.Package.Location, policy.File, code, message))
	}
	found := annotationsOf(module)
	if found == nil {
		fault("policy_metadata_missing", "the policy has no metadata: write a `# METADATA` block with title, description and custom.applies_to above `package`")
		return
	}
	policy.Title, policy.Description = found.Title, found.Description
	if found.Title == "" {
		fault("policy_metadata_missing", "the metadata have no `title`")
	}
	if found.Description == "" {
		fault("policy_metadata_missing", "the metadata have no `description`")
	}
	var wrong []string
	policy.AppliesTo, wrong = listOf(found.Custom["applies_to"])
	if len(policy.AppliesTo) == 0 && len(wrong) == 0 {
		fault("policy_metadata_missing", "the metadata have no `custom.applies_to`: a list of publish, access, consume")
	}
	for _, kind := range policy.AppliesTo {
		if !slices.Contains(kinds, kind) {
			wrong = append(wrong, kind)
		}
	}
	if len(wrong) > 0 {
		fault("policy_metadata_invalid", fmt.Sprintf("`custom.applies_to` holds `%s`; expected publish, access, consume", strings.Join(wrong, "`, `")))
	}
	policy.Controls, wrong = listOf(found.Custom["controls"])
	if len(wrong) > 0 {
		fault("policy_metadata_invalid", "`custom.controls` must be a list of strings")
	}
	for member, value := range map[string]*string{"remedy": &policy.Remedy, "owner": &policy.Owner} {
		if given, present := found.Custom[member]; present {
			text, isText := given.(string)
			if !isText {
				fault("policy_metadata_invalid", fmt.Sprintf("`custom.%s` must be a string", member))
			}
			*value = text
		}
	}
	if given, present := found.Custom["lint"]; present {
		if _, isMap := given.(map[string]any); !isMap {
			fault("policy_metadata_invalid", "`custom.lint` must name codes of the linter, each with the reason why it is allowed")
		}
	}
}

// annotationsOf are the metadata of a policy as a whole; nil when it has none.
func annotationsOf(module *ast.Module) *ast.Annotations {
	var found *ast.Annotations
	for _, annotations := range module.Annotations {
		if annotations.Scope == "package" || annotations.Scope == "subpackages" {
			found = annotations
		}
	}
	return found
}

// listOf splits a value into the strings that it lists and what is no string.
func listOf(value any) (texts, wrong []string) {
	texts = []string{}
	if value == nil {
		return texts, nil
	}
	items, isList := value.([]any)
	if !isList {
		return texts, []string{fmt.Sprint(value)}
	}
	for _, item := range items {
		if text, isText := item.(string); isText {
			texts = append(texts, text)
		} else {
			wrong = append(wrong, fmt.Sprint(item))
		}
	}
	return texts, wrong
}

func rulesOf(module *ast.Module) []string {
	rules := []string{}
	for _, name := range spoken {
		if slices.ContainsFunc(module.Rules, func(rule *ast.Rule) bool { return ruleName(rule) == name }) {
			rules = append(rules, name)
		}
	}
	return rules
}

func ruleName(rule *ast.Rule) string {
	return rule.Head.Ref()[0].String()
}

// checkRules looks at the shape of what the host reads.
func (bundle *parsed) checkRules(policy *Policy, module *ast.Module) {
	fault := func(location *ast.Location, code, message string) {
		bundle.faults = append(bundle.faults, at(location, policy.File, code, message))
	}
	for _, rule := range module.Rules {
		name := ruleName(rule)
		isSet := rule.Head.RuleKind() == ast.MultiValue && len(rule.Head.Ref()) == 1
		switch {
		case name == "permit":
			if isSet || len(rule.Head.Args) > 0 || len(rule.Head.Ref()) > 1 {
				fault(rule.Location, "policy_rule_shape", "`permit` must be a boolean rule: write `permit if { … }`")
			}
		case slices.Contains(spoken, name):
			if !isSet {
				fault(rule.Location, "policy_rule_shape", fmt.Sprintf("`%s` must be a set: write `%s contains …`", name, name))
			}
		default:
			if meant := nearest(name, spoken); meant != "" && !mentioned(module, name) {
				fault(rule.Location, "policy_rule_unknown", fmt.Sprintf("`%s` is read by nothing; did you mean `%s`?", name, meant))
			}
		}
	}
	says := slices.ContainsFunc(policy.Rules, func(rule string) bool { return rule != "requires" })
	if !says {
		fault(module.Package.Location, "policy_says_nothing", "the policy defines none of deny, permit, obligations, advice")
	}
	if slices.Contains(policy.Rules, "permit") && len(policy.AppliesTo) > 0 && !slices.Contains(policy.AppliesTo, "access") {
		fault(module.Package.Location, "policy_permit_unused", "`permit` is read for access alone, and the policy does not apply to access")
	}
}

// mentioned says whether a module reads a rule of its own, in a body or in what a rule says.
func mentioned(module *ast.Module, name string) bool {
	found := false
	read := func(variable ast.Var) bool {
		found = found || string(variable) == name
		return found
	}
	for _, rule := range module.Rules {
		for ; rule != nil; rule = rule.Else {
			ast.WalkVars(rule.Body, read)
			for _, term := range append([]*ast.Term{rule.Head.Key, rule.Head.Value}, rule.Head.Ref()[1:]...) {
				if term != nil {
					ast.WalkVars(term, read)
				}
			}
		}
	}
	return found
}
