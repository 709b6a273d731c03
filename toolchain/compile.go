package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	opacompile "github.com/open-policy-agent/opa/v1/compile"
	"github.com/open-policy-agent/opa/v1/ir"
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
	module, err := moduleOfFiles(files, entrypoints)
	if err != nil {
		compiled.Errors = faultsOf(err, "")
		return compiled
	}
	module = withCustom(module, policiesSection, encode(checked.Policies))
	module = withCustom(module, dataSection, []byte(compiled.Data))
	compiled.Wasm = base64.StdEncoding.EncodeToString(module)
	compiled.Entrypoints = entrypoints
	return compiled
}

// moduleOfFiles is the WASM of modules as decisions run it: with a budget, a voice for its built-ins, and what its
// entrypoints read.
func moduleOfFiles(files []bundle.ModuleFile, entrypoints []string) ([]byte, error) {
	built, err := build(opacompile.TargetWasm, files, entrypoints, capabilities())
	if err != nil {
		return nil, err
	}
	trees, err := readsOfFiles(files, entrypoints, capabilities())
	if err != nil {
		return nil, err
	}
	hardened, err := harden(built.WasmModules[0].Raw)
	if err != nil {
		return nil, err
	}
	return withReads(hardened, trees)
}

// readsOfFiles is what each entrypoint may read of the input. OPA's compiler plans the same modules in the same way for
// every target.
func readsOfFiles(files []bundle.ModuleFile, entrypoints []string, allowed *ast.Capabilities) (map[string]*readTree, error) {
	planned, err := build(opacompile.TargetPlan, files, entrypoints, allowed)
	if err != nil {
		return nil, err
	}
	var policy ir.Policy
	if err := json.Unmarshal(planned.PlanModules[0].Raw, &policy); err != nil {
		return nil, err
	}
	trees := map[string]*readTree{}
	for _, entrypoint := range entrypoints {
		if trees[entrypoint], err = readsOf(&policy, entrypoint); err != nil {
			return nil, err
		}
	}
	return trees, nil
}

func build(target string, files []bundle.ModuleFile, entrypoints []string, allowed *ast.Capabilities) (*bundle.Bundle, error) {
	// The compiler changes the modules that it is given.
	own := slices.Clone(files)
	for index := range own {
		own[index].Parsed = own[index].Parsed.Copy()
	}
	input := &bundle.Bundle{Manifest: bundle.Manifest{}, Modules: own, Data: map[string]any{}}
	input.Manifest.Init()
	builder := opacompile.New().
		WithTarget(target).
		WithCapabilities(allowed).
		WithRegoVersion(ast.RegoV1).
		WithEntrypoints(entrypoints...).
		WithBundle(input)
	if err := builder.Build(context.Background()); err != nil {
		return nil, err
	}
	return builder.Bundle(), nil
}

// entryModule writes what the host calls: for each kind one rule that gathers what every policy that applies
// says, and for each policy one of its own. What is empty is left out, so that the common answer is short. Names stand in
// variables, since rules whose references are constant would each be a function of their own, with its result kept.
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
				fmt.Fprintf(&gathered, "%s[policy][%q] := said if {\n\tpolicy := %q\n\tsaid := data.%s.%s\n\tsaid != %s\n}\n\n",
					kind, rule, policy.Name, policy.Package, rule, silence(rule))
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
			fmt.Fprintf(&alone, "%s[rule] := said if {\n\trule := %q\n\tsaid := data.%s.%s\n\tsaid != %s\n}\n\n",
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
