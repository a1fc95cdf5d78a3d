package app

// These tests hold for the house as a whole, whatever features it has. Each rule is a function that returns what
// breaks it, so that TestRulesBite can show that it would notice.

import (
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"nestfunk/app/apptest"
)

const module = "nestfunk/"

// owners are the packages that may import a third party, the owner first. Tests may import anything.
var owners = map[string][]string{
	"modernc.org/sqlite":                  {"app/base/store"},
	"github.com/julienschmidt/httprouter": {"app/base/web"},
	"github.com/gorilla/sessions":         {"app/base/web"},
	"github.com/klauspost/compress/zstd":  {"app/base/web", "app/base/backup"}, // on the way to browsers, and of copies
	"github.com/klauspost/compress":       {"app/base/web"},
	"filippo.io/age":                      {"app/base/backup"},
	"github.com/caddyserver/certmagic":    {"app/base/front"},
	"go.uber.org/zap":                     {"app/base/front"},
	"github.com/pkg/sftp":                 {"app/base/backup"},
	"github.com/minio/minio-go/v7":        {"app/base/backup"},
	"golang.org/x/crypto/ssh":             {"app/base/backup"},
	"github.com/yuin/goldmark":            {"app/base/text"},
	"github.com/blevesearch":              {"app/base/search"},
	"github.com/RoaringBitmap/roaring/v2": {"app/base/search"},
	"golang.org/x/text/encoding":          {"app/feature/intake", "app/base/files", "app/base/bundle", "app/base/mail"}, // Windows-1252 of imported lists, of texts, of pages and of mails
	"golang.org/x/text/unicode/norm":      {"app/base/text"},
	"golang.org/x/text":                   {"app/base/lang"},
	"github.com/google/uuid":              {"app/base/org", "app/base/person", "app/base/files", "app/feature/announcement", "app/feature/wiki", "app/feature/absence", "app/feature/tablet", "app/feature/calendar", "app/base/committee", "app/feature/message", "app/feature/list", "app/feature/resolution", "app/feature/assignment", "app/feature/minutes", "app/feature/meeting", "app/feature/floor", "app/feature/bulletin", "app/feature/consent", "app/feature/oparl", "app/feature/barrier"}, // a value, not a service
	"github.com/wneessen/go-mail":         {"app/base/mail"},
	"github.com/emersion/go-imap/v2":      {"app/base/mail"},
	"github.com/linxGnu/gosmpp":           {"app/base/sms"},
	"github.com/emersion/go-message":      {"app/base/mail"},
	"github.com/emersion/go-sasl":         {"app/base/mail"},
	"github.com/go-webauthn/webauthn":     {"app/feature/account"},
	"golang.org/x/crypto":                 {"app/feature/account"},
	"golang.org/x/net/html":               {"app/base/files", "app/base/bundle", "app/base/mail"},
	"golang.org/x/net":                    {"app/base/mail"},
	"github.com/ledongthuc/pdf":           {"app/base/files"},
	"github.com/coreos/go-oidc":           {"app/base/oidc"},
	"golang.org/x/oauth2":                 {"app/base/oidc"},
	"github.com/pquerna/otp":              {"app/feature/account"},
	"rsc.io/qr":                           {"app/feature/account"},
	"github.com/cloudflare/circl":         {"app/feature/ballot"},
	"golang.org/x/sys":                    {"app", "app/base/store", "app/base/clock"}, // the lock of the data folder on Windows; what the kernel knows
	"github.com/alecthomas/kong":          {"."},
	"github.com/evanw/esbuild":            {"assets/build"},
	"github.com/andybalholm/brotli":       {"assets/build"},
	"golang.org/x/image/webp":             {"app/base/files"},
	"golang.org/x/image":                  {"assets/build"},
}

func TestImports(t *testing.T)              { tell(t, imports(code())) }
func TestNothingChangesUnseen(t *testing.T) { tell(t, globals(code())) }
func TestTimeAndChance(t *testing.T)        { tell(t, surroundings(code())) }
func TestTemplates(t *testing.T)            { tell(t, templates(os.DirFS(apptest.Root()), code())) }

// imports against the layers of app/doc.go.
func imports(tree []source) (wrong []string) {
	for _, s := range tree {
		if s.name == "app/demo/fill_test.go" { // it has the real features fill the town
			continue
		}
		for _, i := range s.syntax.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			to, ours := strings.CutPrefix(p, module)
			first, _, _ := strings.Cut(p, "/")
			knows := "" // what must not be known here
			switch {
			case ours && to == "app/apptest" && s.test:
			case ours && to == "app/apptest":
				knows = "apptest is for tests"
			case ours && strings.HasPrefix(to, "app/feature/") && s.dir != "app" && s.dir != "app/demo" && s.dir != to:
				knows = "only app knows features"
			case ours && to == "app/demo" && s.dir != "app":
				knows = "only app knows the demonstration"
			case ours && to == "app" && s.dir != "." && s.dir != "app":
				knows = "only main knows app"
			case ours && strings.HasPrefix(s.dir, "app/base/") && to != "assets" && !strings.HasPrefix(to, "assets/") && !strings.HasPrefix(to, "app/base/"):
				knows = "base knows base and assets only"
			case ours || s.test || !strings.Contains(first, "."):
			case !slices.Contains(owner(p), s.dir):
				knows = fmt.Sprintf("its owner is %v", owner(p))
			}
			if knows != "" {
				wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", s.name, p, knows))
			}
		}
	}
	return wrong
}

// owner finds the entry of the longest module or package path.
func owner(pkg string) []string {
	for p := pkg; p != "."; p = path.Dir(p) {
		if o, ok := owners[p]; ok {
			return o
		}
	}
	return nil
}

// globals finds what changes behind the back of those who read the code: func init, and package variables that are
// assigned to or whose parts are.
func globals(tree []source) (wrong []string) {
	type variable struct{ dir, name string }
	all := map[variable]bool{}
	for _, s := range tree {
		for _, d := range s.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" && !s.test {
					wrong = append(wrong, s.at(d)+": func init")
				}
			case *ast.GenDecl:
				for _, x := range d.Specs {
					v, ok := x.(*ast.ValueSpec)
					if !ok || d.Tok != token.VAR || s.test {
						continue
					}
					for i, n := range v.Names {
						if n.Name == "_" {
							continue
						}
						all[variable{s.dir, n.Name}] = true
						if n.IsExported() && (collection(v.Type) || i < len(v.Values) && collection(v.Values[i])) && !strings.Contains(comment(d.Doc), "//go:embed") {
							wrong = append(wrong, s.at(n)+": everybody may change "+n.Name)
						}
					}
				}
			}
		}
	}
	for _, s := range tree {
		if s.test {
			continue
		}
		changed := func(at ast.Node, x ast.Expr) {
			id := root(x)
			if id == nil || !all[variable{s.dir, id.Name}] {
				return
			}
			if id.Obj != nil { // of this file: perhaps a local one of the same name
				if d, ok := id.Obj.Decl.(*ast.ValueSpec); !ok || !slices.ContainsFunc(s.syntax.Decls, func(x ast.Decl) bool {
					g, ok := x.(*ast.GenDecl)
					return ok && slices.Contains(g.Specs, ast.Spec(d))
				}) {
					return
				}
			}
			wrong = append(wrong, fmt.Sprintf("%s: the package variable %s changes", s.at(at), id.Name))
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				if n.Tok != token.DEFINE {
					for _, x := range n.Lhs {
						changed(n, x)
					}
				}
			case *ast.IncDecStmt:
				changed(n, n.X)
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					changed(n, n.X)
				}
			case *ast.CallExpr:
				f := callee(n.Fun)
				in := slices.Contains([]string{"append", "delete", "clear", "copy", "slices.Sort", "slices.SortFunc", "slices.SortStableFunc",
					"slices.Reverse", "slices.Delete", "slices.DeleteFunc", "slices.Insert", "maps.Copy", "sort.Slice"}, f)
				if in && len(n.Args) > 0 {
					changed(n, n.Args[0])
				}
			}
			return true
		})
	}
	return wrong
}

func comment(c *ast.CommentGroup) (text string) {
	if c != nil {
		for _, line := range c.List {
			text += line.Text + "\n"
		}
	}
	return text
}

// collection reports whether a value or a type is a map or a slice, whose parts can be changed.
func collection(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.MapType:
		return true
	case *ast.ArrayType:
		return x.Len == nil
	case *ast.CompositeLit:
		return collection(x.Type)
	case *ast.CallExpr:
		return callee(x.Fun) == "make" && len(x.Args) > 0 && collection(x.Args[0])
	}
	return false
}

// root is the variable that x is a part of.
func root(x ast.Expr) *ast.Ident {
	for {
		switch y := x.(type) {
		case *ast.Ident:
			return y
		case *ast.IndexExpr:
			x = y.X
		case *ast.SelectorExpr:
			x = y.X
		case *ast.StarExpr:
			x = y.X
		case *ast.ParenExpr:
			x = y.X
		case *ast.SliceExpr:
			x = y.X
		default:
			return nil
		}
	}
}

// surroundings finds what comes from the machine rather than from the House: the time, chance, and what is printed.
func surroundings(tree []source) (wrong []string) {
	for _, s := range tree {
		if s.test || s.name == "main.go" || s.dir == "assets/build" || s.dir == "app/apptest" {
			continue
		}
		imported := map[string]string{} // path by name in this file
		for _, i := range s.syntax.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			name := strings.TrimSuffix(path.Base(p), "/v2")
			if p == "math/rand/v2" {
				name = "rand"
			}
			if i.Name != nil {
				name = i.Name.Name
			}
			imported[name] = p
			// The people of the demonstration are drawn from a seed, always the same ones.
			if p == "log" || strings.HasPrefix(p, "math/rand") && s.dir != "app/demo" {
				wrong = append(wrong, s.at(i)+": imports "+p)
			}
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || x.Obj != nil {
				return true
			}
			switch what := imported[x.Name] + "." + sel.Sel.Name; what {
			case "time.Now", "time.Since", "time.Until", "fmt.Print", "fmt.Println", "fmt.Printf":
				wrong = append(wrong, s.at(n)+": "+what)
			default:
				if strings.HasPrefix(what, "math/rand") && !slices.Contains([]string{"New", "NewPCG", "Rand", "Source"}, sel.Sel.Name) {
					wrong = append(wrong, s.at(n)+": chance without a seed: "+what)
				}
			}
			return true
		})
	}
	return wrong
}

// templates finds those that no code of their package names. That they parse is seen when the features are made.
func templates(tree fs.FS, all []source) (wrong []string) {
	named := map[string]bool{} // folder/file
	for _, s := range all {
		if s.test {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if text, ok := literal(n); ok && strings.HasSuffix(text, ".html") {
				named[s.dir+"/"+text] = true
			}
			return true
		})
	}
	walk(tree, ".html", func(name string, text []byte) {
		base := path.Base(name)
		if strings.HasPrefix(name, "app/") && !named[name] && base != "layout.html" && base[0] != '_' {
			wrong = append(wrong, name+" is rendered by nobody")
		}
		if base[0] == '_' && !strings.Contains(string(text), "{{define ") {
			wrong = append(wrong, name+" defines nothing that others could share")
		}
	})
	return wrong
}

func tell(t *testing.T, wrong []string) {
	t.Helper()
	for _, w := range wrong {
		t.Error(w)
	}
}

// TestRulesBite breaks every rule once.
func TestRulesBite(t *testing.T) {
	body := func(text string) []source { return parseOne("app/base/org/x.go", "package org\n"+text) }
	for _, c := range []struct {
		name  string
		wrong []string
		want  string // a part of the only violation; "": none
	}{
		{"base imports a feature", imports(parseOne("app/base/org/x.go", `package org; import "nestfunk/app/feature/account"`)), "only app knows"},
		{"base imports app", imports(parseOne("app/base/org/x.go", `package org; import "nestfunk/app"`)), "only main"},
		{"a feature imports a feature", imports(parseOne("app/feature/wiki/x.go", `package wiki; import "nestfunk/app/feature/account"`)), "only app knows"},
		{"even in a test", imports(parseOne("app/feature/wiki/x_test.go", `package wiki; import "nestfunk/app/feature/account"`)), "only app knows"},
		{"main imports a feature", imports(parseOne("main.go", `package main; import "nestfunk/app/feature/account"`)), "only app knows"},
		{"app imports a feature", imports(parseOne("app/x.go", `package app; import "nestfunk/app/feature/account"`)), ""},
		{"apptest in the program", imports(parseOne("app/x.go", `package app; import "nestfunk/app/apptest"`)), "for tests"},
		{"apptest in a test", imports(parseOne("app/feature/wiki/x_test.go", `package wiki; import "nestfunk/app/apptest"`)), ""},
		{"a third party without owner", imports(parseOne("app/x.go", `package app; import "example.org/new"`)), "its owner is []"},
		{"a third party of another", imports(parseOne("app/feature/wiki/x.go", `package wiki; import "github.com/yuin/goldmark/ast"`)), "its owner is [app/base/text]"},
		{"a third party of its owner", imports(parseOne("app/base/text/x.go", `package text; import "github.com/yuin/goldmark/ast"`)), ""},

		{"init", globals(body(`func init() {}`)), "func init"},
		{"assignment", globals(body(`var n int; func f() { n = 1 }`)), "n changes"},
		{"element", globals(body(`var m = map[string]int{}; func f() { m["a"]++ }`)), "m changes"},
		{"field", globals(body(`var s struct{ n int }; func f() { s.n += 1 }`)), "s changes"},
		{"address", globals(body(`var n int; func f() *int { return &n }`)), "n changes"},
		{"delete", globals(body(`var m = map[int]int{}; func f() { delete(m, 1) }`)), "m changes"},
		{"open to others", globals(body(`var Names = []string{"a"}`)), "everybody may change Names"},
		{"a table", globals(body(`var names = []string{"a"}; func f() string { return names[0] }`)), ""},
		{"a local of the same name", globals(body(`var n int; func f() { n := 0; n = 1; _ = n }`)), ""},

		{"time.Now", surroundings(body(`import "time"; func f() { time.Now() }`)), "time.Now"},
		{"as a value", surroundings(body(`import "time"; var f = time.Now`)), "time.Now"},
		{"time.Since", surroundings(body(`import clock "time"; func f(t clock.Time) { clock.Since(t) }`)), "time.Since"},
		{"math/rand", surroundings(body(`import "math/rand/v2"; var _ rand.Source`)), "imports math/rand/v2"},
		{"without seed", surroundings(parseOne("app/demo/x.go", `package demo; import "math/rand/v2"; func f() { rand.IntN(3) }`)), "without a seed"},
		{"with seed", surroundings(parseOne("app/demo/x.go", `package demo; import "math/rand/v2"; var r = rand.New(rand.NewPCG(1, 2))`)), ""},
		{"print", surroundings(body(`import "fmt"; func f() { fmt.Println(1) }`)), "fmt.Println"},
		{"log", surroundings(body(`import "log"; func f() { log.Print(1) }`)), "imports log"},
		{"main", surroundings(parseOne("main.go", `package main; import "time"; func f() { time.Now() }`)), ""},

		{"a template of nobody", templates(fstest.MapFS{"app/base/org/old.html": {}}, body(`const f = "new.html"`)), "old.html is rendered by nobody"},
		{"a template", templates(fstest.MapFS{"app/base/org/new.html": {}}, body(`const f = "new.html"`)), ""},
		{"nothing shared", templates(fstest.MapFS{"app/base/org/_x.html": {}}, nil), "defines nothing"},
	} {
		bites(t, c.name, c.wrong, c.want)
	}
}

// bites checks what a rule says of a small example.
func bites(t *testing.T, name string, wrong []string, want string) {
	t.Helper()
	switch {
	case want == "" && len(wrong) > 0:
		t.Errorf("%s: is fine, but the rule says %q", name, wrong)
	case want != "" && (len(wrong) != 1 || !strings.Contains(wrong[0], want)):
		t.Errorf("%s: the rule says %q, want %q", name, wrong, want)
	}
}
