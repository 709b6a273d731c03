package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
)

// wasmModule is a WebAssembly module in its binary format (core specification 2.0, chapter 5), opened as far as
// the toolchain changes it: sections in their order, function bodies one by one.
type wasmModule struct {
	sections []wasmSection
}

type wasmSection struct {
	id      byte
	content []byte
}

const (
	sectionCustom   = 0
	sectionType     = 1
	sectionImport   = 2
	sectionFunction = 3
	sectionGlobal   = 6
	sectionExport   = 7
	sectionCode     = 10

	kindFunction = 0
	kindGlobal   = 3

	valueI32 = 0x7f
)

var wasmHeader = []byte{0, 'a', 's', 'm', 1, 0, 0, 0}

func readModule(binaryForm []byte) (*wasmModule, error) {
	if !bytes.HasPrefix(binaryForm, wasmHeader) {
		return nil, fmt.Errorf("no WebAssembly module of version 1")
	}
	module := &wasmModule{}
	in := &wasmReader{bytes: binaryForm, at: len(wasmHeader)}
	for in.at < len(in.bytes) && in.err == nil {
		id := in.byte()
		module.sections = append(module.sections, wasmSection{id: id, content: in.take(in.unsigned())})
	}
	return module, in.err
}

func (module *wasmModule) encode() []byte {
	out := bytes.Clone(wasmHeader)
	for _, section := range module.sections {
		out = append(out, section.id)
		out = appendVector(out, section.content)
	}
	return out
}

// section is the content of the only section with that id; nil when there is none.
func (module *wasmModule) section(id byte) []byte {
	for _, section := range module.sections {
		if section.id == id {
			return section.content
		}
	}
	return nil
}

func (module *wasmModule) replace(id byte, content []byte) {
	for index := range module.sections {
		if module.sections[index].id == id {
			module.sections[index].content = content
		}
	}
}

// addCustom appends a custom section, which engines hand to the host and otherwise ignore.
func (module *wasmModule) addCustom(name string, content []byte) {
	module.sections = append(module.sections, wasmSection{id: sectionCustom, content: customContent(name, content)})
}

// withCustom is an encoded module with one more custom section at its end.
func withCustom(encoded []byte, name string, content []byte) []byte {
	return appendVector(append(encoded, sectionCustom), customContent(name, content))
}

func customContent(name string, content []byte) []byte {
	return append(appendVector(nil, []byte(name)), content...)
}

// vector reads a section that is a vector: how many items, and the bytes of all of them.
func vector(content []byte) (count uint32, items []byte) {
	in := &wasmReader{bytes: content}
	count = in.unsigned()
	return count, content[in.at:]
}

// withItem is the content of a section that is a vector, with one more item at its end.
func withItem(content, item []byte) []byte {
	count, items := vector(content)
	return append(append(binary.AppendUvarint(nil, uint64(count+1)), items...), item...)
}

// wasmFunctions is what a module says of its functions.
type wasmFunctions struct {
	// Indices by name; those of imported functions come first.
	names    map[string]uint32
	imported []string
	// Of the module's own functions, in their order: types and bodies.
	types  []uint32
	bodies [][]byte
	// How many parameters each type takes.
	parameters []uint32
}

// own is the place of a function among the module's own.
func (functions *wasmFunctions) own(name string) (place int, found bool) {
	index, named := functions.names[name]
	place = int(index) - len(functions.imported)
	return place, named && place >= 0 && place < len(functions.bodies)
}

func (module *wasmModule) functions() (*wasmFunctions, error) {
	functions := &wasmFunctions{}
	var errs [5]error
	functions.names, errs[0] = module.functionNames()
	functions.imported, errs[1] = module.importedFunctions()
	functions.types, errs[2] = module.typeIndices()
	functions.parameters, errs[3] = module.parameterCounts()
	functions.bodies, errs[4] = module.bodies()
	return functions, errors.Join(errs[:]...)
}

// bodies are the function bodies of the code section: locals and instructions, without their length.
func (module *wasmModule) bodies() ([][]byte, error) {
	in := &wasmReader{bytes: module.section(sectionCode)}
	bodies := make([][]byte, in.unsigned())
	for index := range bodies {
		bodies[index] = in.take(in.unsigned())
	}
	return bodies, in.err
}

func (module *wasmModule) setBodies(bodies [][]byte) {
	content := binary.AppendUvarint(nil, uint64(len(bodies)))
	for _, body := range bodies {
		content = appendVector(content, body)
	}
	module.replace(sectionCode, content)
}

// typeIndices are the types of the module's own functions, in the order of their bodies.
func (module *wasmModule) typeIndices() ([]uint32, error) {
	in := &wasmReader{bytes: module.section(sectionFunction)}
	indices := make([]uint32, in.unsigned())
	for index := range indices {
		indices[index] = in.unsigned()
	}
	return indices, in.err
}

// parameterCounts are how many parameters each type of function takes.
func (module *wasmModule) parameterCounts() ([]uint32, error) {
	in := &wasmReader{bytes: module.section(sectionType)}
	counts := make([]uint32, in.unsigned())
	for index := range counts {
		if form := in.byte(); form != 0x60 && in.err == nil {
			return nil, fmt.Errorf("type %d is no function type", index)
		}
		counts[index] = in.unsigned()
		in.take(counts[index])
		in.take(in.unsigned())
	}
	return counts, in.err
}

// importedFunctions are the names of the functions that the host supplies, by their index.
func (module *wasmModule) importedFunctions() ([]string, error) {
	in := &wasmReader{bytes: module.section(sectionImport)}
	var names []string
	for count := in.unsigned(); count > 0 && in.err == nil; count-- {
		in.take(in.unsigned())
		name := string(in.take(in.unsigned()))
		switch kind := in.byte(); kind {
		case kindFunction:
			in.unsigned()
			names = append(names, name)
		case 2: // memory: a flag, its minimum and perhaps its maximum
			if in.byte() == 1 {
				in.unsigned()
			}
			in.unsigned()
		default:
			return nil, fmt.Errorf("the import `%s` is of kind %d: expected functions and a memory", name, kind)
		}
	}
	return names, in.err
}

// functionNames are the indices of functions by their names, from the custom section `name` (appendix 7.4.1).
func (module *wasmModule) functionNames() (map[string]uint32, error) {
	names := map[string]uint32{}
	for _, section := range module.sections {
		in := &wasmReader{bytes: section.content}
		if section.id != sectionCustom || string(in.take(in.unsigned())) != "name" {
			continue
		}
		for in.at < len(in.bytes) && in.err == nil {
			kind := in.byte()
			part := &wasmReader{bytes: in.take(in.unsigned())}
			if kind != 1 {
				continue
			}
			for count := part.unsigned(); count > 0 && part.err == nil; count-- {
				index := part.unsigned()
				names[string(part.take(part.unsigned()))] = index
			}
			if part.err != nil {
				return nil, part.err
			}
		}
		return names, in.err
	}
	return nil, fmt.Errorf("the module does not name its functions")
}

// wasmReader reads numbers and pieces one after the other; the first fault stays in err.
type wasmReader struct {
	bytes []byte
	at    int
	err   error
}

func (in *wasmReader) byte() byte {
	piece := in.take(1)
	if len(piece) == 0 {
		return 0
	}
	return piece[0]
}

func (in *wasmReader) take(length uint32) []byte {
	if in.err == nil && int64(in.at)+int64(length) > int64(len(in.bytes)) {
		in.err = fmt.Errorf("the module ends within a section")
	}
	if in.err != nil {
		return nil
	}
	piece := in.bytes[in.at : in.at+int(length)]
	in.at += int(length)
	return piece
}

// unsigned reads an unsigned number in LEB128.
func (in *wasmReader) unsigned() uint32 {
	if in.err != nil {
		return 0
	}
	value, length := binary.Uvarint(in.bytes[in.at:])
	if length <= 0 || value > 0xffffffff {
		in.err = fmt.Errorf("a number at %d is malformed", in.at)
		return 0
	}
	in.at += length
	return uint32(value)
}

// signed reads a signed number of 32 bits in LEB128.
func (in *wasmReader) signed() int64 {
	var value int64
	for shift := 0; in.err == nil && shift < 35; shift += 7 {
		part := in.byte()
		value |= int64(part&0x7f) << shift
		if part&0x80 == 0 {
			if part&0x40 != 0 {
				value |= -1 << (shift + 7)
			}
			return value
		}
	}
	return value
}

// skipNumber passes a number in LEB128, signed or not.
func (in *wasmReader) skipNumber() {
	for in.err == nil && in.byte()&0x80 != 0 {
	}
}

func appendVector(out, content []byte) []byte {
	return append(binary.AppendUvarint(out, uint64(len(content))), content...)
}

// skipInstruction passes one instruction with its immediates and returns its opcode. It knows the instructions of
// WebAssembly 1.0 with sign extension, saturating conversion and bulk memory, which is what clang and OPA emit.
func (in *wasmReader) skipInstruction() byte {
	opcode := in.byte()
	switch {
	case opcode == 0x02 || opcode == 0x03 || opcode == 0x04: // block, loop, if
		in.skipNumber()
	case opcode == 0x0c || opcode == 0x0d || opcode == 0x10: // br, br_if, call
		in.unsigned()
	case opcode == 0x0e: // br_table
		for count := in.unsigned(); count > 0 && in.err == nil; count-- {
			in.unsigned()
		}
		in.unsigned()
	case opcode == 0x11: // call_indirect
		in.unsigned()
		in.unsigned()
	case opcode >= 0x20 && opcode <= 0x26: // local, global, table
		in.unsigned()
	case opcode >= 0x28 && opcode <= 0x3e: // load and store
		in.unsigned()
		in.unsigned()
	case opcode == 0x3f || opcode == 0x40: // memory.size, memory.grow
		in.byte()
	case opcode == 0x41 || opcode == 0x42: // i32.const, i64.const
		in.skipNumber()
	case opcode == 0x43:
		in.take(4)
	case opcode == 0x44:
		in.take(8)
	case opcode == 0xfc:
		switch extended := in.unsigned(); {
		case extended <= 7: // saturating conversions
		case extended == 11: // memory.fill
			in.byte()
		case extended == 10: // memory.copy
			in.take(2)
		default:
			in.err = fmt.Errorf("the instruction 0xfc %d is not known", extended)
		}
	case opcode == 0x00 || opcode == 0x01 || opcode == 0x05 || opcode == 0x0b || opcode == 0x0f || opcode == 0x1a || opcode == 0x1b:
	case opcode >= 0x45 && opcode <= 0xc4: // numeric
	default:
		if in.err == nil {
			in.err = fmt.Errorf("the instruction 0x%02x is not known", opcode)
		}
	}
	return opcode
}
