package main

import (
	"encoding/json"
	"strings"

	opaversion "github.com/open-policy-agent/opa/v1/version"
)

// File is one file of a bundle: its path inside the bundle, with slashes, and its text.
type File struct {
	Path string `json:"path"`
	Text string `json:"text"`
}

// Library is what a layer offers to the layers below it: the files of its lib and data folders.
type Library struct {
	Layer string `json:"layer"`
	Files []File `json:"files"`
}

// Request is one call of the toolchain.
type Request struct {
	Op        string          `json:"op"`
	Layer     string          `json:"layer"`
	Files     []File          `json:"files"`
	Libraries []Library       `json:"libraries"`
	Schema    json.RawMessage `json:"schema"`
	Filter    string          `json:"filter"`
	// A kind of decision, and the input that it is about.
	Kind  string          `json:"kind"`
	Input json.RawMessage `json:"input"`
	// What of the input is not known, as references: `input.subject`.
	Unknowns []string `json:"unknowns"`
	// Whether a run of tests says which lines it reached.
	Coverage bool `json:"coverage"`
	// A query over the files, which then need not be a bundle's.
	Query string `json:"query"`
	// A built-in, its arguments in Rego's notation, and the time in nanoseconds since 1970.
	Name      string   `json:"name"`
	Arguments []string `json:"arguments"`
	NowNs     int64    `json:"now_ns,string"`
}

// Fault is something wrong in a file. Row and column count from 1.
type Fault struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	File    string `json:"file,omitempty"`
	Row     int    `json:"row,omitempty"`
	Column  int    `json:"column,omitempty"`
}

// Version names what the toolchain is made of; it goes into what is compiled.
type Version struct {
	OPA       string `json:"opa"`
	Toolchain string `json:"toolchain"`
}

const toolchainVersion = "1"

func version() Version {
	return Version{OPA: opaversion.Version, Toolchain: toolchainVersion}
}

// packageOf is the package below which everything of a layer stands: finance/risk is mesh.finance.risk.
func packageOf(layer string) string {
	return "mesh." + strings.ReplaceAll(layer, "/", ".")
}

// place splits a path of a bundle into folder and name: policy/ownership.rego is policy, ownership.
func place(path string) (folder, name string) {
	folder, base, _ := strings.Cut(path, "/")
	switch folder {
	case "policy", "lib":
		name = strings.TrimSuffix(base, ".rego")
	case "test":
		name = strings.TrimSuffix(base, "_test.rego")
	case "data":
		name = strings.TrimSuffix(base, ".json")
	}
	return folder, name
}
