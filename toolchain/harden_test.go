package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// everyNative calls all of OPA's native built-ins, so that its compiler leaves none of them out.
func everyNative() Request {
	calls := []string{}
	for index, name := range sortedKeys(natives) {
		builtin := ast.BuiltinMap[name]
		arguments := make([]string, len(builtin.Decl.FuncArgs().Args))
		for each := range arguments {
			arguments[each] = fmt.Sprintf("input.a%d", each)
		}
		calls = append(calls, fmt.Sprintf("p%d := %s(%s)", index, name, strings.Join(arguments, ", ")))
	}
	return Request{Op: "assemble", Query: "x = data.m", Files: []File{{Path: "m.rego", Text: "package m\n\n" + strings.Join(calls, "\n\n") + "\n"}}}
}

func bytesOf(t *testing.T, encoded string) []byte {
	t.Helper()
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

func moduleOf(t *testing.T, encoded string) *wasmModule {
	t.Helper()
	module, err := readModule(bytesOf(t, encoded))
	if err != nil {
		t.Fatal(err)
	}
	return module
}

func TestHardenKnowsEveryNativeBuiltin(t *testing.T) {
	assembled := ask[Assembled](t, everyNative())
	if len(assembled.Errors) > 0 {
		t.Fatalf("refused: %+v", assembled.Errors)
	}
	var listed []string
	for _, section := range moduleOf(t, assembled.Wasm).sections {
		in := &wasmReader{bytes: section.content}
		if section.id == sectionCustom && string(in.take(in.unsigned())) == nativeSection {
			if err := json.Unmarshal(in.bytes[in.at:], &listed); err != nil {
				t.Fatal(err)
			}
		}
	}
	if want := sortedKeys(natives); !slices.Equal(listed, want) {
		t.Errorf("listed are %v, not %v", listed, want)
	}
}

func TestHardenMetersEveryLoop(t *testing.T) {
	assembled := ask[Assembled](t, everyNative())
	module := moduleOf(t, assembled.Wasm)
	globals, _ := vector(module.section(sectionGlobal))
	take := takeOne(globals - 1)
	functions, err := module.functions()
	if err != nil {
		t.Fatal(err)
	}
	free := map[int]bool{}
	for name := range functions.names {
		if own, _ := functions.own(name); strings.HasPrefix(name, linearPrefix) || name == hashFunction {
			free[own] = true
		}
	}
	loops := 0
	for index, body := range functions.bodies {
		if free[index] {
			continue
		}
		in := &wasmReader{bytes: body}
		for count := in.unsigned(); count > 0; count-- {
			in.unsigned()
			in.byte()
		}
		for in.at < len(body) && in.err == nil {
			if in.skipInstruction() == 0x03 {
				loops++
				if !bytes.HasPrefix(body[in.at:], take) {
					t.Errorf("a loop of function %d takes nothing", index)
				}
			}
		}
		if in.err != nil {
			t.Errorf("function %d: %v", index, in.err)
		}
	}
	if loops < 500 {
		t.Errorf("only %d loops were found", loops)
	}
}

func TestHardenGivesEqualBytes(t *testing.T) {
	bare := bytesOf(t, ask[Assembled](t, everyNative()).Bare)
	first, err := harden(slices.Clone(bare))
	if err != nil {
		t.Fatal(err)
	}
	again, err := harden(slices.Clone(bare))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(first, again) {
		t.Error("the same module gave other bytes")
	}
}

func TestReadModule(t *testing.T) {
	bare := bytesOf(t, ask[Assembled](t, everyNative()).Bare)
	module, err := readModule(bare)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(module.encode(), bare) {
		t.Error("a module that is not changed is not written as it was read")
	}
	for name, malformed := range map[string][]byte{"nothing": {}, "text": []byte("package m"), "a piece": bare[:len(bare)/2]} {
		if _, err := harden(malformed); err == nil {
			t.Errorf("%s is taken for a module", name)
		}
	}
}
