package mail

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plain makes text of a mail that has come as HTML alone: a line for each block, and a ">" before what is quoted, as mail
// programs write it where they send text.
func plain(page string) string {
	var w lines
	skipped, quoted, pre := 0, 0, 0
	for z := html.NewTokenizer(strings.NewReader(page)); ; {
		switch kind := z.Next(); kind {
		case html.ErrorToken: // the end: a string does not fail to be read
			w.end()
			return strings.Join(w.all, "\n")
		case html.TextToken:
			if skipped == 0 {
				w.write(string(z.Text()), pre > 0)
			}
		case html.StartTagToken, html.SelfClosingTagToken, html.EndTagToken:
			t := z.Token()
			step := 1
			switch kind {
			case html.SelfClosingTagToken:
				step = 0
			case html.EndTagToken:
				step = -1
			}
			switch t.DataAtom {
			case atom.Head, atom.Style, atom.Script, atom.Title, atom.Template:
				skipped = max(0, skipped+step)
			case atom.Br:
				if w.now.Len() == 0 {
					w.gap()
				}
				w.end()
			case atom.Pre:
				w.end()
				pre = max(0, pre+step)
			case atom.Blockquote:
				w.end()
				quoted = max(0, quoted+step)
				w.quoted = quoted > 0
			case atom.Div, atom.Tr, atom.Table, atom.Ul, atom.Ol, atom.Hr, atom.Body:
				w.end()
			case atom.Li:
				if w.end(); step > 0 {
					w.write("- ", true)
				}
			case atom.Td, atom.Th:
				w.write(" ", false)
			case atom.P, atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
				w.end()
				w.gap()
			}
			for _, a := range t.Attr {
				if a.Key == "id" && a.Val == "divRplyFwdMsg" || a.Key == "name" && a.Val == "quote" { // Outlook; GMX and WEB.DE
					w.end()
					return strings.Join(w.all, "\n")
				}
			}
		}
	}
}

// lines are text as it is put together.
type lines struct {
	all    []string
	now    strings.Builder
	quoted bool // what is written now
}

// write adds to the line. Space is as in HTML, or as it stands there.
func (w *lines) write(s string, pre bool) {
	if pre {
		for i, line := range strings.Split(strings.ReplaceAll(s, "\r\n", "\n"), "\n") {
			if i > 0 {
				w.end()
			}
			w.now.WriteString(line)
		}
		return
	}
	for i, word := range strings.FieldsFunc(s, unicode.IsSpace) {
		if i > 0 || strings.TrimLeftFunc(s, unicode.IsSpace) != s {
			w.space()
		}
		w.now.WriteString(word)
	}
	if strings.TrimRightFunc(s, unicode.IsSpace) != s {
		w.space()
	}
}

// space separates words.
func (w *lines) space() {
	if s := w.now.String(); s != "" && !strings.HasSuffix(s, " ") {
		w.now.WriteByte(' ')
	}
}

// end ends the line, where something stands in it.
func (w *lines) end() {
	s := strings.TrimRight(w.now.String(), " ")
	w.now.Reset()
	switch {
	case s == "":
		return
	case w.quoted:
		s = "> " + s
	case s == "--":
		s = "-- " // a signature begins
	}
	w.all = append(w.all, s)
}

// gap leaves a line empty, never two.
func (w *lines) gap() {
	if n := len(w.all); n > 0 && w.all[n-1] != "" && !w.quoted {
		w.all = append(w.all, "")
	}
}
