package text

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// titleLinks is [[Seitentitel]], [[Seitentitel#Abschnitt]] and [[Seitentitel|Worte]], as Obsidian and MediaWiki have it.
type titleLinks struct{}

func (titleLinks) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithInlineParsers(util.Prioritized(titleLinks{}, 150))) // before links, at 200
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(titleLinks{}, 500)))
}

// A titleLink is a link to the page of a title.
type titleLink struct {
	ast.BaseInline
	title, label string
}

var kindTitleLink = ast.NewNodeKind("TitleLink")

func (*titleLink) Kind() ast.NodeKind { return kindTitleLink }

func (l *titleLink) Dump(source []byte, level int) {
	ast.DumpHelper(l, source, level, map[string]string{"Title": l.title}, nil)
}

func (titleLinks) Trigger() []byte { return []byte{'['} }

func (titleLinks) Parse(_ ast.Node, block gmtext.Reader, _ parser.Context) ast.Node {
	line, _ := block.PeekLine()
	inner, ok := bytes.CutPrefix(line, []byte("[["))
	if !ok {
		return nil
	}
	end := bytes.Index(inner, []byte("]]"))
	if end <= 0 || bytes.ContainsAny(inner[:end], "[]\n\r") {
		return nil
	}
	title, label, named := strings.Cut(strings.ReplaceAll(string(inner[:end]), `\|`, "|"), "|") // escaped in a table
	title, label = strings.TrimSpace(title), strings.TrimSpace(label)
	if title == "" || strings.HasPrefix(title, "#") {
		return nil
	}
	if !named || label == "" {
		label = strings.Replace(title, "#", ", ", 1)
	}
	block.Advance(len("[[") + end + len("]]"))
	return &titleLink{title: title, label: label}
}

func (titleLinks) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindTitleLink, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		l := n.(*titleLink)
		if !entering {
			return ast.WalkContinue, nil
		}
		for p := n.Parent(); p != nil; p = p.Parent() {
			if _, ok := p.(*ast.Link); ok { // no link in a link
				_, _ = w.Write(util.EscapeHTML([]byte(l.label)))
				return ast.WalkContinue, nil
			}
		}
		_, _ = w.WriteString(`<a data-title="`)
		_, _ = w.Write(util.EscapeHTML([]byte(l.title)))
		_, _ = w.WriteString(`">`)
		_, _ = w.Write(util.EscapeHTML([]byte(l.label)))
		_, _ = w.WriteString(`</a>`)
		return ast.WalkContinue, nil
	})
}
