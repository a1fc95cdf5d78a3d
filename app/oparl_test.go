package app

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// A forum is a house with all its features and a public council: Vera leads it; Dana, Ada and Cem are members. The council
// of Rosa's Kita is not public.
type forum struct {
	*testing.T
	*apptest.House
	*apptest.Site
}

const regenbogenCouncil = 11 // the council of Rosa's Kita, led by Greta

func newForum(t *testing.T) *forum {
	t.Helper()
	old := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(old) })
	h := apptest.New(t)
	f := &forum{t, h, h.Serve(t, features(h.House, nil)...)}
	f.sql(`INSERT INTO unit (id, uid, parent, kind, name, since) VALUES (11, 'u11', 8, 'committee', 'Elternbeirat Regenbogen', 0)`)
	f.sql(`INSERT INTO unit_up (unit, above, depth) VALUES (11, 11, 0), (11, 8, 1), (11, 7, 2), (11, 1, 3)`)
	f.sql(`INSERT INTO membership (person, unit, role, office, state, mail, since) VALUES
		(6, 10, 7, 'delegate', 'confirmed', '', 0), (7, 10, 7, 'delegate', 'confirmed', '', 0), (9, 11, 8, 'chair', 'confirmed', '', 0)`)
	f.public(true)
	return f
}

func (f *forum) sql(query string, args ...any) {
	f.Helper()
	if err := f.DB.Write(f.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
		f.Fatal(err)
	}
}

// done is a form that has to succeed; it returns where that leads.
func (f *forum) done(person int64, path string, fields ...string) string {
	f.Helper()
	a := f.Site.Post(person, path, fields...)
	if a.Code != 303 {
		f.Fatalf("%s as %d: %d %s", path, person, a.Code, said(a.Body))
	}
	return a.To
}

// public has the council say in its rules whether everybody may read what it does.
func (f *forum) public(yes bool) {
	f.Helper()
	fields := []string{"notice", "7", "quorum", "50", "majority", "simple", "minutes", "14", "objection", "0", "provisional", "3", "circular", "1", "substitutes", "1"}
	if yes {
		fields = append(fields, "public", "1")
	}
	f.done(apptest.Chair, "/gremium/10/regeln", fields...)
}

// meets plans a meeting and invites to it, with an item that is public and one that is not.
func (f *forum) meets(chair, unit int64, title, day string) (path string) {
	f.Helper()
	to := f.done(chair, "/sitzungen/neu", "unit", fmt.Sprint(unit), "title", title, "day", day, "starts", "19:30", "ends", "21:30", "place", "Turnraum",
		"online", "https://treff.example.org/geheim", "body", "Bitte klingeln bei Huber.", "public", "1")
	path = strings.TrimSuffix(to, "/tagesordnung")
	f.done(chair, to, "do", "neu", "title", "Sommerfest", "public", "1")
	f.done(chair, to, "do", "neu", "title", "Beschwerde über Kasimir")
	f.done(chair, path+"/einladen")
	return path
}

// item finds an item of a meeting as the chair.
func (f *forum) item(path, title string) string {
	f.Helper()
	var id string
	if err := f.DB.Read(f.Context(), func(tx *store.Tx) (err error) {
		id, err = store.One(tx, store.Value[string], `SELECT CAST(id AS TEXT) FROM meeting_item WHERE meeting = ? AND title = ?`, strings.TrimPrefix(path, "/sitzung/"), title)
		return err
	}); err != nil {
		f.Fatal(err)
	}
	return id
}

// decides holds a meeting, which decides something at a public item and at one that is not.
func (f *forum) decides(path string) {
	f.Helper()
	floor := path + "/plenum"
	version := func() string {
		m := regexp.MustCompile(`name="version" value="(\d+)"`).FindStringSubmatch(f.Get(apptest.Chair, floor).Body)
		if m == nil {
			f.Fatal("the floor has no version")
		}
		return m[1]
	}
	f.done(apptest.Chair, floor+"/beginn")
	all := []int64{apptest.Chair, apptest.Dana, apptest.Ada, apptest.Cem}
	for _, p := range all {
		f.done(p, floor+"/anwesend", "kind", "came")
	}
	for n, title := range []string{"Sommerfest", "Beschwerde über Kasimir"} {
		f.done(apptest.Chair, floor+"/punkt", "item", f.item(path, title), "version", version())
		f.done(apptest.Ada, floor+"/antrag", "title", "Antrag zu "+title, "wording", "Der Elternbeirat beschließt etwas zu "+title+".")
		f.done(apptest.Chair, floor+"/abstimmung", "motion", fmt.Sprint(n+1), "how", "open")
		ballot := fmt.Sprintf("/abstimmung/%d", n+1)
		for _, p := range all {
			f.done(p, ballot+"/stimme", "choice", "yes", "back", "/")
		}
		f.done(apptest.Chair, ballot+"/schliessen", "back", "/")
	}
	f.done(apptest.Ada, floor+"/aufgabe", "title", "Kasimirs Eltern anrufen", "owner", fmt.Sprint(apptest.Ada), "due", "2026-05-20")
	f.done(apptest.Chair, floor+"/ende", "version", version())
}

// writes writes the minutes of a meeting and sends them.
func (f *forum) writes(path string) (minutes string) {
	f.Helper()
	minutes = f.done(apptest.Chair, "/protokolle/neu", "meeting", strings.TrimPrefix(path, "/sitzung/"))
	minutes = regexp.MustCompile(`^/protokoll/\d+`).FindString(minutes)
	page := f.Get(apptest.Chair, minutes+"/schreiben").Body
	var form []string
	for _, m := range regexp.MustCompile(`<input type="hidden" name="(pen|form|no|base-\d+)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		form = append(form, m[1], html.UnescapeString(m[2]))
	}
	for _, title := range []string{"Sommerfest", "Beschwerde über Kasimir"} {
		form = append(form, "body-"+f.item(path, title), "Wir haben über "+title+" gesprochen.")
	}
	f.done(apptest.Chair, minutes+"/schreiben", append(form, "done", "1")...)
	f.done(apptest.Chair, minutes+"/versenden")
	return minutes
}

// settle has the house write down what it gives out, as it does every few minutes.
func (f *forum) settle() {
	f.Helper()
	err := f.DB.Write(f.Context(), func(tx *store.Tx) error { return f.Tasks.Add(tx, "oparl.settle", 0, "") })
	if err != nil {
		f.Fatal(err)
	}
	f.Work(f.T)
}

// told is what the interface lists of a type, by the end of the id, of what was changed since; "": everything that is there.
func (f *forum) told(typ string, since time.Time) (all map[string]map[string]any) {
	f.Helper()
	f.settle()
	all = map[string]map[string]any{}
	query := ""
	if !since.IsZero() {
		query = "?limit=2&modified_since=" + url.QueryEscape(oparl.Moment(since))
	}
	for _, o := range f.OParlList("/oparl/v1.1/body/u1/" + typ + query) {
		id := o["id"].(string)
		all[id[strings.LastIndexByte(id, '/')+1:]] = o
	}
	return all
}

// TestOParl: what a public council plans, holds, decides and writes is published as it happens, and nothing else; whoever
// follows the interface is told exactly what has changed, and what is no longer published.
func TestOParl(t *testing.T) {
	f := newForum(t)
	f.meets(apptest.Greta, regenbogenCouncil, "Stille Sitzung", "2026-03-18")
	first := f.meets(apptest.Chair, apptest.Council, "Märzsitzung", "2026-03-17")
	f.done(apptest.Chair, "/sitzungen/neu", "unit", "10", "title", "Nur geplant", "day", "2026-03-27", "starts", "19:30", "ends", "21:30", "public", "1")
	f.crawled(6, 0, 0)
	at := func(day int, month time.Month, hour int) {
		f.settle()
		f.Clock.Add(time.Date(2026, month, day, hour, 0, 0, 0, web.Zone()).Sub(f.Now()))
	}
	f.follow("the meeting is held", map[string]int{"meeting": 1, "paper": 1, "agendaItem": 1, "consultation": 1}, func() { at(17, 3, 20); f.decides(first) })
	f.crawled(6, 1, 0)
	minutes := ""
	f.follow("minutes are sent", nil, func() { minutes = f.writes(first) })
	second := ""
	f.follow("the next meeting", map[string]int{"meeting": 1, "agendaItem": 6, "locationList": 1}, func() {
		second = f.meets(apptest.Chair, apptest.Council, "Aprilsitzung", "2026-04-21")
	})
	f.follow("it begins", map[string]int{"meeting": 1}, func() { at(21, 4, 20); f.done(apptest.Chair, second+"/plenum/beginn") })
	f.follow("the minutes are approved", map[string]int{"meeting": 1, "file": 1}, func() {
		f.done(apptest.Chair, minutes+"/genehmigen", "meeting", strings.TrimPrefix(second, "/sitzung/"))
	})
	f.protocol(minutes)
	f.crawled(12, 1, 1)

	var third string
	f.follow("a third meeting", map[string]int{"meeting": 1, "agendaItem": 6, "locationList": 1}, func() {
		third = f.meets(apptest.Chair, apptest.Council, "Maisitzung", "2026-05-19")
	})
	f.follow("an item is no longer public", map[string]int{"meeting": 1, "agendaItem": 1}, func() {
		if a := f.Upload(apptest.Chair, "/tagesordnungspunkt/"+f.item(third, "Sommerfest"), "", "", nil, "title", "Sommerfest von Kasimir"); a.Code != 303 {
			t.Fatal(a.Code, said(a.Body))
		}
	})
	f.crawled(17, 1, 1)
	f.follow("it is cancelled", map[string]int{"meeting": 1}, func() { f.done(apptest.Chair, third+"/absagen", "reason", "Kasimir ist krank") })
	f.agree(3)
	f.follow("it is removed", map[string]int{"meeting": 1, "agendaItem": 5, "locationList": 1}, func() { f.done(apptest.Chair, third+"/loeschen") })
	f.crawled(12, 1, 1)
	f.agree(2)

	late := ""
	f.follow("a resolution is entered", map[string]int{"paper": 1, "consultation": 1}, func() {
		late = f.done(apptest.Chair, "/beschluesse/nachtragen", "unit", "10", "uid", "x", "day", "2024-05-06", "title", "Altes", "wording", "Wir danken.", "public", "1")
	})
	f.agree(2)
	f.follow("and struck", map[string]int{"paper": 1, "consultation": 1}, func() { f.done(apptest.Chair, late+"/streichen") })
	f.agree(2)
	f.follow("an election", map[string]int{"organization": 1, "person": 2, "membership": 3, "legislativeTermList": 1}, func() {
		form := []string{"name", "2026", "elected", "2026-04-22", "starts", "2026-04-22", "ends", "2027-04-21"}
		for person, office := range map[string]string{"17": "deputy", "8": "delegate", "6": "delegate", "7": "chair"} {
			form = append(form, "person", person, "given", "", "family", "", "mail", "", "office", office, "rank", "")
		}
		at(22, 4, 12)
		f.done(apptest.Chair, "/gremium/10/wahl", form...)
	})
	f.follow("a new name", map[string]int{"organization": 1, "legislativeTermList": 1}, func() { f.sql(`UPDATE unit SET name = 'Elternrat' WHERE id = 10`) })

	// A council that is no longer public leaves tombstones, and nothing else.
	gone := map[string]int{"organization": 1, "person": 2, "membership": 2, "legislativeTermList": 1, "meeting": 2, "agendaItem": 12, "locationList": 2, "paper": 1, "consultation": 1, "file": 1}
	f.follow("it is no longer public", gone, func() { f.public(false) })
	for typ := range gone {
		if all := f.told(typ, time.Time{}); len(all) > 0 {
			t.Errorf("still there: %v", all)
		}
		for _, o := range f.told(typ, f.Now()) {
			if o["deleted"] != true || len(o) != 5 || fmt.Sprint(f.OParl(o["id"].(string))) != fmt.Sprint(o) {
				t.Errorf("no tombstone: %v", o)
			}
		}
	}
	for _, path := range []string{"/gremium/10/ratssitzungen.ics", "/gremium/10/sitzungen.ics", "/gremium/10/beschluesse.atom", minutes, first} {
		if a := f.Get(apptest.Nobody, path); a.Code == 200 {
			t.Errorf("%s: %s", path, said(a.Body))
		}
	}
	f.follow("public again", gone, func() { f.public(true) })
	f.crawledAs(12, 1, 1, "Cem", "Yildiz")
}

// protocol checks the approved minutes of a meeting, as whoever follows the addresses of the File reads them.
func (f *forum) protocol(page string) {
	f.Helper()
	for _, o := range f.told("file", time.Time{}) {
		for name, how := range map[string]string{"accessUrl": "", "downloadUrl": "attachment"} {
			a := f.Get(apptest.Nobody, strings.TrimPrefix(o[name].(string), apptest.Base))
			if a.Code != 200 || !a.Has("Sommerfest") || a.Has("Kasimir") || a.Has("Huber") || !strings.HasPrefix(a.Header.Get("Content-Disposition"), how) {
				f.Errorf("%s: %d %v %s", name, a.Code, a.Header, said(a.Body))
			}
		}
		if o["web"] != apptest.Base+page {
			f.Errorf("%v is not %s", o["web"], page)
		}
	}
}

// agree checks that the calendars and the feed of the council tell of the same meetings and resolutions as the interface.
func (f *forum) agree(meetings int) {
	f.Helper()
	all := f.told("meeting", time.Time{})
	if len(all) != meetings {
		f.Errorf("%d meetings, not %d", len(all), meetings)
	}
	for _, path := range []string{"/gremium/10/ratssitzungen.ics", "/gremium/10/sitzungen.ics"} {
		feed := strings.ReplaceAll(f.Get(apptest.Nobody, path).Body, "\r\n ", "")
		if n := strings.Count(feed, "BEGIN:VEVENT"); n != meetings {
			f.Errorf("%s has %d meetings: %s", path, n, feed)
		}
		for uid, o := range all {
			_, event, _ := strings.Cut(feed, "UID:"+uid+"@nestfunk")
			event, _, _ = strings.Cut(event, "END:VEVENT")
			if !strings.Contains(event, o["name"].(string)) || strings.Contains(event, "STATUS:CANCELLED") != (o["cancelled"] == true) || !strings.Contains(event, "Turnraum") {
				f.Errorf("%s says of %v: %s", path, o, event)
			}
		}
	}
	atom := f.Get(apptest.Nobody, "/gremium/10/beschluesse.atom")
	papers := f.told("paper", time.Time{})
	if n := strings.Count(atom.Body, "<entry>"); n != len(papers) {
		f.Errorf("the feed has %d resolutions, the interface %d", n, len(papers))
	}
	for uid, o := range papers {
		if !atom.Has("urn:uuid:"+uid) || !atom.Has(o["reference"].(string)) || !atom.Has(o["web"].(string)) {
			f.Errorf("the feed lacks %v: %s", o, atom.Body)
		}
	}
}

// follow does something and checks how much of each type is told to whoever asks for what has changed since.
func (f *forum) follow(what string, want map[string]int, do func()) {
	f.Helper()
	f.Crawl()
	f.Clock.Add(time.Hour)
	since := f.Now()
	do()
	for _, typ := range types() {
		all := f.told(typ, since)
		if len(all) != want[typ] {
			f.Errorf("%s: %d of %s are told, not %d: %v", what, len(all), typ, want[typ], all)
		}
	}
}

// crawled reads everything and checks that nothing is in it that must not be.
func (f *forum) crawled(items, papers, protocols int) map[string]map[string]any {
	f.Helper()
	return f.crawledAs(items, papers, protocols)
}

// crawledAs is the same where some lead the council.
func (f *forum) crawledAs(items, papers, protocols int, leaders ...string) map[string]map[string]any {
	f.Helper()
	all := f.Crawl()
	n := map[string]int{}
	for id, o := range all {
		typ := o["type"].(string)
		n[typ[strings.LastIndexByte(typ, '/')+1:]]++
		words := fmt.Sprint(o)
		for _, secret := range []string{"Kasimir", "Huber", "treff.example.org", "Ada", "Dana", "Cem", "Demir", "Greta", "Regenbogen", "Stille", "Nur geplant", "u11"} {
			if strings.Contains(words, secret) && !slices.Contains(leaders, secret) {
				f.Errorf("%s tells of %q: %s", id, secret, words)
			}
		}
		for _, to := range regexp.MustCompile(apptest.Base+`/oparl/v1\.1/\w+/[\w-]+`).FindAllString(words, -1) {
			if all[to] == nil {
				f.Errorf("%s refers to %s, which nothing lists", id, to)
			}
		}
	}
	if n["AgendaItem"] != items || n["Paper"] != papers || n["Consultation"] != papers || n["File"] != protocols {
		f.Errorf("there are %v", n)
	}
	return all
}

// TestOParlAgain: what one house gives out another one reads in and gives out again, and nothing is lost. What the first
// then changes and removes, the second takes over.
func TestOParlAgain(t *testing.T) {
	a := newForum(t)
	a.Clock.Add(time.Hour)
	first := a.meets(apptest.Chair, apptest.Council, "Märzsitzung", "2026-03-17")
	a.done(apptest.Chair, "/gremium/10/wahl", "name", "2026", "elected", "2026-03-02", "starts", "2026-03-02", "ends", "2027-02-28",
		"person", "17", "given", "", "family", "", "mail", "", "office", "chair", "rank", "", "person", "8", "given", "", "family", "", "mail", "", "office", "delegate", "rank", "",
		"person", "6", "given", "", "family", "", "mail", "", "office", "delegate", "rank", "", "person", "7", "given", "", "family", "", "mail", "", "office", "delegate", "rank", "")
	a.Clock.Add(15*24*time.Hour + 12*time.Hour)
	a.decides(first)
	minutes := a.writes(first)
	second := a.meets(apptest.Chair, apptest.Council, "Aprilsitzung", "2026-04-21")
	a.Clock.Add(35 * 24 * time.Hour)
	a.done(apptest.Chair, second+"/plenum/beginn")
	a.done(apptest.Chair, minutes+"/genehmigen", "meeting", strings.TrimPrefix(second, "/sitzung/"))

	data := t.TempDir()
	was, out := a.carry(data, time.Time{})
	if !strings.Contains(out, `"changed":0,"same":0,"refused":[]`) {
		t.Errorf("the first time: %s", out)
	}
	n := apptest.SameOParl(t, was, crawled(t, data))
	if n["Meeting"] != 2 || n["Paper"] != 1 || n["Organization"] != 1 || n["File"] != 2 || n["AgendaItem"] != 26 || n["Person"] != 1 || n["LegislativeTerm"] != 2 || n["System"] != 1 {
		t.Errorf("%v were compared", n)
	}
	if _, out := a.carry(data, time.Time{}); !strings.Contains(out, `"new":0,"changed":0,`) {
		t.Errorf("once more: %s", out)
	}
	a.Clock.Add(time.Hour)
	since := a.Now()
	third := a.meets(apptest.Chair, apptest.Council, "Maisitzung", "2026-05-19")
	if _, out := a.carry(data, since); !strings.Contains(out, `"new":8,"changed":0,`) {
		t.Errorf("a new meeting: %s", out)
	}
	a.Clock.Add(time.Hour)
	since = a.Now()
	a.done(apptest.Chair, third+"/absagen", "reason", "")
	a.done(apptest.Chair, third+"/loeschen")
	if _, out := a.carry(data, since); !strings.Contains(out, `"new":0,"changed":8,`) {
		t.Errorf("a removed one: %s", out)
	}
	if all := crawled(t, data); strings.Contains(fmt.Sprint(all), "Maisitzung") {
		t.Error("the second house has it still")
	}
	was = nil
	for _, o := range a.Crawl() {
		was = append(was, moved(t, o))
	}
	apptest.SameOParl(t, was, crawled(t, data))
}

// moved is an object of the first house as the second reads it.
func moved(t *testing.T, o map[string]any) (to map[string]any) {
	t.Helper()
	b, err := json.Marshal(o)
	if err == nil {
		err = json.Unmarshal([]byte(strings.ReplaceAll(string(b), apptest.Base, elsewhere)), &to)
	}
	if err != nil {
		t.Fatal(err)
	}
	return to
}

// carry imports what the house gives out, or what has changed in it since, into another one, by the command; it answers what
// it carried and the report.
func (f *forum) carry(data string, since time.Time) (was []map[string]any, report string) {
	f.Helper()
	if since.IsZero() {
		was = append(was, moved(f.T, f.OParl("/oparl/v1.1/system")))
		for _, o := range f.Crawl() {
			was = append(was, moved(f.T, o))
		}
	}
	for _, typ := range types() {
		if !since.IsZero() {
			for _, o := range f.told(typ, since) {
				was = append(was, moved(f.T, o))
			}
		}
	}
	var lines bytes.Buffer
	to := json.NewEncoder(&lines)
	for _, o := range was {
		if err := to.Encode(o); err != nil {
			f.Fatal(err)
		}
	}
	file := filepath.Join(f.TempDir(), "haus.jsonl")
	if err := os.WriteFile(file, lines.Bytes(), 0o600); err != nil {
		f.Fatal(err)
	}
	var b strings.Builder
	if err := ImportOParl(f.Context(), Options{Out: &b, Schema: apptest.Schema(), Now: f.Now}, OParl{Data: data, Source: file, JSON: true}); err != nil {
		f.Fatal(err)
	}
	return was, b.String()
}

// crawled is all that a house gives out that is not running.
func crawled(t *testing.T, data string) map[string]map[string]any {
	t.Helper()
	dir, err := openFolder(data)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	base, err := url.Parse(apptest.Base)
	if err != nil {
		t.Fatal(err)
	}
	a, err := open(t.Context(), Options{Schema: apptest.Schema(), Now: func() time.Time { return apptest.Start.AddDate(1, 0, 0) }}, dir, base)
	if err != nil {
		t.Fatal(err)
	}
	defer a.house.DB.Close()
	s := (&apptest.House{House: a.house}).Serve(t, features(a.house, nil)...)
	all := s.Crawl()
	for _, o := range all { // the system that was read in stands beside the house's own
		if from, ok := o["nestfunk:system"].(string); ok {
			all[from] = s.OParl(from)
		}
	}
	return all
}

const elsewhere = "https://haus.example.org" // where the first house is, for the second

// types are the lists of a body.
func types() []string {
	return []string{"organization", "person", "meeting", "paper", "agendaItem", "consultation", "file", "locationList", "legislativeTermList", "membership"}
}

// BenchmarkOParl measures a page of 100 meetings of ten items each: as it is asked for mostly, and made anew after a change.
func BenchmarkOParl(b *testing.B) {
	h := apptest.New(b)
	s := h.Serve(b, features(h.House, nil)...)
	write := func(query string, args ...any) {
		if err := h.DB.Write(b.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
			b.Fatal(err)
		}
	}
	old := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	b.Cleanup(func() { slog.SetDefault(old) })
	write(`INSERT INTO committee (unit, public, notice, working, quorum, majority, minutes, objection, substitutes, circular, provisional) VALUES (10, 1, 7, 0, 50, 'simple', 14, 14, 1, 1, 3)`)
	write(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
		INSERT INTO meeting (id, uid, unit, title, starts, ends, place, online, body, public, state, invited, created, changed, moved)
		SELECT i, printf('m%03d', i), 10, 'Sitzung ' || i, 1700000000 + i * 86400, 1700007200 + i * 86400, 'Turnraum', '', '', 1, 'ended', 1, 1, 1, 1 FROM n`)
	write(`WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999)
		INSERT INTO meeting_item (uid, meeting, rank, depth, title, body, public, kind, ref, length, created, changed)
		SELECT printf('i%04d', i), 1 + i / 10, i % 10, 0, 'Punkt ' || i, '', 1, '', 0, 0, 1, 1 FROM n`)
	write(`INSERT INTO resolution (uid, origin, unit, year, number, late, title, wording, public, meeting, item, place, decided, fate, reason, created, changed)
		SELECT 'r' || id, 'motion ' || id, 10, 2024, id, 0, 'Beschluss', 'Der Elternbeirat beschließt es.', 1, meeting, id, '', 1, '', '', 1, 1 FROM meeting_item WHERE id % 2 = 0`)
	ask := func() {
		a := s.Get(apptest.Nobody, "/oparl/v1.1/body/u1/meeting")
		if a.Code != 200 || strings.Count(a.Body, `"type":"https://schema.oparl.org/1.1/AgendaItem"`) != 1000 {
			b.Fatal(a.Code, len(a.Body))
		}
	}
	ask()
	b.Run("asked", func(b *testing.B) {
		for b.Loop() {
			h.Clock.Add(time.Second / 4) // asks that often are taken
			ask()
		}
	})
	b.Run("changed", func(b *testing.B) {
		for b.Loop() {
			h.Clock.Add(time.Second / 4)
			write(`UPDATE meeting SET title = title || '.' WHERE id = 1`)
			ask()
		}
	})
}
