package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// confidential stands in all that a council keeps to itself.
const confidential = "Zwiebelfisch"

// sits lets a council do all that it does, and keep it to itself: a meeting that runs, with a motion that is voted on, minutes, a
// task, proposals, a poll, a circular resolution and a letter that is not sent.
func (f *full) sits() {
	f.t.Helper()
	council, at := fmt.Sprint(apptest.Council), "/sitzung/1"
	f.done(apptest.Dana, "/vorschlaege/neu", "unit", council, "title", confidential, "body", confidential)
	f.done(apptest.Chair, "/sitzungen/neu", "unit", council, "title", "Sitzung", "day", "2026-03-02", "starts", "23:00", "ends", "23:30", "public", "1", "online", "https://example.org/"+confidential,
		"body", confidential)
	f.done(apptest.Chair, at+"/tagesordnung", "do", "neu", "title", confidential)
	f.done(apptest.Chair, at+"/tagesordnung", "do", "neu", "title", "Sommerfest", "public", "1")
	f.done(apptest.Chair, at+"/einladen", "late", "1")
	f.done(apptest.Chair, "/sitzungen/neu", "unit", council, "title", confidential, "day", "2026-06-02", "starts", "19:00", "ends", "21:00")
	f.done(apptest.Chair, "/terminfindungen/neu", "unit", council, "title", confidential, "closes", "2026-03-09",
		"slot_day", "2026-04-01", "slot_starts", "19:00", "slot_ends", "20:00", "slot_day", "2026-04-02", "slot_starts", "19:00", "slot_ends", "20:00")
	f.done(apptest.Chair, "/umlaufbeschluesse/neu", "unit", council, "title", confidential, "wording", "So.", "cause", "Eilt.", "closes_day", "2026-03-09", "closes_time", "20:00")
	f.done(apptest.Chair, "/beschluesse/nachtragen", "unit", council, "uid", "z1", "day", "2025-11-12", "title", confidential, "wording", confidential)
	f.done(apptest.Chair, "/aufgaben/neu", "unit", council, "title", confidential)
	f.done(apptest.Chair, "/rundbriefe/neu", "uid", "z2", "unit", council, "place", fmt.Sprint(apptest.Sonne), "title", confidential, "body", confidential)
	f.done(apptest.Chair, at+"/plenum/beginn")
	f.done(apptest.Dana, at+"/plenum/anwesend", "kind", "came")
	item := f.number(`SELECT id FROM meeting_item WHERE meeting = 1 AND title = ?`, confidential)
	f.done(apptest.Chair, at+"/plenum/punkt", "item", fmt.Sprint(item), "version", "1")
	f.done(apptest.Dana, at+"/plenum/antrag", "wording", confidential)
	f.done(apptest.Dana, at+"/plenum/antrag", "wording", confidential+" zum Zweiten")
	f.done(apptest.Dana, at+"/plenum/aufgabe", "title", confidential)
	f.done(apptest.Chair, at+"/plenum/abstimmung", "motion", "1", "how", "open")
	f.done(apptest.Chair, "/protokolle/neu", "meeting", "1")
	f.done(apptest.Chair, "/gremium/10/uebergabe", "changes", "2026-09-02")
}

func (f *full) number(query string, args ...any) (n int64) {
	f.t.Helper()
	err := f.DB.Read(f.t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int64], query, args...)
		return err
	})
	if err != nil {
		f.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// another founds a second council, of the other Kita, which the head of that leads.
func (f *full) another() {
	f.t.Helper()
	f.sql(`INSERT INTO unit (id, uid, parent, kind, name, since) VALUES (40, '0190b5a4-0000-7000-8000-000000000040', 8, 'committee', 'Elternbeirat Regenbogen', 0)`)
	f.sql(`INSERT INTO unit_up (unit, above, depth) SELECT 40, above, depth + 1 FROM unit_up WHERE unit = 8`)
	f.sql(`INSERT INTO unit_up (unit, above, depth) VALUES (40, 40, 0)`)
	f.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 40, 8, 'chair', 'confirmed', 0)`, apptest.Rosa)
}

var theirs = regexp.MustCompile(`^/(sitzung|tagesordnungspunkt|terminfindung|vorschlag|abstimmung|protokoll|beschluss|umlaufbeschluss|aufgabe|gremium|uebergabe|rundbrief)/:id`)

// TestCouncilKeepsToItself: nobody but its members reads what a council keeps to itself, on whatever page, in searches with an
// index and without, in feeds and as OParl; and whoever leads another council changes nothing of it.
func TestCouncilKeepsToItself(t *testing.T) {
	h := newHouse(t)
	h.another()
	h.sits()
	h.sql(`UPDATE committee SET public = 1`)
	h.sql(`INSERT OR IGNORE INTO committee (unit, public, notice, working, quorum, majority, minutes, objection, substitutes, circular, provisional) VALUES (10, 1, 7, 0, 50, 'simple', 14, 14, 1, 1, 3)`)
	if err := h.Search.Update(t.Context()); err != nil {
		t.Fatal(err)
	}
	get := func(person int64, path string) *httptest.ResponseRecorder {
		return h.do(person, httptest.NewRequest(http.MethodGet, apptest.Base+path, nil))
	}
	reads := 0
	for _, path := range []string{"/sitzung/1", "/sitzung/2", "/sitzung/1/plenum", "/terminfindung/1", "/vorschlaege?unit=10", "/umlaufbeschluss/1", "/beschluss/1", "/aufgaben", "/abstimmung/1",
		"/protokoll/1", "/rundbriefe", "/suche?q=" + confidential} {
		if strings.Contains(get(apptest.Dana, path).Body.String(), confidential) {
			reads++
		} else if path != "/protokoll/1" { // a draft is for those who write
			t.Errorf("a member does not read %s", path)
		}
	}
	paths := []string{"/", "/gremien", "/sitzungen", "/sitzungen?zeit=vergangen", "/vorschlaege?unit=10", "/aufgaben?unit=10", "/beschluesse?unit=10&filter=alle", "/beschluesse/buch?unit=10&filter=alle",
		"/beschluesse/tabelle?unit=10&filter=alle", "/protokolle?unit=10", "/rundbriefe", "/termine", "/termine.ics", "/einheit/10", "/einheit/4", "/archiv/10",
		"/suche?q=" + confidential, "/oparl/v1.1/system", "/sitzungen/neu?unit=10", "/umlaufbeschluesse/neu?unit=10", "/beschluesse/nachtragen?unit=10", "/rundbriefe/neu?gremium=10"}
	for _, rt := range h.routes {
		if rt.Method == http.MethodGet && theirs.MatchString(rt.Path) {
			for _, id := range []string{"1", "2", "3", "9", "10"} {
				paths = append(paths, strings.Replace(rt.Path, ":id", id, 1))
			}
		}
	}
	for _, name := range []string{"meeting", "agendaItem", "paper", "file", "consultation", "organization"} {
		city := "/oparl/v1.1/body/" + h.words(`SELECT uid FROM unit WHERE id = 1`)
		paths = append(paths, city+"/"+name, city+"/"+name+"s", city+"/"+strings.ToLower(name))
	}
	strangers := []int64{apptest.Nobody, apptest.Arno, apptest.Olga, apptest.Max, apptest.Hanna, apptest.Rosa, apptest.Stefan, apptest.Ada, apptest.Auditor, apptest.Former, apptest.Locked, apptest.Invited}
	for _, indexed := range []bool{true, false} {
		if !indexed {
			h.Search.Close()
			paths = []string{"/suche?q=" + confidential}
		}
		for _, p := range strangers {
			for _, path := range paths {
				w := get(p, path)
				if body := w.Body.String(); w.Code >= 500 || strings.Contains(body, confidential) && !strings.HasPrefix(path, "/suche") || hits.MatchString(body) && strings.HasPrefix(path, "/suche") {
					t.Errorf("index %v: %d at %s (%d): %s", indexed, p, path, w.Code, regexp.MustCompile(`.{0,60}`+confidential+`.{0,40}`).FindString(body))
				}
			}
		}
	}
	cookie := h.cookie(apptest.Rosa)
	post := func(path string, fields ...string) (code int, wrote int64) {
		before, w, r := h.DB.Changes(), httptest.NewRecorder(), h.form(apptest.Rosa, path, fields...)
		r.AddCookie(cookie)
		h.handler.ServeHTTP(w, r)
		return w.Code, h.DB.Changes() - before
	}
	needs := map[string][]string{ // what a form must say to be read at all
		"/abstimmung/:id/stimme":      {"choice", "yes"},
		"/abstimmung/:id/stimmzettel": {"blinded", strings.Repeat("A", 342)},
		"/protokoll/:id/stift":        {"do", "take"},
		"/protokoll/:id/beiseite":     {"aside", "1", "do", "in"},
	}
	tried := 0
	for _, rt := range h.routes {
		if rt.Method != http.MethodPost || !theirs.MatchString(rt.Path) || strings.HasSuffix(rt.Path, "/urne") {
			continue
		}
		for _, id := range []string{"1", "2", "3", "10"} {
			path := strings.Replace(rt.Path, ":id", id, 1)
			tried++
			// The first meeting is public, so that she may know of it: she is not invited.
			if code, n := post(path, needs[rt.Path]...); n != 0 || code != http.StatusForbidden && code != http.StatusNotFound && path != "/sitzung/1/antwort" {
				t.Errorf("who leads another council posts to %s: %d, %d rows", path, code, n)
			}
		}
	}
	if tried < 150 {
		t.Errorf("only %d forms were tried", tried)
	}
	for path, fields := range map[string][]string{
		"/sitzungen/neu":           {"title", "Fremd", "day", "2026-04-01", "starts", "19:00", "ends", "20:00"},
		"/terminfindungen/neu":     {"title", "Fremd", "closes", "2026-03-09", "slot_day", "2026-04-01", "slot_starts", "19:00", "slot_ends", "20:00", "slot_day", "2026-04-02", "slot_starts", "19:00", "slot_ends", "20:00"},
		"/vorschlaege/neu":         {"title", "Fremd"},
		"/umlaufbeschluesse/neu":   {"title", "Fremd", "wording", "So.", "cause", "Eilt.", "closes_day", "2026-03-09", "closes_time", "20:00"},
		"/beschluesse/nachtragen":  {"uid", "z9", "day", "2025-11-12", "title", "Fremd", "wording", "Fremd"},
		"/aufgaben/neu":            {"title", "Fremd"},
		"/rundbriefe/neu":          {"uid", "z9", "place", "4", "title", "Fremd", "body", "Fremd"},
		"/gremium/10/uebergabe":    {"changes", "2026-09-03"},
		"/sitzung/1/plenum/antrag": {"wording", "Fremd"},
		"/vorschlag/1/entscheiden": {"state", "taken", "meeting", "1"},
		"/uebergabe/1/punkt":       {"item", "1", "deed", "give"},
	} {
		if !strings.Contains(path, "1") {
			fields = append(fields, "unit", "10")
		}
		if code, n := post(path, fields...); n != 0 || code != http.StatusForbidden && code != http.StatusNotFound {
			t.Errorf("who leads another council posts to %s: %d, %d rows", path, code, n)
		}
	}
	if code, n := post("/protokolle/neu", "meeting", "1"); n != 0 || code != http.StatusNotFound {
		t.Errorf("who leads another council writes minutes: %d, %d rows", code, n)
	}
}

// forgets has every feature forget a person.
func (f *full) forgets(person int64) {
	f.t.Helper()
	err := f.DB.Write(f.t.Context(), func(tx *store.Tx) error {
		for _, x := range f.features {
			if x.Erase == nil {
				continue
			}
			if err := x.Erase(tx, house.Subject{Person: person}); err != nil {
				return fmt.Errorf("%s: %w", x.Name, err)
			}
		}
		return nil
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// TestCouncilGoesOn: a vote is closed by many at once while others vote, after the mover, who has voted, was forgotten: there
// is one resolution, and what was voted counts. A circular resolution ends by the clock, however long its title is. When the
// chair is forgotten, too, whoever comes next still reads it all.
func TestCouncilGoesOn(t *testing.T) {
	h := newHouse(t)
	h.sits()
	h.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 10, 8, 'deputy', 'confirmed', 0)`, apptest.Ada)
	h.done(apptest.Ada, "/sitzung/1/plenum/anwesend", "kind", "came")
	long := strings.TrimSpace(strings.Repeat("Zuschuss zum Fest ", 11))
	h.done(apptest.Ada, "/umlaufbeschluesse/neu", "unit", "10", "title", long, "wording", strings.Repeat("Es gibt Geld. ", 1000), "cause", "Eilt.",
		"closes_day", "2026-03-06", "closes_time", "20:00")
	h.done(apptest.Dana, "/abstimmung/2/stimme", "choice", "yes", "back", "/")
	h.forgets(apptest.Dana)
	cookies := []*http.Cookie{h.cookie(apptest.Chair), h.cookie(apptest.Ada)}
	var wait sync.WaitGroup
	for i := range 60 {
		path, fields := "/abstimmung/2/schliessen", []string{"back", "/"}
		switch i % 3 {
		case 0:
			path, fields = "/abstimmung/2/stimme", []string{"choice", "yes", "back", "/"}
		case 1:
			path, fields = "/sitzung/1/plenum/ende", []string{"version", "2"}
		}
		r := h.form(apptest.Chair, path, fields...)
		r.AddCookie(cookies[i/3%2])
		wait.Go(func() {
			w := httptest.NewRecorder()
			if h.handler.ServeHTTP(w, r); w.Code >= 500 {
				t.Errorf("%s: %d", path, w.Code)
			}
		})
	}
	wait.Wait()
	if n := h.number(`SELECT count(*) FROM resolution WHERE origin = 'motion 1'`); n != 1 {
		t.Errorf("%d resolutions of one motion", n)
	}
	if yes, votes := h.number(`SELECT ayes FROM ballot WHERE id = 2 AND state = 'closed'`), h.number(`SELECT count(*) FROM ballot_voter WHERE ballot = 2 AND choice = 'yes'`); yes != votes || votes == 0 {
		t.Errorf("%d yes counted, %d given", yes, votes)
	}
	if page := h.do(apptest.Ada, httptest.NewRequest(http.MethodGet, apptest.Base+"/abstimmung/2", nil)).Body.String(); !strings.Contains(page, "ehemals im Haus") {
		t.Errorf("a vote of whom the house has forgotten: %s", said(page))
	}
	h.Clock.Add(5 * 24 * time.Hour)
	h.Work(t)
	if state := h.words(`SELECT state FROM resolution_circular WHERE id = 2`); state != "inquorate" {
		t.Errorf("a circular resolution for which nobody has voted: %s", state)
	}
	h.forgets(apptest.Chair)
	for _, path := range []string{"/gremium/10", "/sitzung/1", "/sitzung/1/plenum", "/sitzung/2", "/vorschlaege", "/umlaufbeschluss/1", "/umlaufbeschluss/2", "/beschluss/1", "/beschluesse", "/aufgaben", "/aufgabe/1",
		"/protokoll/1", "/protokoll/1/schreiben", "/rundbrief/1", "/terminfindung/1", "/gremium/10/uebergabe", "/uebergabe/1", "/uebergabe/1/buch"} {
		if w := h.do(apptest.Ada, httptest.NewRequest(http.MethodGet, apptest.Base+path, nil)); w.Code != http.StatusOK {
			t.Errorf("%s: %d %s", path, w.Code, said(w.Body.String()))
		}
	}
}

func (f *full) words(query string) (s string) {
	f.t.Helper()
	err := f.DB.Read(f.t.Context(), func(tx *store.Tx) (err error) {
		s, err = store.One(tx, store.Value[string], query)
		return err
	})
	if err != nil {
		f.t.Fatalf("%s: %v", query, err)
	}
	return s
}
