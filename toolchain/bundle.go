package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// parsed is a bundle with the libraries it builds on, read and put in order.
type parsed struct {
	layer string
	// Modules by file name: the layer's own by their path, those of libraries as <layer>/lib/<name>.rego.
	policies  map[string]*ast.Module
	libraries map[string]*ast.Module
	outer     map[string]*ast.Module
	tests     map[string]*ast.Module
	// The text of every module, by the same names.
	texts map[string]string
	// The data document, {"mesh": {"global": {"data": {...}}}}.
	data   map[string]any
	faults []Fault
}

// filePlace is what a path in a bundle looks like; names become parts of packages.
var filePlace = regexp.MustCompile(`^((policy|lib)/[a-z][a-z0-9_]*\.rego|test/[a-z][a-z0-9_]*_test\.rego|data/[a-z][a-z0-9_]*\.json)$`)

func parse(request *Request) *parsed {
	bundle := &parsed{
		layer:     request.Layer,
		policies:  map[string]*ast.Module{},
		libraries: map[string]*ast.Module{},
		outer:     map[string]*ast.Module{},
		tests:     map[string]*ast.Module{},
		texts:     map[string]string{},
		data:      map[string]any{},
	}
	for _, library := range request.Libraries {
		for _, file := range library.Files {
			bundle.add(library.Layer, file, true)
		}
	}
	// The order of files in the request must not reach what is compiled.
	files := slices.SortedFunc(slices.Values(request.Files), func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	for _, file := range files {
		bundle.add(request.Layer, file, false)
	}
	return bundle
}

func (bundle *parsed) add(layer string, file File, outer bool) {
	folder, name := place(file.Path)
	label := file.Path
	if outer {
		label = layer + "/" + file.Path
	}
	if !filePlace.MatchString(file.Path) || (outer && folder != "lib" && folder != "data") {
		bundle.faults = append(bundle.faults, Fault{Code: "rego_root_error", File: label, Row: 1, Column: 1, Message: fmt.Sprintf(
			"`%s` has no place in a bundle: expected policy/<name>.rego, lib/<name>.rego, test/<name>_test.rego or data/<name>.json, names `[a-z][a-z0-9_]*`", label)})
		return
	}
	switch folder {
	case "data":
		bundle.addData(layer, name, label, file.Text)
	case "policy", "lib", "test":
		module, err := ast.ParseModuleWithOpts(label, file.Text, ast.ParserOptions{
			RegoVersion:       ast.RegoV1,
			ProcessAnnotation: true,
			AllFutureKeywords: true,
		})
		if err != nil {
			bundle.faults = append(bundle.faults, faultsOf(err, label)...)
			return
		}
		bundle.texts[label] = file.Text
		bundle.checkPackage(module, layer, folder, name, label)
		switch {
		case outer && folder == "lib":
			bundle.outer[label] = module
		case folder == "policy":
			bundle.policies[label] = module
		case folder == "lib":
			bundle.libraries[label] = module
		case folder == "test" && !outer:
			bundle.tests[label] = module
		}
	}
}

func (bundle *parsed) checkPackage(module *ast.Module, layer, folder, name, label string) {
	want := append(strings.Split(packageOf(layer), "."), folder, name)
	fault := func(message string) {
		bundle.faults = append(bundle.faults, at(module.Package.Location, label, "rego_root_error", message))
	}
	if have := segmentsOf(module.Package.Path); !slices.Equal(have, want) {
		fault(fmt.Sprintf("the package of `%s` must be `%s`, not `%s`", label, strings.Join(want, "."), strings.Join(have, ".")))
	}
	// The rules that are called are named after the policies.
	if folder == "policy" && (slices.Contains(ast.KeywordsV1[:], name) || ast.RootDocumentNames.Contains(ast.VarTerm(name))) {
		fault(fmt.Sprintf("a policy cannot be named `%s`, a word of Rego's own", name))
	}
}

// segmentsOf are the constant names at the start of a reference to data.
func segmentsOf(ref ast.Ref) []string {
	segments := []string{}
	for _, term := range ref[1:] {
		text, constant := term.Value.(ast.String)
		if !constant {
			break
		}
		segments = append(segments, string(text))
	}
	return segments
}

func (bundle *parsed) addData(layer, name, label, text string) {
	value, offset, err := decode(text)
	if err != nil {
		row, column := positionOf(text, offset)
		bundle.faults = append(bundle.faults, Fault{Code: "data_malformed", Message: err.Error(), File: label, Row: row, Column: column})
		return
	}
	node := bundle.data
	for _, segment := range append(strings.Split(packageOf(layer), "."), "data") {
		inner, found := node[segment].(map[string]any)
		if !found {
			inner = map[string]any{}
			node[segment] = inner
		}
		node = inner
	}
	node[name] = value
}

// decode reads a text that holds one JSON value; an error comes with the offset of the byte that is wrong.
func decode(text string) (value any, offset int64, err error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&value); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, syntax.Offset - 1, err
		}
		return nil, int64(len(text)), errors.New("the file ends before its value does")
	}
	end := decoder.InputOffset()
	rest := strings.TrimLeft(text[end:], " \t\r\n")
	if rest != "" {
		return nil, int64(len(text) - len(rest)), errors.New("more follows after the value")
	}
	return value, end, nil
}

// positionOf counts row and column, in bytes as OPA does, from 1.
func positionOf(text string, offset int64) (row, column int) {
	before := text[:min(max(offset, 0), int64(len(text)))]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
}

func at(location *ast.Location, label, code, message string) Fault {
	fault := Fault{Code: code, Message: message, File: label}
	if location != nil {
		// OPA leaves out the column of some faults, and both for an empty file.
		fault.Row, fault.Column = max(location.Row, 1), max(location.Col, 1)
		if location.File != "" {
			fault.File = location.File
		}
	}
	return fault
}

// faultsOf turns OPA's errors into faults, with what OPA knows beside the message.
func faultsOf(err error, label string) []Fault {
	return (*parsed)(nil).faultsOf(err, label)
}

// faultsOf also says what was probably meant, by the names that the bundle has; a nil bundle has none.
func (bundle *parsed) faultsOf(err error, label string) []Fault {
	var list ast.Errors
	if !errors.As(err, &list) {
		var single *ast.Error
		if errors.As(err, &single) {
			list = ast.Errors{single}
		} else {
			return []Fault{{Code: "rego_error", Message: err.Error(), File: label}}
		}
	}
	faults := make([]Fault, 0, len(list))
	for _, each := range list {
		message := each.Message
		if each.Details != nil {
			if lines := detailLines(each); len(lines) > 0 {
				message += ": " + strings.Join(lines, "; ")
			}
		}
		if meant := bundle.meant(each); meant != "" {
			message += fmt.Sprintf("; did you mean `%s`?", meant)
		}
		faults = append(faults, at(each.Location, label, each.Code, message))
	}
	return faults
}

func detailLines(err *ast.Error) []string {
	if err.Code != ast.TypeErr {
		return nil
	}
	var lines []string
	for _, line := range err.Details.Lines() {
		if trimmed := strings.TrimSpace(line); trimmed != "" && strings.Trim(trimmed, "^") != "" {
			lines = append(lines, trimmed)
		}
	}
	return lines
}
