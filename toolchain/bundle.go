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
	data      map[string]any
	dataFiles []dataFile
	faults    []Fault
}

// dataFile is a file of data and its dotted path in the data document: mesh.<layer>.data.<file>.
type dataFile struct {
	path  string
	value any
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
		if fault := tooDeep(label, file.Text); fault != nil {
			bundle.faults = append(bundle.faults, *fault)
			return
		}
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

// depthMax is how often the parser may call itself: some 80 levels of comprehensions, more of anything else. What is
// nested deeper takes the compiler for ever, or more stack than there is.
const depthMax = 1000

// tooDeep reads a text for its nesting alone; what else is wrong is found when it is parsed.
func tooDeep(label, text string) *Fault {
	_, _, errs := ast.NewParser().
		WithFilename(label).
		WithReader(strings.NewReader(text)).
		WithRegoVersion(ast.RegoV1).
		WithMaxRecursionDepth(depthMax).
		Parse()
	for _, err := range errs {
		if strings.Contains(err.Message, ast.ErrMaxParsingRecursionDepthExceeded.Error()) {
			fault := at(err.Location, label, "rego_parse_error", "the text is nested too deeply: give its parts names of their own")
			return &fault
		}
	}
	return nil
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
	path := packageOf(layer) + ".data." + name
	bundle.dataFiles = append(bundle.dataFiles, dataFile{path: path, value: value})
	put(bundle.data, strings.Split(path, "."), value)
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
	if name, offset := repeatedMember(text); name != "" {
		return nil, offset, fmt.Errorf("the member `%s` stands here twice", name)
	}
	end := decoder.InputOffset()
	rest := strings.TrimLeft(text[end:], " \t\r\n")
	if rest != "" {
		return nil, int64(len(text) - len(rest)), errors.New("more follows after the value")
	}
	return value, end, nil
}

// repeatedMember finds the first member that an object of the text has twice, and the offset of its second name.
// Readers differ in which of the two they take.
func repeatedMember(text string) (name string, offset int64) {
	decoder := json.NewDecoder(strings.NewReader(text))
	// The names seen so far in each object around the token; nil for an array.
	var open []map[string]bool
	expectsName := false
	for {
		before := decoder.InputOffset()
		token, err := decoder.Token()
		if err != nil {
			return "", 0
		}
		switch token {
		case json.Delim('{'):
			open, expectsName = append(open, map[string]bool{}), true
			continue
		case json.Delim('['):
			open, expectsName = append(open, nil), false
			continue
		case json.Delim('}'), json.Delim(']'):
			open = open[:len(open)-1]
		default:
			if expectsName {
				member, _ := token.(string)
				names := open[len(open)-1]
				if names[member] {
					quote := strings.IndexByte(text[before:], '"')
					return member, before + int64(max(quote, 0))
				}
				names[member], expectsName = true, false
				continue
			}
		}
		if len(open) == 0 {
			return "", 0
		}
		expectsName = open[len(open)-1] != nil
	}
}

// positionOf counts row and column, in bytes as OPA does, from 1.
func positionOf(text string, offset int64) (row, column int) {
	before := text[:min(max(offset, 0), int64(len(text)))]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndexByte(before, '\n')
}
