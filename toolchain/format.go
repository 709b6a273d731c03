package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
)

// Formatted is the answer to format: every Rego file that parses, in the order of paths, and what keeps the
// others from it. Files of other kinds are left alone and not named.
type Formatted struct {
	Errors []Fault         `json:"errors"`
	Files  []FormattedFile `json:"files"`
}

// FormattedFile is a file as OPA's formatter writes it, and whether that differs from how it came.
type FormattedFile struct {
	Path    string `json:"path"`
	Text    string `json:"text"`
	Differs bool   `json:"differs"`
}

// formatFiles needs no bundle: paths may be any that end in .rego.
func formatFiles(request *Request) Formatted {
	formatted := Formatted{Errors: []Fault{}, Files: []FormattedFile{}}
	files := slices.SortedFunc(slices.Values(request.Files), func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for _, file := range files {
		if !strings.HasSuffix(file.Path, ".rego") {
			continue
		}
		text, err := formatText(file)
		if err != nil {
			formatted.Errors = append(formatted.Errors, faultsOf(err, file.Path)...)
			continue
		}
		formatted.Files = append(formatted.Files, FormattedFile{Path: file.Path, Text: text, Differs: text != file.Text})
	}
	return formatted
}

// formatText lays a module out anew, and refuses a layout that would be another module: whoever writes the text
// back over the file must not lose a rule to a fault of the formatter.
func formatText(file File) (string, error) {
	// As a stock OPA reads it, so that `opa fmt` gives the same; the formatter would write an import of every keyword
	// of the future that is switched on. Only what needs one is read as bundles are, and then gets its import.
	options := ast.ParserOptions{RegoVersion: ast.RegoV1, ProcessAnnotation: true}
	before, err := ast.ParseModuleWithOpts(file.Path, file.Text, options)
	if err != nil {
		options.AllFutureKeywords = true
		if before, err = ast.ParseModuleWithOpts(file.Path, file.Text, options); err != nil {
			return "", err
		}
	}
	text, err := format.SourceWithOpts(file.Path, []byte(file.Text), format.Opts{RegoVersion: ast.RegoV1, ParserOptions: &options})
	if err != nil {
		return "", err
	}
	after, err := ast.ParseModuleWithOpts(file.Path, string(text), options)
	if err != nil || !sameRules(before, after) {
		return "", &ast.Error{Code: "format_unsafe", Location: before.Package.Location,
			Message: fmt.Sprintf("the formatter would change what `%s` says; it is left as it is", file.Path)}
	}
	return string(text), nil
}

// sameRules leaves out what the formatter may change: imports, which it may add, and whether a value stands after
// `=`, `:=` or nothing.
func sameRules(before, after *ast.Module) bool {
	return before.Package.Equal(after.Package) && len(before.Comments) == len(after.Comments) &&
		slices.EqualFunc(before.Rules, after.Rules, func(a, b *ast.Rule) bool { return unassigned(a).Equal(unassigned(b)) })
}

func unassigned(rule *ast.Rule) *ast.Rule {
	rule = rule.Copy()
	for each := rule; each != nil; each = each.Else {
		each.Head.Assign = false
	}
	return rule
}
