package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// allowance is a comment that allows what one code finds: for a whole file, or in the line below it and, above a rule, in the whole rule.
type allowance struct {
	code, reason string
	file         string
	// Where it stands, and the row that it is about; 0 for the whole file.
	row, column, about int
	used               bool
}

type allowances struct {
	all []*allowance
	// The codes of this run; a silence of another code may be used in another.
	codes []string
}

var (
	silenceComment = regexp.MustCompile(`^\s*witan:\s*(.*)$`)
	silenceAllows  = regexp.MustCompile(`^allow\s+(\S+)(?:\s+(.*\S))?\s*$`)
)

// allowances are those of every file of the bundle: comments, and `custom.lint` in the metadata of policies.
func (bundle *parsed) allowances(codes []string) *allowances {
	kept := &allowances{codes: codes}
	for _, modules := range []map[string]*ast.Module{bundle.policies, bundle.libraries, bundle.tests} {
		for _, label := range sortedKeys(modules) {
			kept.readComments(modules[label], label)
		}
	}
	for _, label := range sortedKeys(bundle.policies) {
		kept.readMetadata(bundle.policies[label], label)
	}
	return kept
}

func (kept *allowances) readComments(module *ast.Module, label string) {
	own := map[int]bool{}
	var found []*allowance
	for _, comment := range module.Comments {
		match := silenceComment.FindStringSubmatch(string(comment.Text))
		if match == nil {
			continue
		}
		made := &allowance{file: label, row: comment.Location.Row, column: comment.Location.Col}
		if allows := silenceAllows.FindStringSubmatch(match[1]); allows != nil {
			made.code, made.reason = allows[1], allows[2]
		}
		own[made.row] = true
		found = append(found, made)
	}
	for _, made := range found {
		// Several may stand above one line.
		made.about = made.row + 1
		for own[made.about] {
			made.about++
		}
	}
	kept.all = append(kept.all, found...)
}

// readMetadata takes the members of `custom.lint`: codes with their reasons.
func (kept *allowances) readMetadata(module *ast.Module, label string) {
	annotations := annotationsOf(module)
	if annotations == nil {
		return
	}
	members, _ := annotations.Custom["lint"].(map[string]any)
	for _, code := range sortedKeys(members) {
		reason, _ := members[code].(string)
		made := &allowance{code: code, reason: strings.TrimSpace(reason), file: label, row: module.Package.Location.Row, column: 1}
		for _, comment := range module.Comments {
			if strings.HasPrefix(strings.TrimLeft(string(comment.Text), " \"'"), code) && comment.Location.Row < made.row {
				made.row, made.column = comment.Location.Row, comment.Location.Col
				break
			}
		}
		kept.all = append(kept.all, made)
	}
}

// apply leaves out the findings that are allowed, and adds what is wrong with the silences.
func (kept *allowances) apply(findings []finding) []Fault {
	var warnings []Fault
	for _, each := range findings {
		silenced := false
		for _, allowed := range kept.all {
			if allowed.allows(each) {
				allowed.used, silenced = true, true
			}
		}
		if !silenced {
			warnings = append(warnings, each.Fault)
		}
	}
	for _, allowed := range kept.all {
		if fault := kept.wrong(allowed); fault != nil {
			warnings = append(warnings, *fault)
		}
	}
	return warnings
}

func (allowed *allowance) allows(each finding) bool {
	return allowed.code == each.Code && allowed.file == each.File &&
		(allowed.about == 0 || allowed.about == each.Row || allowed.about == each.ruleRow)
}

// wrong is what is wrong with a silence, nil if nothing is. What is no code at all is named by check alone.
func (kept *allowances) wrong(allowed *allowance) *Fault {
	fault := func(code, message string) *Fault {
		return &Fault{Code: code, Message: message, File: allowed.file, Row: allowed.row, Column: allowed.column}
	}
	all := slices.Concat(lintsOfCheck, lintsOfTest)
	reading := slices.Contains(kept.codes, lintsOfCheck[0])
	switch {
	case allowed.code == "" && reading:
		return fault(lintSilenceUnused, "this allows nothing: write `# witan: allow <code> <reason>`")
	case !slices.Contains(all, allowed.code) && reading:
		message := fmt.Sprintf("`%s` is no code of the linter", allowed.code)
		if meant := nearest(allowed.code, all); meant != "" {
			message += fmt.Sprintf("; did you mean `%s`?", meant)
		}
		return fault(lintSilenceUnused, message)
	case !slices.Contains(kept.codes, allowed.code):
		return nil
	case !allowed.used:
		return fault(lintSilenceUnused, fmt.Sprintf("nothing here is found by `%s`: take the silence away", allowed.code))
	case allowed.reason == "":
		return fault(lintSilenceWithoutReason, fmt.Sprintf("`%s` is allowed without a reason: say why it is right here", allowed.code))
	}
	return nil
}
