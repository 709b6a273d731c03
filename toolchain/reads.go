package main

import (
	"encoding/json"
	"slices"
)

// readsSection is the custom section that says for each entrypoint what of the input it may read. An entrypoint that it
// does not name, and every one of a module without the section, may read everything.
const readsSection = "witan.reads"

const (
	// What lies deeper is read as a whole: calls of functions in one another could lead ever deeper.
	readDepthLimit = 32
	// An entrypoint that reads more places reads everything.
	readPlacesLimit = 10_000
)

// readPlace is a place in the input that may be read: whether it is there and of which type it is and, if it is a scalar,
// its value; below it what else is said here.
type readPlace struct {
	// Everything below it may be read.
	whole bool
	// What may be read of each element of an array or each member of an object, whose indices and keys all count.
	each *readPlace
	// What may be read of single members.
	members map[string]*readPlace
	depth   int
	tree    *readTree
}

// readTree is what may be read of one input.
type readTree struct {
	root   *readPlace
	places int
	// Whether something was added since it was last asked.
	grown bool
}

func newReadTree() *readTree {
	tree := &readTree{}
	tree.root = &readPlace{tree: tree}
	return tree
}

func (place *readPlace) readWhole() {
	if !place.whole {
		place.whole, place.tree.grown = true, true
	}
}

// element is the place of each element; nil where everything is read already.
func (place *readPlace) element() *readPlace {
	if place.each == nil {
		place.each = place.below()
	}
	return place.each
}

// member is the place of a member; nil where everything is read already.
func (place *readPlace) member(name string) *readPlace {
	found, known := place.members[name]
	if known {
		return found
	}
	if found = place.below(); found != nil {
		if place.members == nil {
			place.members = map[string]*readPlace{}
		}
		place.members[name] = found
	}
	return found
}

func (place *readPlace) below() *readPlace {
	tree := place.tree
	if place.whole || tree.root.whole {
		return nil
	}
	if place.depth == readDepthLimit {
		place.readWhole()
		return nil
	}
	if tree.places == readPlacesLimit {
		tree.root.readWhole()
		return nil
	}
	tree.places++
	tree.grown = true
	return &readPlace{depth: place.depth + 1, tree: tree}
}

// reads is a place as it is written: true for everything below it, else an object with `each` and `members` where there
// are such. What is read of each member is read of those that are named too.
type reads struct {
	Each    any            `json:"each,omitempty"`
	Members map[string]any `json:"members,omitempty"`
}

// written is the tree as `witan.reads` has it.
func (tree *readTree) written() any {
	room := readPlacesLimit
	form := written([]*readPlace{tree.root}, &room)
	if room < 0 {
		return true
	}
	return form
}

// written is several places that may stand for the same value, as one; what comes of it counts only while there is room.
func written(places []*readPlace, room *int) any {
	*room--
	if *room < 0 || slices.ContainsFunc(places, func(place *readPlace) bool { return place.whole }) {
		return true
	}
	var elements []*readPlace
	names := map[string][]*readPlace{}
	for _, place := range places {
		if place.each != nil {
			elements = append(elements, place.each)
		}
		for _, name := range sortedKeys(place.members) {
			names[name] = append(names[name], place.members[name])
		}
	}
	var form reads
	if len(elements) > 0 {
		if form.Each = written(elements, room); form.Each == true {
			return true
		}
	}
	for _, name := range sortedKeys(names) {
		if form.Members == nil {
			form.Members = map[string]any{}
		}
		form.Members[name] = written(append(names[name], elements...), room)
	}
	return form
}

// withReads is a module with the section that says what its entrypoints may read.
func withReads(compiled []byte, trees map[string]*readTree) ([]byte, error) {
	module, err := readModule(compiled)
	if err != nil {
		return nil, err
	}
	forms := map[string]any{}
	for entrypoint, tree := range trees {
		forms[entrypoint] = tree.written()
	}
	// Maps are written in the order of their keys, so that equal trees give equal bytes.
	content, err := json.Marshal(forms)
	if err != nil {
		return nil, err
	}
	module.addCustom(readsSection, content)
	return module.encode(), nil
}
