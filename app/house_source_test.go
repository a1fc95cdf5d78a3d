package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"sync"
	"testing/fstest"

	"nestfunk/app/apptest"
)

// A source is one file of Go.
type source struct {
	name, dir string // in the tree, with slashes
	test      bool   // also of apptest
	syntax    *ast.File
	pos       *token.FileSet
}

func (s source) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", s.name, s.pos.Position(n.Pos()).Line)
}

// code is all Go of the module.
var code = sync.OnceValue(func() []source { return parseTree(os.DirFS(apptest.Root())) })

func parseTree(tree fs.FS) (all []source) {
	walk(tree, ".go", func(name string, text []byte) {
		pos := token.NewFileSet()
		f, err := parser.ParseFile(pos, name, text, parser.ParseComments)
		if err != nil {
			panic(err)
		}
		dir := path.Dir(name)
		all = append(all, source{name, dir, strings.HasSuffix(name, "_test.go") || dir == "app/apptest", f, pos})
	})
	return all
}

// parseOne is a tree of one file.
func parseOne(name, text string) []source { return parseTree(fstest.MapFS{name: {Data: []byte(text)}}) }

// walk reads all files whose name ends so, but for what npm and git put into the tree.
func walk(tree fs.FS, end string, f func(name string, text []byte)) {
	err := fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "dist" || len(d.Name()) > 1 && d.Name()[0] == '.'):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, end):
			return nil
		}
		text, err := fs.ReadFile(tree, name)
		if err == nil {
			f(name, text)
		}
		return err
	})
	if err != nil {
		panic(err)
	}
}

// literal is the text of a string literal.
func literal(n ast.Node) (string, bool) {
	l, ok := n.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(l.Value)
	return text, err == nil
}

// callee is a function's name as it is written: f or pkg.f.
func callee(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return x.Name
	case *ast.SelectorExpr:
		return callee(x.X) + "." + x.Sel.Name
	case *ast.IndexExpr: // an instance of a generic function
		return callee(x.X)
	case *ast.IndexListExpr:
		return callee(x.X)
	}
	return ""
}
