// Package text turns the Markdown that people write into HTML, and into plain words for mails and previews.
// Owner of goldmark. What comes out is safe by construction: no tag, attribute or scheme can appear that is not listed
// in text_test.go. HTML in the source is not dropped but shown as the characters it is, so nobody's words are lost.
package text

import (
	"bytes"
	"html/template"
	"slices"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/renderer/html"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Version is stored beside rendered HTML; raise it when the same source would come out otherwise.
const Version = 2

// HTML renders an announcement: a newline is a line break, as the writer saw it, and headings begin at h3, because the
// page has h1 and the announcement's title is h2.
func HTML(markdown string) template.HTML { return render(announcement(), markdown) }

// Page renders a page of its own, such as the handbook: lines flow, headings begin at h2, and links may lead to a path
// of this house.
func Page(markdown string) template.HTML { return render(page(), markdown) }

var (
	announcement = sync.OnceValue(func() goldmark.Markdown {
		return newMarkdown(rules{firstHeading: 3}, []renderer.Option{html.WithHardWraps()})
	})
	page = sync.OnceValue(func() goldmark.Markdown { return newMarkdown(rules{firstHeading: 2, paths: true}, nil) })
)

func render(md goldmark.Markdown, markdown string) template.HTML {
	var b bytes.Buffer
	source := clean(markdown)
	if err := md.Renderer().Render(&b, source, read(md.Parser(), source)); err != nil { // a buffer does not fail; if it did, the source is still readable
		return template.HTML("<pre>" + template.HTMLEscapeString(markdown) + "</pre>")
	}
	return template.HTML(b.String())
}

func newMarkdown(r rules, opts []renderer.Option, more ...goldmark.Extender) goldmark.Markdown {
	opts = append(opts, renderer.WithNodeRenderers(util.Prioritized(checkBox{}, 1)))
	m := goldmark.New(
		goldmark.WithParser(parser.NewParser(
			parser.WithBlockParsers(without(parser.DefaultBlockParsers(), parser.NewHTMLBlockParser())...),
			parser.WithInlineParsers(without(parser.DefaultInlineParsers(), parser.NewRawHTMLParser())...),
			parser.WithParagraphTransformers(parser.DefaultParagraphTransformers()...),
			parser.WithASTTransformers(util.Prioritized(r, 1000)), // after the extensions, which make nodes too
		)),
		goldmark.WithExtensions(
			// The attribute, not the style: the content security policy forbids inline style.
			extension.NewTable(extension.WithTableCellAlignMethod(extension.TableCellAlignAttribute)),
			extension.Strikethrough,
			extension.TaskList,
			extension.NewLinkify(extension.WithLinkifyAllowedProtocols([]string{"http:", "https:", "mailto:"})),
		),
		goldmark.WithRendererOptions(opts...),
	)
	for _, e := range more {
		e.Extend(m)
	}
	return m
}

// without leaves out one of goldmark's own parsers; those are single values, so they compare.
func without(list []util.PrioritizedValue, parser any) []util.PrioritizedValue {
	return slices.DeleteFunc(list, func(v util.PrioritizedValue) bool { return v.Value == parser })
}

// clean makes what a browser's textarea sends into what goldmark expects.
func clean(markdown string) []byte {
	s := strings.ToValidUTF8(markdown, "\uFFFD")
	return []byte(strings.ReplaceAll(s, "\r\n", "\n"))
}

// rules is what the house does to a parsed text before it is rendered.
type rules struct {
	firstHeading int  // the highest heading of the text becomes this one
	paths        bool // links to /a/path of this house are kept
	fragments    bool // links to #a-heading of the same text are kept
	pictures     bool // those that are files of this house are shown
	edit         bool // for the editor, which gives back what it got
}

func (r rules) Transform(doc *ast.Document, reader gmtext.Reader, _ parser.Context) {
	source := reader.Source()
	var headings []*ast.Heading
	var dissolve []ast.Node
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Heading:
			headings = append(headings, n)
		case *ast.Image:
			if r.edit || r.pictures && fileID(n.Destination) != 0 {
				break
			}
			dissolve = append(dissolve, n)
		case *ast.Link:
			if r.edit && !bytes.Contains(util.URLEscape(n.Destination, true), []byte(":")) { // also one that leads nowhere yet
				break
			}
			n.Title = nil // nobody can see it on a phone
			if r.fragments && bytes.HasPrefix(n.Destination, []byte("#")) {
				n.Destination = []byte("#" + fragment(strings.TrimPrefix(string(n.Destination[1:]), "h-")))
			} else if !r.allowed(util.URLEscape(n.Destination, true)) {
				dissolve = append(dissolve, n)
			}
			n.SetAttributeString("rel", []byte("noopener noreferrer"))
		case *ast.AutoLink:
			if n.AutoLinkType != ast.AutoLinkEmail && !r.allowed(util.URLEscape(n.URL(source), false)) {
				dissolve = append(dissolve, n)
			}
			n.SetAttributeString("rel", []byte("noopener noreferrer"))
		case *ast.FencedCodeBlock:
			if !r.edit {
				n.Info = nil // would become a class
			}
		case *extast.TaskCheckBox: // the first of a line, which is that of an item
			if item := n.Parent().Parent(); !r.edit {
				item.SetAttributeString("class", []byte("task")) // its box stands in place of a bullet
			}
		}
		return ast.WalkContinue, nil
	})
	for _, n := range dissolve {
		unwrap(n, source)
	}
	if !r.edit {
		rank(headings, r.firstHeading)
	}
}

// allowed judges a destination in the very form in which it will be written.
func (r rules) allowed(dest []byte) bool {
	if r.paths && len(dest) > 1 && dest[0] == '/' && dest[1] != '/' && dest[1] != '\\' {
		return true
	}
	scheme, _, ok := bytes.Cut(dest, []byte(":"))
	return ok && slices.Contains([]string{"http", "https", "mailto", "tel"}, strings.ToLower(string(scheme)))
}

// unwrap puts what stands in a node into its place: the words of a link, the alternative text of a picture.
func unwrap(n ast.Node, source []byte) {
	parent := n.Parent()
	if auto, ok := n.(*ast.AutoLink); ok {
		label := ast.NewString(auto.Label(source))
		label.SetRaw(true)
		parent.ReplaceChild(parent, n, label)
		return
	}
	for c := n.FirstChild(); c != nil; {
		next := c.NextSibling()
		parent.InsertBefore(parent, n, c) // takes it out of n
		c = next
	}
	parent.RemoveChild(parent, n)
}

// rank closes gaps between the levels in use: a text that knows only "##" must not begin two levels below its title,
// which a screen reader would announce as something missing (WCAG 1.3.1).
func rank(headings []*ast.Heading, first int) {
	var used []int
	for _, h := range headings {
		used = append(used, h.Level)
	}
	slices.Sort(used)
	used = slices.Compact(used)
	for _, h := range headings {
		h.Level = min(6, first+slices.Index(used, h.Level))
	}
}

// checkBox shows a task's box as a character: a disabled input without a label helps nobody.
type checkBox struct{}

func (checkBox) RegisterFuncs(reg renderer.NodeRendererFuncRegisterer) {
	reg.Register(extast.KindTaskCheckBox, func(w util.BufWriter, _ []byte, n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			_, _ = w.WriteString(tick(n))
		}
		return ast.WalkContinue, nil
	})
}

func tick(n ast.Node) string {
	if n.(*extast.TaskCheckBox).IsChecked {
		return "☑ "
	}
	return "☐ "
}
