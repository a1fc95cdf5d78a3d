package app

import (
	"go/ast"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/assets/handbook"
)

// What the handbook puts into quotation marks is a button, a heading or a word that the house shows, letter by letter.
func TestHandbookNamesWhatThereIs(t *testing.T) {
	tell(t, misnamed(handbook.Pages(), shown(t, os.DirFS(apptest.Root()))))
	if wrong := misnamed([]handbook.Page{{Slug: "x", Body: "Tippen Sie auf „Alles\nlöschen“."}}, "Nichts löschen"); len(wrong) != 1 {
		t.Errorf("a button that there is not: %q", wrong)
	}
}

// shown is everything that a page of the house may show.
func shown(t *testing.T, root fs.FS) string {
	var all strings.Builder
	for _, p := range handbook.Pages() {
		all.WriteString(p.Title + "\n")
	}
	for _, dir := range []string{"app", "assets/js"} {
		err := fs.WalkDir(root, dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || strings.HasSuffix(path, "_test.go") || !strings.HasSuffix(path, ".html") && !strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, ".js") {
				return err
			}
			b, err := fs.ReadFile(root, path)
			all.Write(b)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return all.String()
}

var (
	quotedName = regexp.MustCompile(`„([^“]+)“`)
	// what somebody types, not what the house shows
	examples = []string{"Gebuehr", "Gebühr"}
)

// misnamed finds names in the handbook that the house does not know.
func misnamed(pages []handbook.Page, shown string) (wrong []string) {
	for _, p := range pages {
		for _, m := range quotedName.FindAllStringSubmatch(strings.Join(strings.Fields(p.Body), " "), -1) {
			known := strings.Contains(shown, m[1])
			for _, x := range examples {
				known = known || m[1] == x
			}
			if !known {
				wrong = append(wrong, "the handbook names „"+m[1]+"“ on "+p.Slug+", which no page shows")
			}
		}
	}
	return wrong
}

// Each promise of the handbook names a test that there is, and a test that measures for a promise finds it there.
func TestPromises(t *testing.T) {
	tell(t, unproved(handbook.Figures(), code()))
	for name, c := range map[string]struct {
		figure handbook.Figure
		test   string
	}{
		"no such test":    {handbook.Figure{Key: "a", Test: "TestNothing"}, `package x; func TestSomething(t *testing.T) {}`},
		"no such promise": {handbook.Figure{Key: "a", Test: "TestSomething"}, `package x; func TestSomething(t *testing.T) { apptest.Figure(t, "b", "") }`},
	} {
		if wrong := unproved([]handbook.Figure{c.figure}, parseOne("x_test.go", c.test)); len(wrong) != 1 {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

func unproved(promises []handbook.Figure, tree []source) (wrong []string) {
	tests, keys := map[string]bool{}, map[string]bool{}
	for _, p := range promises {
		keys[p.Key] = true
	}
	for _, s := range tree {
		if !strings.HasSuffix(s.name, "_test.go") {
			continue
		}
		for _, d := range s.syntax.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil {
				tests[f.Name.Name] = true
			}
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			if c, ok := n.(*ast.CallExpr); ok && callee(c.Fun) == "apptest.Figure" && len(c.Args) == 3 {
				if key, ok := literal(c.Args[1]); !ok || !keys[key] {
					wrong = append(wrong, s.at(c)+": the handbook has no such promise")
				}
			}
			return true
		})
	}
	for _, p := range promises {
		if !tests[p.Test] {
			wrong = append(wrong, "the handbook says that "+p.Test+" proves a promise, and there is no such test")
		}
	}
	return wrong
}
