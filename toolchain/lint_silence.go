package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// denial is one `deny` rule with what its body reads, and what its message reads beyond that.
type denial struct {
	rule          *ast.Rule
	body, message []mention
}

// lintSilence finds denials that are not made when input is missing that nothing else of the policy insists on.
func (bundle *parsed) lintSilence(module *ast.Module, input shape) []finding {
	if input == nil {
		return nil
	}
	required := requiredPaths(module)
	var denials []denial
	for _, rule := range rulesNamed(module, "deny") {
		reading := bundle.readingOf(module, rule)
		reading.body(rule.Body)
		body := slices.Clone(*reading.mentions)
		if rule.Head.Key != nil {
			reading.term(rule.Head.Key, compared)
		}
		denials = append(denials, denial{rule, body, (*reading.mentions)[len(body):]})
	}
	var findings []finding
	for _, denied := range denials {
		insisted := func(path inputPath) bool {
			return insistedOn(path, required) || denied.asksFor(path) || slices.ContainsFunc(denials, func(each denial) bool {
				return each.rule != denied.rule && each.deniesAbsence(path)
			})
		}
		reported := map[string]bool{}
		report := func(each mention, words string) {
			path := missing(each, input, insisted)
			if path == nil || reported[path.String()] {
				return
			}
			reported[path.String()] = true
			findings = append(findings, found(lintDenySilent, each.at, each.rule, fmt.Sprintf(words, path)+remedyFor(path)))
		}
		for _, each := range denied.body {
			report(each, "`%s` may be missing, and the denial is then not made: ")
		}
		for _, each := range denied.message {
			if !denied.reads(each.path) {
				report(each, "`%s` may be missing, and the message is then not written nor the denial made: ")
			}
		}
	}
	return findings
}

func remedyFor(path inputPath) string {
	if slices.Contains(path, anyElement) {
		return "deny its absence with `not`, or read it with `object.get`"
	}
	return fmt.Sprintf("say `requires contains \"%s\"`, deny its absence with `not`, or read it with `object.get`", path.pointer())
}

// missing is the longest part of a mention that may be missing while nothing insists on it; nil when there is none.
// What stands before an iteration is no part of it: without a collection there is no element to judge.
func missing(each mention, input shape, insisted func(inputPath) bool) inputPath {
	iterations := slices.Contains(each.path, anyElement)
	if each.use != compared && (each.use != selected || iterations) {
		return nil
	}
	for length := len(each.path); length > 0 && each.path[length-1] != anyElement; length-- {
		if path := each.path[:length]; input.optional(path) && !insisted(path) {
			return path
		}
	}
	return nil
}

// reads says whether the body cannot be true without a place.
func (denied denial) reads(path inputPath) bool {
	return slices.ContainsFunc(denied.body, func(each mention) bool {
		return each.use != heeded && each.path.startsWith(path)
	})
}

// asksFor says whether the author asks in so many words whether a place is there.
func (denied denial) asksFor(path inputPath) bool {
	return slices.ContainsFunc(denied.body, func(each mention) bool {
		return each.use == guarded && each.path.startsWith(path)
	})
}

// deniesAbsence says whether the rule denies when a place is missing.
func (denied denial) deniesAbsence(path inputPath) bool {
	return !denied.reads(path) && slices.ContainsFunc(denied.body, func(each mention) bool {
		return each.use == heeded && each.path.startsWith(path)
	})
}

var formatVerb = regexp.MustCompile(`%[a-z]`)

// requiredPaths are those that the policy names under `requires`; a part that is computed stands for any element.
func requiredPaths(module *ast.Module) []inputPath {
	var paths []inputPath
	for _, rule := range rulesNamed(module, "requires") {
		if rule.Head.Key == nil {
			continue
		}
		term := rule.Head.Key
		if call, isCall := term.Value.(ast.Call); isCall && call[0].String() == "sprintf" {
			term = call[1]
		}
		if pointer, isText := term.Value.(ast.String); isText {
			segments := strings.Split(strings.TrimPrefix(string(pointer), "/"), "/")
			for index, segment := range segments {
				segments[index] = strings.NewReplacer("~1", "/", "~0", "~").Replace(formatVerb.ReplaceAllString(segment, anyElement))
			}
			paths = append(paths, segments)
		}
	}
	return paths
}

func insistedOn(path inputPath, required []inputPath) bool {
	return slices.ContainsFunc(required, func(each inputPath) bool { return each.startsWith(path) })
}
