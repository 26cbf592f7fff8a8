package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"withings-exporter/exporter/testrun"
)

// TestNothingIsCompiledBeforeMain looks for variables of packages that compile a pattern or a page: all of them would be
// compiled at every start, for every command.
func TestNothingIsCompiledBeforeMain(t *testing.T) {
	testrun.Unraced(t, "one file is read after the other")
	costly := []string{"regexp.MustCompile", "template.Must"}
	seen := 0
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (entry.Name() == "internal" || entry.Name() == "testdata" || entry.Name() != "." && strings.HasPrefix(entry.Name(), ".")):
			return filepath.SkipDir // not in the program
		case !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		seen++
		for _, declaration := range file.Decls {
			variables, ok := declaration.(*ast.GenDecl)
			if !ok {
				continue
			}
			ast.Inspect(variables, func(n ast.Node) bool {
				if _, later := n.(*ast.FuncLit); later {
					return false
				}
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if of, ok := call.Fun.(*ast.SelectorExpr); ok {
					if in, ok := of.X.(*ast.Ident); ok && slices.Contains(costly, in.Name+"."+of.Sel.Name) {
						t.Errorf("%s: %s.%s runs at every start; put it into sync.OnceValue", files.Position(call.Pos()), in.Name, of.Sel.Name)
					}
				}
				return true
			})
		}
		return nil
	})
	if err != nil || seen < 100 {
		t.Fatalf("%d files seen: %v", seen, err)
	}
}
