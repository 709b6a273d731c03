package main

import (
	"encoding/json"
	"testing"
)

// schemaOfInput is small, and closed like the real one.
const schemaOfInput = `{
	"type": "object", "additionalProperties": false,
	"properties": {
		"kind": {"type": "string"},
		"product": {
			"type": "object", "additionalProperties": false,
			"properties": {"name": {"type": "string"}, "owner": {"type": "string"}}
		},
		"parameters": {"type": "object"}
	}
}`

// The package stands in row 6 of a policy with these metadata, its rules from row 7 on.
const metadata = "# METADATA\n# title: Title\n# description: Description.\n# custom:\n#   applies_to: [publish, access]\n"

// policy is a policy of the domain finance whose rules begin in row 7.
func policy(name, rules string) File {
	return File{Path: "policy/" + name + ".rego", Text: metadata + "package mesh.finance.policy." + name + "\n" + rules}
}

// denying is a rule that makes a policy complete.
const denying = "deny contains \"no owner\" if not input.product.owner\n"

func ask[T any](t *testing.T, request Request) T {
	t.Helper()
	encoded, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return decoded[T](t, answer(encoded))
}

func decoded[T any](t *testing.T, response []byte) T {
	t.Helper()
	var failure Failure
	if err := json.Unmarshal(response, &failure); err != nil || failure.Error.Code != "" {
		t.Fatalf("the call failed: %s", response)
	}
	var value T
	if err := json.Unmarshal(response, &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// finance is a request of the domain finance, checked against the schema.
func finance(op string, files ...File) Request {
	return Request{Op: op, Layer: "finance", Files: files, Schema: json.RawMessage(schemaOfInput)}
}

func TestAnswer(t *testing.T) {
	refused := []struct{ name, request, message string }{
		{"no JSON", `{"op"`, "unexpected end of JSON input"},
		{"nothing", ``, "unexpected end of JSON input"},
		{"an unknown operation", `{"op": "guess"}`, "unknown operation `guess`"},
		{"a wrong type", `{"op": "check", "files": 3}`, "json: cannot unmarshal number into Go struct field Request.files of type []main.File"},
	}
	for _, each := range refused {
		t.Run(each.name, func(t *testing.T) {
			var failure Failure
			if err := json.Unmarshal(answer([]byte(each.request)), &failure); err != nil {
				t.Fatal(err)
			}
			if failure.Error.Code != "bad_request" || failure.Error.Message != each.message {
				t.Errorf("got %+v", failure.Error)
			}
		})
	}
	t.Run("version", func(t *testing.T) {
		have := decoded[Version](t, answer([]byte(`{"op": "version"}`)))
		if have != (Version{OPA: "1.22.2", Toolchain: toolchainVersion}) {
			t.Errorf("got %+v", have)
		}
	})
}

func TestAnswerRefusesASchemaThatIsNone(t *testing.T) {
	request := finance("check", policy("p", denying))
	request.Schema = json.RawMessage(`{"type": 3}`)
	faults := ask[Checked](t, request).Errors
	if len(faults) != 1 || faults[0].Code != "rego_type_error" {
		t.Errorf("got %+v", faults)
	}
}
