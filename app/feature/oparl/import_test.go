package oparl

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/bundle"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	ics "github.com/arran4/golang-ical"
)

// council is a small council: an organization, a meeting with two items, and a paper.
func council(result string) []string {
	return []string{
		object("Body", "b", "name", `"Stadt Rat"`, "organization", `"https://rat.example.org/b/o"`, "person", `""`, "meeting", `"https://rat.example.org/b/m"`, "paper", `"https://rat.example.org/b/p"`, "legislativeTerm", "[]"),
		object("Organization", "o/1", "name", `"Jugendhilfeausschuss"`, "body", `"https://rat.example.org/b"`, "subOrganizationOf", `"https://rat.example.org/o/1"`, "rat:farbe", `{"b":[1e300,null,"<ü>"]}`),
		object("Meeting", "m/1", "name", `"9. Sitzung"`, "start", `"2026-01-20T17:00:00+01:00"`, "organization", `["https://rat.example.org/o/1"]`,
			"agendaItem", "["+object("AgendaItem", "i/1", "number", `"1"`, "order", "0", "name", `"Kitabedarfsplanung"`, "result", result, "consultation", `"https://rat.example.org/c/1"`)+","+
				object("AgendaItem", "i/2", "number", `"2"`, "name", `"Verschiedenes"`)+"]"),
		object("Paper", "p/1", "name", `"Bedarfsplan 2026"`, "reference", `"12/2026"`, "paperType", `"Beschlussvorlage"`, "body", `"https://rat.example.org/b"`,
			"mainFile", object("File", "f/1", "name", `"Zahlen"`, "accessUrl", `"https://rat.example.org/zahlen.pdf"`),
			"consultation", "["+object("Consultation", "c/1", "agendaItem", `"https://rat.example.org/i/1"`, "meeting", `"https://rat.example.org/m/1"`, "organization", `["https://rat.example.org/o/1"]`, "role", `"Entscheidung"`)+"]"),
	}
}

// TestCouncil: an organization becomes a committee, whose meetings everybody reads and finds; what changes or goes is
// told to whoever follows the interface, and the operator can remove all of it.
func TestCouncil(t *testing.T) {
	h, s, f := serve(t)
	rep := read(t, h, text(t, "a.jsonl", council(`"einstimmig beschlossen"`)...), Options{})
	if rep.New != 8 || rep.Refusals() > 0 {
		t.Fatalf("%s", rep.Told(false))
	}
	all := crawl(t, s)
	if a := s.Get(apptest.Nobody, "/oparl/v1.1/organization/"+uidOf(all, at+"o/1")); !a.Has(`"rat:farbe":{"b":[1e300,null,"<ü>"]}`) || !a.Has(`"subOrganizationOf":"`+apptest.Base) {
		t.Errorf("what another program has added: %s", a.Body)
	}
	var unit org.Unit
	part := ""
	err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		seen, err := committee.Seen(tx, apptest.Nobody, h.Now())
		if err != nil || len(seen) != 1 || seen[0].Parent != apptest.City || seen[0].Name != "Jugendhilfeausschuss" {
			return fmt.Errorf("committees: %+v, %v", seen, err)
		}
		unit = seen[0]
		html, err := f.Council(tx, web.Page{}, house.Council{Unit: unit, Level: committee.Open})
		part = string(html)
		if err == nil {
			var none any
			none, err = f.Council(tx, web.Page{}, house.Council{Unit: org.Unit{ID: apptest.Council}, Level: committee.Open})
			if fmt.Sprint(none) != "" {
				t.Errorf("another committee shows %v", none)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	to := regexp.MustCompile(`/ratssitzung/\d+`).FindString(part)
	if to == "" || !strings.Contains(part, "2 Punkte, 1 mit Ergebnis") || !strings.Contains(part, "Stadt Rat") {
		t.Errorf("the part of the committee's page: %s", part)
	}
	for _, p := range []int64{apptest.Nobody, apptest.Ada} {
		m := s.Get(p, to)
		paper := regexp.MustCompile(`/vorlage/\d+`).FindString(m.Body)
		for _, words := range []string{"9. Sitzung", "Kitabedarfsplanung", "einstimmig beschlossen", "Vorlage: Bedarfsplan 2026", "17:00", "eingelesen am 2. März 2026", "/gremium/" + itoa(unit.ID)} {
			if !m.Has(words) {
				t.Errorf("the meeting lacks %q: %s", words, m.Body)
			}
		}
		a := s.Get(p, paper)
		for _, words := range []string{"Bedarfsplan 2026", "12/2026", "Entscheidung", "einstimmig beschlossen", "https://rat.example.org/zahlen.pdf", to} {
			if !a.Has(words) {
				t.Errorf("the paper lacks %q: %s", words, a.Body)
			}
		}
	}
	if a := s.Get(apptest.Nobody, "/ratsgremium/2?jahr=2026"); a.Code != 200 || !a.Has("20. Januar 2026") {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	for _, path := range []string{"/ratssitzung/99", "/vorlage/1", "/ratsgremium/x"} {
		if a := s.Get(apptest.Nobody, path); a.Code != 404 {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	feed := s.Get(apptest.Nobody, "/gremium/"+itoa(unit.ID)+"/ratssitzungen.ics")
	if cal, err := ics.ParseCalendar(strings.NewReader(feed.Body)); err != nil || len(cal.Events()) != 1 || !feed.Has("SUMMARY:9. Sitzung") || !feed.Has("20260120T170000") {
		t.Errorf("the calendar of the committee: %v %s", err, feed.Body)
	}
	if a := s.Get(apptest.Ada, fmt.Sprintf("/gremium/%d/ratssitzungen.ics", apptest.Council)); a.Code != 404 {
		t.Errorf("of a committee that is not public: %d", a.Code)
	}
	finds(t, h, "Beschlussvorlage", 1)
	finds(t, h, "Kitabedarfsplanung", 1)
	finds(t, h, "einstimmig", 1)

	// A later state of the same: what has changed, and what is gone.
	h.Clock.Add(time.Hour)
	since := "?modified_since=2026-03-02T08:00:00%2B01:00"
	later := council(`"vertagt"`)
	later[2] = strings.Replace(later[2], object("AgendaItem", "i/2", "number", `"2"`, "name", `"Verschiedenes"`), object("AgendaItem", "i/3", "number", `"3"`, "name", `"Neues"`), 1)
	later[1] = strings.Replace(later[1], "Jugendhilfeausschuss", "Ausschuss für Jugend", 1)
	rep = read(t, h, text(t, "b.jsonl", later...), Options{})
	if rep.New != 1 || rep.Changed != 3 || rep.Same != 4 {
		t.Errorf("%s", rep.Told(false))
	}
	body := ""
	for id, o := range all {
		if o["name"] == "Stadt Rat" {
			body = id
		}
	}
	items := pages(t, s, body+"/agendaItem"+since)
	if len(items) != 3 || len(pages(t, s, body+"/agendaItem")) != 2 || len(pages(t, s, body+"/meeting"+since)) != 1 || len(pages(t, s, body+"/paper"+since)) != 0 {
		t.Errorf("whoever follows is told %v", items)
	}
	crawl(t, s)
	if n := len(pages(t, s, all[body]["organization"].(string))); n != 1 {
		t.Errorf("%d organizations", n)
	}
	finds(t, h, "Verschiedenes", 0)

	// What the source has removed.
	read(t, h, text(t, "c.json", object("Paper", "p/1", "deleted", "true", "created", `"2026-01-01T00:00:00+01:00"`, "modified", `"2026-03-01T00:00:00+01:00"`)), Options{})
	if got := pages(t, s, body+"/paper"+since); len(got) != 1 || got[0]["deleted"] != true || got[0]["name"] != nil {
		t.Errorf("a removed paper: %v", got)
	}
	finds(t, h, "Beschlussvorlage", 0)

	// All of it goes, and nothing of what it said remains.
	if a := s.Post(apptest.Hanna, "/ratsinformation/1/entfernen"); a.Code != 403 {
		t.Errorf("Hanna removes: %d", a.Code)
	}
	if a := s.Post(apptest.Arno, "/ratsinformation/2/entfernen"); a.Code != 404 {
		t.Errorf("an organization is removed: %d", a.Code)
	}
	if a := s.Post(apptest.Arno, "/ratsinformation/1/entfernen"); a.Code != 303 {
		t.Fatalf("remove: %d", a.Code)
	}
	if a := s.Get(apptest.Nobody, to); a.Code != 404 {
		t.Errorf("a removed meeting: %d", a.Code)
	}
	finds(t, h, "Kitabedarfsplanung", 0)
	if list := pages(t, s, "/oparl/v1.1/body"); len(list) != 1 {
		t.Errorf("bodies: %v", list)
	}
	if got := pages(t, s, body+"/meeting"+since); len(got) != 1 || got[0]["deleted"] != true || got[0]["name"] != nil {
		t.Errorf("a removed meeting: %v", got)
	}
	if a := s.Get(apptest.Arno, "/ratsinformationen"); !a.Has("Entfernt am") || a.Has("Stadt Rat") {
		t.Errorf("%s", a.Body)
	}
	_ = h.DB.Read(t.Context(), func(tx *store.Tx) error {
		if u, err := org.Get(tx, unit.ID); err != nil || !u.Ended(h.Now()) {
			t.Errorf("the committee goes on: %+v, %v", u, err)
		}
		return nil
	})

	// And comes back under the same addresses.
	if rep := read(t, h, text(t, "a.jsonl", council(`"vertagt"`)...), Options{}); rep.Changed != 8 || rep.New != 0 {
		t.Errorf("%s", rep.Told(false))
	}
	if n := len(pages(t, s, body+"/meeting")); n != 1 {
		t.Errorf("%d meetings", n)
	}
	finds(t, h, "Kitabedarfsplanung", 1)
}

// uidOf is the last part of the address of what comes from a source.
func uidOf(all map[string]map[string]any, source string) string {
	for id, o := range all {
		if o["nestfunk:id"] == source {
			return id[strings.LastIndexByte(id, '/')+1:]
		}
	}
	return ""
}

func finds(t *testing.T, h *apptest.House, words string, want int) {
	t.Helper()
	if err := h.Search.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
	r, err := h.Search.Search(t.Context(), who.Viewer{}, search.Ask{Query: search.Parse(words), N: 10})
	if err != nil || len(r.Hits) != want {
		t.Errorf("%q is found %d times, not %d: %v", words, len(r.Hits), want, err)
	}
}

// TestWrong: each wrong object has its answer, changes nothing, and is left out if that is wanted.
func TestWrong(t *testing.T) {
	good := object("Paper", "p/1", "name", `"Gut"`)
	for _, c := range []struct{ name, line, want string }{
		{"no JSON", `{"id":`, "bricht sie ab"},
		{"no object", `[1]`, "kein OParl-Objekt"},
		{"another standard", `{"id":"https://x.example.org/1","type":"https://schema.org/Event"}`, "„type“ fehlt oder ist unbekannt"},
		{"no id", `{"type":"https://schema.oparl.org/1.1/Paper"}`, "„id“ fehlt"},
		{"an id that leads nowhere", `{"id":"paper 1","type":"https://schema.oparl.org/1.1/Paper"}`, "„id“ ist keine Adresse"},
		{"a broken reference", object("Paper", "x", "body", `"nirgendwo"`), "„body“ ist keine Adresse: der Verweis führt nirgendwohin"},
		{"a reference that is a number", object("Consultation", "x", "meeting", `7`), "„meeting“ ist kein Text"},
		{"a number for a name", object("Paper", "x", "name", `7`), "„name“ ist kein Text"},
		{"a text for a list", object("Meeting", "x", "organization", `"https://rat.example.org/o/1"`), "„organization“ ist keine Liste"},
		{"a file without address", object("Paper", "x", "mainFile", object("File", "f")), "„mainFile.accessUrl“ fehlt"},
		{"a huge number", object("AgendaItem", "x", "order", `99999999999999999999`), "„order“ ist keine ganze Zahl, oder zu groß"},
		{"10,000 levels", object("Paper", "x", "rat:a", strings.Repeat("[", 10_000)+strings.Repeat("]", 10_000)), "zu tief verschachtelt"},
		{"within itself", object("Paper", "x", "mainFile", object("File", "x", "accessUrl", `"https://rat.example.org/x"`)), "steht in sich selbst"},
		{"twice, and different", object("Paper", "p/1", "name", `"Anders"`), "kommt zweimal vor"},
		{"another type within", object("Paper", "x", "mainFile", object("Person", "y", "accessUrl", `"https://rat.example.org/x"`)), "„mainFile.type“ ist nicht https://schema.oparl.org/1.1/File"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, s, _ := serve(t)
			rep, err := Import(t.Context(), h.House, text(t, "a.jsonl", good, c.line), Options{})
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(fault.Words(err), c.want) || !strings.Contains(fault.Words(err), "a.jsonl, Zeile 2") || len(rep.Refused) != 1 {
				t.Errorf("%v, not %q; %+v", err, c.want, rep.Refused)
			}
			if n := len(pages(t, s, "/oparl/v1.1/body")); n != 1 {
				t.Errorf("something was written: %d bodies", n)
			}
			if rep := read(t, h, text(t, "a.jsonl", good, c.line), Options{SkipBad: true}); rep.New != 1 || rep.Refusals() != 1 {
				t.Errorf("without it: %s", rep.Told(false))
			}
		})
	}
	h, _, _ := serve(t)
	if _, err := Import(t.Context(), h.House, text(t, "a.txt", good), Options{}); err == nil || !strings.Contains(fault.Words(err), ".json oder .jsonl") {
		t.Errorf("no file: %v", err)
	}
}

// TestUnlike: what real systems write and the standard does not know is kept, and told.
func TestUnlike(t *testing.T) {
	h, s, _ := serve(t)
	rep := read(t, h, text(t, "a.json", "["+object("Organization", "o/1", "name", `"Rat"`, "website", `"www.rat.de"`, "startDate", `"1.1.2020"`, "membership", `[]`, "shortName", "null")+","+
		object("Meeting", "m/1", "auxiliaryFile", `["https://rat.example.org/f/1","https://rat.example.org/f/9"]`)+","+object("File", "f/1", "accessUrl", `"https://rat.example.org/x"`)+"]"), Options{})
	told := rep.Told(false)
	for _, want := range []string{"3 neu", "„website“ ist keine Adresse.", "„startDate“ ist kein Tag", "„auxiliaryFile[0]“ ist nur eine Adresse.", "Ein Verweis führt zu einem Objekt"} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is missing in %s", want, told)
		}
	}
	for _, o := range crawl(t, s) {
		switch o["nestfunk:id"] {
		case at + "o/1":
			if o["nestfunk:website"] != "www.rat.de" || o["nestfunk:startDate"] != "1.1.2020" || o["website"] != nil {
				t.Errorf("%v", o)
			}
		case at + "m/1":
			if in := o["auxiliaryFile"].([]any); len(in) != 1 || in[0].(map[string]any)["nestfunk:id"] != at+"f/1" || fmt.Sprint(o["nestfunk:auxiliaryFile"]) != "["+at+"f/9]" {
				t.Errorf("%v", o)
			}
		}
	}
}

// TestInTheBrowser: somebody uploads a file, sees what would happen, and says yes.
func TestInTheBrowser(t *testing.T) {
	h, s, _ := serve(t)
	file := []byte(strings.Join(append(council(`"vertagt"`), `{"type":"x"}`), "\n"))
	if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { // Greta runs carrier B: not the whole house
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 1, 'confirmed', 0)`, apptest.Greta, apptest.CarrierB)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []int64{apptest.Nobody, apptest.Ada, apptest.Hanna, apptest.Max, apptest.Greta} {
		if a := s.Get(p, "/ratsinformationen/einlesen"); a.Code == 200 {
			t.Errorf("%d opens the form", p)
		}
		if a := s.Get(p, "/ratsinformationen"); a.Code == 200 {
			t.Errorf("%d reads the list", p)
		}
		if a := s.Upload(p, "/ratsinformationen/einlesen", "file", "x.jsonl", file); a.Code < 400 {
			t.Errorf("%d uploads: %d", p, a.Code)
		}
	}
	if a := s.Get(apptest.Arno, "/ratsinformationen/einlesen"); a.Code != 200 || !a.Has("OParl") {
		t.Errorf("form: %d", a.Code)
	}
	for name, c := range map[string]struct{ content, want string }{
		"leer.zip":  {string(apptest.Zip("a.txt", "x")), "auf .json oder .jsonl endet"},
		"bruch.zip": {"PK\x03\x04 kaputt", "keine ZIP-Datei"},
	} {
		if a := s.Upload(apptest.Arno, "/ratsinformationen/einlesen", "file", name, []byte(c.content)); a.Code != 422 || !a.Has(c.want) {
			t.Errorf("%s: %d", name, a.Code)
		}
	}
	if a := s.Post(apptest.Arno, "/ratsinformationen/einlesen"); a.Code != 422 || !a.Has("Bitte wählen Sie eine Datei") {
		t.Errorf("no file: %d", a.Code)
	}
	up := s.Upload(apptest.Olga, "/ratsinformationen/einlesen", "file", "x.jsonl", file)
	if up.Code != 303 {
		t.Fatalf("upload: %d %s", up.Code, up.Body)
	}
	if a := s.Get(apptest.Arno, up.To); a.Code != 404 {
		t.Errorf("Arno sees Olga's preview: %d", a.Code)
	}
	see := s.Get(apptest.Olga, up.To)
	for _, words := range []string{`<dt>Neu</dt><dd class="num">8</dd>`, `<dt>Nicht übernommen</dt><dd class="num">1</dd>`, `<dt>Sitzungen</dt><dd class="num">1</dd>`, "x.jsonl, Zeile 5", "Das Übrige übernehmen"} {
		if !see.Has(words) {
			t.Errorf("%q is missing in the preview %s", words, see.Body)
		}
	}
	if n := len(pages(t, s, "/oparl/v1.1/body")); n != 1 {
		t.Errorf("the preview has written something")
	}
	if a := s.Post(apptest.Olga, up.To); a.Code != 303 || a.To != "/ratsinformationen" {
		t.Fatalf("accept: %d", a.Code)
	}
	if a := s.Get(apptest.Olga, "/ratsinformationen"); !a.Has("Eingelesen: 8 neu, 0 geändert, 0 unverändert, 1 nicht übernommen.") || !a.Has("Stadt Rat") {
		t.Errorf("%s", a.Body)
	}
	gretaAt := func(query string) {
		t.Helper()
		if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(query, apptest.Greta, apptest.City)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	gretaAt(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 1, 'confirmed', 0)`)
	hers := s.Upload(apptest.Greta, "/ratsinformationen/einlesen", "file", "x.jsonl", file)
	gretaAt(`DELETE FROM membership WHERE person = ? AND unit = ? AND role = 1`)
	if a := s.Post(apptest.Greta, hers.To); hers.Code != 303 || a.Code != 403 {
		t.Errorf("Greta does not look after the house any more, and accepts: %d, %d", hers.Code, a.Code)
	}
	if a := s.Post(apptest.Greta, "/ratsinformation/1/entfernen"); a.Code != 403 {
		t.Errorf("Greta removes what is the whole house's: %d", a.Code)
	}
	if a := s.Post(apptest.Olga, up.To); a.Code != 404 {
		t.Errorf("twice: %d", a.Code)
	}
	again := s.Upload(apptest.Olga, "/ratsinformationen/einlesen", "file", "x.zip", apptest.Zip("a.jsonl", string(file)))
	if a := s.Get(apptest.Olga, again.To); !a.Has("Diese Datei ändert nichts.") || !a.Has(`<dt>Unverändert</dt><dd class="num">8</dd>`) {
		t.Errorf("the same once more: %s", a.Body)
	}
	if a := s.Post(apptest.Olga, again.To+"/verwerfen"); a.Code != 303 {
		t.Errorf("discard: %d", a.Code)
	}
	if a := s.Get(apptest.Olga, again.To); a.Code != 404 {
		t.Errorf("after that: %d", a.Code)
	}
}

// BenchmarkImport reads a year of a large council in: 2,000 papers with what is within them.
func BenchmarkImport(b *testing.B) {
	var lines []string
	for i := range 2000 {
		lines = append(lines, object("Paper", fmt.Sprintf("p/%d", i), "name", fmt.Sprintf(`"Vorlage %d"`, i), "body", `"https://rat.example.org/b"`,
			"mainFile", object("File", fmt.Sprintf("f/%d", i), "accessUrl", `"https://rat.example.org/x.pdf"`),
			"consultation", "["+object("Consultation", fmt.Sprintf("c/%d", i), "organization", `["https://rat.example.org/o/1"]`)+"]"))
	}
	content := strings.Join(lines, "\n")
	src := &bundle.Source{Entries: []bundle.Entry{{Path: "a.jsonl", Size: int64(len(content)), Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }}}}
	for b.Loop() {
		b.StopTimer()
		h := apptest.New(b)
		b.StartTimer()
		if rep := read(b, h, src, Options{}); rep.New != 6000 {
			b.Fatalf("%+v", rep)
		}
	}
	b.ReportMetric(6000*float64(b.N)/b.Elapsed().Seconds(), "objects/s")
}

// BenchmarkPage asks for a page of 100 papers.
func BenchmarkPage(b *testing.B) {
	h, s, _ := serve(b)
	var lines []string
	for i := range 2000 {
		lines = append(lines, object("Paper", fmt.Sprintf("p/%d", i), "name", fmt.Sprintf(`"Vorlage %d"`, i), "body", `"https://rat.example.org/b"`,
			"mainFile", object("File", fmt.Sprintf("f/%d", i), "accessUrl", `"https://rat.example.org/x.pdf"`)))
	}
	read(b, h, text(b, "a.jsonl", lines...), Options{})
	list := strings.TrimPrefix(pages(b, s, "/oparl/v1.1/body")[0]["paper"].(string), apptest.Base)
	for b.Loop() {
		h.Clock.Add(time.Minute)
		if a := s.Get(apptest.Nobody, list); a.Code != 200 {
			b.Fatal(a.Code)
		}
	}
}
