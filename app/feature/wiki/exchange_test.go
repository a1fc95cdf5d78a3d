package wiki

import (
	"archive/zip"
	"bytes"
	"cmp"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/bundle"
	"nestfunk/app/base/files"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// picture is one that no other has the content of.
func picture(t testing.TB, shade uint8) string {
	t.Helper()
	i := image.NewGray(image.Rect(0, 0, 40, 30))
	i.SetGray(1, 1, color.Gray{shade})
	var b bytes.Buffer
	if err := png.Encode(&b, i); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// bring imports a ZIP from the console.
func bring(t testing.TB, h *apptest.House, unit int64, zip []byte, w Writer) Report {
	t.Helper()
	u, s := sourceOf(t, h, unit, zip)
	rep, err := Import(t.Context(), h.House, u, s, w)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// sourceOf is a ZIP and the unit that reads it in.
func sourceOf(t testing.TB, h *apptest.House, unit int64, zip []byte) (u org.Unit, s *bundle.Source) {
	t.Helper()
	s, err := bundle.Zip(bytes.NewReader(zip), int64(len(zip)))
	if err != nil {
		t.Fatal(err)
	}
	err = h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		u, err = org.Get(tx, unit)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return u, s
}

func console() Writer { return Writer{Board: true, Release: true} }

// told is an archive in words: the tree with who reads it, texts with names in place of numbers, files with their content.
func told(t testing.TB, h *apptest.House, unit int64) string {
	t.Helper()
	var out strings.Builder
	err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		v, err := org.Viewer(tx, apptest.Olga, h.Now())
		if err != nil {
			return err
		}
		_, set, err := archive(tx, unit, v, h.Now())
		if err != nil {
			return err
		}
		nodes, err := tree(tx, unit, v, set)
		if err != nil {
			return err
		}
		names := map[string]string{}
		for _, n := range nodes {
			all, err := files.Of(tx, "wiki", n.ID)
			if err != nil {
				return err
			}
			for _, f := range all {
				names[fmt.Sprintf("/datei/%d)", f.ID)] = fmt.Sprintf("/datei/%s %d %x)", f.Name, f.Size, f.Hash[:4])
			}
		}
		var walk func(all []*Node, deep string) error
		walk = func(all []*Node, deep string) error {
			for _, n := range all {
				p, err := get(tx, n.ID, v, h.Now())
				if err != nil {
					return err
				}
				rev, err := revision(tx, cmp.Or(p.Shown, p.Latest)) // of a template nothing is shown
				if err != nil {
					return err
				}
				text := regexp.MustCompile(`/datei/\d+\)`).ReplaceAllStringFunc(rev.Body, func(s string) string { return names[s] })
				has, err := files.Of(tx, "wiki", n.ID)
				if err != nil {
					return err
				}
				var own []string
				for _, f := range has {
					own = append(own, f.Name)
				}
				slices.Sort(own)
				fmt.Fprintf(&out, "%s%s (%s, %s, %s, %v) %q %q\n", deep, p.Title, p.Access, p.UID, p.Review, p.Template, own, text)
				if err := walk(n.Kids, deep+"  "); err != nil {
					return err
				}
			}
			return nil
		}
		return walk(grow(nodes), "")
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// TestThereAndBack exports an archive into an empty house: pages, places, words, files, links and readers are the same,
// and so is what that house exports.
func TestThereAndBack(t *testing.T) {
	h, s := serve(t)
	long := strings.Repeat("Sehr lange Überschrift ", 6) + "zu Ende"
	rep := bring(t, h, apptest.City, apptest.Zip(
		"Gesundheit/index.md", "---\ntitle: Gesundheit & \"Pflege\"\naccess: public\nreview: 2027-05-01\n---\nSiehe [Läuse](L%C3%A4use.md) und [[Ein/Aus: was?]].\n\n![Käfer](Käfer%20groß.png)",
		"Gesundheit/Läuse.md", "---\nzugriff: leitung\n---\n# Läuse\n\n| a | b |\n| --- | --- |\n| [x](../CON.md#erster-teil) | [Ein/Aus: was?](Ein.md) |\n\n`[[kein Link]]` und [[Gibt es nicht]]",
		"Gesundheit/Ein.md", "---\ntitle: 'Ein/Aus: was?'\nvorlage: ja\n---\nMit *Stern_und_Strich*. [Plan](../Plan%20(1).pdf) ![Käfer](Käfer%20groß.png)",
		"Gesundheit/2.md", "---\ntitle: \""+long+"\"\n---\n# "+long+"\n\n    Kode\n",
		"CON.md", "Text mit [[Läuse#Kamm]] und [[Läuse|anderen Worten]] und [[läuse]].\n\n---\n\n[^1]\n\n[^1]: Fuß\n\n",
		"Plan (1).pdf", "%PDF-1.4 eins", "Gesundheit/Käfer groß.png", picture(t, 7),
		"a/b/c/d/e/f/g/h/i/j/k/l/m/n.md", "ganz unten",
	), console())
	if rep.New != rep.Pages || rep.Pages != 5+13+1 || rep.Files != 3 || len(rep.Refused) > 0 {
		t.Fatalf("%+v", rep)
	}
	if !strings.Contains(strings.Join(rep.Warnings, "\n"), "steht höher als in der Quelle") {
		t.Errorf("nobody is told of the depth: %q", rep.Warnings)
	}
	want := told(t, h, apptest.City)
	for _, w := range []string{`Gesundheit & "Pflege" (public, `, "  Läuse (board, ", `[[CON#erster-teil\\|x]]`, "[[Läuse#Kamm]] und [[Läuse|anderen Worten]] und [[läuse]]", `["Käfer groß.png" "Plan (1).pdf"]`} {
		if !strings.Contains(want, w) {
			t.Errorf("%s is missing in\n%s", w, want)
		}
	}
	out := s.Get(apptest.Olga, fmt.Sprintf("/archiv/%d/herunterladen", apptest.City))
	if out.Code != 200 || out.Header.Get("Content-Type") != "application/zip" || !strings.Contains(out.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("export: %d %v", out.Code, out.Header)
	}
	if again := bring(t, h, apptest.City, []byte(out.Body), console()); again.Unchanged != rep.Pages || again.New+again.Changed > 0 {
		t.Errorf("into the same house: %+v", again)
	}
	other, s2 := serve(t)
	if rep := bring(t, other, apptest.City, []byte(out.Body), console()); rep.New != rep.Pages || len(rep.Refused) > 0 || len(rep.Warnings) > 0 {
		t.Fatalf("into an empty house: %+v", rep)
	}
	if got := told(t, other, apptest.City); got != want {
		t.Errorf("there:\n%s\nwas:\n%s", got, want)
	}
	if rep := bring(t, other, apptest.City, []byte(out.Body), console()); rep.Unchanged != rep.Pages || rep.New+rep.Changed > 0 {
		t.Errorf("once more: %+v", rep)
	}
	back := s2.Get(apptest.Olga, fmt.Sprintf("/archiv/%d/herunterladen", apptest.City))
	names := func(b string) (all []string) {
		z, err := zip.NewReader(strings.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range z.File {
			if strings.ContainsAny(f.Name, "<>:\"\\|?*") || strings.HasPrefix(f.Name, "CON.") {
				t.Errorf("Windows has no file %q", f.Name)
			}
			all = append(all, f.Name)
		}
		return all
	}
	if a, b := names(out.Body), names(back.Body); !slices.Equal(a, b) {
		t.Errorf("names: %q, then %q", a, b)
	}
}

// TestExportIsForItsReader: everybody takes away what they may read, and nothing else.
func TestExportIsForItsReader(t *testing.T) {
	_, s := serve(t)
	if a := s.Get(apptest.Ada, "/archiv/4/herunterladen"); a.Code != 404 || !a.Has("steht nichts") {
		t.Errorf("an empty archive: %d", a.Code)
	}
	write(t, s, apptest.Hanna, apptest.Sonne, Around, "Für alle", "Offen. [[Nur Leitung]] [[Nur Team]]")
	write(t, s, apptest.Hanna, apptest.Sonne, Staff, "Nur Team", "Dienstplan")
	write(t, s, apptest.Hanna, apptest.Sonne, Board, "Nur Leitung", "Personal")
	s.Post(apptest.Hanna, "/archiv/4/einstellungen", "approve", "1")
	write(t, s, apptest.Hanna, apptest.Sonne, Around, "Entwurf", "Unfertig")
	for person, want := range map[int64]string{apptest.Ada: "Für alle", apptest.Stefan: "Für alle, Nur Team", apptest.Hanna: "Für alle, Nur Leitung, Nur Team", apptest.Rosa: "404"} {
		for _, way := range []string{"herunterladen", "buch"} {
			a := s.Get(person, "/archiv/4/"+way)
			got := fmt.Sprint(a.Code)
			if a.Code == 200 {
				var has []string
				text := a.Body
				if way == "herunterladen" {
					text = unzipped(t, a.Body)
				}
				for title, words := range map[string]string{"Für alle": "Offen.", "Nur Team": "Dienstplan", "Nur Leitung": "Personal", "Entwurf": "Unfertig"} {
					if strings.Contains(text, words) {
						has = append(has, title)
					}
				}
				slices.Sort(has)
				got = strings.Join(has, ", ")
			}
			if got != want {
				t.Errorf("%s of %d: %s, want %s", way, person, got, want)
			}
		}
	}
	// Who writes there takes the templates along as they are offered; in no book is one.
	s.Post(apptest.Hanna, "/seite/2/vorlage", "on", "1")
	save(t, s, apptest.Hanna, "/seite/2", "Nur Team", "Noch nicht freigegeben")
	for person, want := range map[int64]bool{apptest.Ada: false, apptest.Stefan: true, apptest.Hanna: true} {
		text := unzipped(t, s.Get(person, "/archiv/4/herunterladen").Body)
		if strings.Contains(text, "Dienstplan") != want || strings.Contains(text, "template: true") != want || strings.Contains(text, "Noch nicht") {
			t.Errorf("the export of %d: %s", person, text)
		}
		if a := s.Get(person, "/archiv/4/buch"); a.Has("Dienstplan") || a.Has("Noch nicht") {
			t.Errorf("the book of %d has a template", person)
		}
	}
	if a := s.Get(apptest.Nobody, "/archiv/4/herunterladen"); a.Code != 303 {
		t.Errorf("nobody: %d", a.Code)
	}
}

func unzipped(t *testing.T, b string) string {
	t.Helper()
	z, err := zip.NewReader(strings.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for _, f := range z.File {
		r, err := f.Open()
		if err == nil {
			_, err = io.Copy(&out, r)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return out.String()
}

// TestImportInTheBrowser: somebody uploads a ZIP, sees what would happen, and says yes.
func TestImportInTheBrowser(t *testing.T) {
	_, s := serve(t)
	old := write(t, s, apptest.Hanna, apptest.Sonne, Staff, "Hygieneplan", "alt")
	file := apptest.Zip("Hygieneplan.md", "neu [x](mehr/Läuse.md)", "mehr/Läuse.md", "![Bild](b.png)", "mehr/b.png", picture(t, 1), "mehr/Geheim.md", "---\naccess: board\n---\nx", "leer.png", "")
	if a := s.Get(apptest.Hanna, "/archiv/4/einlesen"); a.Code != 200 || !a.Has("ZIP-Datei") {
		t.Fatalf("form: %d", a.Code)
	}
	for _, p := range []int64{apptest.Ada, apptest.Rosa, apptest.Nobody} {
		if a := s.Upload(p, "/archiv/4/einlesen", "file", "x.zip", file); a.Code < 400 {
			t.Errorf("%d uploads: %d", p, a.Code)
		}
	}
	if a := s.Upload(apptest.Stefan, "/archiv/4/einlesen", "file", "x.zip", []byte("PK no zip")); a.Code != 422 || !a.Has("keine ZIP-Datei, oder sie ist beschädigt") {
		t.Errorf("no ZIP: %d %s", a.Code, main(a.Body))
	}
	if a := s.Post(apptest.Stefan, "/archiv/4/einlesen"); a.Code != 422 || !a.Has("Bitte wählen Sie eine ZIP-Datei") {
		t.Errorf("no file: %d", a.Code)
	}
	up := s.Upload(apptest.Stefan, "/archiv/4/einlesen", "file", "x.zip", file)
	if up.Code != 303 {
		t.Fatalf("upload: %d %s", up.Code, main(up.Body))
	}
	if a := s.Get(apptest.Hanna, up.To); a.Code != 404 {
		t.Errorf("Hanna sees Stefan's preview: %d", a.Code)
	}
	see := s.Get(apptest.Stefan, up.To)
	for _, words := range []string{"<dt>Neue Seiten</dt><dd class=\"num\">2</dd>", "<dt>Geänderte Seiten</dt><dd class=\"num\">1</dd>", "<dt>Alle, die dazugehören</dt><dd class=\"num\">2 Seiten</dd>", "nur für die Leitung", "mehr/Geheim.md"} {
		if !see.Has(words) {
			t.Errorf("%q is missing in the preview %s", words, main(see.Body))
		}
	}
	if a := s.Get(apptest.Stefan, old); !a.Has("alt") {
		t.Error("the preview has changed something")
	}
	if a := s.Post(apptest.Stefan, up.To); a.Code != 303 || a.To != "/archiv/4" {
		t.Fatalf("accept: %d %s", a.Code, main(a.Body))
	}
	if a := s.Get(apptest.Stefan, old); !a.Has("neu <a href") {
		t.Errorf("%s", main(a.Body))
	}
	if a := s.Get(apptest.Ada, old); a.Code != 404 { // it stays the team's
		t.Errorf("Ada reads what was the team's: %d", a.Code)
	}
	if a := s.Post(apptest.Stefan, up.To); a.Code != 404 {
		t.Errorf("twice: %d", a.Code)
	}
	again := s.Upload(apptest.Stefan, "/archiv/4/einlesen", "file", "x.zip", file)
	if a := s.Get(apptest.Stefan, again.To); !a.Has("ändert keine Seite") {
		t.Errorf("the same once more: %s", main(a.Body))
	}
	if a := s.Post(apptest.Stefan, again.To+"/verwerfen"); a.Code != 303 || a.To != "/archiv/4" {
		t.Errorf("cancel: %d", a.Code)
	}
}

// TestImportSaysWhoReads: the preview says who will read the new pages, and whether somebody has to release them first.
func TestImportSaysWhoReads(t *testing.T) {
	_, s := serve(t)
	look := func(name string, want, not []string) {
		t.Helper()
		file := apptest.Zip("a.md", name, "b.md", "---\naccess: public\n---\n"+name, "c.md", "---\naccess: team\n---\n"+name, "d.md", "---\ntemplate: true\n---\n"+name, "e.md", name)
		up := s.Upload(apptest.Stefan, "/archiv/4/einlesen", "file", "x.zip", file)
		seen := main(s.Get(apptest.Stefan, up.To).Body)
		s.Post(apptest.Stefan, up.To)
		seen += main(s.Get(apptest.Stefan, "/archiv/4").Body) // with what has become of it
		for _, w := range want {
			if !strings.Contains(seen, w) {
				t.Errorf("%s: %q is missing in %s", name, w, seen)
			}
		}
		for _, w := range not {
			if strings.Contains(seen, w) {
				t.Errorf("%s: %q is in %s", name, w, seen)
			}
		}
	}
	before, after := "eine zweite Person alles frei", "sobald jemand anderes es freigegeben hat"
	who := []string{"<dt>Noch niemand: Vorlagen und Entwürfe</dt><dd class=\"num\">1 Seite</dd>", "<dt>Nur das Team</dt><dd class=\"num\">1 Seite</dd>",
		"<dt>Alle, die dazugehören</dt><dd class=\"num\">2 Seiten</dd>", "<dt>Öffentlich, auch ohne Anmeldung</dt><dd class=\"num\">1 Seite</dd>"}
	look("neu", append(who, "Eingelesen: 5 neu"), []string{before, after, "Nur die Leitung"})
	look("neu", []string{"5 unverändert"}, append(who, before, after))
	approving(t, s, apptest.Hanna, "/archiv/4")
	look("geändert", []string{"Eingelesen: 0 neu, 5 geändert", before, after}, who)
	look("geändert", []string{"5 unverändert"}, []string{before, after})
}

// TestImportAgain: what people have made of a page since stays, until its source changes.
func TestImportAgain(t *testing.T) {
	h, s := serve(t)
	one := apptest.Zip("a.md", "---\ntitle: Alt\n---\neins", "b.md", "zwei ![x](x.png)", "x.png", picture(t, 9))
	bring(t, h, apptest.Sonne, one, console())
	var at string
	for line := range strings.Lines(s.Get(apptest.Hanna, "/archiv/4").Body) {
		if m := regexp.MustCompile(`"(/seite/\d+)">Alt<`).FindStringSubmatch(line); m != nil {
			at = m[1]
		}
	}
	s.Post(apptest.Hanna, at+"/bearbeiten", "title", "Umbenannt", "body", "von Hand", "base", base(t, s, apptest.Hanna, at))
	if rep := bring(t, h, apptest.Sonne, one, console()); rep.Unchanged != 2 || rep.New+rep.Changed > 0 {
		t.Errorf("%+v", rep)
	}
	if a := s.Get(apptest.Hanna, at); !a.Has("von Hand") || !a.Has("Umbenannt") {
		t.Error("the import has overwritten what Hanna wrote")
	}
	two := apptest.Zip("a.md", "---\ntitle: Alt\n---\nneuer", "b.md", "zwei ![x](x.png)", "x.png", picture(t, 10))
	if rep := bring(t, h, apptest.Sonne, two, console()); rep.Changed != 2 || rep.New > 0 {
		t.Errorf("%+v", rep)
	}
	if a := s.Get(apptest.Hanna, at+"/fassungen"); strings.Count(a.Body, "/fassung/") < 3 {
		t.Error("a revision is lost")
	}
	s.Post(apptest.Hanna, at+"/entfernen")
	if rep := bring(t, h, apptest.Sonne, two, console()); rep.New != 0 || len(rep.Refused) != 1 || !strings.Contains(rep.Refused[0].Why, "Papierkorb") {
		t.Errorf("%+v", rep)
	}
}
