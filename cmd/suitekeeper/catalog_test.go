package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestDoctorSaysNothingThatTheCatalogueLacks reads the source: every code is a
// constant of the catalogue, and there is none that nothing finds.
func TestDoctorSaysNothingThatTheCatalogueLacks(t *testing.T) {
	var used []string
	for _, file := range sourceFiles(t, "doctor*.go") {
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				if pkg, ok := n.X.(*ast.Ident); ok && pkg.Name == "suite" && strings.HasPrefix(n.Sel.Name, "Finding") {
					used = append(used, n.Sel.Name)
				}
			case *ast.CallExpr:
				if name, ok := n.Fun.(*ast.Ident); ok && (name.Name == "found" || name.Name == "tell") && isText(n.Args[0]) {
					t.Errorf("%s(%s) has its code as text, want a constant of the catalogue", name.Name, n.Args[0].(*ast.BasicLit).Value)
				}
			case *ast.FuncDecl:
				if returnsFinding(n) {
					wantConstants(t, n)
				}
			}
			return true
		})
	}
	declared := declaredFindings(t)
	if len(declared) == 0 {
		t.Fatal("the catalogue declares no finding")
	}
	for _, name := range declared {
		if !slices.Contains(used, name) {
			t.Errorf("the catalogue has %s, which doctor never finds", name)
		}
	}
}

// returnsFinding tells whether a function's results hold the code of a finding.
func returnsFinding(f *ast.FuncDecl) bool {
	if f.Type.Results == nil {
		return false
	}
	return slices.ContainsFunc(f.Type.Results.List, func(r *ast.Field) bool {
		name, ok := r.Type.(*ast.SelectorExpr)
		return ok && name.Sel.Name == "FindingCode"
	})
}

// wantConstants sees to it that such a function makes up no code.
func wantConstants(t *testing.T, f *ast.FuncDecl) {
	t.Helper()
	ast.Inspect(f, func(n ast.Node) bool {
		if r, ok := n.(*ast.ReturnStmt); ok && isText(r.Results[0]) && r.Results[0].(*ast.BasicLit).Value != `""` {
			t.Errorf("%s returns %s as text, want a constant of the catalogue", f.Name.Name, r.Results[0].(*ast.BasicLit).Value)
		}
		return true
	})
}

func isText(e ast.Expr) bool {
	text, ok := e.(*ast.BasicLit)
	return ok && text.Kind == token.STRING
}

// declaredFindings are the names of the catalogue's codes.
func declaredFindings(t *testing.T) (names []string) {
	t.Helper()
	for _, file := range sourceFiles(t, "../../suite/catalog_findings.go") {
		ast.Inspect(file, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok {
				if typ, ok := spec.Type.(*ast.Ident); ok && typ.Name == "FindingCode" {
					names = append(names, spec.Names[0].Name)
				}
			}
			return true
		})
	}
	return names
}

// sourceFiles are the files of that pattern, without tests.
func sourceFiles(t *testing.T, pattern string) (files []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}
