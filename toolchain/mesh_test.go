package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The layers of the default mesh.
var meshLayers = []string{"global", "finance", "finance/risk", "healthcare", "marketing", "platform", "sales"}

// meshSource is a bundle of the default mesh, as the service hands it over.
func meshSource(t *testing.T, layer string) Request {
	t.Helper()
	schema, err := os.ReadFile("../docs/schemas/input.json")
	if err != nil {
		t.Fatal(err)
	}
	request := Request{Layer: layer, Files: meshFiles(t, layer, "policy", "lib", "data", "test"), Schema: json.RawMessage(schema)}
	for _, outer := range outerLayers(layer) {
		request.Libraries = append(request.Libraries, Library{outer, meshFiles(t, outer, "lib", "data")})
	}
	return request
}

func meshFiles(t *testing.T, layer string, folders ...string) []File {
	t.Helper()
	root := "../policies/global"
	if layer != "global" {
		root = "../policies/domains/" + layer
	}
	var files []File
	for _, folder := range folders {
		paths, err := filepath.Glob(filepath.Join(root, folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, File{strings.TrimPrefix(filepath.ToSlash(path), root+"/"), string(text)})
		}
	}
	if len(files) == 0 && folders[0] == "policy" {
		t.Fatalf("the bundle of %s has no files", layer)
	}
	return files
}

// The default mesh is what people copy from: nothing in it is warned of that is not allowed with a reason, and every
// line of it is tested.
func TestTheDefaultMeshIsWithoutWarnings(t *testing.T) {
	for _, layer := range meshLayers {
		t.Run(layer, func(t *testing.T) {
			request := meshSource(t, layer)
			if checked := check(&request); len(checked.Errors)+len(checked.Warnings) > 0 {
				t.Errorf("check finds %+v", append(checked.Errors, checked.Warnings...))
			}
			request.Coverage = true
			tested := test(&request)
			if len(tested.Errors)+len(tested.Warnings) > 0 {
				t.Errorf("test finds %+v", append(tested.Errors, tested.Warnings...))
			}
			if tested.Coverage == nil || tested.Coverage.Percent < 100 {
				t.Errorf("covered is %+v", tested.Coverage)
			}
		})
	}
}
