package wiki

import (
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// A new house is told which pages it still needs; they wait as drafts, and stand at their place once somebody has
// written them.
func TestSeeds(t *testing.T) {
	h, s := serve(t)
	read := func() (html string) {
		if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			x, err := Written(h.Now)(tx, "imprint")
			html = string(x)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return html
	}
	at := "/wissen/neu?archiv=1&zweck=imprint"
	if a := s.Get(apptest.Arno, "/archiv/1"); !a.Has("Diese Seiten fehlen noch") || !a.Has("Impressum") || !a.Has("Netiquette") {
		t.Error(main(a.Body))
	}
	for _, who := range []int64{apptest.Ada, apptest.Hanna} { // read the city's archive, but do not write there
		if a := s.Get(who, "/archiv/1"); a.Has("fehlen noch") {
			t.Error(main(a.Body))
		}
	}
	if a := s.Get(apptest.Hanna, "/archiv/4"); a.Has("fehlen noch") {
		t.Error(main(a.Body))
	}
	if a := s.Get(apptest.Arno, "/wissen/zweck/imprint"); a.Code != 303 || a.To != at {
		t.Errorf("%d %s", a.Code, a.To)
	}
	if a := s.Get(apptest.Arno, "/wissen/zweck/sonstwas"); a.Code != 404 {
		t.Error(a.Code)
	}
	if a := s.Get(apptest.Arno, at); !a.Has(`value="Impressum"`) || !a.Has("[!ergänzen]") || !a.Has(`name="purpose" value="imprint"`) || !a.Has(`value="public" selected`) {
		t.Error(main(a.Body))
	}
	if read() != "" {
		t.Error("something is written already")
	}
	page := write(t, s, apptest.Arno, 1, Public, "Impressum", "Hauptstraße 1 <script> [[Netiquette]]", "purpose", "imprint")
	if html := read(); !strings.Contains(html, "Hauptstraße 1 &lt;script") || strings.Contains(html, "data-title") {
		t.Error(html)
	}
	if a := s.Get(apptest.Arno, "/archiv/1"); strings.Contains(a.Body, "zweck=imprint") || !a.Has("zweck=netiquette") {
		t.Error(main(a.Body))
	}
	if a := s.Get(apptest.Arno, "/wissen/zweck/imprint"); a.To != page {
		t.Error(a.To)
	}
	// Nobody makes a second one, nor one where it does not belong.
	for _, c := range [][]string{{"unit", "1", "purpose", "imprint"}, {"unit", "1", "purpose", "sonstwas"}, {"unit", "4", "purpose", "netiquette"}} {
		if a := s.Post(apptest.Olga, "/wissen/neu", append(c, "access", "public", "title", "Noch eine", "body", "x")...); a.Code == 303 {
			t.Errorf("%v: %d", c, a.Code)
		}
	}
	// Who narrows it takes it from its place.
	if a := s.Post(apptest.Arno, page+"/leser", "access", "staff"); a.Code != 303 || read() != "" {
		t.Errorf("%d %s", a.Code, read())
	}
}

// A page keeps its purpose when it is taken to another house, at its root only.
func TestPurposeTravels(t *testing.T) {
	_, s := serve(t)
	write(t, s, apptest.Arno, apptest.City, Public, "Impressum", "Hauptstraße 1", "purpose", "imprint")
	packed := s.Get(apptest.Arno, "/archiv/1/herunterladen")
	if packed.Code != 200 {
		t.Fatal(packed.Code)
	}
	for unit, want := range map[int64]bool{apptest.City: true, apptest.Sonne: false} {
		h, there := serve(t)
		bring(t, h, unit, []byte(packed.Body), console())
		if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			html, err := Written(h.Now)(tx, "imprint")
			if (html != "") != want {
				t.Errorf("read into %d: %q", unit, html)
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if rep := bring(t, h, unit, []byte(packed.Body), console()); rep.Unchanged != 1 || there.Get(apptest.Nobody, "/seite/1").Code != 200 {
			t.Errorf("once more: %+v", rep)
		}
	}
}

// What stands in the place of a text of the program is what everybody reads on the page: its links lead where everybody
// may go, and its pictures have their size.
func TestWrittenAsShown(t *testing.T) {
	h, s := serve(t)
	if up := s.Upload(apptest.Arno, "/wissen/datei", "upload", "rathaus.png", drawing(t)); !up.Has(`"id":1`) {
		t.Fatal(up.Body)
	}
	rules := write(t, s, apptest.Arno, 1, Public, "Hausordnung", "Leise.")
	inner := write(t, s, apptest.Arno, 1, Staff, "Dienstplan", "Früh und spät.")
	page := write(t, s, apptest.Arno, 1, Public, "Impressum", "[[Hausordnung]] [[Dienstplan]] ![Rathaus](/datei/1)", "purpose", "imprint")
	if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		html, err := Written(h.Now)(tx, "imprint")
		x := string(html)
		if !strings.Contains(x, `href="`+rules+`"`) || strings.Contains(x, inner) || !strings.Contains(x, `width="60" height="40"`) {
			t.Error(x)
		}
		if a := s.Get(apptest.Nobody, page); !a.Has(x) {
			t.Errorf("the page says something else: %s", main(a.Body))
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
}
