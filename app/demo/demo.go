// Package demo (Vorführung) makes a town to look at: Flensburg's real facilities, and people, groups and messages that
// are all invented. Everything is done by the functions that a real house is run with, at a clock that is moved through
// the last month; what one sees is what the house made of it.
package demo

import (
	"embed"
	"net/http"
	"strconv"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var templates embed.FS

type feature struct {
	pages *web.Pages
	post  *Post
}

// New makes the pages that only a demonstration has: the mails that would have been sent.
func New(h *house.House, post *Post) house.Feature {
	f := feature{web.Parse(templates), post}
	return house.Feature{
		Name: "demo",
		Nav:  []web.NavItem{{Path: "/demo/post", Label: "Mails", Icon: "mail", Right: who.Anyone &^ who.Of(who.Youth)}},
		Routes: []web.Route{
			web.Get("/demo/post", who.Anyone, f.index),
			web.Get("/demo/brief/:id", who.Anyone, f.show),
		},
	}
}

type indexPage struct {
	web.Page
	Piles   []pile
	Refused int
}

// A pile is the mails of one kind, latest first.
type pile struct {
	Kind, Name string
	Letters    []Letter
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Gesendete Mails").In("de")}
	all, refused := f.post.Sent()
	p.Refused = refused
	for _, x := range []pile{{Kind: mail.SignIn, Name: "Anmelden"}, {Kind: mail.Closure, Name: "Schließungen"}, {Kind: mail.News, Name: "Mitteilungen"}, {Kind: smsKind, Name: "SMS"}, {Kind: mail.Test, Name: "Test"}} {
		for _, l := range all {
			if l.Kind == x.Kind {
				x.Letters = append(x.Letters, l)
			}
		}
		if len(x.Letters) > 0 {
			p.Piles = append(p.Piles, x)
		}
	}
	return f.pages.Render(w, r, "post.html", p)
}

type showPage struct {
	web.Page
	Letter     Letter
	Paragraphs [][]word
}

// A word of a mail; Link leads to a page of this house.
type word struct {
	Text  string
	Link  string
	Break bool // a line ends here
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := strconv.Atoi(web.Word(r, "id"))
	if err != nil {
		return fault.Gone()
	}
	l, ok := f.post.letter(id)
	if !ok {
		return fault.Gone()
	}
	p := showPage{Page: web.NewPage(r, v, "Mail").In("de"), Letter: l}
	for part := range strings.SplitSeq(l.Text, "\n\n") {
		var words []word
		for i, line := range strings.Split(part, "\n") {
			if i > 0 {
				words = append(words, word{Break: true})
			}
			words = append(words, split(line)...)
		}
		p.Paragraphs = append(p.Paragraphs, words)
	}
	return f.pages.Render(w, r, "letter.html", p)
}

// split finds the links of a line, so that one can follow them as in a mail program.
func split(line string) (all []word) {
	for line != "" {
		i := strings.Index(line, "http")
		if i < 0 {
			return append(all, word{Text: line})
		}
		n := strings.IndexByte(line[i:], ' ')
		if n < 0 {
			n = len(line) - i
		}
		if i > 0 {
			all = append(all, word{Text: line[:i]})
		}
		w := word{Text: line[i : i+n]}
		if strings.HasPrefix(w.Text, "http://") || strings.HasPrefix(w.Text, "https://") {
			w.Link = w.Text
		}
		all = append(all, w)
		line = line[i+n:]
	}
	return all
}
