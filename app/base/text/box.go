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

// boxes are quotations that begin with [!hinweis]: what a reader must not miss.
type boxes struct {
	edit bool // rendered for the editor
}

func (x boxes) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithASTTransformers(util.Prioritized(x, 800)))
	m.Renderer().AddOptions(renderer.WithNodeRenderers(util.Prioritized(x, 500)))
}

// boxOf gives the class and the German heading of a box by the word in brackets, ours and what other programs write.
func boxOf(word string) (class, heading string, ok bool) {
	switch strings.ToLower(word) {
	case "hinweis", "note", "info":
		return "info", "Hinweis", true
	case "tipp", "tip":
		return "ok", "Tipp", true
	case "wichtig", "important":
		return "info", "Wichtig", true
	case "achtung", "warning", "caution", "danger", "warnung":
		return "warn", "Achtung", true
	case "ergänzen", "todo":
		return "warn", "Bitte ergänzen", true
	}
	return "", "", false
}

// A box stands in the place of such a quotation.
type box struct {
	ast.BaseBlock
	word, own      string // as written; own: the heading, "" for the usual one
	class, heading string
}

var kindBox = ast.NewNodeKind("Box")

func (*box) Kind() ast.NodeKind { return kindBox }

func (b *box) Dump(source []byte, level int) {
	ast.DumpHelper(b, source, level, map[string]string{"Class": b.class}, nil)
}

func (boxes) Transform(doc *ast.Document, reader gmtext.Reader, _ parser.Context) {
	var quotes []*ast.Blockquote
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if q, ok := n.(*ast.Blockquote); ok && entering {
			quotes = append(quotes, q)
		}
		return ast.WalkContinue, nil
	})
	for _, q := range quotes {
		p, ok := q.FirstChild().(*ast.Paragraph)
		if !ok || p.Lines().Len() == 0 {
			continue
		}
		first := p.Lines().At(0)
		line := bytes.TrimSpace(first.Value(reader.Source()))
		word, rest, ok := bytes.Cut(bytes.TrimPrefix(line, []byte("[!")), []byte("]"))
		class, heading, known := boxOf(string(word))
		if !ok || !known || !bytes.HasPrefix(line, []byte("[!")) {
			continue
		}
		own := string(bytes.TrimSpace(rest))
		if own != "" {
			heading = own
		}
		head, plain := firstLine(p)
		if !plain {
			continue
		}
		for _, c := range head {
			p.RemoveChild(p, c)
		}
		b := &box{word: strings.ToLower(string(word)), own: own, class: class, heading: heading}
		if p.FirstChild() == nil {
			q.RemoveChild(q, p)
		}
		for c := q.FirstChild(); c != nil; {
			next := c.NextSibling()
			b.AppendChild(b, c)
			c = next
		}
		q.Parent().ReplaceChild(q.Parent(), q, b)
	}
}

// firstLine is what stands in the first line of a paragraph; not plain if that has more than words, which then might go
// on in the second.
func firstLine(p ast.Node) (all []ast.Node, plain bool) {
	for c := p.FirstChild(); c != nil; c = c.NextSibling() {
		t, ok := c.(*ast.Text)
		if !ok {
			return nil, false
		}
		all = append(all, c)
		if t.SoftLineBreak() || t.HardLineBreak() {
			break
		}
	}
	return all, true
}

func (x boxes) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(kindBox, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			_, _ = w.WriteString("</div>\n")
			return ast.WalkContinue, nil
		}
		b := n.(*box)
		if x.edit {
			_, _ = w.WriteString(`<div data-box="`)
			_, _ = w.Write(util.EscapeHTML([]byte(b.word)))
			_, _ = w.WriteString(`" data-heading="`)
			_, _ = w.Write(util.EscapeHTML([]byte(b.own)))
			_, _ = w.WriteString("\">\n")
			return ast.WalkContinue, nil
		}
		_, _ = w.WriteString(`<div class="callout ` + b.class + `" role="note">` + "\n<p><strong>")
		_, _ = w.Write(util.EscapeHTML([]byte(b.heading)))
		_, _ = w.WriteString("</strong></p>\n")
		return ast.WalkContinue, nil
	})
}
