package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/evanw/esbuild/pkg/api"
)

// kernPlugin serves KERN's stylesheet without the rules whose classes no
// template names and without the custom properties nothing reads.
func kernPlugin(used map[string]bool) api.Plugin {
	return api.Plugin{Name: "kern", Setup: func(b api.PluginBuild) {
		b.OnResolve(api.OnResolveOptions{Filter: "^kern:pruned$"}, func(a api.OnResolveArgs) (api.OnResolveResult, error) {
			return api.OnResolveResult{Path: "kern", Namespace: "kern"}, nil
		})
		b.OnLoad(api.OnLoadOptions{Filter: ".*", Namespace: "kern"}, func(api.OnLoadArgs) (api.OnLoadResult, error) {
			src, err := os.ReadFile("node_modules/@kern-ux/native/dist/kern.css")
			if err != nil {
				return api.OnLoadResult{}, err
			}
			own, err := ownCSS()
			if err != nil {
				return api.OnLoadResult{}, err
			}
			out := "/*! KERN UX-Standard (@kern-ux/native), EUPL-1.2; unused rules removed */\n" + prune(string(src), own, used)
			return api.OnLoadResult{Contents: &out, Loader: api.LoaderCSS}, nil
		})
	}}
}

var (
	reComment = regexp.MustCompile(`(?s)/\*.*?\*/`)
	reSelCls  = regexp.MustCompile(`\.(kern-[a-zA-Z0-9_-]+)`)
	reNot     = regexp.MustCompile(`:not\([^()]*\)`)
	reVar     = regexp.MustCompile(`var\(\s*(--kern-[a-z0-9-]+)`)
	reProp    = regexp.MustCompile(`(?m)(--kern-[a-z0-9-]+)\s*:\s*([^;{}]+);`)
)

type block struct {
	head string
	body string // declarations
	kids []block
	at   bool // holds blocks
}

// parse reads CSS as dart-sass prints it: no nesting but in at-rules.
func parse(s string) (out []block) {
	for {
		i := strings.IndexByte(s, '{')
		if i < 0 {
			return out
		}
		head := strings.TrimSpace(s[:i])
		if j := strings.LastIndexByte(head, ';'); j >= 0 { // @charset and the like
			head = strings.TrimSpace(head[j+1:])
		}
		depth, j := 1, i+1
		for q := byte(0); depth > 0 && j < len(s); j++ {
			switch c := s[j]; {
			case q != 0:
				if c == q {
					q = 0
				}
			case c == '"' || c == '\'':
				q = c
			case c == '{':
				depth++
			case c == '}':
				depth--
			}
		}
		body := s[i+1 : j-1]
		b := block{head: head, body: body}
		if strings.HasPrefix(head, "@media") || strings.HasPrefix(head, "@supports") || strings.HasPrefix(head, "@layer") {
			b.at, b.kids = true, parse(body)
		}
		out = append(out, b)
		s = s[j:]
	}
}

func prune(src, own string, used map[string]bool) string {
	blocks := keep(parse(reComment.ReplaceAllString(src, "")), used)
	// which custom properties are read, through any chain
	defs := map[string][]string{}
	live := map[string]bool{}
	var queue []string
	mark := func(s string) {
		for _, m := range reVar.FindAllStringSubmatch(s, -1) {
			if !live[m[1]] {
				live[m[1]] = true
				queue = append(queue, m[1])
			}
		}
	}
	var walk func([]block)
	walk = func(bs []block) {
		for _, b := range bs {
			if b.at {
				walk(b.kids)
				continue
			}
			rest := reProp.ReplaceAllStringFunc(b.body, func(d string) string {
				m := reProp.FindStringSubmatch(d)
				defs[m[1]] = append(defs[m[1]], m[2])
				return ""
			})
			mark(rest)
		}
	}
	walk(blocks)
	mark(own)
	for len(queue) > 0 {
		n := queue[0]
		queue = queue[1:]
		for _, v := range defs[n] {
			mark(v)
		}
	}
	var w bytes.Buffer
	write(&w, blocks, live)
	return w.String()
}

func keep(in []block, used map[string]bool) (out []block) {
	for _, b := range in {
		if b.at {
			if b.kids = keep(b.kids, used); len(b.kids) > 0 {
				out = append(out, b)
			}
			continue
		}
		var sels []string
		for _, s := range splitTop(b.head) {
			ok := true
			for _, m := range reSelCls.FindAllStringSubmatch(reNot.ReplaceAllString(s, ""), -1) {
				if c := m[1]; !used[c] && c != "kern-light" && c != "kern-dark" && !strings.HasPrefix(c, "kern-layer") && !strings.HasPrefix(c, "kern-level-0") {
					ok = false
				}
			}
			if ok {
				sels = append(sels, s)
			}
		}
		if len(sels) > 0 {
			b.head = strings.Join(sels, ",")
			out = append(out, b)
		}
	}
	return out
}

func write(w *bytes.Buffer, bs []block, live map[string]bool) {
	for _, b := range bs {
		if b.at {
			w.WriteString(b.head + "{")
			write(w, b.kids, live)
			w.WriteString("}")
			continue
		}
		body := reProp.ReplaceAllStringFunc(b.body, func(d string) string {
			if live[reProp.FindStringSubmatch(d)[1]] {
				return d
			}
			return ""
		})
		if strings.TrimSpace(body) != "" {
			w.WriteString(b.head + "{" + body + "}\n")
		}
	}
}

func splitTop(s string) (out []string) {
	d, j := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '(', '[':
			d++
		case ')', ']':
			d--
		case ',':
			if d == 0 {
				out = append(out, strings.TrimSpace(s[j:i]))
				j = i + 1
			}
		}
	}
	return append(out, strings.TrimSpace(s[j:]))
}

// ownCSS is all of our own CSS, for the custom properties that it reads.
func ownCSS() (string, error) {
	names, err := filepath.Glob("css/*.css")
	if err != nil {
		return "", err
	}
	var all strings.Builder
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			return "", err
		}
		all.Write(b)
	}
	return all.String(), nil
}
