package app

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/search"
	"nestfunk/assets/demo"
)

// statutes are those of a real municipality, as a ZIP; they lie beside the repository and are not part of it.
func statutes(t *testing.T) []byte {
	t.Helper()
	dir := apptest.Root() + "/../shared/data/03-text/satzungen-bad-boll"
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		t.Skip("the statutes are not here")
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	if err := z.AddFS(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// send sends a request as the chair, and gives the answer and where it leads.
func (f finder) send(r *http.Request) (body, to string) {
	f.t.Helper()
	w := f.do(apptest.Chair, r)
	if w.Code != 200 && w.Code != 303 {
		f.t.Fatalf("%s %s: %d %s", r.Method, r.URL.Path, w.Code, said(w.Body.String()))
	}
	return w.Body.String(), w.Header().Get("Location")
}

// bring reads a ZIP into the archive of the council: upload, preview, yes.
func (f finder) bring(content []byte) (preview string) {
	f.t.Helper()
	_, at := f.send(apptest.Upload(fmt.Sprintf("/archiv/%d/einlesen", apptest.Council), "upload", "Seiten.zip", content))
	preview, _ = f.send(httptest.NewRequest("GET", apptest.Base+at, nil))
	f.send(f.form(apptest.Chair, at))
	f.update()
	return preview
}

// titles are those of what the chair finds.
func (f finder) titles(words string) (all []string) {
	f.t.Helper()
	for _, h := range f.ask(apptest.Chair, words).Hits {
		all = append(all, plainTitle(h))
	}
	slices.Sort(all)
	return all
}

func plainTitle(h search.Hit) (s string) {
	for _, p := range h.Title {
		s += p.Text
	}
	return s
}

// TestTheChairsStory: a new chair reads the statutes in, writes a page with a picture and a PDF, finds them by a part of a
// word inside the PDF, goes back to what the page said before, takes everything away, and finds the same in another house.
func TestTheChairsStory(t *testing.T) {
	bundle := statutes(t)
	f := finder{newHouse(t)}
	if p := f.bring(bundle); !strings.Contains(p, "Abwassersatzung") && !strings.Contains(p, "Abwasser") {
		t.Errorf("the preview: %s", said(p))
	}
	if all := f.titles("Abwassergebühr"); len(all) == 0 {
		t.Error("the statutes are not found")
	}

	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewGray(image.Rect(0, 0, 640, 480))); err != nil {
		t.Fatal(err)
	}
	answer, _ := f.send(apptest.Upload("/wissen/datei", "upload", "Speisesaal.png", picture.Bytes()))
	var up struct{ ID int64 }
	if err := json.Unmarshal([]byte(answer), &up); err != nil || up.ID == 0 {
		t.Fatalf("the picture: %v %s", err, answer)
	}
	pdf, err := fs.ReadFile(demo.Archive("stadt"), "Verpflegungsgebührensatzung (Muster).pdf")
	if err != nil {
		t.Fatal(err)
	}
	first := fmt.Sprintf("Wir wollen eine Kantine.\n\n![Der Speisesaal](/datei/%d)\n\nDer Beschluss fiel einstimmig.", up.ID)
	_, page := f.send(apptest.Upload("/wissen/neu", "upload", "Satzung.pdf", pdf,
		"unit", fmt.Sprint(apptest.Council), "access", "staff", "title", "Kantine", "body", first))
	shown := func() string { return f.get(apptest.Chair, page) }
	if s := shown(); !strings.Contains(s, `<img src="/datei/`) || !strings.Contains(s, "Satzung.pdf") {
		t.Fatalf("the page: %s", said(s))
	}
	f.update()
	// "Verpflegungskostenpauschale" stands only inside the PDF.
	for _, words := range []string{"Verpflegung", "Kostenpauschale", "kostenpauschalen", "Verpflegungskostenpauschale"} {
		a := f.ask(apptest.Chair, words)
		i := slices.IndexFunc(a.Hits, func(h search.Hit) bool { return plainTitle(h) == "Satzung.pdf" })
		if i < 0 || a.Hits[i].InPath != page {
			t.Errorf("%q finds %q", words, f.titles(words))
		}
	}
	for _, person := range []int64{apptest.Nobody, apptest.Ada, apptest.Hanna, apptest.Rosa} { // the page is the council's own
		if a := f.ask(person, "Kostenpauschale"); len(a.Hits) != 0 {
			t.Errorf("person %d finds %s", person, a.Hits[0].Path)
		}
	}

	// Another revision, what has changed, and back.
	id := strings.TrimPrefix(page, "/seite/")
	number := int64(0)
	if _, err := fmt.Sscan(id, &number); err != nil {
		t.Fatal(err)
	}
	files := hrefs(shown(), "/datei/")
	if len(files) != 1 {
		t.Fatalf("files: %q", files)
	}
	f.save(apptest.Chair, number, "Kantine", strings.Replace(first, "einstimmig", "knapp", 1), "file", strings.TrimPrefix(files[0], "/datei/"))
	revisions := hrefs(f.get(apptest.Chair, page+"/fassungen"), "/fassung/")
	if len(revisions) != 2 {
		t.Fatalf("revisions: %q", revisions)
	}
	if s := f.get(apptest.Chair, revisions[0]); !strings.Contains(s, "<del>einstimmig</del>") || !strings.Contains(s, "<ins>knapp</ins>") {
		t.Errorf("what has changed: %s", said(s))
	}
	f.send(f.form(apptest.Chair, revisions[1]+"/wiederherstellen"))
	if s := shown(); !strings.Contains(s, "einstimmig") || strings.Contains(s, "knapp") || len(hrefs(f.get(apptest.Chair, page+"/fassungen"), "/fassung/")) != 3 {
		t.Errorf("not as before: %s", said(s))
	}
	f.update()

	// Taken away, and read in elsewhere.
	packed, _ := f.send(httptest.NewRequest("GET", apptest.Base+fmt.Sprintf("/archiv/%d/herunterladen", apptest.Council), nil))
	g := finder{newHouse(t)}
	g.update()
	for _, words := range []string{"Kantine", "Abwassergebühr"} {
		if all := g.titles(words); len(all) != 0 {
			t.Fatalf("%q is found in the empty house: %q", words, all)
		}
	}
	g.bring([]byte(packed))
	for _, words := range []string{"Verpflegung", "Kostenpauschale", "Kantine", "Speisesaal", "Abwassergebühr", "Bücherei", "Hund", "Gebührenordnung", "\"Wir wollen eine Kantine\""} {
		here, there := f.titles(words), g.titles(words)
		if len(here) == 0 || !slices.Equal(here, there) {
			t.Errorf("%q finds %q, and in the other house %q", words, here, there)
		}
	}
}

// hrefs are the links of a page that begin with a path, each once, in their order.
func hrefs(page, path string) (all []string) {
	for _, part := range strings.Split(page, `href="`)[1:] {
		if at, _, _ := strings.Cut(part, `"`); strings.HasPrefix(at, path) && !slices.Contains(all, at) {
			all = append(all, at)
		}
	}
	return all
}
