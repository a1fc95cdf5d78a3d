package app

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/youth"
)

// A full is a house with all features, as it is served.
type full struct {
	*apptest.House
	t        testing.TB
	handler  http.Handler
	features []house.Feature
	routes   []web.Route
	tokens   map[string]string // by the start of a path
	sent     []sent            // by done
}

// sent is a form that somebody has filled in.
type sent struct {
	by     int64
	path   string
	fields []string
}

func newHouse(t testing.TB) *full {
	t.Helper()
	return equipped(t, apptest.New(t))
}

// equipped is a house with its features.
func equipped(t testing.TB, h *apptest.House) *full {
	t.Helper()
	if old := slog.Default(); old.Handler() != slog.DiscardHandler {
		slog.SetDefault(slog.New(slog.DiscardHandler))
		t.Cleanup(func() { slog.SetDefault(old) })
	}
	return withFeatures(t, h)
}

// withFeatures is equipped, and lets the house speak.
func withFeatures(t testing.TB, h *apptest.House) *full {
	t.Helper()
	a := newApp(h.House)
	if err := a.furnish(t.Context()); err != nil {
		t.Fatal(err)
	}
	return &full{House: h, t: t, handler: a.site(), features: a.features, routes: routes(a.features), tokens: map[string]string{}}
}

// routes are all of the house.
func routes(features []house.Feature) []web.Route {
	all := []web.Route{web.Get("/gesund", who.Whoever, nil), web.Stream("/strom", who.Present|who.Of(who.Tablet), nil)}
	for _, x := range features {
		all = append(all, x.Routes...)
	}
	return all
}

// story lets something happen, so that pages have something to show: or to hide.
func (f *full) story() {
	f.t.Helper()
	f.sql(`INSERT INTO account_mail (mail, person, verified) SELECT 'person' || id || '@example.org', id, 1 FROM person WHERE id <> 15`)
	for _, c := range []struct {
		head, facility, group int64
	}{{apptest.Hanna, apptest.Sonne, apptest.Kaefer}, {apptest.Rosa, apptest.Regenbogen, apptest.Froesche}} {
		f.done(c.head, "/schliessungen/neu", "step", "3", "go", "send", "facility", fmt.Sprint(c.facility), "group", fmt.Sprint(c.group), "when", "today",
			"hours", "all", "reason", "illness", "rule", "first", "confirm", "1", "care", "1", "places", "2")
		f.done(c.head, "/mitteilungen/neu", "unit", fmt.Sprint(c.facility), "audience", fmt.Sprint(c.facility), "role", "parent",
			"title", "Elternabend", "body", "Am **Montag**.", "confirm", "1",
			"slip", "1", "slip_per", "child", "slip_sign", "draw", "slip_words", "Kommt jemand?", "slip_kind", "one", "slip_choices", "Ja\nNein", "slip_required", "1",
			"slip_words", "Mit wie vielen?", "slip_kind", "number", "slip_choices", "", "slip_required", "0")
		f.done(c.head, "/listen/neu", "unit", fmt.Sprint(c.facility), "audience", fmt.Sprint(c.facility), "role", "parent", "kind", "bring", "per", "child",
			"title", "Sommerfest", "lines", "Kuchen: 2\nSalat", "day", "2026-03-09", "remind", "1")
	}
	for i, head := range []int64{apptest.Hanna, apptest.Rosa} {
		x, err := f.Files.Receive(f.t.Context(), head, "Plan.txt", strings.NewReader("Plan von "+fmt.Sprint(head)))
		if err != nil {
			f.t.Fatal(err)
		}
		f.sql(`UPDATE file SET owner = 'announcement', ref = ? WHERE id = ?`, 2*(i+1), x.ID)
	}
	for _, c := range []struct {
		by, unit int64
		access   string
	}{{apptest.Olga, apptest.City, "public"}, {apptest.Hanna, apptest.Sonne, "unit"}, {apptest.Rosa, apptest.Regenbogen, "unit"}, {apptest.Chair, apptest.Council, "staff"}} {
		f.done(c.by, "/wissen/neu", "unit", fmt.Sprint(c.unit), "access", c.access, "title", fmt.Sprint("Hygieneplan ", c.unit), "body", "Hände **waschen**. [[Fehlt]]")
	}
	var photo bytes.Buffer
	if err := png.Encode(&photo, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
		f.t.Fatal(err)
	}
	x, err := f.Files.Receive(f.t.Context(), apptest.Olga, "Rathaus.png", &photo)
	if err != nil {
		f.t.Fatal(err)
	}
	x.ID = 4 // one that is tried
	f.sql(`UPDATE file SET id = ? WHERE uid = ?`, x.ID, x.UID)
	f.done(apptest.Olga, "/seite/1/bearbeiten", "title", "Hygieneplan 1", "base", "1", "file", fmt.Sprint(x.ID),
		"body", fmt.Sprintf("Hände **waschen**. [[Fehlt]] ![Das Rathaus](/datei/%d)", x.ID))
	for _, c := range []struct {
		by, unit int64
		role     string
	}{{apptest.Hanna, apptest.Sonne, "parent"}, {apptest.Rosa, apptest.Regenbogen, "parent"}, {apptest.Chair, apptest.Council, "council"}} {
		f.done(c.by, "/termine/neu", "unit", fmt.Sprint(c.unit), "audience", fmt.Sprint(c.unit), "role", c.role, "title", fmt.Sprint("Sommerfest ", c.unit),
			"day", "2026-03-05", "starts", "15:00", "ends", "18:00", "answers", "1", "places", "20", "guests", "4", "remind", "1440")
	}
	f.done(apptest.Ada, "/termin/1/antwort", "state", "yes", "people", "2")
	for i, head := range []int64{apptest.Hanna, apptest.Rosa} {
		plan := fmt.Sprintf("/schliessplan/%d", i+1)
		f.done(head, "/schliesstage", "unit", fmt.Sprint([]int64{apptest.Sonne, apptest.Regenbogen}[i]), "year", "2026", "allowed", "25", "notice", "8")
		f.done(head, plan+"/tag", "first_day", "2026-08-03", "last_day", "2026-08-14", "words", "Sommerferien")
		f.done(head, plan+"/veroeffentlichen")
	}
	f.done(apptest.Chair, "/beschluesse/nachtragen", "unit", fmt.Sprint(apptest.Council), "uid", "b1", "day", "2025-11-11", "title", "Laternenfest", "wording", "Es gibt **Punsch**.", "yes", "5", "public", "1")
	f.done(apptest.Chair, "/aufgaben/neu", "unit", fmt.Sprint(apptest.Council), "title", "Punsch kochen", "owner", fmt.Sprint(apptest.Dana), "due", "2026-03-09")
	f.done(apptest.Ada, "/konto/kalender")
	f.tokens["/kalender/"] = path.Base(regexp.MustCompile(`/kalender/[\w-]+\.ics`).FindString(f.do(apptest.Ada, httptest.NewRequest("GET", apptest.Base+"/konto/kalender", nil)).Body.String()))
	f.done(apptest.Ada, "/schliessung/1/notbetreuung", "child", fmt.Sprint(apptest.Mila), "want", "place")
	f.done(apptest.Ada, "/mitteilung/2/bestaetigen")
	f.done(apptest.Ada, "/liste/1/eintragen", "line", "1", "child", fmt.Sprint(apptest.Mila), "places", "2", "note", "Apfelkuchen")
	f.done(apptest.Ada, "/liste/2/eintragen", "line", "3", "child", fmt.Sprint(apptest.Emil), "places", "1")
	f.done(apptest.Cem, "/liste/1/eintragen", "line", "1", "child", fmt.Sprint(apptest.Can), "places", "1")
	f.done(apptest.Ada, "/liste/1/freigeben", "entry", "1", "on", "")
	f.done(apptest.Ada, "/rueckmeldung/2/antwort", "child", fmt.Sprint(apptest.Mila), "q1", "Ja", "q2", "2", "drawing", "M1 1L20 20")
	f.done(apptest.Bert, "/rueckmeldung/2/antwort", "child", fmt.Sprint(apptest.Mila), "q1", "Nein", "signed", "Bert")
	f.Work(f.t) // freezes who was asked
	f.done(apptest.Hanna, "/mitteilung/2/anruf", "child", fmt.Sprint(apptest.Can), "reached", "0")
	f.done(apptest.Hanna, "/mitteilungen/vorlagen", "unit", fmt.Sprint(apptest.Sonne), "kind", "news", "name", "Läuse", "title", "Läuse", "body", "x")
	for i, child := range []int64{apptest.Can, apptest.Emil} {
		f.done([]int64{apptest.Cem, apptest.Ada}[i], "/abwesenheit", "child", fmt.Sprint(child), "reason", "ill", "note", "bis morgen")
		f.done([]int64{apptest.Hanna, apptest.Rosa}[i], fmt.Sprintf("/tagesliste/%d", []int64{apptest.Sonne, apptest.Regenbogen}[i]), "child", fmt.Sprint(child), "kind", "came")
	}
	f.done(apptest.Stefan, "/tagesliste/5", "child", fmt.Sprint(apptest.Mila), "kind", "came")
	// It is early: each question gets an automatic answer.
	f.done(apptest.Bert, "/nachrichten/neu", "uid", "s1", "kind", "team", "to", "1-5", "title", "Gummistiefel", "body", "Sind sie **da**?")
	f.done(apptest.Ada, "/nachrichten/neu", "uid", "s2", "kind", "team", "to", "2-8", "title", "Eingewöhnung", "body", "Wie war es?")
	f.done(apptest.Hanna, "/nachrichten/neu", "uid", "s3", "kind", "kollegen", "to", fmt.Sprint(apptest.Stefan), "title", "Dienstplan", "body", "Passt es so?")
	f.talk()
	f.meet()
	f.letters()
	f.done(apptest.Nobody, "/anmelden/link", "mail", "person5@example.org")
	f.Work(f.t)
	for _, m := range f.Post.Sent() {
		for start, way := range map[string]string{"/b/": "/b/", "/l/": "/l/", "/rundbriefe/": "/rundbriefe/abmelden/"} {
			if token := regexp.MustCompile(way + `([\w.-]+)`).FindStringSubmatch(m.Text); token != nil {
				f.tokens[start] = token[1]
			}
		}
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if w, err := form.CreateFormFile("file", "liste.csv"); err == nil {
		_, _ = io.WriteString(w, "facility,group,given,family\nKita Sonnenblume,Käfer,Mila,Demir\n")
	}
	_ = form.Close() // all in memory
	r := f.form(apptest.Hanna, "/einheiten/familien")
	r.Body, r.ContentLength = io.NopCloser(&b), int64(b.Len())
	r.Header.Set("Content-Type", form.FormDataContentType())
	f.tokens["/einheiten/"] = path.Base(f.do(apptest.Hanna, r).Header().Get("Location"))
	f.tokens["/wissen/"] = f.previewed(apptest.Hanna, apptest.Sonne)
	f.tokens["/termine/"] = f.calendar()
	f.tokens["/ratsinformationen/"] = f.council()
	for start, token := range f.tokens {
		if len(token) < 10 || len(f.tokens) != 8 {
			f.t.Fatalf("no token for %s: %q", start, token)
		}
	}
}

// letters has the council write to the parents who agree, one of whom reports it, and begin a handover.
func (f *full) letters() {
	f.t.Helper()
	f.done(apptest.Ada, "/rundbriefe/zustimmung", "unit", fmt.Sprint(apptest.Council), "say", "yes")
	f.done(apptest.Bert, "/rundbriefe/zustimmung", "unit", fmt.Sprint(apptest.Council), "say", "no")
	for _, title := range []string{"Spielplatz", "Entwurf"} {
		f.done(apptest.Chair, "/rundbriefe/neu", "uid", title, "unit", fmt.Sprint(apptest.Council), "place", fmt.Sprint(apptest.Sonne), "title", title, "body", "Er wird umgebaut.")
	}
	f.done(apptest.Chair, "/rundbrief/1/senden")
	f.Clock.Add(3 * time.Hour) // out of the quiet hours
	f.Work(f.t)
	f.done(apptest.Ada, "/rundbrief/1/melden", "ground", "rules", "words", "Das ist doch Werbung.")
	f.Clock.Add(-3 * time.Hour)
	f.done(apptest.Chair, "/gremium/10/uebergabe", "changes", "2026-09-01")
	f.done(apptest.Chair, "/uebergabe/1/punkt", "item", "1", "deed", "give")
}

// talk opens a room for the families of either Kita and a youth room, in which something is said.
func (f *full) talk() {
	f.t.Helper()
	for i, c := range []struct{ head, facility int64 }{{apptest.Hanna, apptest.Sonne}, {apptest.Rosa, apptest.Regenbogen}} {
		f.done(c.head, "/raeume/neu", "unit", fmt.Sprint(c.facility), "kind", "open", "audience", fmt.Sprint(c.facility), "role", "parent", "name", "Elternraum", "keep", "365")
		room := fmt.Sprintf("/raum/%d", i+1)
		f.entered(c.head, room)
		f.done(c.head, room+"/neu", "uid", fmt.Sprint("topic", i), "title", "Fahrradhelme", "body", "Wo kauft man die?")
		if c.head == apptest.Hanna {
			f.entered(apptest.Dana, room)
			f.done(apptest.Dana, "/thema/1/antwort", "uid", "answer", "body", "Auf dem Flohmarkt.")
			f.done(c.head, "/beitrag/2/massnahme", "kind", "warn", "ground", "rules", "reason", "Bitte keine Werbung machen.")
		}
	}
	f.done(apptest.Hanna, "/raeume/neu", "unit", fmt.Sprint(apptest.Sonne), "kind", "youth", "name", "Jugendtreff", "hours", "Mo bis Fr 14 bis 20 Uhr")
	f.entered(apptest.Hanna, "/raum/3")
	err := f.DB.Write(f.t.Context(), func(tx *store.Tx) error {
		hanna, err := org.Viewer(tx, apptest.Hanna, f.Now())
		if err != nil {
			return err
		}
		code, err := youth.HandOut(tx, 3, hanna, 1, 7, f.Now())
		if err != nil {
			return err
		}
		person, _, _, err := youth.Join(tx, hall(f.House.House), who.Viewer{}, youth.Entry{Code: code, Alias: "Falke", Language: lang.Du}, f.Now())
		if person != falke {
			f.t.Errorf("the young person is %d", person)
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.entered(falke, "/raum/3")
	f.done(falke, "/raum/3/neu", "uid", "y1", "title", "Tischtennis", "body", "Wer spielt?")
	f.done(apptest.Hanna, "/thema/3/antwort", "uid", "y2", "body", "Am Freitag ist die Platte frei.")
	f.done(falke, "/beitrag/5/melden", "ground", "rules", "words", "Das stimmt doch gar nicht.")
	f.done(apptest.Hanna, "/beitrag/4/massnahme", "kind", "warn", "ground", "rules", "reason", "Bitte in ganzen Sätzen schreiben.")
}

// meet has the council find a day, plan a meeting and invite to it.
func (f *full) meet() {
	f.t.Helper()
	council := fmt.Sprint(apptest.Council)
	f.done(apptest.Chair, "/terminfindungen/neu", "unit", council, "title", "Aprilsitzung", "closes", "2026-03-08",
		"slot_day", "2026-04-14", "slot_starts", "19:30", "slot_ends", "21:00", "slot_day", "2026-04-15", "slot_starts", "19:30", "slot_ends", "21:00")
	f.done(apptest.Dana, "/terminfindung/1/antwort", "s1", "yes", "s2", "no")
	f.done(apptest.Chair, "/sitzungen/neu", "unit", council, "title", "Märzsitzung", "day", "2026-03-17", "starts", "19:30", "ends", "21:00", "public", "1")
	f.done(apptest.Dana, "/vorschlaege/neu", "unit", council, "title", "Zebrastreifen", "body", "Vor dem Tor")
	f.done(apptest.Chair, "/sitzung/1/einladen")
	f.done(apptest.Dana, "/sitzung/1/antwort", "answer", "yes")
}

// entered accepts the netiquette of a room.
func (f *full) entered(person int64, room string) {
	f.t.Helper()
	w := f.do(person, httptest.NewRequest("GET", apptest.Base+room, nil))
	version := regexp.MustCompile(`name="version" value="(\w+)"`).FindStringSubmatch(w.Body.String())
	if version == nil {
		f.t.Fatalf("%s has no netiquette: %d %s", room, w.Code, said(w.Body.String()))
	}
	f.done(person, room+"/netiquette", "version", version[1])
}

// previewed uploads pages and returns the name of their preview.
func (f *full) previewed(by, unit int64) string {
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	if w, err := form.CreateFormFile("file", "seiten.zip"); err == nil {
		_, _ = w.Write(apptest.Zip("Ausflug.md", "# Ausflug\n\nIn den Wald."))
	}
	_ = form.Close()
	r := f.form(by, fmt.Sprintf("/archiv/%d/einlesen", unit))
	r.Body, r.ContentLength = io.NopCloser(&b), int64(b.Len())
	r.Header.Set("Content-Type", form.FormDataContentType())
	return path.Base(f.do(by, r).Header().Get("Location"))
}

// council uploads a meeting of a council, whose preview waits.
func (f *full) council() string {
	f.t.Helper()
	r := apptest.Upload("/ratsinformationen/einlesen", "file", "rat.json",
		[]byte(`{"id":"https://rat.example.org/m/1","type":"https://schema.oparl.org/1.1/Meeting","name":"9. Sitzung"}`))
	return path.Base(f.do(apptest.Arno, r).Header().Get("Location"))
}

// calendar has Hanna look at a calendar file, and returns the token of the preview.
func (f *full) calendar() string {
	f.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	_, _ = form.CreateFormField("unit") // all in memory
	_, _ = io.WriteString(&b, fmt.Sprint(apptest.Sonne))
	if w, err := form.CreateFormField("role"); err == nil {
		_, _ = io.WriteString(w, "parent")
	}
	if w, err := form.CreateFormFile("file", "termine.ics"); err == nil {
		_, _ = io.WriteString(w, "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Waldtag\nDTSTART:20260310T090000\nDTEND:20260310T120000\nEND:VEVENT\nEND:VCALENDAR\n")
	}
	_ = form.Close()
	r := f.form(apptest.Hanna, "/termine/einlesen")
	r.Body, r.ContentLength = io.NopCloser(&b), int64(b.Len())
	r.Header.Set("Content-Type", form.FormDataContentType())
	return path.Base(f.do(apptest.Hanna, r).Header().Get("Location"))
}

// done is a POST that has to succeed.
func (f *full) done(person int64, path string, fields ...string) {
	f.t.Helper()
	f.sent = append(f.sent, sent{person, path, fields})
	if w := f.do(person, f.form(person, path, fields...)); w.Code != http.StatusSeeOther {
		f.t.Fatalf("%s as %d: %d %s", path, person, w.Code, said(w.Body.String()))
	}
}

func (f *full) sql(query string, args ...any) {
	f.t.Helper()
	err := f.DB.Write(f.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	})
	if err != nil {
		f.t.Fatalf("%s: %v", query, err)
	}
}

func (f *full) form(person int64, path string, fields ...string) *http.Request {
	v := url.Values{}
	for i := 0; i+1 < len(fields); i += 2 {
		v.Add(fields[i], fields[i+1])
	}
	r := httptest.NewRequest("POST", apptest.Base+path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

// cookie signs a person in.
func (f *full) cookie(person int64) *http.Cookie {
	f.t.Helper()
	f.Clock.Add(time.Second) // the oldest of ten sessions ends
	w := httptest.NewRecorder()
	if err := f.Sessions.SignIn(w, httptest.NewRequest("POST", apptest.Base+"/", nil), person); err != nil {
		f.t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func (f *full) signedIn(c *http.Cookie) bool {
	f.t.Helper()
	if c == nil {
		return false
	}
	r := httptest.NewRequest("GET", apptest.Base+"/", nil)
	r.AddCookie(c)
	in, err := f.Sessions.Of(r)
	if err != nil {
		f.t.Fatal(err)
	}
	return in.Person != 0
}

func (f *full) do(person int64, r *http.Request) *httptest.ResponseRecorder {
	f.t.Helper()
	if person != apptest.Nobody {
		r.AddCookie(f.cookie(person))
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	return w
}

// said is the text of an error page.
func said(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString("<main"+main, " ")), " ")
}
