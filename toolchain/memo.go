package main

import (
	"encoding/binary"
	"slices"
)

// OPA's module keeps the results of rules in an object, by their numbers. These are its functions for that.
const (
	memoInit   = "opa_memoize_init"
	memoPush   = "opa_memoize_push"
	memoPop    = "opa_memoize_pop"
	memoInsert = "opa_memoize_insert"
	memoGet    = "opa_memoize_get"
	allocate   = "opa_malloc"
)

// memo is how the results of rules are kept instead: in a table with a place for each rule. What is evaluated under
// `with` has OPA's own objects, one for each `with` under way: tables would take too much memory.
type memo struct {
	functions *wasmFunctions
	// The globals that hold the address of the place that the rule with number 0 would have, and how many `with` are
	// under way.
	table, depth uint32
	// The numbers of the rules.
	first, last int64
}

// keepResults gives each rule a place for its result. A module that keeps none is left as it is.
func (module *wasmModule) keepResults(functions *wasmFunctions) {
	get, found := functions.names[memoGet]
	if !found {
		return
	}
	var numbers []int64
	for _, body := range functions.bodies {
		if number, isRule := numberOfRule(body, get); isRule {
			numbers = append(numbers, number)
		}
	}
	if len(numbers) == 0 {
		return
	}
	globals, _ := vector(module.section(sectionGlobal))
	memo := memo{functions, globals, globals + 1, slices.Min(numbers), slices.Max(numbers)}
	for range 2 {
		module.replace(sectionGlobal, withItem(module.section(sectionGlobal), []byte{valueI32, 1, 0x41, 0, 0x0b}))
	}
	for _, each := range []struct {
		name string
		body func(own uint32) []byte
	}{
		{memoInit, memo.initBody},
		{memoPush, func(own uint32) []byte { return memo.deeper(own, 0x6a) }},
		{memoPop, func(own uint32) []byte { return memo.deeper(own, 0x6b) }},
		{memoInsert, memo.insertBody},
		{memoGet, memo.getBody},
	} {
		// OPA leaves out what a bundle does not use.
		if place, isThere := functions.own(each.name); isThere {
			functions.bodies[place] = each.body(module.moveBody(functions, place))
		}
	}
}

// numberOfRule is the number by which a rule looks for its result, which it does first.
func numberOfRule(body []byte, get uint32) (number int64, isRule bool) {
	in := &wasmReader{bytes: body, at: startOf(body)}
	if in.byte() != 0x41 {
		return 0, false
	}
	number = in.signed()
	return number, in.byte() == 0x10 && in.unsigned() == get && in.err == nil
}

// initBody lets OPA's own function begin, and then makes a table without results.
func (memo *memo) initBody(own uint32) []byte {
	size := (memo.last - memo.first + 1) * 4
	body := []byte{1, 1, valueI32} // one local
	body = callFunction(body, own)
	body = appendSigned(append(body, 0x41), size) // i32.const
	body = callFunction(body, memo.functions.names[allocate])
	body = append(body, 0x22, 0, 0x41, 0)         // local.tee 0 i32.const 0
	body = appendSigned(append(body, 0x41), size) // i32.const
	body = append(body, 0xfc, 11, 0)              // memory.fill
	body = append(body, 0x20, 0)                  // local.get 0
	body = appendSigned(append(body, 0x41), memo.first*4)
	body = append(body, 0x6b) // i32.sub
	body = setGlobal(body, memo.table)
	body = append(body, 0x41, 0) // i32.const 0
	return append(setGlobal(body, memo.depth), 0x0b)
}

// deeper counts the `with` that are under way: up with i32.add, down with i32.sub.
func (memo *memo) deeper(own uint32, operation byte) []byte {
	body := getGlobal([]byte{0}, memo.depth)
	body = setGlobal(append(body, 0x41, 1, operation), memo.depth) // i32.const 1
	return append(callFunction(body, own), 0x0b)
}

func (memo *memo) insertBody(own uint32) []byte {
	body := append(getGlobal([]byte{0}, memo.depth), 0x45, 0x04, 0x40) // i32.eqz if
	body = memo.place(body)
	body = append(body, 0x20, 1, 0x36, 2, 0)           // local.get 1 i32.store
	body = append(body, 0x05, 0x20, 0, 0x20, 1)        // else local.get 0 local.get 1
	return append(callFunction(body, own), 0x0b, 0x0b) // end end
}

func (memo *memo) getBody(own uint32) []byte {
	body := append(getGlobal([]byte{0}, memo.depth), 0x45, 0x04, valueI32) // i32.eqz if (result i32)
	body = memo.place(body)
	body = append(body, 0x28, 2, 0)                    // i32.load
	body = append(body, 0x05, 0x20, 0)                 // else local.get 0
	return append(callFunction(body, own), 0x0b, 0x0b) // end end
}

// place is the address of the result of the rule whose number is the first parameter.
func (memo *memo) place(body []byte) []byte {
	return append(getGlobal(body, memo.table), 0x20, 0, 0x41, 2, 0x74, 0x6a) // local.get 0 i32.const 2 i32.shl i32.add
}

func getGlobal(body []byte, global uint32) []byte {
	return binary.AppendUvarint(append(body, 0x23), uint64(global))
}

func setGlobal(body []byte, global uint32) []byte {
	return binary.AppendUvarint(append(body, 0x24), uint64(global))
}

func callFunction(body []byte, function uint32) []byte {
	return binary.AppendUvarint(append(body, 0x10), uint64(function))
}
