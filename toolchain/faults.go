package main

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

func at(location *ast.Location, label, code, message string) Fault {
	fault := Fault{Code: code, Message: message, File: label}
	if location != nil {
		// OPA leaves out the column of some faults, and both for an empty file.
		fault.Row, fault.Column = max(location.Row, 1), max(location.Col, 1)
		if location.File != "" {
			fault.File = location.File
		}
	}
	return fault
}

// faultsOf turns OPA's errors into faults, with what OPA knows beside the message.
func faultsOf(err error, label string) []Fault {
	return (*parsed)(nil).faultsOf(err, label)
}

// faultsOf also says what was probably meant, by the names that the bundle has; a nil bundle has none.
func (bundle *parsed) faultsOf(err error, label string) []Fault {
	var list ast.Errors
	if !errors.As(err, &list) {
		var single *ast.Error
		if errors.As(err, &single) {
			list = ast.Errors{single}
		} else {
			return []Fault{{Code: "rego_error", Message: err.Error(), File: label}}
		}
	}
	faults := make([]Fault, 0, len(list))
	for _, each := range list {
		message := each.Message
		if each.Details != nil {
			if lines := detailLines(each); len(lines) > 0 {
				message += ": " + strings.Join(lines, "; ")
			}
		}
		message = generatedInMessage.ReplaceAllString(message, "_")
		if meant := bundle.meant(each); meant != "" {
			message += fmt.Sprintf("; did you mean `%s`?", meant)
		}
		faults = append(faults, at(each.Location, label, each.Code, message))
	}
	return faults
}

// generatedInMessage is a variable that the author did not name.
var generatedInMessage = regexp.MustCompile(`__local\d+__`)

func detailLines(err *ast.Error) []string {
	if err.Code != ast.TypeErr {
		return nil
	}
	var lines []string
	for _, line := range err.Details.Lines() {
		trimmed := strings.TrimSpace(line)
		// The reference that is wrong stands in the message already.
		if strings.Trim(trimmed, "^") != "" && !strings.HasSuffix(err.Message, ": "+trimmed) {
			lines = append(lines, trimmed)
		}
	}
	return lines
}
