package app

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"text/template/parse"

	"nestfunk/app/apptest"
	"nestfunk/app/feature/operation"
	assetslang "nestfunk/assets/lang"
)

func TestDoc(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile(apptest.Root() + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	doc := read("app/doc.go")
	tell(t, thirdParties(doc, read("go.mod"), code()))
	tell(t, glossary(doc, apptest.Schema()))
}

func TestCatalogue(t *testing.T) {
	b, err := fs.ReadFile(assetslang.Files, "de.json")
	if err != nil {
		t.Fatal(err)
	}
	tell(t, untranslated(os.DirFS(apptest.Root()), code(), b))
}

func TestActions(t *testing.T) {
	wrong, n := wordless(code())
	tell(t, wrong)
	if n < 25 {
		t.Errorf("only %d actions were found", n)
	}
	for _, state := range []string{"confirmed", "suspended", "ended"} { // put together from a word and a state
		for _, a := range []string{"membership." + state, "guardian." + state} {
			if operation.Words(a) == a {
				t.Errorf("the action %s has no German words", a)
			}
		}
	}
}

// wordless finds actions of the log that an operator would read in code.
func wordless(all []source) (wrong []string, n int) {
	for _, s := range all {
		if s.test {
			continue
		}
		ast.Inspect(s.syntax, func(x ast.Node) bool {
			call, ok := x.(*ast.CallExpr)
			if !ok {
				return true
			}
			f := callee(call.Fun)
			for _, a := range call.Args {
				text, ok := literal(a)
				if !ok || !regexp.MustCompile(`^[a-z]+(\.[a-z]+)+$`).MatchString(text) || !slices.Contains([]string{"Log", "operation.Log", "f.Log", "f.wires.Log", "w.Log", "log", "f.log", "f.note", "f.answer", "f.forget", "f.resettle", "f.shifted"}, f) {
					continue
				}
				if n++; operation.Words(text) == text {
					wrong = append(wrong, fmt.Sprintf("%s: the action %s has no German words", s.at(call), text))
				}
			}
			return true
		})
	}
	return wrong, n
}

// entries are the lines of a table in doc.go: the first words under a heading, with the words that follow each.
func entries(doc, heading string) map[string]string {
	all, in := map[string]string{}, false
	for line := range strings.SplitSeq(doc, "\n") {
		if h, ok := strings.CutPrefix(line, "// # "); ok {
			in = h == heading
		}
		if line, ok := strings.CutPrefix(line, "//\t"); ok && in {
			first, rest, _ := strings.Cut(line, " ")
			all[first] = strings.TrimSpace(rest)
		}
	}
	return all
}

// thirdParties compares go.mod, the imports of the program, doc.go and owners with each other.
func thirdParties(doc, mod string, tree []source) (wrong []string) {
	said := entries(doc, "Third parties")
	modules := map[string]bool{} // in go.mod; true: required directly
	for line := range strings.SplitSeq(mod, "\n") {
		if m := regexp.MustCompile(`^(?:require )?\s*([\w.-]+\.[\w.-]+/\S+) v\S+( // indirect)?$`).FindStringSubmatch(line); m != nil {
			modules[m[1]] = m[2] == ""
		}
	}
	home := func(pkg string) string { // the module of a package
		for p := pkg; p != "."; p = path.Dir(p) {
			if _, ok := modules[p]; ok {
				return p
			}
		}
		return pkg
	}
	used := map[string]bool{}
	for _, s := range tree {
		for _, i := range s.syntax.Imports {
			p, _ := strconv.Unquote(i.Path.Value)
			if first, _, _ := strings.Cut(p, "/"); strings.Contains(first, ".") {
				used[home(p)] = true
			}
		}
	}
	for m, direct := range modules {
		if direct || used[m] {
			words := strings.Fields(said[m])
			switch {
			case len(words) == 0:
				wrong = append(wrong, fmt.Sprintf("app/doc.go, Third parties: %s is missing; %v imports it", m, owner(m)))
			case len(words) < 2:
				wrong = append(wrong, fmt.Sprintf("app/doc.go, Third parties: %s has no reason", m))
			case !owned(m, words[0]):
				wrong = append(wrong, fmt.Sprintf("app/doc.go, Third parties: the owner of %s is %s, in the test %v", m, words[0], owner(m)))
			}
		}
		if direct && !used[m] {
			wrong = append(wrong, "go.mod requires "+m+", but nobody imports it")
		}
	}
	for m := range said {
		if _, ok := modules[m]; !ok {
			wrong = append(wrong, "app/doc.go, Third parties: "+m+" is not in go.mod")
		}
	}
	slices.Sort(wrong)
	return wrong
}

// owned compares the owner of doc.go (base/web, main, tests, app) with that of the table.
func owned(m, said string) bool {
	o := owner(m)
	switch said {
	case "tests":
		return o == nil
	case "main":
		said = "."
	case "app", "assets/build":
	default:
		said = "app/" + said
	}
	return len(o) > 0 && o[0] == said
}

// glossary wants the first word of every table's name, and every view's, among the words of the house.
func glossary(doc, schema string) (wrong []string) {
	known := entries(doc, "Glossary")
	for _, m := range regexp.MustCompile(`(?m)^CREATE (?:TABLE|VIEW) ([a-z]+)`).FindAllStringSubmatch(schema, -1) {
		w := "app/doc.go, Glossary: " + m[1] + " is missing"
		if len(strings.Fields(known[m[1]])) < 2 && !slices.Contains(wrong, w) {
			wrong = append(wrong, w)
		}
	}
	return wrong
}

// untranslated are the German words that pages and mails show and that the catalogue of German does not know, whose
// keys the other languages translate.
func untranslated(tree fs.FS, all []source, catalogue []byte) (wrong []string) {
	var known map[string]any
	if err := json.Unmarshal(catalogue, &known); err != nil {
		return []string{err.Error()}
	}
	seen := map[string]bool{}
	need := func(at, key string) {
		if _, ok := known[key]; !ok && key != "" && !seen[key] {
			seen[key] = true
			wrong = append(wrong, fmt.Sprintf("%q is missing (%s)", key, at))
		}
	}
	walk(tree, ".html", func(name string, text []byte) {
		if !strings.HasPrefix(name, "app/") {
			return
		}
		trees := map[string]*parse.Tree{}
		t := parse.New(name)
		t.Mode = parse.SkipFuncCheck
		if _, err := t.Parse(string(text), "", "", trees); err != nil {
			wrong = append(wrong, err.Error())
			return
		}
		trees[name] = t
		for _, t := range trees {
			commands(t.Root, func(c *parse.CommandNode) {
				f, ok := c.Args[0].(*parse.IdentifierNode)
				if !ok || f.Ident != "t" && f.Ident != "n" {
					return
				}
				for _, a := range c.Args[1:] {
					if s, ok := a.(*parse.StringNode); ok {
						need(name, s.Text)
						return // the others are put into it
					}
				}
			})
		}
	})
	for _, s := range all {
		if s.test {
			continue
		}
		ast.Inspect(s.syntax, func(x ast.Node) bool {
			if lit, ok := x.(*ast.CompositeLit); ok { // of the menu
				keys := map[string]ast.Expr{}
				for _, e := range lit.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						keys[callee(kv.Key)] = kv.Value
					}
				}
				if text, ok := literal(keys["Label"]); ok && keys["Path"] != nil {
					need(s.at(lit), text)
				}
			}
			call, ok := x.(*ast.CallExpr)
			if !ok {
				return true
			}
			f := callee(call.Fun)
			if sel, ok := call.Fun.(*ast.SelectorExpr); ok {
				f = "." + sel.Sel.Name
			}
			arg := map[string]int{".T": 0, ".N": 1, "say": 1}
			if i, ok := arg[f]; ok && i < len(call.Args) {
				if text, ok := literal(call.Args[i]); ok {
					need(s.at(call), text)
				}
			}
			return true
		})
	}
	return wrong
}

func TestScripts(t *testing.T) { tell(t, spoken(os.DirFS(apptest.Root()))) }

var (
	sentence = regexp.MustCompile("['\"`]\\s*[A-ZÄÖÜ][a-zäöüß]+(?:[ .!?][^'\"`]*)?['\"`]")
	phrase   = regexp.MustCompile(`\bphrases\.(\w+)`)
	brought  = regexp.MustCompile(`<template id="phrases"[^\n]*`)
)

// spoken finds words in the scripts that a reader of another language could not read: the layout brings them all.
func spoken(tree fs.FS) (wrong []string) {
	layout, err := fs.ReadFile(tree, "app/base/web/layout.html")
	if err != nil {
		return []string{err.Error()}
	}
	has := brought.FindString(string(layout))
	used := ""
	walk(tree, ".js", func(name string, text []byte) {
		if !strings.HasPrefix(name, "assets/js/") {
			return
		}
		for line := range strings.Lines(string(text)) {
			line, _, _ = strings.Cut(line, "//")
			if m := sentence.FindString(line); m != "" && !strings.Contains(line, "e.key ===") && !strings.HasPrefix(m[1:], "X-") && !strings.Contains(line, "headers.get(") && m != "'Nestfunk'" {
				wrong = append(wrong, fmt.Sprintf("%s says %s by itself", name, m))
			}
			for _, m := range phrase.FindAllStringSubmatch(line, -1) {
				used += " data-" + m[1] + "="
				if !strings.Contains(has, " data-"+m[1]+"=") {
					wrong = append(wrong, fmt.Sprintf("%s: the layout does not bring %s", name, m[1]))
				}
			}
		}
	})
	for _, m := range regexp.MustCompile(` data-\w+=`).FindAllString(has, -1) {
		if !strings.Contains(used, m) {
			wrong = append(wrong, "no script says"+m)
		}
	}
	return wrong
}

// commands visits every command of a template.
func commands(n parse.Node, f func(*parse.CommandNode)) {
	pipe := func(p *parse.PipeNode) {
		if p != nil {
			for _, c := range p.Cmds {
				commands(c, f)
			}
		}
	}
	list := func(l *parse.ListNode) {
		if l != nil {
			for _, x := range l.Nodes {
				commands(x, f)
			}
		}
	}
	branch := func(b *parse.BranchNode) { pipe(b.Pipe); list(b.List); list(b.ElseList) }
	switch n := n.(type) {
	case *parse.ListNode:
		list(n)
	case *parse.ActionNode:
		pipe(n.Pipe)
	case *parse.IfNode:
		branch(&n.BranchNode)
	case *parse.RangeNode:
		branch(&n.BranchNode)
	case *parse.WithNode:
		branch(&n.BranchNode)
	case *parse.TemplateNode:
		pipe(n.Pipe)
	case *parse.PipeNode:
		pipe(n)
	case *parse.CommandNode:
		f(n)
		for _, a := range n.Args {
			commands(a, f)
		}
	}
}

func TestWordRulesBite(t *testing.T) {
	const doc = "// # Glossary\n//\n//\tunit  Einheit  a place\n//\n// # Third parties\n//\n//\tmodernc.org/sqlite  base/store  no cgo\n"
	const mod = "module nestfunk\n\nrequire (\n\tmodernc.org/sqlite v1.0.0\n\tmodernc.org/libc v1.0.0 // indirect\n)\n"
	uses := parseOne("app/base/store/x.go", `package store; import _ "modernc.org/sqlite"`)
	unused := mod + "require rsc.io/qr v0.2.0\n"
	catalogue := []byte(`{"Warum": "Warum", "%d Kinder": {"one": "1 Kind"}}`)
	page := func(text string) []string {
		return untranslated(fstest.MapFS{"app/x.html": {Data: []byte(text)}}, nil, catalogue)
	}
	actions := func(text string) []string {
		wrong, _ := wordless(parseOne("app/x.go", "package app; func f() {"+text+"}"))
		return wrong
	}
	body := func(text string) []string {
		return untranslated(fstest.MapFS{}, parseOne("app/x.go", "package app; func f() {"+text+"}"), catalogue)
	}
	script := func(text string) []string {
		return spoken(fstest.MapFS{"assets/js/x.js": {Data: []byte(text)}, "app/base/web/layout.html": {Data: []byte(`<template id="phrases" data-lost="x">`)}})
	}
	for _, c := range []struct {
		name  string
		wrong []string
		want  string
	}{
		{"third party", thirdParties(doc, mod, uses), ""},
		{"not in doc.go", thirdParties("", mod, uses), "sqlite is missing"},
		{"without a reason", thirdParties(strings.Replace(doc, "no cgo", "", 1), mod, uses), "no reason"},
		{"another owner", thirdParties(strings.Replace(doc, "base/store", "base/web", 1), mod, uses), "the owner of modernc.org/sqlite is base/web"},
		{"gone from go.mod", thirdParties(doc+"//\trsc.io/qr  feature/account  codes\n", mod, uses), "not in go.mod"},
		{"imported by nobody", thirdParties(doc+"//\trsc.io/qr  feature/account  codes\n", unused, uses), "nobody imports it"},
		{"glossary", glossary(doc, "CREATE TABLE unit_up (\nCREATE TABLE unit ("), ""},
		{"no such word", glossary(doc, "CREATE TABLE wiki_page (\nCREATE TABLE wiki_word ("), "wiki is missing"},

		{"action", actions(`f.note(tx, s, "unit.added", 1)`), ""},
		{"action without words", actions(`f.log(tx, now, 1, "unit.painted", 1)`), "unit.painted has no German words"},

		{"page", page(`{{t "Warum"}} {{n 3 "%d Kinder"}}`), ""},
		{"page with a new word", page(`{{if .X}}<b title="{{t "Neu"}}">{{end}}`), `"Neu" is missing (app/x.html)`},
		{"in a template of its own", page(`{{define "a"}}{{range .X}}{{else}}{{with .Y}}{{t "Neu"}}{{end}}{{end}}{{end}}`), `"Neu"`},
		{"as an argument", page(`{{printf "%s" (t "Neu")}}`), `"Neu"`},
		{"plural", page(`{{n (len .X) "%d Neue"}}`), `"%d Neue"`},
		{"code", body(`l.T("Warum"); l.N(2, "%d Kinder")`), ""},
		{"code with a new word", body(`p.L().T("Neu %s", x)`), `"Neu %s" is missing (app/x.go:1)`},
		{"plural in code", body(`l.N(2, "%d Neue")`), `"%d Neue"`},
		{"menu", body(`_ = web.NavItem{Path: "/", Label: "Neu"}`), `"Neu"`},
		{"scripts", script("say(phrases.lost, 'Enter' && e.key === 'Enter', 'status', 'NotAllowedError') // Warum"), ""},
		{"a script with words of its own", script("say(phrases.lost, 'Keine Verbindung')"), "says 'Keine Verbindung' by itself"},
		{"a script with one word", script("say(phrases.lost, `Gespeichert`)"), "says `Gespeichert` by itself"},
		{"a script without its words", script("say(phrases.lost + phrases.gone)"), "does not bring gone"},
		{"words for no script", script(""), "no script says data-lost="},
		{"a function of account", body(`say(v, "Neu")`), `"Neu"`},
	} {
		bites(t, c.name, c.wrong, c.want)
	}
}
