package main

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	briefCharsMax = 200
	briefItemsMax = 10
	// How deep a value that was read is shown, and how much of it at all depths together; and one that was given,
	// which is what the host reads.
	readDepthMax  = 2
	readNodesMax  = 30
	givenDepthMax = 4
	givenNodesMax = 100
	// ellipsis marks what was left out.
	ellipsis = "…"
)

// brief is a value as JSON, short enough to be read. A text that is cut ends with `… (<n> characters)`, an array or
// set with the item `… <n> more`, an object with the member `…` that says the same; what lies too deep is `…` itself.
func brief(value ast.Value, depth, nodes int) any {
	return (&shortening{depth: depth, nodes: nodes}).of(value, 0)
}

// shortening is how much may still be shown.
type shortening struct {
	depth, nodes int
}

func (left *shortening) of(value ast.Value, depth int) any {
	left.nodes--
	switch value := value.(type) {
	case ast.Null:
		return nil
	case ast.Boolean:
		return bool(value)
	case ast.Number:
		return json.Number(value)
	case ast.String:
		return briefText(string(value))
	case *ast.Array:
		return left.items(value, depth)
	case ast.Set:
		return left.items(value.Sorted(), depth)
	case ast.Object:
		return left.members(value, depth)
	default:
		return briefText(value.String())
	}
}

// tooMuch says whether a value that holds others is to be left out as a whole.
func (left *shortening) tooMuch(length, depth int) bool {
	return length > 0 && (depth == left.depth || left.nodes <= 0)
}

var errEnough = errors.New("enough")

func (left *shortening) items(array *ast.Array, depth int) any {
	if left.tooMuch(array.Len(), depth) {
		return ellipsis
	}
	items := make([]any, 0, min(array.Len(), briefItemsMax+1))
	_ = array.Iter(func(item *ast.Term) error {
		if len(items) == briefItemsMax || left.nodes <= 0 {
			items = append(items, fmt.Sprintf("%s %d more", ellipsis, array.Len()-len(items)))
			return errEnough
		}
		items = append(items, left.of(item.Value, depth+1))
		return nil
	})
	return items
}

func (left *shortening) members(object ast.Object, depth int) any {
	if left.tooMuch(object.Len(), depth) {
		return ellipsis
	}
	members := make(map[string]any, min(object.Len(), briefItemsMax+1))
	_ = object.Iter(func(key, value *ast.Term) error {
		if len(members) == briefItemsMax || left.nodes <= 0 {
			members[ellipsis] = fmt.Sprintf("%s %d more", ellipsis, object.Len()-len(members))
			return errEnough
		}
		name, isText := key.Value.(ast.String)
		if !isText {
			name = ast.String(key.Value.String())
		}
		members[briefText(string(name))] = left.of(value.Value, depth+1)
		return nil
	})
	return members
}

func briefText(text string) string {
	runes := []rune(text)
	if len(runes) <= briefCharsMax {
		return text
	}
	return fmt.Sprintf("%s%s (%d characters)", string(runes[:briefCharsMax]), ellipsis, len(runes))
}
