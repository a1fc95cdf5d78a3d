package wiki

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// serveFiles is a site of the archive that says under /sieht/:id who sees a file.
func serveFiles(t *testing.T) *apptest.Site {
	t.Helper()
	h := apptest.New(t)
	f := New(h.House, noLog, nil, noPassage)
	return h.Serve(t, f, house.Feature{Name: "file", Routes: []web.Route{web.Get("/sieht/:id", who.Anyone, func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		return h.DB.Read(r.Context(), func(tx *store.Tx) error {
			x, err := files.Get(tx, id)
			if err != nil {
				return err
			}
			return f.Sees(tx, v, x)
		})
	})}})
}

func drawing(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 60, 40))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFiles: a page shows a picture in its text and a plan below it; who reads the page has both, and nobody else.
func TestFiles(t *testing.T) {
	s := serveFiles(t)
	up := s.Upload(apptest.Hanna, "/wissen/datei", "upload", "garten.png", drawing(t))
	if up.Code != 200 || !up.Has(`"id":1`) || !up.Has(`"image":true`) {
		t.Fatalf("the picture: %d %s", up.Code, up.Body)
	}
	made := s.Upload(apptest.Hanna, "/wissen/neu", "upload", "Plan.pdf", []byte("%PDF-1.4 x"),
		"unit", fmt.Sprint(apptest.Sonne), "access", "unit", "title", "Garten", "body", "![Der Garten](/datei/1)")
	if made.Code != 303 {
		t.Fatalf("not saved: %d %s", made.Code, main(made.Body))
	}
	at := made.To
	page := s.Get(apptest.Ada, at)
	for _, want := range []string{`<img src="/datei/1" alt="Der Garten" width="60" height="40" loading="lazy"`, `href="/datei/2"`, "Plan.pdf"} {
		if !page.Has(want) {
			t.Errorf("the page lacks %s: %s", want, main(page.Body))
		}
	}
	if strings.Contains(main(page.Body), `href="/datei/1"`) {
		t.Error("the picture stands below the page, too")
	}
	hand := func(when string, readers ...int64) {
		t.Helper()
		for _, id := range []int64{apptest.Nobody, apptest.Hanna, apptest.Stefan, apptest.Ada, apptest.Greta, apptest.Invited} {
			for _, file := range []string{"1", "2"} {
				if a := s.Get(id, "/sieht/"+file); (a.Code == 200) != slices.Contains(readers, id) || a.Code != 200 && a.Code != 404 {
					t.Errorf("%s: %d gets %d", when, id, a.Code)
				}
			}
		}
	}
	hand("for those around", apptest.Hanna, apptest.Stefan, apptest.Ada)
	s.Post(apptest.Hanna, at+"/leser", "access", "staff")
	hand("for the team", apptest.Hanna, apptest.Stefan)
	s.Post(apptest.Hanna, at+"/leser", "access", "public")
	hand("for all", apptest.Nobody, apptest.Hanna, apptest.Stefan, apptest.Ada, apptest.Greta, apptest.Invited)
	s.Post(apptest.Hanna, at+"/entfernen")
	hand("in the bin", apptest.Hanna, apptest.Stefan)
	s.Post(apptest.Hanna, at+"/zurueckholen")

	// What is taken away goes from below the page, and comes back with the revision that had it.
	b := base(t, s, apptest.Hanna, at)
	s.Post(apptest.Hanna, at+"/bearbeiten", "title", "Garten", "body", "Ohne Bild.", "base", b)
	if a := main(s.Get(apptest.Ada, at).Body); strings.Contains(a, "/datei/") {
		t.Errorf("still there: %s", a)
	}
	hand("of an older revision", apptest.Hanna, apptest.Stefan) // who reads what is shown gets no number of what is not
	if a := s.Get(apptest.Hanna, "/fassung/"+b); !a.Has("Plan.pdf") || !a.Has(`<img src="/datei/1"`) {
		t.Errorf("the older revision: %s", main(a.Body))
	}
	s.Post(apptest.Hanna, "/fassung/"+b+"/wiederherstellen")
	if a := s.Get(apptest.Ada, at); !a.Has("Plan.pdf") || !a.Has(`<img src="/datei/1"`) {
		t.Errorf("not restored: %s", main(a.Body))
	}
}

// TestErased: a file that somebody does not want to be seen goes for good, from all revisions.
func TestErased(t *testing.T) {
	h := apptest.New(t)
	s := h.Serve(t, New(h.House, noLog, nil, noPassage))
	s.Upload(apptest.Hanna, "/wissen/datei", "upload", "garten.png", drawing(t))
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Garten", "![Der Garten](/datei/1)", "file", "1")
	s.Post(apptest.Hanna, at+"/bearbeiten", "title", "Garten", "body", "Ohne Bild.", "base", base(t, s, apptest.Hanna, at))
	for id, code := range map[int64]int{apptest.Ada: 403, apptest.Rosa: 404, apptest.Stefan: 200} {
		if a := s.Get(id, at+"/dateien"); a.Code != code || a.Has("garten.png") != (code == 200) {
			t.Errorf("the list of %d: %d", id, a.Code)
		}
	}
	for _, id := range []int64{apptest.Ada, apptest.Rosa} {
		if a := s.Post(id, at+"/dateien", "file", "1"); a.Code == 303 {
			t.Errorf("%d removes a file", id)
		}
	}
	other := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Andere", "x")
	if a := s.Post(apptest.Hanna, other+"/dateien", "file", "1"); a.Code != 404 {
		t.Errorf("removed from another page: %d", a.Code)
	}
	if a := s.Post(apptest.Hanna, at+"/dateien", "file", "1"); a.To != at+"/dateien" {
		t.Errorf("not removed: %d", a.Code)
	}
	if a := s.Get(apptest.Hanna, "/fassung/1"); a.Code != 200 || a.Has("/datei/1\"") || a.Has("garten.png") || !a.Has("Der Garten") {
		t.Errorf("the older revision: %d %s", a.Code, main(a.Body))
	}
	if a := s.Get(apptest.Hanna, at+"/dateien"); !a.Has("gehört keine Datei") {
		t.Errorf("the list: %s", main(a.Body))
	}
}

// TestDraftKeepsPictures: what stands in a draft is not swept while somebody goes on writing it.
func TestDraftKeepsPictures(t *testing.T) {
	h := apptest.New(t)
	s := h.Serve(t, New(h.House, noLog, nil, noPassage))
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Garten", "x")
	for _, name := range []string{"drin.txt", "draussen.txt"} {
		s.Upload(apptest.Hanna, "/wissen/datei", "upload", name, []byte(name))
	}
	h.Clock.Add(20 * time.Hour)
	if a := s.Post(apptest.Hanna, at+"/entwurf", "title", "Garten", "body", "[x](/datei/1)", "base", "1"); a.Code != 204 {
		t.Fatalf("the draft: %d", a.Code)
	}
	h.Clock.Add(20 * time.Hour)
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		left, err := store.All(tx, store.Value[string], `SELECT name FROM file WHERE at >= ?`, retention.Usual(retention.Draft).Before(h.Now()).Unix()) // as the sweep asks
		if !slices.Equal(left, []string{"drin.txt"}) {
			t.Errorf("left: %v", left)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFilesOfOthers: nobody gives a page what is not theirs, by whatever number.
func TestFilesOfOthers(t *testing.T) {
	s := serveFiles(t)
	s.Upload(apptest.Rosa, "/wissen/datei", "upload", "geheim.txt", []byte("geheim")) // 1, of the other carrier
	secret := s.Upload(apptest.Rosa, "/wissen/neu", "upload", "intern.txt", []byte("intern"),
		"unit", fmt.Sprint(apptest.Regenbogen), "access", "staff", "title", "Intern", "body", "x") // 2
	if secret.Code != 303 {
		t.Fatal(main(secret.Body))
	}
	at := write(t, s, apptest.Hanna, apptest.Sonne, Around, "Von mir", "x", "file", "1", "file", "2")
	a := s.Get(apptest.Hanna, at)
	if a.Has("geheim.txt") || a.Has("intern.txt") {
		t.Errorf("Hanna shows files of others: %s", main(a.Body))
	}
	for body, code := range map[string]int{"![x](/datei/1)": 422, "![x](/datei/99)": 422, "[x](/datei/2)": 303} { // a link may lead where others may go
		if a := s.Post(apptest.Hanna, "/wissen/neu", "unit", "4", "access", "unit", "title", "Noch eine", "body", body); a.Code != code {
			t.Errorf("%s: %d %s", body, a.Code, main(a.Body))
		}
	}
	for _, c := range []struct {
		name, file string
		content    []byte
		want       string
	}{{"empty", "leer.txt", nil, "ist leer"}, {"broken", "kaputt.png", []byte("\x89PNG\r\n\x1a\nkaputt"), "beschädigt"}} {
		if a := s.Upload(apptest.Hanna, "/wissen/datei", "upload", c.file, c.content); a.Code != http.StatusUnprocessableEntity || !a.Has(c.want) || a.Has(`"id"`) {
			t.Errorf("%s: %d %s", c.name, a.Code, a.Body)
		}
		if a := s.Upload(apptest.Hanna, at+"/bearbeiten", "upload", c.file, c.content, "title", "Von mir", "body", "Neuer Text", "base", "2"); a.Code != 422 || !a.Has(c.want) || !a.Has("Neuer Text") {
			t.Errorf("%s with the form: %d %s", c.name, a.Code, main(a.Body))
		}
	}
	if a := s.Post(apptest.Hanna, "/wissen/datei"); a.Code != 422 {
		t.Errorf("no file: %d", a.Code)
	}
	if a := s.Upload(apptest.Ada, "/wissen/datei", "upload", "a.txt", []byte("a")); a.Code != 403 {
		t.Errorf("Ada puts a file into the archive: %d", a.Code)
	}
}

// TestFilesTogether: two people change what stands below a page at once.
func TestFilesTogether(t *testing.T) {
	s := serveFiles(t)
	put := func(name string) {
		t.Helper()
		if a := s.Upload(apptest.Hanna, "/wissen/datei", "upload", name, []byte(name)); a.Code != 200 {
			t.Fatal(a.Body)
		}
	}
	put("a.txt")
	put("b.txt")
	at := write(t, s, apptest.Hanna, apptest.Sonne, Staff, "Listen", "x", "file", "1", "file", "2")
	b := base(t, s, apptest.Stefan, at)
	put("c.txt")
	s.Post(apptest.Hanna, at+"/bearbeiten", "title", "Listen", "body", "x", "base", b, "file", "1", "file", "3") // without b, with c
	a := s.Upload(apptest.Stefan, at+"/bearbeiten", "upload", "d.txt", []byte("d"), "title", "Listen", "body", "x", "base", b, "file", "1", "file", "2")
	if a.Code != 422 {
		t.Fatalf("Stefan saves over Hanna: %d", a.Code)
	}
	for name, want := range map[string]bool{"a.txt": true, "b.txt": false, "c.txt": true, "d.txt": true} {
		if a.Has(name+"<small>") != want {
			t.Errorf("%s stands in the form: %v, want %v", name, !want, want)
		}
	}
}

func TestCombined(t *testing.T) {
	for _, c := range []struct {
		name                     string
		base, mine, theirs, want []int64
	}{
		{"nothing", nil, nil, nil, nil},
		{"both add", []int64{1}, []int64{1, 2}, []int64{1, 3}, []int64{1, 3, 2}},
		{"both add the same", nil, []int64{2}, []int64{2}, []int64{2}},
		{"each takes one away", []int64{1, 2}, []int64{1}, []int64{2}, nil},
	} {
		if got := combined(c.base, c.mine, c.theirs); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}
