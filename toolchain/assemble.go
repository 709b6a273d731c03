package main

import (
	"context"
	"encoding/base64"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
)

// Assembled is a query over any modules as WASM: as decisions run it, and as OPA compiles it.
type Assembled struct {
	Errors []Fault `json:"errors"`
	Wasm   string  `json:"wasm,omitempty"`
	Bare   string  `json:"bare,omitempty"`
}

// assemble compiles a query over modules that need not be those of a layer, with every built-in that OPA has. The
// entrypoint answers the query's bindings. It is what the evaluator is tested with; nothing comes into force by it.
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
	return Assembled{
		Errors: []Fault{},
		Wasm:   base64.StdEncoding.EncodeToString(hardened),
		Bare:   base64.StdEncoding.EncodeToString(compiled.Bytes),
	}
}
