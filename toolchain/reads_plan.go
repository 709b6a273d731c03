package main

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ir"
)

// planReader finds what a plan may read of its input. The plan is what OPA's compiler makes WASM of, so nothing is read
// that it does not show. Every variable is taken to hold each place of the input that it may hold at any time, of every
// call of its function; a value that is used in a way that is not known here is read as a whole.
type planReader struct {
	policy    *ir.Policy
	functions map[string]*ir.Func
	tree      *readTree
	frames    map[string]*planFrame
	// Functions in the order in which they were reached, so that equal plans are read in the same order.
	reached []string
	grown   bool
}

// planFrame is a function, or the plan of an entrypoint, and what its variables may hold.
type planFrame struct {
	blocks    []*ir.Block
	params    []ir.Local
	variables *planVariables
	// The block that is being read.
	block int
	holds map[planVariable]*placeSet
	// What is held instead within each statement that replaces it.
	within map[*ir.WithStmt]*placeSet
	gives  *placeSet
}

// placeSet keeps the order in which places came.
type placeSet struct {
	places []*readPlace
	known  map[*readPlace]bool
}

// readsOf is what the plan of an entrypoint may read of the input.
func readsOf(policy *ir.Policy, entrypoint string) (*readTree, error) {
	reader := &planReader{policy: policy, functions: map[string]*ir.Func{}, frames: map[string]*planFrame{}, tree: newReadTree()}
	for _, function := range policy.Funcs.Funcs {
		reader.functions[function.Name] = function
	}
	for _, plan := range policy.Plans.Plans {
		if plan.Name != entrypoint {
			continue
		}
		frame := newPlanFrame(plan.Blocks, []ir.Local{ir.Input, ir.Data})
		reader.add(frame, ir.Input, reader.tree.root)
		for settled := false; !settled; settled = !reader.grown && !reader.tree.grown {
			reader.grown, reader.tree.grown = false, false
			if err := reader.read(frame); err != nil {
				return nil, err
			}
		}
		return reader.tree, nil
	}
	return nil, fmt.Errorf("there is no plan of `%s`", entrypoint)
}

// read reads the plan and every function that was reached, once.
func (reader *planReader) read(entry *planFrame) error {
	if err := reader.frame(entry); err != nil {
		return err
	}
	// More are reached meanwhile.
	for index := 0; index < len(reader.reached); index++ {
		if err := reader.frame(reader.frames[reader.reached[index]]); err != nil {
			return err
		}
	}
	return nil
}

func (reader *planReader) frame(frame *planFrame) error {
	for index, block := range frame.blocks {
		frame.block = index
		if err := reader.blocks(frame, []*ir.Block{block}); err != nil {
			return err
		}
	}
	return nil
}

func newPlanFrame(blocks []*ir.Block, params []ir.Local) *planFrame {
	return &planFrame{blocks: blocks, params: params, variables: variablesOf(blocks, params), holds: map[planVariable]*placeSet{},
		within: map[*ir.WithStmt]*placeSet{}, gives: &placeSet{}}
}

func (reader *planReader) add(frame *planFrame, local ir.Local, places ...*readPlace) {
	variable := frame.variable(local)
	set := frame.holds[variable]
	if set == nil {
		set = &placeSet{}
		frame.holds[variable] = set
	}
	reader.addTo(set, places)
}

func (reader *planReader) addTo(set *placeSet, places []*readPlace) {
	for _, place := range places {
		if place == nil || set.known[place] {
			continue
		}
		if set.known == nil {
			set.known = map[*readPlace]bool{}
		}
		set.known[place] = true
		set.places = append(set.places, place)
		reader.grown = true
	}
}

func (frame *planFrame) variable(local ir.Local) planVariable {
	return frame.variables.of(frame.block, local)
}

// held are the places that an operand may stand for; a constant stands for none.
func (frame *planFrame) held(operand ir.Operand) []*readPlace {
	if local, isLocal := localIn(operand); isLocal {
		return frame.heldBy(local)
	}
	return nil
}

func (frame *planFrame) heldBy(local ir.Local) []*readPlace {
	if set := frame.holds[frame.variable(local)]; set != nil {
		return set.places
	}
	return nil
}

func (frame *planFrame) readWhole(operands ...ir.Operand) {
	for _, operand := range operands {
		for _, place := range frame.held(operand) {
			place.readWhole()
		}
	}
}

func (reader *planReader) blocks(frame *planFrame, blocks []*ir.Block) error {
	for _, block := range blocks {
		for _, statement := range block.Stmts {
			if err := reader.statement(frame, statement); err != nil {
				return err
			}
		}
	}
	return nil
}

// statement reads one statement.
func (reader *planReader) statement(frame *planFrame, statement ir.Stmt) error {
	switch statement := statement.(type) {
	case *ir.BlockStmt:
		return reader.blocks(frame, statement.Blocks)
	case *ir.NotStmt:
		return reader.blocks(frame, []*ir.Block{statement.Block})
	case *ir.ScanStmt:
		reader.add(frame, statement.Value, elementsBelow(frame.heldBy(statement.Source))...)
		return reader.blocks(frame, []*ir.Block{statement.Block})
	case *ir.WithStmt:
		return reader.with(frame, statement)
	case *ir.CallStmt:
		reader.call(frame, statement)
	case *ir.CallDynamicStmt:
		reader.callDynamic(frame, statement)
	case *ir.DotStmt:
		reader.dot(frame, statement)
	case *ir.AssignVarStmt:
		reader.add(frame, statement.Target, frame.held(statement.Source)...)
	case *ir.AssignVarOnceStmt:
		// A second assignment compares its value with the first.
		if !frame.variables.assignedOnce(frame.variable(statement.Target)) {
			frame.readWhole(statement.Source)
		}
		reader.add(frame, statement.Target, frame.held(statement.Source)...)
	case *ir.ReturnLocalStmt:
		reader.addTo(frame.gives, frame.heldBy(statement.Source))
	case *ir.EqualStmt:
		frame.compare(statement.A, statement.B)
	case *ir.NotEqualStmt:
		frame.compare(statement.A, statement.B)
	default:
		return frame.use(statement)
	}
	return nil
}

// use reads a statement that gives no places of the input to variables.
func (frame *planFrame) use(statement ir.Stmt) error {
	switch statement := statement.(type) {
	case *ir.LenStmt:
		elementsBelow(frame.held(statement.Source))
	case *ir.ArrayAppendStmt:
		frame.readWhole(statement.Value)
	case *ir.SetAddStmt:
		frame.readWhole(statement.Value)
	case *ir.ObjectInsertStmt:
		frame.readWhole(statement.Key, statement.Value)
	case *ir.ObjectInsertOnceStmt:
		frame.readWhole(statement.Key, statement.Value)
	case *ir.ObjectMergeStmt:
		frame.readWhole(ir.Operand{Value: statement.A}, ir.Operand{Value: statement.B})
	case *ir.ResultSetAddStmt:
		frame.readWhole(ir.Operand{Value: statement.Value})
	case *ir.IsArrayStmt, *ir.IsObjectStmt, *ir.IsSetStmt, *ir.IsDefinedStmt, *ir.IsUndefinedStmt,
		*ir.MakeNullStmt, *ir.MakeNumberIntStmt, *ir.MakeNumberRefStmt, *ir.MakeArrayStmt, *ir.MakeObjectStmt, *ir.MakeSetStmt,
		*ir.AssignIntStmt, *ir.ResetLocalStmt, *ir.BreakStmt, *ir.NopStmt:
		// Whether a value is there and of which type it is, its place tells; the others take no value.
	default:
		return fmt.Errorf("the statement %T of a plan is not known", statement)
	}
	return nil
}

// compare reads two operands that are compared. With a constant, which is a text or a boolean, a collection differs
// whatever it holds.
func (frame *planFrame) compare(a, b ir.Operand) {
	_, isLocal := localIn(a)
	_, bothAre := localIn(b)
	if isLocal && bothAre {
		frame.readWhole(a, b)
	}
}

func (reader *planReader) dot(frame *planFrame, statement *ir.DotStmt) {
	sources := frame.held(statement.Source)
	if name, isConstant := reader.text(statement.Key); isConstant {
		reader.add(frame, statement.Target, membersBelow(sources, name)...)
		return
	}
	frame.readWhole(statement.Key)
	reader.add(frame, statement.Target, elementsBelow(sources)...)
}

// with reads the block in which a variable holds another value, or one that differs from its own at a path.
func (reader *planReader) with(frame *planFrame, statement *ir.WithStmt) error {
	block := []*ir.Block{statement.Block}
	if len(statement.Path) > 0 {
		frame.readWhole(statement.Value)
		places := frame.heldBy(statement.Local)
		for _, index := range statement.Path {
			places = membersBelow(places, reader.policy.Static.Strings[index].Value)
		}
		return reader.blocks(frame, block)
	}
	variable := frame.variable(statement.Local)
	before, within := frame.holds[variable], frame.within[statement]
	if within == nil {
		within = &placeSet{}
		frame.within[statement] = within
	}
	reader.addTo(within, frame.held(statement.Value))
	frame.holds[variable] = within
	defer func() { frame.holds[variable] = before }()
	return reader.blocks(frame, block)
}

func elementsBelow(places []*readPlace) []*readPlace {
	elements := make([]*readPlace, 0, len(places))
	for _, place := range places {
		elements = append(elements, place.element())
	}
	return elements
}

func membersBelow(places []*readPlace, name string) []*readPlace {
	members := make([]*readPlace, 0, len(places))
	for _, place := range places {
		if place == nil {
			continue
		}
		members = append(members, place.member(name))
	}
	return members
}
