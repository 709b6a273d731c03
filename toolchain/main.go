// Command toolchain is OPA's compiler, type checker, formatter, test runner and evaluators as one WASI reactor. It is
// called with a request in JSON and answers in JSON; it keeps nothing between calls and touches neither files nor network.
package main

import (
	"encoding/json"
	"fmt"
	"unsafe"
)

// The buffers of the request and the response stay alive until the next call, since the host holds only addresses.
var (
	requestBuffer  []byte
	responseBuffer []byte
)

//go:wasmexport witan_alloc
func witanAlloc(size int32) int32 {
	requestBuffer = make([]byte, max(size, 1))
	return int32(uintptr(unsafe.Pointer(&requestBuffer[0])))
}

// witanCall takes a request of `length` bytes at the start of the allocated buffer and returns the address of
// the response in the upper and its length in the lower 32 bits.
//
//go:wasmexport witan_call
func witanCall(length int32) int64 {
	responseBuffer = answer(requestBuffer[:length])
	requestBuffer = nil
	return int64(uintptr(unsafe.Pointer(&responseBuffer[0])))<<32 | int64(len(responseBuffer))
}

func answer(request []byte) (response []byte) {
	defer func() {
		if panicked := recover(); panicked != nil {
			response = encode(failed("toolchain_panic", fmt.Sprint(panicked)))
		}
	}()
	var asked Request
	if err := json.Unmarshal(request, &asked); err != nil {
		return encode(failed("bad_request", err.Error()))
	}
	switch asked.Op {
	case "assemble":
		return encode(assemble(&asked))
	case "builtin":
		return encode(call(&asked))
	case "check":
		return encode(check(&asked))
	case "compile":
		return encode(compile(&asked))
	case "evaluate":
		return encode(evaluate(&asked))
	case "format":
		return encode(formatFiles(&asked))
	case "partial":
		return encode(partial(&asked))
	case "test":
		return encode(test(&asked))
	case "version":
		return encode(version())
	default:
		return encode(failed("bad_request", fmt.Sprintf("unknown operation `%s`", asked.Op)))
	}
}

func encode(value any) []byte {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return encoded
}

// Failure is the answer to a request that could not be carried out at all.
type Failure struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
	} `json:"error"`
}

func failed(code, message string) Failure {
	var failure Failure
	failure.Error.Code = code
	failure.Error.Message = message
	return failure
}

// main is never run: the module is a reactor.
func main() {}
