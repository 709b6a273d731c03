package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	opacompile "github.com/open-policy-agent/opa/v1/compile"
)

// Compiled is a bundle as one WASM module. Equal requests, in whatever order their files come, give equal bytes.
type Compiled struct {
	Checked
	Wasm        string   `json:"wasm,omitempty"`
	Entrypoints []string `json:"entrypoints,omitempty"`
	// The data document as JSON text, so that no reader rounds its numbers.
	Data string `json:"data"`
}

const entryFile = "witan.rego"

// Custom sections that make a module whole: who has its bytes has all that was made of the bundle, under one digest.
const (
	// What the policies say of themselves, as the answer to a request lists them.
	policiesSection = "witan.policies"
	// The data document as JSON text.
	dataSection = "witan.data"
)

func compile(request *Request) Compiled {
	checkedBundle, checked := checkBundle(request)
	compiled := Compiled{Checked: checked, Data: string(encode(checkedBundle.reachableData()))}
	if len(checked.Errors) > 0 || len(checked.Policies) == 0 {
		return compiled
	}
	source, entrypoints := entryModule(checked.Policies)
	modules := checkedBundle.modules(false)
	for label, text := range source {
		checkedBundle.texts[label] = text
		modules[label] = ast.MustParseModuleWithOpts(text, ast.ParserOptions{RegoVersion: ast.RegoV1})
	}
	files := make([]bundle.ModuleFile, 0, len(modules))
	for _, label := range sortedKeys(modules) {
		files = append(files, bundle.ModuleFile{URL: label, Path: label, RelativePath: label, Raw: []byte(checkedBundle.texts[label]), Parsed: modules[label]})
	}
	input := &bundle.Bundle{Manifest: bundle.Manifest{}, Modules: files, Data: map[string]any{}}
	input.Manifest.Init()
	builder := opacompile.New().
		WithTarget(opacompile.TargetWasm).
		WithCapabilities(capabilities()).
		WithRegoVersion(ast.RegoV1).
		WithEntrypoints(entrypoints...).
		WithBundle(input)
	if err := builder.Build(context.Background()); err != nil {
		compiled.Errors = faultsOf(err, "")
		return compiled
	}
	hardened, err := harden(builder.Bundle().WasmModules[0].Raw)
	if err != nil {
		compiled.Errors = faultsOf(err, "")
		return compiled
	}
	hardened = withCustom(hardened, policiesSection, encode(checked.Policies))
	hardened = withCustom(hardened, dataSection, []byte(compiled.Data))
	compiled.Wasm = base64.StdEncoding.EncodeToString(hardened)
	compiled.Entrypoints = entrypoints
	return compiled
}

// entryModule writes what the host calls: for each kind one rule that gathers what every policy that applies
// says, and for each policy one of its own. What is empty is left out, so that the common answer is short.
func entryModule(policies []Policy) (source map[string]string, entrypoints []string) {
	source = map[string]string{}
	var entry strings.Builder
	entry.WriteString("package witan\n\n")
	for _, kind := range kinds {
		applying := slices.Collect(func(yield func(Policy) bool) {
			for _, policy := range policies {
				if slices.Contains(policy.AppliesTo, kind) && !yield(policy) {
					return
				}
			}
		})
		var gathered strings.Builder
		for _, policy := range applying {
			for _, rule := range policy.Rules {
				if rule == "permit" && kind != "access" {
					continue
				}
				fmt.Fprintf(&gathered, "%s[%q][%q] := said if {\n\tsaid := data.%s.%s\n\tsaid != %s\n}\n\n",
					kind, policy.Name, rule, policy.Package, rule, silence(rule))
			}
		}
		// Policies that define `permit` alone say nothing of other kinds, and an entrypoint needs a rule.
		if len(applying) > 0 && gathered.Len() == 0 {
			fmt.Fprintf(&gathered, "%s := {}\n\n", kind)
		}
		if gathered.Len() == 0 {
			continue
		}
		entry.WriteString(gathered.String())
		entrypoints = append(entrypoints, "witan/"+kind)
	}
	source[entryFile] = entry.String()
	for _, policy := range policies {
		var alone strings.Builder
		fmt.Fprintf(&alone, "package witan.policy\n\n")
		for _, rule := range policy.Rules {
			fmt.Fprintf(&alone, "%s[%q] := said if {\n\tsaid := data.%s.%s\n\tsaid != %s\n}\n\n",
				policy.Name, rule, policy.Package, rule, silence(rule))
		}
		source["witan/"+policy.Name+".rego"] = alone.String()
		entrypoints = append(entrypoints, "witan/policy/"+policy.Name)
	}
	return source, entrypoints
}

// silence is the value of a rule that says nothing; any other value, also of a wrong type, goes to the host.
func silence(rule string) string {
	if rule == "permit" {
		return "false"
	}
	return "set()"
}
