package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// The global in which the host sets how much an evaluation may cost, and the custom section that names the
// built-ins of the module itself.
const (
	budgetExport  = "witan_budget"
	nativeSection = "witan.native"
	// Identifiers of the module's own built-ins begin here, far from those that OPA numbers.
	nativeIDBase = 1 << 20
)

// harden gives a module that OPA compiled three things that a decision point needs of it:
//
//   - A budget. Every round of a loop and every call of a rule takes one from the global `witan_budget`, and the
//     module traps when it is below zero. Rego always ends, but it can take for ever in practice, and WebAssembly
//     on the decision thread cannot be interrupted. A budget ends the same evaluation at the same instruction on
//     every machine under every load, so a replay ends as the decision did.
//   - A voice for its own built-ins. OPA's module leaves a built-in that fails undefined. Here a native built-in
//     without a result asks the host through OPA's own imports, under an identifier of `witan.native`; the host
//     computes the value, or notes the failure, or leaves it undefined.
//   - A table of the results of rules, in place of an object whose keys are hashed (`memo.go`).
//
// Equal modules give equal modules.
func harden(compiled []byte) ([]byte, error) {
	module, err := readModule(compiled)
	if err != nil {
		return nil, err
	}
	functions, err := module.functions()
	if err != nil {
		return nil, err
	}
	if err := module.askHost(functions); err != nil {
		return nil, err
	}
	module.keepResults(functions)
	if err := module.addBudget(functions); err != nil {
		return nil, err
	}
	module.setBodies(functions.bodies)
	return module.encode(), nil
}

// askHost moves the body of each native built-in to the end and puts in its place one that calls it and, when
// nothing comes of it, the host.
func (module *wasmModule) askHost(functions *wasmFunctions) error {
	builtins := []string{}
	for _, builtin := range sortedKeys(natives) {
		native := natives[builtin]
		own, found := functions.own(native.function)
		// OPA leaves out the names and the bodies of what a bundle does not use.
		if !found {
			continue
		}
		typeIndex := functions.types[own]
		arguments := functions.parameters[typeIndex]
		host := slices.Index(functions.imported, fmt.Sprintf("opa_builtin%d", arguments))
		if host < 0 {
			return fmt.Errorf("the module does not import `opa_builtin%d`", arguments)
		}
		id := nativeIDBase + len(builtins)
		builtins = append(builtins, builtin)
		if native.host == always {
			functions.bodies[own] = hostBody(id, uint32(host), arguments)
			continue
		}
		moved := module.moveBody(functions, own)
		functions.bodies[own] = fallbackBody(native.host, moved, id, uint32(host), arguments)
	}
	listed, err := json.Marshal(builtins)
	if err != nil {
		return err
	}
	module.addCustom(nativeSection, listed)
	return nil
}

// moveBody puts the body of one of the module's own functions to the end too, as a function with the index that it returns.
func (module *wasmModule) moveBody(functions *wasmFunctions, own int) uint32 {
	moved := uint32(len(functions.imported) + len(functions.bodies))
	functions.bodies = append(functions.bodies, functions.bodies[own])
	functions.types = append(functions.types, functions.types[own])
	module.replace(sectionFunction, withItem(module.section(sectionFunction), binary.AppendUvarint(nil, uint64(functions.types[own]))))
	return moved
}

// hostBody is the body of a function that only asks the host.
func hostBody(id int, host, arguments uint32) []byte {
	return append(callHost([]byte{0}, id, host, arguments), 0x0b)
}

// Types of values and of numbers in the memory of OPA's module (`value.h`): the first two bytes of a number.
const (
	typeNumber         = 3
	typeText           = 4
	typeConstantText   = 8
	typeSet            = 7
	headOfAWholeNumber = typeNumber | 1<<8
	headOfATextNumber  = typeNumber | 2<<8
)

// fallbackBody is the body of a function that calls another and, when its result will not do, the host:
//
//	result = native(…)
//	if result == 0 or, unlessWhole, it is a number that is not a small integer: result = host(…)
//
// Before that, forSets and unlessWhole leave all to the host when an operand is a set, or a number kept as text.
func fallbackBody(ask asks, native uint32, id int, host, arguments uint32) []byte {
	body := []byte{1, 1, valueI32} // one local
	for index := range arguments {
		switch ask {
		case forSets:
			body = typeIs(body, index, typeSet)
		case unlessWhole:
			body = headIs(body, index, headOfATextNumber)
		default:
			continue
		}
		body = append(body, 0x04, 0x40)                                // if
		body = append(callHost(body, id, host, arguments), 0x0f, 0x0b) // return end
	}
	body = getArguments(body, arguments)
	body = binary.AppendUvarint(append(body, 0x10), uint64(native))    // call native
	body = binary.AppendUvarint(append(body, 0x22), uint64(arguments)) // local.tee
	body = append(body, 0x45)                                          // i32.eqz
	if ask == unlessWhole {
		// Reading at address 0 is harmless: the stack grows down to it.
		body = typeIs(body, arguments, typeNumber)
		body = headIs(body, arguments, headOfAWholeNumber)
		body = append(body, 0x45, 0x71, 0x72) // i32.eqz i32.and i32.or
	}
	body = append(body, 0x04, 0x40) // if
	body = callHost(body, id, host, arguments)
	body = binary.AppendUvarint(append(body, 0x21), uint64(arguments)) // local.set
	body = append(body, 0x0b)                                          // end
	body = binary.AppendUvarint(append(body, 0x20), uint64(arguments)) // local.get
	return append(body, 0x0b)
}

// headIs compares the first two bytes of the value that a local points to: of a number, its type and how it is kept.
func headIs(body []byte, local uint32, head int64) []byte {
	body = binary.AppendUvarint(append(body, 0x20), uint64(local)) // local.get
	body = append(body, 0x2f, 0, 0)                                // i32.load16_u
	body = appendSigned(append(body, 0x41), head)                  // i32.const
	return append(body, 0x46)                                      // i32.eq
}

// typeIs compares the type of the value that a local points to.
func typeIs(body []byte, local uint32, valueType byte) []byte {
	body = binary.AppendUvarint(append(body, 0x20), uint64(local)) // local.get
	body = append(body, 0x2d, 0, 0)                                // i32.load8_u
	return append(body, 0x41, valueType, 0x46)                     // i32.const i32.eq
}

func callHost(body []byte, id int, host, arguments uint32) []byte {
	body = appendSigned(append(body, 0x41), int64(id)) // i32.const id
	body = append(body, 0x41, 0)                       // i32.const 0: the context, which OPA leaves empty
	body = getArguments(body, arguments)
	return binary.AppendUvarint(append(body, 0x10), uint64(host))
}

func getArguments(body []byte, arguments uint32) []byte {
	for index := range arguments {
		body = binary.AppendUvarint(append(body, 0x20), uint64(index))
	}
	return body
}

// appendSigned appends a signed number in LEB128.
func appendSigned(out []byte, value int64) []byte {
	for {
		low := byte(value & 0x7f)
		value >>= 7
		if (value == 0 && low&0x40 == 0) || (value == -1 && low&0x40 != 0) {
			return append(out, low)
		}
		out = append(out, low|0x80)
	}
}

// addBudget adds the global and lets every loop and every rule take from it.
func (module *wasmModule) addBudget(functions *wasmFunctions) error {
	count, _ := vector(module.section(sectionGlobal))
	// A mutable i32 that starts at its maximum, since the module initialises itself before the host sets it.
	module.replace(sectionGlobal, withItem(module.section(sectionGlobal),
		append(appendSigned([]byte{valueI32, 1, 0x41}, 1<<31-1), 0x0b)))
	export := append(appendVector(nil, []byte(budgetExport)), kindGlobal)
	module.replace(sectionExport, withItem(module.section(sectionExport), binary.AppendUvarint(export, uint64(count))))
	take := takeOne(count)
	rules, reading := map[int]bool{}, map[int]bool{}
	for name := range functions.names {
		own, _ := functions.own(name)
		reading[own] = strings.HasPrefix(name, linearPrefix)
		// The planner names the functions of rules `g<number>.data.…`.
		rules[own] = strings.HasPrefix(name, "g") && strings.Contains(name, ".data.")
	}
	hash, hashes := functions.own(hashFunction)
	for index, body := range functions.bodies {
		if reading[index] {
			continue
		}
		if hashes && index == hash {
			functions.bodies[index] = withPrologue(body, takeForText(count))
			continue
		}
		body, err := metered(body, take, rules[index])
		if err != nil {
			return err
		}
		functions.bodies[index] = body
	}
	return nil
}

// linearPrefix begins the names of what reads input and data and writes results: half of a short evaluation, and never
// more than a few rounds for each byte, which the host limits.
const linearPrefix = "opa_json_"

// hashFunction hashes the value that it is given, the bytes of a text one by one and the items of a collection by
// calling itself. It is called for every look-up, so it pays for the whole text when it is entered.
const hashFunction = "opa_value_hash"

// takeForText are the instructions that take one and, when the first parameter points to a text, one for every 8 of
// its bytes.
func takeForText(global uint32) []byte {
	budget := binary.AppendUvarint(nil, uint64(global))
	out := typeIs(nil, 0, typeText)
	out = append(typeIs(out, 0, typeConstantText), 0x72, 0x04, 0x40) // i32.or if
	out = append(append(out, 0x23), budget...)                       // global.get
	out = append(out, 0x20, 0, 0x28, 2, 4)                           // local.get 0 i32.load: its length
	out = append(out, 0x41, 3, 0x76, 0x6b)                           // i32.const 3 i32.shr_u i32.sub
	out = append(append(out, 0x24), budget...)                       // global.set
	out = append(out, 0x0b)                                          // end
	return append(out, takeOne(global)...)
}

// takeOne are the instructions that take one from the budget and trap when it is below zero.
func takeOne(global uint32) []byte {
	budget := binary.AppendUvarint(nil, uint64(global))
	var out []byte
	out = append(append(out, 0x23), budget...) // global.get
	out = append(out, 0x41, 1, 0x6b)           // i32.const 1 i32.sub
	out = append(append(out, 0x24), budget...) // global.set
	out = append(append(out, 0x23), budget...) // global.get
	out = append(out, 0x41, 0, 0x48)           // i32.const 0 i32.lt_s
	return append(out, 0x04, 0x40, 0x00, 0x0b) // if unreachable end
}

// withPrologue is a function body with instructions before its own.
func withPrologue(body, instructions []byte) []byte {
	start := startOf(body)
	return slices.Concat(body[:start], instructions, body[start:])
}

// startOf is where the instructions of a body begin, after its locals.
func startOf(body []byte) int {
	in := &wasmReader{bytes: body}
	for count := in.unsigned(); count > 0 && in.err == nil; count-- {
		in.unsigned()
		in.byte()
	}
	return in.at
}

// metered is a function body with `take` at the start of every loop, and of the function itself if asked.
func metered(body, take []byte, entry bool) ([]byte, error) {
	in := &wasmReader{bytes: body, at: startOf(body)}
	out := slices.Clone(body[:in.at])
	if entry {
		out = append(out, take...)
	}
	for in.at < len(body) && in.err == nil {
		start := in.at
		opcode := in.skipInstruction()
		out = append(out, body[start:in.at]...)
		if opcode == 0x03 {
			out = append(out, take...)
		}
	}
	return out, in.err
}
