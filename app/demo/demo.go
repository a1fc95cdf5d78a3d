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
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var files embed.FS

type feature struct {
	pages *web.Pages
	post  *Post
}

// New makes the pages that only a demonstration has: the mails that would have been sent.
func New(h *house.House, post *Post) house.Feature {
	f := feature{web.Parse(files), post}
	return house.Feature{
		Name: "demo",
		Nav:  []web.NavItem{{Path: "/demo/post", Label: "Mails", Icon: "mail", Right: who.Anyone}},
		Routes: []web.Route{
			web.Get("/demo/post", who.Anyone, f.index),
			web.Get("/demo/brief/:id", who.Anyone, f.show),
		},
	}
}

type indexPage struct {
	web.Page
	Letters []Letter
	Refused int
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Gesendete Mails").In("de")}
	p.Letters, p.Refused = f.post.Sent()
	return f.pages.Render(w, r, "post.html", p)
}

type showPage struct {
	web.Page
	Letter Letter
	Words  []word
}

// A word of a mail; Link leads to a page of this house.
type word struct {
	Text string
	Link string
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
	return f.pages.Render(w, r, "letter.html", showPage{web.NewPage(r, v, "Mail").In("de"), l, split(l.Text)})
}

// split finds the links of a plain text, so that one can follow them as in a mail program.
func split(text string) (all []word) {
	for text != "" {
		i := strings.Index(text, "http")
		if i < 0 {
			return append(all, word{Text: text})
		}
		n := strings.IndexAny(text[i:], " \n\t")
		if n < 0 {
			n = len(text) - i
		}
		link := text[i : i+n]
		all = append(all, word{Text: text[:i]})
		if strings.HasPrefix(link, "http://") || strings.HasPrefix(link, "https://") {
			all = append(all, word{Text: link, Link: link})
		} else {
			all = append(all, word{Text: link})
		}
		text = text[i+n:]
	}
	return all
}
