package main

import (
	"cmp"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// RuleTraced is one definition of a rule or function.
type RuleTraced struct {
	Name    string `json:"name"`
	Package string `json:"package"`
	File    string `json:"file"`
	Row     int    `json:"row"`
	EndRow  int    `json:"end_row"`
	// The head as it is written, in one line.
	Head string `json:"head"`
	// held: it came to a value at least once; not_held: it was entered in vain; not_reached: it was never entered.
	Outcome string `json:"outcome"`
	// How often. A result that OPA has kept is not computed again, so these count distinct computations.
	TimesEntered int `json:"times_entered"`
	TimesHeld    int `json:"times_held"`
	// What it came to, each value once, at most ten of them; without `true`, which is what held says.
	Gave  []any        `json:"gave,omitempty"`
	Lines []LineTraced `json:"lines"`
}

// LineTraced is one expression of a body.
type LineTraced struct {
	Row    int `json:"row"`
	Column int `json:"column"`
	// 0 in the body of the rule, one more in each comprehension, `every` or `not { … }` around it.
	Depth int `json:"depth"`
	// The expression is what the head computes: the value, or the message of a denial.
	Head bool   `json:"head,omitempty"`
	Text string `json:"text"`
	// true: at least once; undefined_or_false: it was tried in vain; not_reached.
	Outcome    string `json:"outcome"`
	TimesTrue  int    `json:"times_true"`
	TimesFalse int    `json:"times_false"`
	Reading
	// Other readings with the same outcome, at most four.
	Further []Reading `json:"further,omitempty"`
	// The rules and functions that the expression refers to, as <package>.<name>.
	Reads []string `json:"reads,omitempty"`
}

// Reading is what an expression read when it was evaluated: in the solution of the body that held first, or where
// the body came furthest.
type Reading struct {
	Values    map[string]any `json:"values"`
	Undefined []string       `json:"undefined,omitempty"`
}

// definition counts what became of one rule definition.
type definition struct {
	rule   *ast.Rule
	traced RuleTraced
	own    bool
	// Place among the definitions that were entered, from 1.
	order int
	body  *frame
	lines []*line
	gave  []*ast.Term
}

// frame is one body that is evaluated: of a rule, or inside one of its expressions.
type frame struct {
	// In the order of evaluation, which is not always that of the file.
	lines    []*line
	furthest int
}

// line counts what became of one expression, which the compiler may have split into several steps.
type line struct {
	traced   LineTraced
	end      int
	main     *ast.Expr
	operands []operand
	// Answers once for each time that it is asked, whatever OPA's events say.
	single bool
	asked  int
	query  uint64
	held   readings
	failed readings
	// Read where the body came furthest.
	way *Reading
}

// step is one compiled expression of a line.
type step struct {
	line  *line
	frame *frame
	index int
}

// recorder sums events up as they come; it keeps none.
type recorder struct {
	reader      *reader
	definitions []*definition
	byRule      map[*ast.Rule]*definition
	steps       map[*ast.Expr]step
	// By the first expression of the body.
	frames  map[*ast.Expr]*frame
	entered int
	left    int
	cut     bool
}

func newRecorder(in *interpreter, file string, events int) *recorder {
	recorder := &recorder{
		reader: newReader(in),
		byRule: map[*ast.Rule]*definition{},
		steps:  map[*ast.Expr]step{},
		frames: map[*ast.Expr]*frame{},
		left:   events,
	}
	for _, label := range sortedKeys(in.compiler.Modules) {
		if _, isPolicy := in.bundle.policies[label]; !isPolicy || label == file {
			recorder.addModule(in, label, label == file)
		}
	}
	return recorder
}

func (recorder *recorder) Enabled() bool { return true }

// Config spares OPA the copies of all variables; what is shown is read at the moment of the event.
func (recorder *recorder) Config() topdown.TraceConfig { return topdown.TraceConfig{} }

func (recorder *recorder) TraceEvent(event topdown.Event) {
	if recorder.left == 0 {
		recorder.cut = true
		return
	}
	recorder.left--
	switch node := event.Node.(type) {
	case *ast.Rule:
		if found := recorder.byRule[node]; found != nil {
			recorder.onRule(found, &event)
		}
	case ast.Body:
		if found := recorder.frames[node[0]]; found != nil && event.Op == topdown.ExitOp {
			recorder.reader.solution(found, &event)
		}
	case *ast.Expr:
		if found, known := recorder.steps[node]; known {
			recorder.onStep(found, node, &event)
		}
	}
}

func (recorder *recorder) onRule(found *definition, event *topdown.Event) {
	switch event.Op {
	case topdown.EnterOp:
		found.traced.TimesEntered++
		if found.order == 0 {
			recorder.entered++
			found.order = recorder.entered
		}
	case topdown.ExitOp:
		found.traced.TimesHeld++
		recorder.reader.solution(found.body, event)
		found.given(event)
	}
}

func (recorder *recorder) onStep(at step, expr *ast.Expr, event *topdown.Event) {
	line, isMain := at.line, expr == at.line.main
	switch {
	case event.Op == topdown.EvalOp:
		if isMain {
			line.query = event.QueryID
		}
		line.asked++
	case isMain && line.single && event.QueryID != line.query:
		// `every` also reports what becomes of its parts.
	case event.Op == topdown.RedoOp && isMain:
		line.traced.TimesTrue++
		if len(expr.With) > 0 && !line.held.full() {
			line.held.add(recorder.reader.read(line.operands, event))
		}
	case event.Op == topdown.FailOp:
		line.traced.TimesFalse++
		recorder.reader.failure(at, event)
	}
}

// rules is the summary: the policy's own definitions, then what they reached of libraries.
func (recorder *recorder) rules(lines *int) (rules []RuleTraced, truncated bool) {
	shown := slices.DeleteFunc(slices.Clone(recorder.definitions), func(each *definition) bool { return !each.own && each.order == 0 })
	slices.SortStableFunc(shown, func(a, b *definition) int {
		if a.own || b.own {
			return cmp.Compare(rank(a), rank(b))
		}
		return cmp.Compare(a.order, b.order)
	})
	rules = make([]RuleTraced, 0, len(shown))
	for _, each := range shown {
		traced := each.traced
		for _, given := range each.gave {
			traced.Gave = append(traced.Gave, brief(given.Value, givenDepthMax, givenNodesMax))
		}
		traced.Outcome = tracedOutcome(traced.TimesHeld > 0, traced.TimesEntered > 0, "held", "not_held")
		traced.Lines = []LineTraced{}
		for _, line := range each.lines {
			if *lines == 0 {
				truncated = true
				break
			}
			*lines--
			traced.Lines = append(traced.Lines, line.summary())
		}
		rules = append(rules, traced)
	}
	return rules, truncated
}

// rank puts the policy's own definitions first, in the order in which they were added: that of the file.
func rank(of *definition) int {
	if of.own {
		return 0
	}
	return 1
}

func tracedOutcome(good, tried bool, word, otherwise string) string {
	switch {
	case good:
		return word
	case tried:
		return otherwise
	default:
		return "not_reached"
	}
}

func (line *line) summary() LineTraced {
	traced := line.traced
	switch {
	case line.main.Negated:
		// OPA reports only when a negation fails.
		traced.TimesTrue = line.asked - traced.TimesFalse
	case line.single:
		// It fails once for each time that it does not hold, but its parts report failures as well.
		traced.TimesFalse = max(0, min(traced.TimesFalse, line.asked-traced.TimesTrue))
	}
	traced.Outcome = tracedOutcome(traced.TimesTrue > 0, line.asked > 0, "true", "undefined_or_false")
	seen := line.failed.all
	if traced.TimesTrue > 0 {
		seen = line.held.all
	}
	if len(seen) == 0 && line.way != nil {
		seen = []Reading{*line.way}
	}
	traced.Reading = Reading{Values: map[string]any{}}
	if len(seen) > 0 {
		traced.Reading, traced.Further = seen[0], seen[1:]
	}
	return traced
}
