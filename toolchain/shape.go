package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// inputPath is a place in the input: names of members, and `anyElement` for each element of an array, or each member
// of an object, in turn.
type inputPath []string

const anyElement = "*"

func (path inputPath) String() string {
	var text strings.Builder
	text.WriteString("input")
	for _, segment := range path {
		switch {
		case segment == anyElement:
			text.WriteString("[_]")
		case ast.IsVarCompatibleString(segment):
			text.WriteString("." + segment)
		default:
			text.WriteString("[" + strconv.Quote(segment) + "]")
		}
	}
	return text.String()
}

// pointer is the path as a JSON pointer.
func (path inputPath) pointer() string {
	var text strings.Builder
	for _, segment := range path {
		text.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(segment))
	}
	return text.String()
}

func (path inputPath) startsWith(prefix inputPath) bool {
	return len(path) >= len(prefix) && slices.Equal(path[:len(prefix)], prefix)
}

// shape is what the JSON Schema of the input says of one place; nil where it says nothing.
type shape map[string]any

func shapeOf(schema json.RawMessage) shape {
	var root shape
	// The schema has been compiled already, so it is readable, if there is one.
	_ = json.Unmarshal(schema, &root)
	return root
}

// at follows a path. Where the schema is open or ends, nothing is known.
func (input shape) at(path inputPath) shape {
	for _, segment := range path {
		input = input.child(segment)
	}
	return input
}

func (input shape) child(segment string) shape {
	if properties, closed := input["properties"].(map[string]any); closed {
		if found, known := properties[segment].(map[string]any); known {
			return found
		}
		return nil
	}
	found, _ := input["items"].(map[string]any)
	return found
}

// optional says whether the last segment of a path may be missing although the one before it is there, in a way that
// matters. An element that is looked at is there; and some things are missing only where there is nothing to judge,
// which the schema then says.
func (input shape) optional(path inputPath) bool {
	last := path[len(path)-1]
	if last == anyElement {
		return false
	}
	required, _ := input.at(path[:len(path)-1])["required"].([]any)
	return !slices.Contains(required, any(last)) && input.at(path)["x-witan-missing"] != "nothing_to_judge"
}

// mayLack says whether some part of a path may be missing.
func (input shape) mayLack(path inputPath) bool {
	for length := 1; length <= len(path); length++ {
		if input.optional(path[:length]) {
			return true
		}
	}
	return false
}

// values are those that a place may have; nil when it may have any.
func (input shape) values(path inputPath) []ast.Value {
	found := input.at(path)
	listed, isList := found["enum"].([]any)
	if constant, isConstant := found["const"]; isConstant {
		listed, isList = []any{constant}, true
	}
	if !isList {
		return nil
	}
	values := make([]ast.Value, 0, len(listed))
	for _, each := range listed {
		if value, err := ast.InterfaceToValue(each); err == nil {
			values = append(values, value)
		}
	}
	return values
}
