package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ir"
)

// planVariable is a variable of a plan. Each rule of a function stands in a block of its own, and OPA's planner numbers
// the variables of each from the same start: those that a block gives a value before it reads them are its own.
type planVariable struct {
	// The number of the block; shared for variables of all blocks.
	block int
	local ir.Local
}

const shared = -1

// planUses are the variables that a statement reads and those that it gives a value, without those of blocks in it.
type planUses struct {
	reads  []ir.Local
	writes []ir.Local
}

// planVariables tells the variables of a function apart, and what holds of them at all times.
type planVariables struct {
	shared map[ir.Local]bool
	// How many assignments that compare with the value before may be made.
	assignments map[planVariable]int
	writes      map[planVariable]int
	arrays      map[planVariable]*planArray
}

// planArray is an array that is made in a loop, or in none, with the operands that are appended to it there.
type planArray struct {
	loop     *ir.ScanStmt
	elements []ir.Operand
}

func variablesOf(blocks []*ir.Block, params []ir.Local) *planVariables {
	variables := &planVariables{shared: map[ir.Local]bool{}, assignments: map[planVariable]int{}, writes: map[planVariable]int{},
		arrays: map[planVariable]*planArray{}}
	for _, local := range params {
		variables.shared[local] = true
	}
	for _, block := range blocks {
		given := map[ir.Local]bool{}
		eachStatement(block, nil, func(statement ir.Stmt, _ *ir.ScanStmt) {
			uses := usesOf(statement)
			for _, local := range uses.reads {
				variables.shared[local] = variables.shared[local] || !given[local]
			}
			for _, local := range uses.writes {
				given[local] = true
			}
		})
	}
	for index, block := range blocks {
		eachStatement(block, nil, func(statement ir.Stmt, loop *ir.ScanStmt) { variables.count(index, statement, loop) })
	}
	return variables
}

func (variables *planVariables) of(block int, local ir.Local) planVariable {
	if variables.shared[local] {
		block = shared
	}
	return planVariable{block, local}
}

func (variables *planVariables) count(block int, statement ir.Stmt, loop *ir.ScanStmt) {
	for _, local := range usesOf(statement).writes {
		variables.writes[variables.of(block, local)]++
	}
	switch statement := statement.(type) {
	case *ir.AssignVarOnceStmt:
		target := variables.of(block, statement.Target)
		variables.assignments[target]++
		if loop != nil {
			variables.assignments[target]++
		}
	case *ir.MakeArrayStmt:
		target := variables.of(block, statement.Target)
		variables.arrays[target] = &planArray{loop: loop}
	case *ir.ArrayAppendStmt:
		target := variables.of(block, statement.Array)
		// What another loop appends to, or what was not made here, has elements without number.
		if array := variables.arrays[target]; array != nil && array.loop == loop {
			array.elements = append(array.elements, statement.Value)
		} else {
			variables.writes[target]++
		}
	}
}

// assignedOnce says whether a variable gets one value at most, so that none is compared with another.
func (variables *planVariables) assignedOnce(variable planVariable) bool {
	return variables.assignments[variable] == 1
}

// array are the elements of a variable that is an array and nothing else at any time.
func (variables *planVariables) array(variable planVariable) (elements []ir.Operand, isArray bool) {
	array := variables.arrays[variable]
	if array == nil || variables.writes[variable] != 1 {
		return nil, false
	}
	return array.elements, true
}

// eachStatement visits the statements of a block and of the blocks in it, each with the innermost loop that repeats it.
func eachStatement(block *ir.Block, loop *ir.ScanStmt, visit func(statement ir.Stmt, loop *ir.ScanStmt)) {
	for _, statement := range block.Stmts {
		visit(statement, loop)
		switch statement := statement.(type) {
		case *ir.BlockStmt:
			for _, inner := range statement.Blocks {
				eachStatement(inner, loop, visit)
			}
		case *ir.NotStmt:
			eachStatement(statement.Block, loop, visit)
		case *ir.WithStmt:
			eachStatement(statement.Block, loop, visit)
		case *ir.ScanStmt:
			eachStatement(statement.Block, statement, visit)
		}
	}
}

// usesOf reads a statement. An assignment that compares with the value before reads its target.
func usesOf(statement ir.Stmt) planUses {
	switch statement := statement.(type) {
	case *ir.ReturnLocalStmt:
		return planUses{reads: []ir.Local{statement.Source}}
	case *ir.CallStmt:
		return planUses{localsIn(statement.Args...), []ir.Local{statement.Result}}
	case *ir.CallDynamicStmt:
		return planUses{slices.Concat(statement.Args, localsIn(statement.Path...)), []ir.Local{statement.Result}}
	case *ir.DotStmt:
		return planUses{localsIn(statement.Source, statement.Key), []ir.Local{statement.Target}}
	case *ir.LenStmt:
		return planUses{localsIn(statement.Source), []ir.Local{statement.Target}}
	case *ir.ScanStmt:
		return planUses{[]ir.Local{statement.Source}, []ir.Local{statement.Key, statement.Value}}
	case *ir.WithStmt:
		return planUses{append(localsIn(statement.Value), statement.Local), []ir.Local{statement.Local}}
	case *ir.AssignIntStmt:
		return planUses{reads: []ir.Local{statement.Target}}
	case *ir.AssignVarStmt:
		return planUses{localsIn(statement.Source), []ir.Local{statement.Target}}
	case *ir.AssignVarOnceStmt:
		return planUses{append(localsIn(statement.Source), statement.Target), []ir.Local{statement.Target}}
	case *ir.ObjectMergeStmt:
		return planUses{[]ir.Local{statement.A, statement.B}, []ir.Local{statement.Target}}
	case *ir.IsDefinedStmt:
		return planUses{reads: []ir.Local{statement.Source}}
	case *ir.IsUndefinedStmt:
		return planUses{reads: []ir.Local{statement.Source}}
	case *ir.ResultSetAddStmt:
		return planUses{reads: []ir.Local{statement.Value}}
	default:
		return planUses{readByOperands(statement), madeBy(statement)}
	}
}

func readByOperands(statement ir.Stmt) []ir.Local {
	switch statement := statement.(type) {
	case *ir.EqualStmt:
		return localsIn(statement.A, statement.B)
	case *ir.NotEqualStmt:
		return localsIn(statement.A, statement.B)
	case *ir.IsArrayStmt:
		return localsIn(statement.Source)
	case *ir.IsObjectStmt:
		return localsIn(statement.Source)
	case *ir.IsSetStmt:
		return localsIn(statement.Source)
	case *ir.ArrayAppendStmt:
		return append(localsIn(statement.Value), statement.Array)
	case *ir.SetAddStmt:
		return append(localsIn(statement.Value), statement.Set)
	case *ir.ObjectInsertStmt:
		return append(localsIn(statement.Key, statement.Value), statement.Object)
	case *ir.ObjectInsertOnceStmt:
		return append(localsIn(statement.Key, statement.Value), statement.Object)
	}
	return nil
}

func madeBy(statement ir.Stmt) []ir.Local {
	switch statement := statement.(type) {
	case *ir.ResetLocalStmt:
		return []ir.Local{statement.Target}
	case *ir.MakeNullStmt:
		return []ir.Local{statement.Target}
	case *ir.MakeNumberIntStmt:
		return []ir.Local{statement.Target}
	case *ir.MakeNumberRefStmt:
		return []ir.Local{statement.Target}
	case *ir.MakeArrayStmt:
		return []ir.Local{statement.Target}
	case *ir.MakeObjectStmt:
		return []ir.Local{statement.Target}
	case *ir.MakeSetStmt:
		return []ir.Local{statement.Target}
	}
	return nil
}

func localsIn(operands ...ir.Operand) []ir.Local {
	var locals []ir.Local
	for _, operand := range operands {
		if local, isLocal := localIn(operand); isLocal {
			locals = append(locals, local)
		}
	}
	return locals
}

// localIn is the variable that an operand is. A plan that was read from JSON has pointers.
func localIn(operand ir.Operand) (local ir.Local, isLocal bool) {
	switch value := operand.Value.(type) {
	case ir.Local:
		return value, true
	case *ir.Local:
		return *value, true
	}
	return 0, false
}

// textIn is the index of the text that an operand is.
func textIn(operand ir.Operand) (index ir.StringIndex, isText bool) {
	switch value := operand.Value.(type) {
	case ir.StringIndex:
		return value, true
	case *ir.StringIndex:
		return *value, true
	}
	return 0, false
}
