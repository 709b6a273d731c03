package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"strconv"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/builtins"
)

// Called is what one call of a built-in gave: a value in Rego's notation, why there is none, or neither when the
// result is undefined.
type Called struct {
	Value  string `json:"value,omitempty"`
	Failed string `json:"failed,omitempty"`
}

// call runs one of OPA's own built-ins. Arguments and value are in Rego's notation: JSON with sets as `{1, 2}` and
// `set()`, and with any value as a key. `now_ns` is what the clock says.
func call(request *Request) Called {
	builtin := topdown.GetBuiltin(request.Name)
	_, forbidden := refused[request.Name]
	if builtin == nil || forbidden {
		return Called{Failed: fmt.Sprintf("the built-in `%s` is not known", request.Name)}
	}
	operands := make([]*ast.Term, len(request.Arguments))
	for index, text := range request.Arguments {
		term, err := ast.ParseTerm(text)
		if err != nil {
			return Called{Failed: fmt.Sprintf("operand %d is no value", index+1)}
		}
		operands[index] = term
	}
	var called Called
	err := builtin(topdown.BuiltinContext{
		Context: context.Background(),
		Metrics: metrics.New(),
		// INVARIANT: whatever draws from it is refused, or computed by the host.
		Seed:           rand.New(rand.NewSource(0)),
		Time:           ast.NumberTerm(json.Number(strconv.FormatInt(request.NowNs, 10))),
		Cancel:         topdown.NewCancel(),
		Cache:          builtins.Cache{},
		NDBuiltinCache: nil,
		Capabilities:   ast.CapabilitiesForThisVersion(),
	}, operands, func(result *ast.Term) error {
		var text bytes.Buffer
		if err := writeValue(&text, result.Value); err != nil {
			return err
		}
		called.Value = text.String()
		return nil
	})
	if err != nil {
		return Called{Failed: err.Error()}
	}
	return called
}

// writeValue writes a value in Rego's notation with strings as in JSON.
func writeValue(out *bytes.Buffer, value ast.Value) error {
	switch value := value.(type) {
	case ast.String:
		encoded, err := json.Marshal(string(value))
		if err != nil {
			return err
		}
		out.Write(encoded)
	case ast.Null, ast.Boolean, ast.Number:
		out.WriteString(value.String())
	case *ast.Array:
		return writeItems(out, "[", "]", value.Len(), func(index int) error { return writeValue(out, value.Elem(index).Value) })
	case ast.Set:
		if value.Len() == 0 {
			out.WriteString("set()")
			return nil
		}
		items := value.Slice()
		return writeItems(out, "{", "}", len(items), func(index int) error { return writeValue(out, items[index].Value) })
	case ast.Object:
		keys := value.Keys()
		return writeItems(out, "{", "}", len(keys), func(index int) error {
			if err := writeValue(out, keys[index].Value); err != nil {
				return err
			}
			out.WriteByte(':')
			return writeValue(out, value.Get(keys[index]).Value)
		})
	default:
		return fmt.Errorf("a value of type %s cannot be written", ast.ValueName(value))
	}
	return nil
}

func writeItems(out *bytes.Buffer, open, end string, count int, write func(index int) error) error {
	out.WriteString(open)
	for index := range count {
		if index > 0 {
			out.WriteByte(',')
		}
		if err := write(index); err != nil {
			return err
		}
	}
	out.WriteString(end)
	return nil
}
