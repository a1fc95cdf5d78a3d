package wiki

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/bundle"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// TestWrongInput: nothing that comes in breaks the house, and each has its answer.
func TestWrongInput(t *testing.T) {
	h, _ := serve(t)
	good := apptest.Zip("gut.md", "# Gut\n\nText", "bomb.md", strings.Repeat("a", 10<<20), "lang.md", strings.Repeat("wort ", 90_000), "latin.md", "# Gr\xfc\xdfe", "binaer.md", "a\x00b",
		"../../boese.md", "x", "/etc/boese.md", "x", `..\boese2.md`, "x", `C:\boese3.md`, "x", "ring/a.md", "[b](b.md)", "ring/b.md", "[a](a.md) [[b]]", "heic.md", "![x](x.heic)", "x.heic", "\x00\x00\x00\x18ftypheic")
	rep := bring(t, h, apptest.Sonne, good, console())
	all := strings.Join(rep.Warnings, "\n")
	for _, r := range rep.Refused {
		all += "\n" + r.Path + ": " + r.Why
	}
	if rep.New != 6 {
		t.Errorf("%+v", rep)
	}
	for _, w := range []string{"bomb.md“ wurde ausgelassen: unglaubwürdig stark gepackt", "lang.md", "als Windows-1252 gelesen", "binaer.md“ wurde ausgelassen: das ist kein Text", "../../boese.md“ wurde ausgelassen", "/etc/boese.md", `..\boese2.md`, "HEIC"} {
		if !strings.Contains(all, w) {
			t.Errorf("%q is missing in\n%s", w, all)
		}
	}
	if got := told(t, h, apptest.Sonne); !strings.Contains(got, "Grüße") || strings.Contains(got, "boese") {
		t.Error(got)
	}
	for name, b := range map[string][]byte{"cut off": good[:len(good)/2], "empty": {}, "no ZIP": []byte("Guten Tag")} {
		if _, err := bundle.Zip(bytes.NewReader(b), int64(len(b))); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := h.DB.Read(t.Context(), func(tx *store.Tx) error { _, err := Into(tx, "Kita Nirgendwo", "", h.Now()); return err }); fault.KindOf(err) != fault.NotFound {
		t.Errorf("an import into a unit that there is not: %v", err)
	}
	many := bytes.Repeat([]byte("PK\x01\x02"+strings.Repeat("\x00", 42)), 70_000)
	if _, err := bundle.Zip(bytes.NewReader(many), int64(len(many))); err == nil || !strings.Contains(err.Error(), "zu viele Dateien") {
		t.Errorf("70,000 files: %v", err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"ganz.md", "bruch.md"} {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name}) // not packed
		if err == nil {
			_, err = io.WriteString(w, "Der Text von "+name)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	rep = bring(t, h, apptest.Sonne, bytes.Replace(b.Bytes(), []byte("Text von b"), []byte("Test von b"), 1), console())
	if rep.New != 1 || len(rep.Warnings) != 1 || !strings.Contains(rep.Warnings[0], "„bruch.md“ in der ZIP-Datei ist beschädigt.") {
		t.Errorf("a wrong checksum: %+v", rep)
	}
}

// TestImportedTemplate: nobody reads a template that was read in; it is offered, once it is released.
func TestImportedTemplate(t *testing.T) {
	h, s := serve(t)
	bring(t, h, apptest.Sonne, apptest.Zip("a.md", "# Anfang", "v.md", "---\ntitle: Elternbrief\ntemplate: true\n---\nLiebe Eltern"), console())
	for _, path := range []string{"/seite/1", "/seite/2"} {
		if a := s.Get(apptest.Ada, path); a.Has("Liebe Eltern") {
			t.Errorf("Ada reads a template at %s", path)
		}
	}
	if a := s.Get(apptest.Ada, "/archiv/4"); a.Has("Elternbrief") {
		t.Error("Ada's list has a template")
	}
	if a := s.Get(apptest.Hanna, "/wissen/neu?archiv=4&vorlage=2"); !a.Has("Liebe Eltern</textarea>") {
		t.Errorf("it is not offered: %d", a.Code)
	}
	if n := shownTemplates(t, h); n != 0 {
		t.Errorf("%d templates are shown", n)
	}
	// Nor is one that has to be released, before it is.
	approving(t, s, apptest.Hanna, "/archiv/4")
	bring(t, h, apptest.Sonne, apptest.Zip("w.md", "---\ntitle: Warnung\ntemplate: true\n---\nVorsicht"), Writer{Person: apptest.Stefan})
	if a := s.Get(apptest.Hanna, "/wissen/neu?archiv=4&vorlage=3"); a.Code != 404 {
		t.Errorf("what is not released is offered: %d", a.Code)
	}
	if a := s.Post(apptest.Hanna, "/fassung/3/freigeben"); a.Code != 303 {
		t.Fatalf("release: %d", a.Code)
	}
	if a := s.Get(apptest.Hanna, "/wissen/neu?archiv=4&vorlage=3"); !a.Has("Vorsicht") || shownTemplates(t, h) != 0 {
		t.Errorf("once released: %d", a.Code)
	}
}

// TestImportedFile: a file that comes to a page needs a release as its words do; what people have written or taken away
// since stays so.
func TestImportedFile(t *testing.T) {
	h, s := serve(t)
	head := "---\nuid: 01890000-0000-7000-8000-000000000001\ntitle: Plan\n---\n\nText"
	one := apptest.Zip("plan.md", head, "plan/a.txt", "eins")
	two := apptest.Zip("plan.md", head, "plan/a.txt", "eins", "plan/b.txt", "zwei")
	bring(t, h, apptest.Sonne, one, console())
	if a := s.Get(apptest.Ada, "/seite/1"); !a.Has("a.txt") {
		t.Fatalf("without its file: %s", main(a.Body))
	}
	save(t, s, apptest.Hanna, "/seite/1", "Plan", "Von Hand") // without the file
	if rep := bring(t, h, apptest.Sonne, one, console()); rep.Unchanged != 1 {
		t.Errorf("%+v", rep)
	}
	if a := s.Get(apptest.Ada, "/seite/1"); a.Has("a.txt") {
		t.Error("the file is back that Hanna has taken away")
	}
	approving(t, s, apptest.Hanna, "/archiv/4")
	for _, dry := range []bool{true, false} {
		if rep := bring(t, h, apptest.Sonne, two, Writer{Person: apptest.Stefan, Dry: dry}); rep.Changed != 1 || rep.Unchanged != 0 {
			t.Errorf("with a new file: %+v", rep)
		}
	}
	if a := s.Get(apptest.Ada, "/seite/1"); a.Has("b.txt") || !a.Has("Von Hand") {
		t.Errorf("Ada has what nobody has released: %s", main(a.Body))
	}
	if a := s.Get(apptest.Ada, "/datei/2"); a.Code != 404 {
		t.Errorf("Ada opens it: %d", a.Code)
	}
	if a := s.Post(apptest.Hanna, "/fassung/3/freigeben"); a.Code != 303 {
		t.Fatalf("release: %d", a.Code)
	}
	if a := s.Get(apptest.Ada, "/seite/1"); !a.Has("b.txt") || !a.Has("Von Hand") || a.Has("a.txt") {
		t.Errorf("released: %s", main(a.Body))
	}
	if rep := bring(t, h, apptest.Sonne, two, Writer{Person: apptest.Stefan}); rep.Unchanged != 1 {
		t.Errorf("once more: %+v", rep)
	}
}

// TestLooseOnce: a file that no page names stands in the page of its folder, once.
func TestLooseOnce(t *testing.T) {
	h, s := serve(t)
	bring(t, h, apptest.Sonne, apptest.Zip("essen.md", "# Essen", "essen/plan.txt", "Suppe"), console())
	if a := s.Get(apptest.Ada, "/seite/1"); strings.Count(a.Body, "plan.txt") != 1 {
		t.Errorf("%s", main(a.Body))
	}
}

// shownTemplates counts templates that readers would see.
func shownTemplates(t *testing.T, h *apptest.House) (n int) {
	t.Helper()
	if err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM wiki_page WHERE template = 1 AND shown IS NOT NULL`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRightsDuringImport: an import takes minutes. Who loses a right meanwhile writes no further group, and a page that is
// taken away from them is not written, either.
func TestRightsDuringImport(t *testing.T) {
	h, s := serve(t)
	var pages []string
	for i := range batchPages + 20 {
		pages = append(pages, fmt.Sprintf("s%03d.md", i), fmt.Sprintf("# S%d\n\nText", i))
	}
	u, src := sourceOf(t, h, apptest.Sonne, apptest.Zip(pages...))
	groups := 0
	_, err := Import(t.Context(), h.House, u, src, Writer{Person: apptest.Stefan, Release: true, Still: func(tx *store.Tx) (Writer, error) {
		if groups++; groups == 2 {
			return Writer{}, fault.New(fault.Forbidden, "Nicht mehr.")
		}
		return Writer{}, nil // from now on somebody else has to release it
	}})
	if fault.KindOf(err) != fault.Forbidden {
		t.Errorf("%v", err)
	}
	if a := s.Get(apptest.Hanna, "/archiv/4"); !a.Has(">S99<") || a.Has(">S100<") {
		t.Errorf("%s", main(a.Body))
	}
	if a := s.Get(apptest.Ada, "/seite/1"); a.Code != 404 {
		t.Errorf("Ada reads what has to be released by now: %d", a.Code)
	}
	for _, c := range []struct{ name, change string }{
		{"moved", `UPDATE wiki_page SET unit = 3 WHERE id = 1`}, {"removed", `UPDATE wiki_page SET removed = 1 WHERE id = 2`}, {"narrowed", `UPDATE wiki_page SET access = 'board' WHERE id = 3`},
	} {
		_, src := sourceOf(t, h, apptest.Sonne, apptest.Zip("s000.md", "# S0\n\nNeu", "s001.md", "# S1\n\nNeu", "s002.md", "# S2\n\nNeu"))
		if _, err := Import(t.Context(), h.House, u, src, Writer{Person: apptest.Stefan, Still: func(tx *store.Tx) (Writer, error) {
			_, err := tx.Exec(c.change)
			return Writer{}, err
		}}); fault.KindOf(err) != fault.Conflict {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// TestUnpacked: what a ZIP in the browser holds has its limit, too, since it does not count against anybody's day.
func TestUnpacked(t *testing.T) {
	_, s := serve(t)
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	_, err := z.Create("a.md")
	if err == nil {
		var w io.Writer
		if w, err = z.CreateRaw(&zip.FileHeader{Name: "x.bin", Method: zip.Deflate, CompressedSize64: 4 << 20, UncompressedSize64: mostUnpacked + 1}); err == nil {
			_, err = w.Write(make([]byte, 4<<20))
		}
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	if a := s.Upload(apptest.Stefan, "/archiv/4/einlesen", "file", "x.zip", b.Bytes()); a.Code != 422 || !a.Has("Ausgepackt wären das mehr als 512 MB") {
		t.Errorf("%d %s", a.Code, main(a.Body))
	}
}

// TestMemory: an import of large pages holds no more than a few of them at a time.
func TestMemory(t *testing.T) {
	h, _ := serve(t)
	var all []string
	for i := range 300 {
		all = append(all, fmt.Sprintf("s%d.md", i), fmt.Sprintf("# S%d\n\n", i)+strings.Repeat(fmt.Sprintf("Ein Satz mit %d Wörtern und [[S%d]]. ", i, i+1), 1500))
	}
	zip := apptest.Zip(all...)
	all = nil
	var before, peak runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var most uint64
	stop := make(chan bool)
	done := make(chan bool)
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				runtime.ReadMemStats(&peak)
				most = max(most, peak.HeapAlloc)
			}
		}
	}()
	rep := bring(t, h, apptest.Sonne, zip, console())
	close(stop)
	<-done
	if rep.New != 300 {
		t.Fatalf("%+v", rep)
	}
	t.Logf("%d MB of text, %d MB more in memory", 300*1500*35>>20, (most-min(most, before.HeapAlloc))>>20)
	if most > before.HeapAlloc+96<<20 {
		t.Errorf("%d MB", (most-before.HeapAlloc)>>20)
	}
}
