package text

import (
	"bytes"
	"html/template"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"

	stdhtml "html"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	gmtext "github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// ArchiveVersion is stored beside HTML that Archive has made; raise it when the same source would come out otherwise.
const ArchiveVersion = 3

// Archive renders a page of the archive: as Page does, and with footnotes, definition lists, boxes that begin with
// "> [!hinweis]", headings that can be linked to, pictures that are files of this house, and [[Seitentitel]], which still
// has to be resolved: see Resolve and Sized.
func Archive(markdown string) template.HTML { return render(archive(), markdown) }

var archive = sync.OnceValue(func() goldmark.Markdown {
	return newMarkdown(rules{firstHeading: 2, paths: true, fragments: true, pictures: true}, nil, archiveWords(), pictures{},
		extension.NewFootnote(extension.WithFootnoteIDPrefix("h-"), extension.WithFootnoteBacklinkTitle("Zurück zum Text")),
		extension.DefinitionList, boxes{})
})

// archiveWords are the parts that Archive and Editor have in common.
func archiveWords() goldmark.Extender { return extenders{titleLinks{}, headingIDs{}} }

type extenders []goldmark.Extender

func (all extenders) Extend(m goldmark.Markdown) {
	for _, e := range all {
		e.Extend(m)
	}
}

// headingIDs gives headings an id to link to.
type headingIDs struct{}

func (headingIDs) Extend(m goldmark.Markdown) {
	m.Parser().AddOptions(parser.WithASTTransformers(util.Prioritized(headingIDs{}, 900)))
}

func (headingIDs) Transform(doc *ast.Document, reader gmtext.Reader, _ parser.Context) {
	seen := map[string]int{}
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if h, ok := n.(*ast.Heading); ok && entering {
			id := fragment(string(h.Lines().Value(reader.Source())))
			if seen[id]++; seen[id] > 1 {
				id += "-" + strconv.Itoa(seen[id])
			}
			h.SetAttributeString("id", []byte(id))
		}
		return ast.WalkContinue, nil
	})
}

// fragment is the id of a heading: letters and digits with a prefix, so that it is never that of a part of the page
// around it.
func fragment(heading string) string {
	var b strings.Builder
	b.WriteString("h")
	gap := true
	for _, r := range strings.ToLower(heading) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			gap = true
			continue
		}
		if gap {
			b.WriteByte('-')
		}
		gap = false
		b.WriteRune(r)
	}
	return b.String()
}

var reTitleLink = regexp.MustCompile(`<a data-title="([^"<>]*)">`)

// Resolve finishes what Archive has made: find gives the path of the page that a title means, false if the reader knows
// of none. Such a link becomes plain words, marked for the eye.
func Resolve(html template.HTML, find func(title string) (path string, ok bool)) template.HTML {
	s := string(html)
	var b strings.Builder
	for {
		at := reTitleLink.FindStringSubmatchIndex(s)
		if at == nil {
			b.WriteString(s)
			return template.HTML(b.String())
		}
		b.WriteString(s[:at[0]])
		title, section, _ := strings.Cut(stdhtml.UnescapeString(s[at[2]:at[3]]), "#")
		s = s[at[1]:]
		path, ok := find(strings.TrimSpace(title))
		if section != "" {
			path += "#" + fragment(section)
		}
		if ok {
			b.WriteString(`<a href="` + stdhtml.EscapeString(path) + `">`)
			continue
		}
		words, rest, _ := strings.Cut(s, "</a>")
		b.WriteString(`<span class="dead">` + words + `</span>`)
		s = rest
	}
}

// Titles are the titles of pages that a text links to with [[…]], each once, without the section.
func Titles(markdown string) (all []string) {
	source := clean(markdown)
	doc := read(archive().Parser(), source)
	seen := map[string]bool{}
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if l, ok := n.(*titleLink); ok && entering {
			title, _, _ := strings.Cut(l.title, "#")
			if title = strings.TrimSpace(title); title != "" && !seen[title] {
				seen[title] = true
				all = append(all, title)
			}
		}
		return ast.WalkContinue, nil
	})
	return all
}

// Words is the text of a page of the archive without any marks, for a search or a preview; max as in Plain.
func Words(markdown string, max int) string {
	source := clean(markdown)
	p := &plain{source: source, short: true, doc: read(archive().Parser(), source)}
	return p.oneLine(max)
}

// Paths has f rewrite the destination of every link in a text that is neither an address nor a mail, such as
// "../hygiene.md" or "/seite/3", and leaves everything else as it is. f returns "" to keep one.
func Paths(markdown string, f func(dest string) string) string {
	source := clean(markdown)
	doc := read(goldmark.DefaultParser(), source) // which knows no rules, and so keeps every link
	change := map[string]string{}
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		var dest []byte
		if l, ok := n.(*ast.Link); ok {
			dest = l.Destination
		}
		if d := string(dest); entering && d != "" && !strings.Contains(d, ":") && !strings.HasPrefix(d, "#") {
			if to := f(d); to != "" {
				change[d] = to
			}
		}
		return ast.WalkContinue, nil
	})
	for from, to := range change {
		for _, x := range [...][2]string{{"](", ")"}, {"](", " "}, {"](<", ">"}, {"]: ", "\n"}} {
			source = bytes.ReplaceAll(source, []byte(x[0]+from+x[1]), []byte(x[0]+to+x[1]))
		}
	}
	return string(source)
}
