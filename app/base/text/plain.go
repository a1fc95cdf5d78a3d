package text

import (
	"bufio"
	"bytes"
	"html"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extast "github.com/yuin/goldmark/extension/ast"
	gmhtml "github.com/yuin/goldmark/renderer/html"
)

// Plain is the text in one line of at most max characters, for a subject or a preview; a cut falls between words and
// shows as "…". max 0 does not cut.
func Plain(markdown string, max int) string {
	p := parse(markdown)
	p.short = true
	return p.oneLine(max)
}

func (p *plain) oneLine(max int) string {
	p.blocks(p.doc, "")
	line := strings.Join(strings.FieldsFunc(p.out.String(), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
	if max <= 0 || utf8.RuneCountInString(line) <= max {
		return line
	}
	cut := string([]rune(line)[:max]) // one more than stays, to see whether a word ends just there
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	} else { // one endless word
		_, size := utf8.DecodeLastRuneInString(cut)
		cut = cut[:len(cut)-size]
	}
	return strings.TrimRight(cut, " ,;:–-") + "…"
}

// ForMail is the text as a mail without HTML shows it: paragraphs, lists and the addresses of links.
func ForMail(markdown string) string {
	p := parse(markdown)
	p.blocks(p.doc, "")
	lines := strings.Split(p.out.String(), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimRightFunc(line, unicode.IsSpace)
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// plain writes a parsed text as words.
type plain struct {
	doc    ast.Node
	source []byte
	short  bool // no addresses of links, no marks of lists
	out    strings.Builder
	items  map[*ast.List]int // how many of each were written
}

func parse(markdown string) *plain {
	source := clean(markdown)
	return &plain{source: source, doc: read(announcement().Parser(), source)}
}

// blocks writes what stands in n; every line after the first begins with indent.
func (p *plain) blocks(n ast.Node, indent string) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if c != n.FirstChild() {
			gap := "\n\n"
			if item, ok := c.(*ast.ListItem); ok && item.Parent().(*ast.List).IsTight || c.Kind() == ast.KindTextBlock || c.PreviousSibling().Kind() == ast.KindTextBlock {
				gap = "\n"
			}
			p.line(gap, indent)
		}
		p.block(c, indent)
	}
}

func (p *plain) line(gap, indent string) {
	for range len(gap) {
		p.out.WriteByte('\n')
		p.out.WriteString(indent)
	}
}

func (p *plain) block(n ast.Node, indent string) {
	switch n := n.(type) {
	case *ast.ListItem:
		mark := p.mark(n)
		p.out.WriteString(mark)
		p.blocks(n, indent+strings.Repeat(" ", utf8.RuneCountInString(mark)))
	case *ast.Blockquote:
		mark := "> "
		if p.short {
			mark = ""
		}
		p.out.WriteString(mark)
		p.blocks(n, indent+mark)
	case *ast.ThematicBreak:
		if !p.short {
			p.out.WriteString("----")
		}
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		for i := range n.Lines().Len() {
			if i > 0 {
				p.line("\n", indent)
			}
			seg := n.Lines().At(i)
			p.out.WriteString(strings.TrimRight(string(seg.Value(p.source)), "\n"))
		}
	case *extast.Table:
		for row := n.FirstChild(); row != nil; row = row.NextSibling() {
			if row != n.FirstChild() {
				p.line("\n", indent)
			}
			for cell := row.FirstChild(); cell != nil; cell = cell.NextSibling() {
				if cell != row.FirstChild() {
					p.out.WriteString(" | ")
				}
				p.inline(cell, indent)
			}
		}
	default:
		if n.Type() == ast.TypeBlock && n.FirstChild() != nil && n.FirstChild().Type() == ast.TypeBlock {
			p.blocks(n, indent)
			return
		}
		p.inline(n, indent)
	}
}

func (p *plain) mark(item *ast.ListItem) string {
	list := item.Parent().(*ast.List)
	switch {
	case p.short:
		return ""
	case !list.IsOrdered():
		return "- "
	}
	if p.items == nil {
		p.items = map[*ast.List]int{}
	}
	p.items[list]++
	return strconv.Itoa(list.Start+p.items[list]-1) + ". "
}

func (p *plain) inline(n ast.Node, indent string) {
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		switch c := c.(type) {
		case *ast.Text:
			p.out.WriteString(p.words(c.Segment.Value(p.source), c.IsRaw()))
			if c.SoftLineBreak() || c.HardLineBreak() {
				p.line("\n", indent)
			}
		case *ast.String:
			p.out.WriteString(p.words(c.Value, c.IsRaw()))
		case *ast.CodeSpan:
			for t := c.FirstChild(); t != nil; t = t.NextSibling() {
				p.out.WriteString(strings.ReplaceAll(string(t.(*ast.Text).Segment.Value(p.source)), "\n", " "))
			}
		case *ast.AutoLink:
			p.out.Write(c.Label(p.source))
		case *ast.Link:
			begin := p.out.Len()
			p.inline(c, indent)
			shown, dest := p.out.String()[begin:], p.words(c.Destination, false)
			if bare := strings.TrimPrefix(strings.TrimPrefix(dest, "mailto:"), "tel:"); !p.short && bare != shown && dest != shown {
				p.out.WriteString(" (" + bare + ")")
			}
		case *titleLink:
			p.out.WriteString(c.label)
		case *extast.TaskCheckBox:
			p.out.WriteString(tick(c))
		default:
			p.inline(c, indent)
		}
	}
}

// words resolves what Markdown escapes (\*, &amp;) by the same code that renders it, and takes the HTML back out.
func (p *plain) words(value []byte, raw bool) string {
	if raw {
		return string(value)
	}
	var b bytes.Buffer
	w := bufio.NewWriterSize(&b, 2*len(value)+16)
	gmhtml.DefaultWriter.Write(w, value)
	_ = w.Flush()
	return html.UnescapeString(b.String())
}
