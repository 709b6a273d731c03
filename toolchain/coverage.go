package main

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
)

// Coverage is which lines of a bundle's policies and libraries the tests reached. Lines that hold nothing to evaluate,
// such as comments and imports, do not count.
type Coverage struct {
	Percent    float64        `json:"percent"`
	Covered    int            `json:"covered_lines"`
	NotCovered int            `json:"not_covered_lines"`
	Files      []FileCoverage `json:"files"`
}

// FileCoverage is the same for one file, with the lines; a line that was reached in part is not covered.
type FileCoverage struct {
	File       string  `json:"file"`
	Percent    float64 `json:"percent"`
	Covered    []Lines `json:"covered"`
	NotCovered []Lines `json:"not_covered"`
}

// Lines are from the first to the last, from 1, both included.
type Lines struct {
	From int `json:"from"`
	To   int `json:"to"`
}

func (watch *witness) coverage(bundle *parsed) *Coverage {
	coverage := &Coverage{Files: []FileCoverage{}}
	for _, modules := range []map[string]*ast.Module{bundle.libraries, bundle.policies} {
		for _, label := range sortedKeys(modules) {
			report := watch.cover.Report(map[string]*ast.Module{label: modules[label]}).Files[label]
			notCovered := rowsOf(report.NotCovered)
			covered := slices.DeleteFunc(rowsOf(report.Covered), func(row int) bool { return slices.Contains(notCovered, row) })
			coverage.Covered += len(covered)
			coverage.NotCovered += len(notCovered)
			coverage.Files = append(coverage.Files, FileCoverage{
				File:       label,
				Percent:    percent(len(covered), len(notCovered)),
				Covered:    linesOf(covered),
				NotCovered: linesOf(notCovered),
			})
		}
	}
	coverage.Percent = percent(coverage.Covered, coverage.NotCovered)
	return coverage
}

// percent of nothing is all of it.
func percent(covered, notCovered int) float64 {
	if covered+notCovered == 0 {
		return 100
	}
	return 100 * float64(covered) / float64(covered+notCovered)
}

func rowsOf(ranges []cover.Range) []int {
	var rows []int
	for _, each := range ranges {
		for row := each.Start.Row; row <= each.End.Row; row++ {
			rows = append(rows, row)
		}
	}
	slices.Sort(rows)
	return slices.Compact(rows)
}

// linesOf joins rows that follow each other.
func linesOf(rows []int) []Lines {
	lines := []Lines{}
	for _, row := range rows {
		if last := len(lines) - 1; last >= 0 && lines[last].To == row-1 {
			lines[last].To = row
		} else {
			lines = append(lines, Lines{From: row, To: row})
		}
	}
	return lines
}
