//go:build mutation

package app

import (
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/apptest/mutant"
)

var (
	mutants  = flag.Int("mutants", 0, "how many mutants, chosen by -seed; 0: all")
	seed     = flag.Uint64("seed", 1, "of the choice")
	classes  = flag.String("classes", "if must may sql view", "of mutants")
	packages = flag.String("packages", "", "whose checks: \"app/base/web app/feature/room\"; default: all")
	verdicts = flag.String("verdicts", "", "file that keeps what was found, so that a run that was ended goes on; default: a new one")
)

// TestMutation takes every check of rights out of the house, one at a time, and looks whether rights.txt, the tests of the
// package that it stands in or the stories of the house notice:
//
//	go test -tags mutation -run Mutation -timeout 6h -v ./app
//	go test -tags mutation -run Mutation -timeout 1h -v ./app -args -mutants 100 -seed 7 -classes 'if must may' -verdicts /tmp/verdicts
//
// The house is built once, with a switch at each check (go build -overlay: the tree is not touched). A check is then tried
// with just the requests that come by it.
func TestMutation(t *testing.T) {
	dir := t.TempDir()
	overlay, all := mutate(t, dir)
	if *verdicts == "" {
		*verdicts = filepath.Join(dir, "verdicts")
	}
	list := filepath.Join(dir, "mutants.json")
	b, err := json.Marshal(all)
	if err == nil {
		err = os.WriteFile(list, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	build := func(tag, pkg, to string) error {
		c := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", overlay, "-tags", tag, "-o", to, pkg)
		c.Dir = apptest.Root()
		out, err := c.CombinedOutput()
		if err != nil {
			return fmt.Errorf("%s: %w\n%s", pkg, err, out)
		}
		return nil
	}
	bin := filepath.Join(dir, "app.test")
	if err := build("mutant", "./app", bin); err != nil {
		t.Fatal(err)
	}
	spared := sparing(t, all)
	chosen := slices.DeleteFunc(slices.Clone(all), func(m mutant.Mutant) bool {
		dir := filepath.Dir(strings.Split(m.At, ":")[0])
		return !slices.Contains(strings.Fields(*classes), m.Class) || spared[m.ID] || *packages != "" && !slices.Contains(strings.Fields(*packages), dir)
	})
	slices.SortFunc(chosen, func(a, b mutant.Mutant) int { return cmp.Compare(mixed(a), mixed(b)) })
	if *mutants > 0 {
		chosen = chosen[:min(*mutants, len(chosen))]
	}
	only := map[int]bool{}
	for _, m := range chosen {
		only[m.ID] = true
	}

	var wg sync.WaitGroup
	shards := runtime.NumCPU()
	for i := range shards {
		wg.Go(func() {
			var ids []string
			for j, m := range chosen {
				if j%shards == i {
					ids = append(ids, strconv.Itoa(m.ID))
				}
			}
			c := exec.CommandContext(t.Context(), bin, "-test.run", "^TestMutants$", "-test.timeout", "5h", "-test.v")
			c.Dir = filepath.Join(apptest.Root(), "app")
			c.Env = append(os.Environ(), mutant.List+"="+list, "NESTFUNK_VERDICTS="+*verdicts, "NESTFUNK_CHOSEN="+strings.Join(ids, " "))
			if out, err := c.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out[max(0, len(out)-4000):])
			}
		})
	}
	wg.Wait()

	known := found(t, *verdicts)
	// tried runs tests without the check of that ID; 0: with all of them. There may be none.
	tried := func(to, in string, id int, more ...string) error {
		if _, err := os.Stat(to); errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		c := exec.CommandContext(t.Context(), to, append([]string{"-test.failfast", "-test.short"}, more...)...)
		c.Dir = filepath.Join(apptest.Root(), in)
		c.Env = append(os.Environ(), mutant.List+"="+list, mutant.One+"="+strconv.Itoa(id))
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", in, err, out[max(0, len(out)-4000):])
		}
		return nil
	}
	inPackage := []string{"-test.timeout", "5m"}
	inHouse := []string{"-test.timeout", "15m", "-test.skip", "^Test(Browser|Lighthouse|Kill|Program|Demo|Fault|Load|Mutants|Specified|Routes).*$"}
	built := map[string]func() error{} // fails as well where tests notice what is not there
	whole := sync.OnceValue(func() error { return tried(bin, "app", 0, inHouse...) })
	queue := make(chan mutant.Mutant)
	test := func(m mutant.Mutant) string {
		if m.Class == "view" {
			return "survived by all" // it has no package
		}
		pkg, to := packageOf(m, dir)
		if pkg != "./app" { // whose tests are the stories of the whole house
			if err := built[pkg](); err != nil {
				t.Error(err)
				return "unbuilt"
			}
			if tried(to, pkg, m.ID, inPackage...) != nil {
				return "package noticed"
			}
		}
		if err := whole(); err != nil {
			t.Error(err)
			return "unbuilt"
		}
		if tried(bin, "app", m.ID, inHouse...) != nil {
			return "house noticed"
		}
		return "survived by all"
	}
	for _, m := range chosen {
		pkg, to := packageOf(m, dir)
		if built[pkg] == nil {
			built[pkg] = sync.OnceValue(func() error {
				if err := build("none", pkg, to); err != nil {
					return err
				}
				return tried(to, pkg, 0, inPackage...)
			})
		}
	}
	for range shards {
		wg.Go(func() {
			for m := range queue {
				note(t, *verdicts, m.ID, test(m))
			}
		})
	}
	for _, m := range chosen {
		if v := known[m.ID]; !strings.HasSuffix(v, "noticed") && v != "survived by all" {
			queue <- m
		}
	}
	close(queue)
	wg.Wait()

	known = found(t, *verdicts)
	count, dead := map[string]int{}, map[string]int{}
	noticed := 0
	for _, m := range chosen {
		count[m.Class]++
		if v := known[m.ID]; strings.HasSuffix(v, "noticed") {
			dead[m.Class]++
			noticed++
		} else {
			t.Logf("%s: %s %s: without %s nothing fails", v, m.Class, m.At, m.Text)
		}
	}
	for _, class := range slices.Sorted(maps.Keys(count)) {
		share := float64(dead[class]) / float64(count[class])
		t.Logf("%-5s %d of %d noticed, %.1f %%", class, dead[class], count[class], 100*share)
		if share < 0.98 && class != "sql" && class != "view" {
			t.Errorf("of class %s too few are noticed", class)
		}
	}
	if *mutants == 0 && !t.Failed() {
		apptest.Figure(t, "mutants", fmt.Sprintf("%d von %d", noticed, len(chosen)))
	}
}

//go:embed mutants.txt
var sparedText string

// sparing are mutants that are no checks: without them the house does more work and shows the same. mutants.txt names
// them, each with its reason: "file, text, reason", with tabs between.
func sparing(t *testing.T, all []mutant.Mutant) map[int]bool {
	t.Helper()
	spared := map[int]bool{}
	for line := range strings.Lines(sparedText) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		is := strings.Split(line, "\t")
		n := len(spared)
		for _, m := range all {
			if file, _, _ := strings.Cut(m.At, ":"); len(is) == 3 && is[2] != "" && file == is[0] && m.Text == is[1] {
				spared[m.ID] = true
			}
		}
		if len(spared) == n {
			t.Errorf("mutants.txt: no check is %q", line)
		}
	}
	t.Logf("%d are spared by mutants.txt", len(spared))
	return spared
}

// packageOf is the package that a mutant stands in, and the file of its tests.
func packageOf(m mutant.Mutant, dir string) (pkg, to string) {
	pkg = "./" + filepath.Dir(strings.Split(m.At, ":")[0])
	return pkg, filepath.Join(dir, strings.ReplaceAll(pkg[2:], "/", "_")+".test")
}

func mixed(m mutant.Mutant) uint64 {
	x := (uint64(m.ID) + *seed) * 0x9e3779b97f4a7c15
	x ^= x >> 29
	return x * 0xbf58476d1ce4e5b9
}

func found(t *testing.T, file string) map[int]string {
	t.Helper()
	known := map[int]string{}
	b, _ := os.ReadFile(file) // none yet
	for line := range strings.Lines(string(b)) {
		id, verdict, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.Atoi(id); err == nil {
			known[n] = verdict
		}
	}
	return known
}

func note(t *testing.T, file string, id int, verdict string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err == nil {
		_, err = fmt.Fprintln(f, id, verdict)
	}
	if err != nil {
		t.Error(err)
	}
	f.Close()
}

const hook = `nestfunk/app/apptest/mutant`

// An insert puts words between two places of a file.
type insert struct {
	at   int
	text string
}

// mutate writes the files with switches and the list of all mutants.
func mutate(t *testing.T, dir string) (overlay string, all []mutant.Mutant) {
	t.Helper()
	root := apptest.Root()
	type file struct {
		path string
		src  []byte
		tree *ast.File
	}
	var files []file
	fset := token.NewFileSet()
	for _, top := range []string{"app/base", "app/feature", "app"} {
		err := filepath.WalkDir(filepath.Join(root, top), func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() && (top == "app" && path != filepath.Join(root, top) || d.Name() == "testdata") {
				return cmp.Or(err, error(filepath.SkipDir))
			}
			if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			src, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			tree, err := parser.ParseFile(fset, path, src, parser.ParseComments)
			files = append(files, file{path, src, tree})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	musts, mays := map[string]bool{}, map[string]bool{} // by package and name; a method has brackets before its name
	for _, f := range files {
		for _, d := range f.tree.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && asks(fn) {
				name := f.tree.Name.Name + "." + fn.Name.Name
				if fn.Recv != nil {
					name = f.tree.Name.Name + ".()" + fn.Name.Name
				}
				switch result(fn) {
				case "error":
					if regexp.MustCompile(`^(may|must|can|allow|proved|Must|May|Can)`).MatchString(fn.Name.Name) {
						musts[name] = true
					}
				case "bool":
					mays[name] = true
				}
			}
		}
	}
	replaced := map[string]string{}
	add := func(class, at, text, query, left string) int {
		all = append(all, mutant.Mutant{ID: len(all) + 1, Class: class, At: at, Text: strings.Join(strings.Fields(text), " "), Query: query, Left: left})
		return len(all)
	}
	for _, f := range files {
		var changes []insert
		rel, _ := filepath.Rel(root, f.path)
		off := func(p token.Pos) int { return fset.Position(p).Offset }
		at := func(n ast.Node) string { return fmt.Sprintf("%s:%d", rel, fset.Position(n.Pos()).Line) }
		text := func(n ast.Node) string { return string(f.src[off(n.Pos()):off(n.End())]) }
		wrap := func(n ast.Node, before, after string) {
			changes = append(changes, insert{off(n.Pos()), before}, insert{off(n.End()), after})
		}
		ast.Inspect(f.tree, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.IfStmt:
				if refuses(x.Body.List) {
					wrap(x.Cond, "(", fmt.Sprintf(") && !mutant.On(%d)", add("if", at(x), text(x.Cond), "", "")))
				}
			case *ast.SwitchStmt:
				if x.Tag != nil {
					break
				}
				for _, s := range x.Body.List {
					if c := s.(*ast.CaseClause); refuses(c.Body) && len(c.List) == 1 {
						wrap(c.List[0], "(", fmt.Sprintf(") && !mutant.On(%d)", add("if", at(c), text(c.List[0]), "", "")))
					}
				}
			case *ast.CallExpr:
				name, pkg := "", f.tree.Name.Name
				switch fn := x.Fun.(type) {
				case *ast.Ident:
					name = pkg + "." + fn.Name
				case *ast.SelectorExpr:
					name = pkg + ".()" + fn.Sel.Name
					if id, ok := fn.X.(*ast.Ident); ok && id.Obj == nil && brings(f.tree, id.Name) {
						name = id.Name + "." + fn.Sel.Name
					} else if fn.Sel.Name == "May" {
						name = "who.()May"
					}
				}
				switch {
				case musts[name]:
					wrap(x, fmt.Sprintf("mutant.Pass(%d, ", add("must", at(x), text(x), "", "")), ")")
				case mays[name] || name == "who.()May":
					wrap(x, "(", fmt.Sprintf(" || mutant.On(%d))", add("may", at(x), text(x), "", "")))
				}
			case *ast.BasicLit:
				if x.Kind == token.STRING {
					if q, err := strconv.Unquote(x.Value); err == nil && rightsSQL.MatchString(q) {
						for _, c := range conditions(q) {
							add("sql", at(x), c.text, q, c.left)
						}
					}
				}
			}
			return true
		})
		src := string(f.src)
		if len(changes) > 0 {
			slices.SortStableFunc(changes, func(a, b insert) int { return cmp.Compare(a.at, b.at) })
			var b strings.Builder
			last := 0
			for _, c := range changes {
				b.WriteString(src[last:c.at])
				b.WriteString(c.text)
				last = c.at
			}
			src = b.String() + src[last:]
		}
		if rel == "app/base/store/store.go" {
			src = strings.Replace(src, "\ts, err := tx.c.prepare(query)", "\tquery = mutant.SQL(query)\n\ts, err := tx.c.prepare(query)", 1)
			if !strings.Contains(src, "mutant.SQL") {
				t.Fatal("store has changed: where is a statement prepared?")
			}
		}
		if strings.Contains(src, "mutant.") && src != string(f.src) {
			end := off(f.tree.Name.End())
			src = src[:end] + `; import "` + hook + `"` + src[end:]
			replaced[f.path] = src
		}
	}
	schema := filepath.Join(root, "app/apptest/apptest.go")
	b, err := os.ReadFile(schema)
	if err != nil {
		t.Fatal(err)
	}
	src := strings.Replace(string(b), "\treturn string(b)\n", "\treturn mutant.Schema(string(b))\n", 1)
	replaced[schema] = strings.Replace(src, "package apptest\n", "package apptest; import \""+hook+"\"\n", 1)
	for _, view := range regexp.MustCompile(`(?ms)^CREATE VIEW .*?;$`).FindAllString(apptest.Schema(), -1) {
		if rightsView.MatchString(view) {
			for _, c := range conditions(view) {
				add("view", "schema.sql:"+strings.Fields(view)[2], c.text, view, c.left)
			}
		}
	}

	paths := map[string]string{}
	for path, src := range replaced {
		to := filepath.Join(dir, fmt.Sprintf("%d.go", len(paths)))
		if err := os.WriteFile(to, []byte(src), 0o600); err != nil {
			t.Fatal(err)
		}
		paths[path] = to
	}
	b, err = json.Marshal(map[string]any{"Replace": paths})
	if err == nil {
		overlay = filepath.Join(dir, "overlay.json")
		err = os.WriteFile(overlay, b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return overlay, all
}

// refuses reports whether statements end by saying that something is not there, or not allowed.
func refuses(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	r, ok := list[len(list)-1].(*ast.ReturnStmt)
	if !ok {
		return false
	}
	for _, x := range r.Results {
		c, ok := x.(*ast.CallExpr)
		if !ok {
			continue
		}
		if s, ok := c.Fun.(*ast.SelectorExpr); ok && fmt.Sprint(s.X) == "fault" {
			if s.Sel.Name == "Gone" {
				return true
			}
			if k, ok := c.Args[0].(*ast.SelectorExpr); ok && (k.Sel.Name == "Forbidden" || k.Sel.Name == "NotFound" || k.Sel.Name == "SignIn") {
				return true
			}
		}
	}
	return false
}

// asks reports whether a function is told who the viewer is.
func asks(fn *ast.FuncDecl) bool {
	for _, p := range fn.Type.Params.List {
		if s, ok := p.Type.(*ast.SelectorExpr); ok && fmt.Sprint(s.X) == "who" && s.Sel.Name == "Viewer" {
			return true
		}
	}
	return false
}

// brings reports whether a name stands for another package of the house.
func brings(f *ast.File, name string) bool {
	for _, i := range f.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		if strings.HasPrefix(path, "nestfunk/") && (i.Name == nil && filepath.Base(path) == name || i.Name != nil && i.Name.Name == name) {
			return true
		}
	}
	return false
}

// result is the only result of a function; "": it has none, or several.
func result(fn *ast.FuncDecl) string {
	if r := fn.Type.Results; r != nil && r.NumFields() == 1 {
		return fmt.Sprint(r.List[0].Type)
	}
	return ""
}

var (
	rightsView = regexp.MustCompile(`^CREATE VIEW (holding|reach|committee_seat|committee_around|message_team|message_seat|list_lead|room_right|wiki_may|wiki_right|wiki_duty)\b`)
	rightsSQL  = regexp.MustCompile(`(?s)^\s*(SELECT|WITH|UPDATE|DELETE|INSERT)\b.*\b(holding|reach|committee_seat|committee_around|message_team|message_seat|list_lead|room_right|wiki_may|wiki_right|wiki_duty)\b`)
	condition  = regexp.MustCompile(`(?:\w+\.)?\b(?:since|until|person|state|informed|role|office|public|level|author|access) *(?:<=|>=|<>|=|<|>|IN) *(?:\?\d+|'[\w]*'|\d+|\([\d, ]+\)|\('[^()]*'\))`)
)

type cut struct{ text, left string }

// conditions are all of a statement, each with what is left without it.
func conditions(q string) (all []cut) {
	for _, at := range condition.FindAllStringIndex(q, -1) {
		before := strings.TrimSpace(q[:at[0]])
		if !regexp.MustCompile(`(?:\bAND|\bWHERE|\bON|\bOR|\()$`).MatchString(before) {
			continue // a value, not a condition
		}
		text := q[at[0]:at[1]]
		all = append(all, cut{text, q[:at[0]] + "(" + text + " OR 1)" + q[at[1]:]})
	}
	return all
}

// TestMutationFinds: what is a check is taken for one.
func TestMutationFinds(t *testing.T) {
	_, all := mutate(t, t.TempDir())
	sparing(t, all)
	count := map[string]int{}
	for _, m := range all {
		count[m.Class]++
	}
	t.Log(count)
	for class, least := range map[string]int{"if": 100, "must": 20, "may": 30, "sql": 100, "view": 30} {
		if count[class] < least {
			t.Errorf("only %d of class %s", count[class], class)
		}
	}
	if got := conditions("SELECT 1 FROM holding h WHERE h.person = ?1 AND h.since <= ?2 AND x = 3"); len(got) != 2 || got[0].left != "SELECT 1 FROM holding h WHERE (h.person = ?1 OR 1) AND h.since <= ?2 AND x = 3" {
		t.Errorf("%q", got)
	}
}
