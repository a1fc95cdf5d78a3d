package wiki

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"nestfunk/app/apptest"
)

// TestBook: all pages stand one behind the other, each a rank lower than the one above it; what can be linked to has a
// name of its own, and links between pages stay in the book.
func TestBook(t *testing.T) {
	h, s := serve(t)
	top := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Oben", "## Teil\n\n[[Unten#Zweiter Teil]] [[Team]] [hier](#teil)[^1]\n\n[^1]: Fuß \" id=\"x\"")
	id := strings.TrimPrefix(top, "/seite/")
	below := strings.TrimPrefix(write(t, s, apptest.Hanna, apptest.Sonne, Around, "Unten", "## Zweiter Teil\n\n[[Oben]][^1]\n\n[^1]: Fuß", "parent", id), "/seite/")
	team := write(t, s, apptest.Hanna, apptest.Sonne, Staff, "Team", "geheim")
	a := s.Get(apptest.Ada, "/archiv/4/buch")
	for _, want := range []string{`<article class="prose wiki" id="s` + id + `"`, `<h2><span class="no">1</span> Oben</h2>`, `<h3 id="s` + id + `-h-teil">Teil</h3>`, `href="#s` + id + `-h-teil"`,
		`href="#s` + below + `-h-zweiter-teil"`, `<h3><span class="no">1.1</span> Unten</h3>`, `<h4 id="s` + below + `-h-zweiter-teil">`, `<a href="#s` + id + `">Oben</a>`, `&quot; id=&quot;x&quot;`} {
		if !a.Has(want) {
			t.Errorf("%s is missing in %s", want, main(a.Body))
		}
	}
	if a.Has("geheim") || a.Has(team+`"`) {
		t.Error("Ada reads what is the team's")
	}
	seen := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]+)"`).FindAllStringSubmatch(a.Body, -1) {
		if seen[m[1]] {
			t.Errorf("two parts are called %s", m[1])
		}
		seen[m[1]] = true
	}
	x, err := h.Files.Receive(t.Context(), apptest.Hanna, "sonne.png", bytes.NewReader(drawing(t)))
	if err != nil {
		t.Fatal(err)
	}
	withPicture := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Bild", fmt.Sprintf("![Sonne](/datei/%d)", x.ID))
	if a := s.Get(apptest.Ada, "/archiv/4/buch?ab="+strings.TrimPrefix(withPicture, "/seite/")); !a.Has(`alt="Sonne" width="60"`) || a.Has(`loading="lazy"`) {
		t.Errorf("a printer would wait for the picture: %s", main(a.Body))
	}
	if part := s.Get(apptest.Ada, "/archiv/4/buch?ab="+below); !part.Has("Zweiter Teil") || part.Has(`id="s`+id+`"`) || !part.Has(`href="/seite/`+id+`"`) {
		t.Errorf("a part of it: %s", main(part.Body))
	}
	if a := s.Get(apptest.Ada, "/archiv/4/buch?ab=999"); a.Code != 404 {
		t.Errorf("from no page on: %d", a.Code)
	}
	code := 200
	for range binding().N {
		code = s.Get(apptest.Cem, "/archiv/4/buch").Code
	}
	if a := s.Get(apptest.Cem, "/archiv/4/buch"); code != 200 || a.Code != 429 {
		t.Errorf("a person who asks for book after book: %d, then %d", code, a.Code)
	}
}

// TestPrintLink: whoever may print a page is led there from it; of a draft there is nothing to print.
func TestPrintLink(t *testing.T) {
	_, s := serve(t)
	open := write(t, s, apptest.Hanna, apptest.Sonne, Public, "Offen", "x")
	approving(t, s, apptest.Hanna, "/archiv/4")
	draft := write(t, s, apptest.Stefan, apptest.Sonne, Around, "Entwurf", "x")
	for _, c := range []struct {
		person int64
		page   string
		want   bool
	}{{apptest.Ada, open, true}, {apptest.Hanna, open, true}, {apptest.Nobody, open, false}, {apptest.Hanna, draft, false}} {
		page, _, _ := strings.Cut(strings.TrimPrefix(c.page, "/seite/"), "-")
		to := "/archiv/4/buch?ab=" + page
		if a := s.Get(c.person, c.page); a.Code != 200 || a.Has(`href="`+to+`"`) != c.want {
			t.Errorf("%d at %s: %d %s", c.person, c.page, a.Code, main(a.Body))
		}
		if c.person == apptest.Nobody {
			continue
		}
		if a := s.Get(c.person, to); (a.Code == 200) != c.want {
			t.Errorf("%d prints %s: %d", c.person, c.page, a.Code)
		}
	}
	s.Post(apptest.Hanna, open+"/entfernen")
	if a := s.Get(apptest.Hanna, open); a.Has("/buch?ab=") {
		t.Error("what lies in the bin is offered for print")
	}
}
