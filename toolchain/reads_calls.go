package main

import "github.com/open-policy-agent/opa/v1/ir"

// call reads a call of a rule or function, or of a built-in. Of a built-in that is not known to look at less the operands
// are read as a whole.
func (reader *planReader) call(frame *planFrame, statement *ir.CallStmt) {
	if function, found := reader.functions[statement.Func]; found {
		reader.enter(frame, function, statement.Args, statement.Result)
		return
	}
	switch statement.Func {
	case "count", "object.keys":
		elementsBelow(frame.held(statement.Args[0]))
	case "is_array", "is_boolean", "is_null", "is_number", "is_object", "is_set", "is_string", "type_name":
		// Its place tells its type.
	case "object.get":
		reader.objectGet(frame, statement)
	default:
		frame.readWhole(statement.Args...)
	}
}

// enter hands the places of the operands to a function, and those that it gives to the result.
func (reader *planReader) enter(frame *planFrame, function *ir.Func, args []ir.Operand, result ir.Local) {
	called, known := reader.frames[function.Name]
	if !known {
		called = newPlanFrame(function.Blocks, function.Params)
		reader.frames[function.Name] = called
		reader.reached = append(reader.reached, function.Name)
		reader.grown = true
	}
	for index, argument := range args {
		if index < len(called.params) {
			reader.add(called, called.params[index], frame.held(argument)...)
		}
	}
	reader.add(frame, result, called.gives.places...)
}

// callDynamic calls whichever function has the path, parts of which may be computed.
func (reader *planReader) callDynamic(frame *planFrame, statement *ir.CallDynamicStmt) {
	frame.readWhole(statement.Path...)
	args := make([]ir.Operand, 0, len(statement.Args))
	for _, local := range statement.Args {
		args = append(args, ir.Operand{Value: local})
	}
	for _, function := range reader.policy.Funcs.Funcs {
		if reader.mayBe(statement.Path, function.Path) {
			reader.enter(frame, function, args, statement.Result)
		}
	}
}

func (reader *planReader) mayBe(path []ir.Operand, function []string) bool {
	for index, part := range path[:min(len(path), len(function))] {
		if name, isConstant := reader.text(part); isConstant && name != function[index] {
			return false
		}
	}
	return true
}

// objectGet reads a member, or what lies at a path of constant names; the default where there is none.
func (reader *planReader) objectGet(frame *planFrame, statement *ir.CallStmt) {
	object, key, missing := statement.Args[0], statement.Args[1], statement.Args[2]
	path, isConstant := []ir.Operand{key}, true
	if local, isLocal := localIn(key); isLocal {
		path, isConstant = frame.variables.array(frame.variable(local))
	}
	isConstant = isConstant && len(path) > 0
	for _, part := range path {
		_, isText := reader.text(part)
		isConstant = isConstant && isText
	}
	if !isConstant {
		frame.readWhole(object, key, missing)
		return
	}
	places := frame.held(object)
	for _, part := range path {
		name, _ := reader.text(part)
		places = membersBelow(places, name)
	}
	reader.add(frame, statement.Result, places...)
	reader.add(frame, statement.Result, frame.held(missing)...)
}

// text is the text of a constant operand.
func (reader *planReader) text(operand ir.Operand) (text string, isText bool) {
	index, isText := textIn(operand)
	if !isText {
		return "", false
	}
	return reader.policy.Static.Strings[index].Value, true
}
