// Package handbook holds the pages of /handbuch: German, for people, shown without sign-in.
// A page is NN-slug.md: "# Title", a line that says what it is about, a line "Für: " with the roles that it concerns first, or
// "alle", then Markdown from "##" on.
package handbook

import (
	"embed"
	"fmt"
	"strings"
	"sync"
)

//go:embed *.md
var files embed.FS

// Page is one page; Body is Markdown for text.Archive, For the roles that it concerns before others, in their German words;
// nil: everybody.
type Page struct {
	Slug, Title, Summary, Body string
	For                        []string
}

// Pages gives all pages in their order.
func Pages() []Page { return pages() }

var pages = sync.OnceValue(func() []Page {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // they are part of the binary
	}
	var list []Page
	for _, e := range entries { // sorted by name
		b, err := files.ReadFile(e.Name())
		if err != nil {
			panic(err)
		}
		p, err := parse(e.Name(), string(b))
		if err != nil {
			panic(err)
		}
		list = append(list, p)
	}
	return list
})

func parse(name, source string) (Page, error) {
	_, slug, ok := strings.Cut(strings.TrimSuffix(name, ".md"), "-")
	if !ok || slug == "" {
		return Page{}, fmt.Errorf("handbook page %s: the name is not NN-slug.md", name)
	}
	title, rest, _ := strings.Cut(source, "\n")
	summary, rest, _ := strings.Cut(rest, "\n")
	roles, body, _ := strings.Cut(rest, "\n")
	title, ok = strings.CutPrefix(title, "# ")
	if !ok || title == "" || strings.TrimSpace(summary) == "" {
		return Page{}, fmt.Errorf("handbook page %s: it does not begin with a title and a summary", name)
	}
	roles, ok = strings.CutPrefix(roles, "Für: ")
	if !ok || roles == "" {
		return Page{}, fmt.Errorf("handbook page %s: it does not say for whom it is", name)
	}
	p := Page{Slug: slug, Title: title, Summary: summary, Body: strings.Replace(strings.TrimSpace(body), figuresMark, strings.TrimSpace(table(Figures())), 1)}
	if roles != "alle" {
		p.For = strings.Split(roles, ", ")
	}
	return p, nil
}
