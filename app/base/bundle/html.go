package bundle

import (
	"regexp"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// fromHTML makes Markdown of HTML as editors write it. What Markdown cannot say goes; words never do, but for scripts and
// styles.
func fromHTML(s string) (string, error) {
	root, err := html.Parse(strings.NewReader(s))
	if err != nil {
		return "", fault.New(fault.Invalid, "das HTML ist nicht lesbar")
	}
	w := &markdownWriter{}
	w.blocks(root, "", 0)
	return strings.TrimSpace(w.out.String()) + "\n", nil
}

const mostNested = 100 // elements in each other; deeper ones are read as words

type markdownWriter struct{ out strings.Builder }

// put writes a block behind an empty line, each line behind a prefix.
func (w *markdownWriter) put(prefix, block string) {
	block = strings.Trim(block, "\n")
	if strings.TrimSpace(block) == "" {
		return
	}
	for _, line := range strings.Split(block, "\n") {
		w.out.WriteString(strings.TrimRight(prefix+line, " ") + "\n")
	}
	w.out.WriteString(strings.TrimRight(prefix, " ") + "\n")
}

// blocks writes what stands in an element as blocks; words between blocks become paragraphs.
func (w *markdownWriter) blocks(n *html.Node, prefix string, deep int) {
	var run strings.Builder
	flush := func() {
		w.put(prefix, strings.TrimSpace(run.String()))
		run.Reset()
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if !isBlock(c) || deep > mostNested {
			run.WriteString(inline(c, deep))
			continue
		}
		flush()
		w.block(c, prefix, deep+1)
	}
	flush()
}

func isBlock(n *html.Node) bool {
	if n.Type != html.ElementNode {
		return n.Type == html.DocumentNode
	}
	switch n.DataAtom {
	case atom.Html, atom.Head, atom.Body, atom.Div, atom.Section, atom.Article, atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6,
		atom.Ul, atom.Ol, atom.Li, atom.Blockquote, atom.Pre, atom.Table, atom.Hr, atom.Details, atom.Summary, atom.Figure, atom.Figcaption, atom.Dl, atom.Dt, atom.Dd,
		atom.Main, atom.Header, atom.Footer, atom.Aside, atom.Nav, atom.Center, atom.Form:
		return true
	}
	return false
}

func (w *markdownWriter) block(n *html.Node, prefix string, deep int) {
	switch n.DataAtom {
	case atom.Head:
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		w.put(prefix, strings.Repeat("#", int(n.Data[1]-'0'))+" "+oneLine(inlines(n, deep)))
	case atom.P:
		if word := calloutOf(attr(n, "class")); word != "" {
			w.put(prefix, "> [!"+word+"]\n> "+strings.ReplaceAll(strings.TrimSpace(inlines(n, deep)), "\n", "\n> "))
			return
		}
		w.put(prefix, strings.TrimSpace(inlines(n, deep)))
	case atom.Blockquote:
		w.blocks(n, prefix+"> ", deep)
	case atom.Pre:
		code := words(n)
		fence := "```"
		for strings.Contains(code, fence) {
			fence += "`"
		}
		w.put(prefix, fence+"\n"+strings.TrimRight(code, "\n")+"\n"+fence)
	case atom.Hr:
		w.put(prefix, "---")
	case atom.Ul, atom.Ol:
		w.list(n, prefix, deep)
	case atom.Table:
		w.table(n, prefix, deep)
	case atom.Summary, atom.Dt, atom.Figcaption:
		w.put(prefix, "**"+oneLine(inlines(n, deep))+"**")
	default:
		w.blocks(n, prefix, deep)
	}
}

func (w *markdownWriter) list(n *html.Node, prefix string, deep int) {
	no := 1
	if s, err := strconv.Atoi(attr(n, "start")); err == nil && s > 0 && s < 1_000_000 {
		no = s
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type != html.ElementNode {
			continue
		}
		mark := "- "
		if n.DataAtom == atom.Ol {
			mark = strconv.Itoa(no) + ". "
			no++
		}
		in := &markdownWriter{}
		if c.DataAtom == atom.Li {
			in.blocks(c, "", deep)
		} else {
			in.block(c, "", deep) // a list in a list without an item around it
		}
		item := strings.TrimRight(in.out.String(), "\n")
		if strings.Count(item, "\n\n") == 1 && (strings.Contains(item, "\n\n- ") || strings.Contains(item, "\n\n1. ")) {
			item = strings.Replace(item, "\n\n", "\n", 1) // a list below its words stays close
		}
		for i, line := range strings.Split(item, "\n") {
			lead := mark
			if i > 0 {
				lead = strings.Repeat(" ", len(mark))
			}
			w.out.WriteString(strings.TrimRight(prefix+lead+line, " ") + "\n")
		}
	}
	w.out.WriteString(strings.TrimRight(prefix, " ") + "\n")
}

func (w *markdownWriter) table(n *html.Node, prefix string, deep int) {
	var rows [][]string
	most := 0
	var walk func(n *html.Node, deep int)
	walk = func(n *html.Node, deep int) {
		if n.DataAtom == atom.Tr {
			var row []string
			for c := n.FirstChild; c != nil; c = c.NextSibling {
				if c.DataAtom == atom.Td || c.DataAtom == atom.Th {
					row = append(row, strings.ReplaceAll(oneLine(inlines(c, deep)), "|", `\|`))
				}
			}
			rows, most = append(rows, row), max(most, len(row))
			return
		}
		for c := n.FirstChild; c != nil && deep < 2*mostNested; c = c.NextSibling {
			walk(c, deep+1)
		}
	}
	walk(n, deep)
	if most == 0 || most > 100 {
		w.put(prefix, oneLine(inlines(n, deep)))
		return
	}
	var b strings.Builder
	for i, row := range rows {
		b.WriteByte('|')
		for j := range most {
			cell := ""
			if j < len(row) {
				cell = row[j]
			}
			b.WriteString(" " + cell + " |")
		}
		b.WriteByte('\n')
		if i == 0 {
			b.WriteString("|" + strings.Repeat(" --- |", most) + "\n")
		}
	}
	w.put(prefix, b.String())
}

func inlines(n *html.Node, deep int) string {
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(inline(c, deep+1))
	}
	return b.String()
}

// inline is an element in a line.
func inline(n *html.Node, deep int) string {
	switch {
	case n.Type == html.TextNode:
		return escapeWords(strings.ReplaceAll(reBlank.ReplaceAllString(n.Data, " "), "\u00a0", " "))
	case n.Type != html.ElementNode && n.Type != html.DocumentNode:
		return ""
	case deep > 2*mostNested:
		return escapeWords(oneLine(words(n)))
	}
	switch n.DataAtom {
	case atom.Script, atom.Style, atom.Template, atom.Noscript, atom.Iframe, atom.Title:
		return ""
	case atom.Br:
		return "\\\n"
	case atom.Strong, atom.B:
		return around("**", inlines(n, deep))
	case atom.Em, atom.I:
		return around("*", inlines(n, deep))
	case atom.Del, atom.S, atom.Strike:
		return around("~~", inlines(n, deep))
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		code := oneLine(words(n))
		if code == "" || strings.Contains(code, "`") {
			return escapeWords(code)
		}
		return "`" + code + "`"
	case atom.A:
		label, href := oneLine(inlines(n, deep)), oneLine(attr(n, "href"))
		if href == "" || label == "" {
			return label
		}
		return "[" + label + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E").Replace(href) + ">)"
	case atom.Img:
		src := oneLine(attr(n, "src"))
		if src == "" || strings.HasPrefix(src, "data:") {
			return escapeWords(attr(n, "alt"))
		}
		return "![" + escapeLabel(oneLine(attr(n, "alt"))) + "](<" + strings.NewReplacer("<", "%3C", ">", "%3E").Replace(src) + ">)"
	case atom.Input:
		if attr(n, "type") == "checkbox" {
			if hasAttr(n, "checked") {
				return "[x] "
			}
			return "[ ] "
		}
	case atom.P, atom.Div, atom.Li, atom.Tr:
		return inlines(n, deep) + " "
	}
	return inlines(n, deep)
}

var (
	reBlank = regexp.MustCompile(`[ \t\n\r\f]+`)
	reMark  = regexp.MustCompile("[\\\\`*_\\[\\]<~]")
	reStart = regexp.MustCompile(`^(\s*)(#{1,6}\s|[+\->]\s|\d{1,9}[.)]\s|={3,}$|-{3,}$)`)
)

// escapeWords keeps words from being read as marks.
func escapeWords(s string) string {
	s = reMark.ReplaceAllString(s, `\$0`)
	if m := reStart.FindStringSubmatchIndex(s); m != nil {
		at := m[4]
		for at < len(s) && s[at] >= '0' && s[at] <= '9' {
			at++
		}
		s = s[:at] + `\` + s[at:]
	}
	return s
}

// around puts marks around words, not around the blanks at their ends.
func around(mark, s string) string {
	t := strings.TrimSpace(s)
	if t == "" || strings.Contains(t, "\n\n") {
		return s
	}
	at := strings.Index(s, t)
	return s[:at] + mark + t + mark + s[at+len(t):]
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(s, "\\\n", " ")), " ")
}

// words are all words in an element as they are.
func words(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		switch {
		case d.Type == html.TextNode:
			b.WriteString(d.Data)
		case d.DataAtom == atom.Br:
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func hasAttr(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// calloutOf is the word of a box for a class of BookStack's.
func calloutOf(class string) string {
	if !strings.Contains(class, "callout") {
		return ""
	}
	switch {
	case strings.Contains(class, "success"):
		return "tipp"
	case strings.Contains(class, "warning"), strings.Contains(class, "danger"):
		return "achtung"
	}
	return "hinweis"
}
