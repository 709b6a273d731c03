package main

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/rego"
)

// Assembled is a query over any modules as WASM: as decisions run it, and as OPA compiles it.
type Assembled struct {
	Errors []Fault `json:"errors"`
	Wasm   string  `json:"wasm,omitempty"`
	Bare   string  `json:"bare,omitempty"`
}

// assemble compiles a query over modules that need not be those of a layer, with every built-in that OPA has. The
// entrypoint answers the query's bindings, and a query for one rule says what it reads, as `query`. It is what the
// evaluator is tested with; nothing comes into force by it.
func assemble(request *Request) Assembled {
	options := []func(*rego.Rego){
		rego.Query(request.Query),
		rego.SetRegoVersion(ast.RegoV1),
		rego.Capabilities(ast.CapabilitiesForThisVersion(ast.CapabilitiesExperimentalKeywords(true))),
	}
	for _, file := range request.Files {
		options = append(options, rego.Module(file.Path, file.Text))
	}
	compiled, err := rego.New(options...).Compile(context.Background())
	if err != nil {
		return Assembled{Errors: faultsOf(err, "")}
	}
	hardened, err := harden(compiled.Bytes)
	if err != nil {
		return Assembled{Errors: faultsOf(err, "")}
	}
	if tree := readsOfQuery(request); tree != nil {
		if hardened, err = withReads(hardened, map[string]*readTree{"query": tree}); err != nil {
			return Assembled{Errors: faultsOf(err, "")}
		}
	}
	return Assembled{
		Errors: []Fault{},
		Wasm:   base64.StdEncoding.EncodeToString(hardened),
		Bare:   base64.StdEncoding.EncodeToString(compiled.Bytes),
	}
}

// readsOfQuery is what a query of the form `data.path = x` reads, where the path names a rule; nil for others.
func readsOfQuery(request *Request) *readTree {
	query, err := ast.ParseBody(request.Query)
	if err != nil || len(query) != 1 || !query[0].IsEquality() {
		return nil
	}
	ref, isRef := query[0].Operand(0).Value.(ast.Ref)
	if !isRef || !ref.IsGround() || !ref.HasPrefix(ast.DefaultRootRef) {
		return nil
	}
	files := make([]bundle.ModuleFile, 0, len(request.Files))
	for _, file := range request.Files {
		module, err := ast.ParseModuleWithOpts(file.Path, file.Text, ast.ParserOptions{RegoVersion: ast.RegoV1, AllFutureKeywords: true})
		if err != nil {
			return nil
		}
		files = append(files, bundle.ModuleFile{URL: file.Path, Path: file.Path, RelativePath: file.Path, Raw: []byte(file.Text), Parsed: module})
	}
	entrypoint := strings.Join(segmentsOf(ref), "/")
	trees, err := readsOfFiles(files, []string{entrypoint}, ast.CapabilitiesForThisVersion(ast.CapabilitiesExperimentalKeywords(true)))
	if err != nil {
		return nil
	}
	return trees[entrypoint]
}
