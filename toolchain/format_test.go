package main

import (
	"strings"
	"testing"
)

func TestFormat(t *testing.T) {
	cases := []struct{ name, text, want string }{
		{"nothing to do", "package p\n\nx if input.y\n", "package p\n\nx if input.y\n"},
		{"spaces and lines", "package p\nx   if {\ninput.y == 1;\n  input.z }\n\n\n\n", "package p\n\nx if {\n\tinput.y == 1\n\tinput.z\n}\n"},
		{"line ends of Windows", "package p\r\n\r\nx if input.y\r\n", "package p\n\nx if input.y\n"},
		{"a byte order mark", "\ufeffpackage p\n\nx if input.y\n", "package p\n\nx if input.y\n"},
		{"comments stay", "package p\n# why\nx if input.y # how\n", "package p\n\n# why\nx if input.y # how\n"},
		{"metadata stay", "# METADATA\n# title: T\n# custom:\n#   lint:\n#     a: b\npackage p\nx := 1\n", "# METADATA\n# title: T\n# custom:\n#   lint:\n#     a: b\npackage p\n\nx := 1\n"},
		{"a negation gets no import", "package p\n\nx if not input.y\n", "package p\n\nx if not input.y\n"},
		{"what a stock OPA reads only with an import gets it", "package p\n\nx if input.y or input.z\n", "package p\n\nimport future.keywords.or\n\nx if input.y or input.z\n"},
	}
	for _, each := range cases {
		t.Run(each.name, func(t *testing.T) {
			have := ask[Formatted](t, Request{Op: "format", Files: []File{{"policy/p.rego", each.text}}})
			if len(have.Errors) > 0 || len(have.Files) != 1 {
				t.Fatalf("got %+v", have)
			}
			if have.Files[0] != (FormattedFile{"policy/p.rego", each.want, each.text != each.want}) {
				t.Errorf("got %+v", have.Files[0])
			}
			if again, err := formatText(File{"policy/p.rego", each.want}); err != nil || again != each.want {
				t.Errorf("formatted again it is %q, %v", again, err)
			}
		})
	}
}

func TestFormatNamesEveryFileThatDoesNotParseAndFormatsTheOthers(t *testing.T) {
	have := ask[Formatted](t, Request{Op: "format", Files: []File{
		{"z.rego", "package z\n\nx if {\n\tinput.\n}\n"},
		{"b/b.rego", "package b\nx:=1\n"},
		{"data/d.json", "{"},
		{"a.rego", ""},
	}})
	if want := []Fault{
		{"rego_parse_error", "empty module", "a.rego", 1, 1},
		{"rego_parse_error", have.Errors[len(have.Errors)-1].Message, "z.rego", 5, 1},
	}; len(have.Errors) != 2 || have.Errors[0] != want[0] || have.Errors[1] != want[1] {
		t.Errorf("got %+v", have.Errors)
	}
	if len(have.Files) != 1 || have.Files[0] != (FormattedFile{"b/b.rego", "package b\n\nx := 1\n", true}) {
		t.Errorf("got %+v", have.Files)
	}
}

// Whoever formats the default mesh finds nothing to do.
func TestFormatLeavesTheDefaultMesh(t *testing.T) {
	for _, layer := range meshLayers {
		for _, file := range meshSource(t, layer).Files {
			if !strings.HasSuffix(file.Path, ".rego") {
				continue
			}
			if text, err := formatText(file); err != nil || text != file.Text {
				t.Errorf("%s/%s is not formatted: %v", layer, file.Path, err)
			}
		}
	}
}
