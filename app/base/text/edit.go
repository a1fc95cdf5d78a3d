package text

import (
	"html/template"
	"regexp"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/util"
)

// Editor renders a page of the archive for the editor in the browser, which writes it as Markdown again: headings keep
// their level, boxes their word, tasks a mark. What the editor cannot show, footnotes, definition lists and pictures from
// elsewhere, comes as its source and goes back as that.
func Editor(markdown string) template.HTML {
	if source := clean(markdown); heavy(source) { // nobody can edit that but as its source
		return template.HTML("<pre data-source>" + template.HTMLEscapeString(string(source)) + "</pre>\n")
	}
	var b strings.Builder
	var plain []string
	flush := func() {
		b.WriteString(string(render(editor(), strings.Join(plain, "\n\n"))))
		plain = nil
	}
	for _, part := range chunks(string(clean(markdown))) {
		if !foreign(part) {
			plain = append(plain, part)
			continue
		}
		flush()
		b.WriteString("<pre data-source>" + template.HTMLEscapeString(part) + "</pre>\n")
	}
	flush()
	return template.HTML(b.String())
}

var editor = sync.OnceValue(func() goldmark.Markdown {
	return newMarkdown(rules{paths: true, edit: true}, []renderer.Option{renderer.WithNodeRenderers(util.Prioritized(editing{}, 0))},
		titleLinks{}, boxes{edit: true})
})

var (
	reFence    = regexp.MustCompile("^ {0,3}(```+|~~~+)")
	reFootnote = regexp.MustCompile(`(?m)^ {0,3}\[\^[^\]\s]+\]:`)
	reTerm     = regexp.MustCompile(`(?m)^[^\s>#|-].*\n:[ \t]`)
)

// chunks cuts a text at its empty lines, but for those in fenced code and before what is indented.
func chunks(markdown string) (all []string) {
	var part []string
	fence, empty := "", 0
	for _, line := range strings.Split(markdown, "\n") {
		blank := strings.TrimSpace(line) == ""
		if !blank && empty > 0 && fence == "" && len(part) > 0 && line[0] != ' ' && line[0] != '\t' {
			all, part = append(all, strings.Join(part[:len(part)-empty], "\n")), nil
		}
		if empty++; !blank {
			empty = 0
		}
		if m := reFence.FindStringSubmatch(line); m != nil {
			switch {
			case fence == "":
				fence = m[1]
			case strings.HasPrefix(m[1], fence):
				fence = ""
			}
		}
		part = append(part, line)
	}
	return append(all, strings.Join(part, "\n"))
}

// foreign reports whether a part of a text is one that the editor leaves as it is.
func foreign(part string) bool {
	return !reFence.MatchString(part) && (reFootnote.MatchString(part) || reTerm.MatchString(part))
}

// editing renders what is edited otherwise than it is read.
type editing struct{}

func (editing) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(extast.KindTaskCheckBox, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			done := "0"
			if n.(*extast.TaskCheckBox).IsChecked {
				done = "1"
			}
			_, _ = w.WriteString(`<i data-done="` + done + `"></i>`)
		}
		return ast.WalkContinue, nil
	})
	reg.Register(ast.KindImage, func(w util.BufWriter, source []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		i := n.(*ast.Image)
		alt := alternative(i, source)
		if fileID(i.Destination) != 0 {
			_, _ = w.WriteString(`<img src="` + string(i.Destination) + `" alt="`)
			_, _ = w.Write(util.EscapeHTML([]byte(alt)))
			if len(i.Title) > 0 {
				_, _ = w.WriteString(`" title="`)
				_, _ = w.Write(util.EscapeHTML([]byte(strings.Join(strings.Fields(string(i.Title)), " "))))
			}
			_, _ = w.WriteString(`">`)
			return ast.WalkSkipChildren, nil
		}
		md := "![" + strings.NewReplacer(`\`, `\\`, "[", `\[`, "]", `\]`).Replace(alt) + "](<" + string(i.Destination) + ">"
		if len(i.Title) > 0 {
			md += ` "` + string(i.Title) + `"`
		}
		_, _ = w.WriteString(`<span data-source="`)
		_, _ = w.Write(util.EscapeHTML([]byte(md + ")")))
		_, _ = w.WriteString(`"></span>`)
		return ast.WalkSkipChildren, nil
	})
}
