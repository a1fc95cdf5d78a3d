package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// A term is a house in which the council of Sonne works, from Monday, 2 March 2026, on: Vera is its chair, and also that of the
// council of the whole city, so that no page is refused to her for her role alone. Everything that is not public has the word
// "Verschluss" in it.
type term struct {
	monday
}

// The people of the term: of those who stand for it Cem is the substitute. Fritz is a father who only reads.
const (
	cityCouncil = 11
	fritz       = apptest.Former
	secret      = "Verschluss"
)

func newTerm(t *testing.T) term {
	x := term{monday{newHouse(t), nil}}
	x.sql(`INSERT INTO unit (id, uid, parent, kind, name, city, since) VALUES (11, 'u11', 1, 'committee', 'Stadtelternbeirat', '', 0)`)
	x.sql(`INSERT INTO unit_up (unit, above, depth) VALUES (11, 11, 0), (11, 1, 1)`)
	x.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (17, 11, 8, 'chair', 'confirmed', 0)`)
	x.sql(`INSERT INTO guardian (child, person, state, since) VALUES (4, 13, 'confirmed', 0)`)
	x.sql(`INSERT INTO account_mail (mail, person, verified) SELECT lower(given) || '@example.org', id, 1 FROM person WHERE id IN (6, 7, 8, 11, 13, 17)`)
	x.sql(`UPDATE person SET language = 'de' WHERE id = 7`)
	x.sql(`UPDATE guardian SET language = 'de'`)
	x.at(2026, 3, 2, 10)
	return x
}

// at has the clock show an hour of a day, with all done that is due by then.
func (x term) at(year, month, day, hour int) {
	x.t.Helper()
	d := time.Date(year, time.Month(month), day, hour, 0, 0, 0, web.Zone()).Sub(x.Now())
	if d < 0 {
		x.t.Fatalf("the clock shows %s already", x.Now())
	}
	x.Clock.Add(d)
	x.Work(x.t)
}

// post sends a form that has to be taken, and returns where it leads.
func (x term) post(person int64, path string, fields ...string) string {
	x.t.Helper()
	w := x.do(person, x.form(person, path, fields...))
	if w.Code != http.StatusSeeOther {
		x.t.Fatalf("%s as %d: %d %s", path, person, w.Code, said(w.Body.String()))
	}
	to, _, _ := strings.Cut(w.Header().Get("Location"), "?")
	return to
}

// refused sends a form that must not be taken, and wants words of why.
func (x term) refused(person int64, words, path string, fields ...string) {
	x.t.Helper()
	w := x.do(person, x.form(person, path, fields...))
	if page := said(w.Body.String()); w.Code < 400 || !strings.Contains(page, words) {
		x.t.Errorf("%s as %d: %d, and does not say %q: %s", path, person, w.Code, words, page)
	}
}

// id is the number of something that was made.
func (x term) id(query string, args ...any) (id int64) {
	x.t.Helper()
	if err := x.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		id, err = store.One(tx, store.Value[int64], query, args...)
		return err
	}); err != nil {
		x.t.Fatalf("%s %v: %v", query, args, err)
	}
	return id
}

// ids are all that a query finds, as addresses have them.
func (x term) ids(query string) (all []string) {
	x.t.Helper()
	if err := x.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		all, err = store.All(tx, store.Value[string], "SELECT CAST(id AS TEXT) FROM "+query+" ORDER BY id")
		return err
	}); err != nil || len(all) == 0 {
		x.t.Fatalf("%s: %d, %v", query, len(all), err)
	}
	return all
}

// elect records an election; each row is a person, an office and perhaps a rank.
func (x term) elect(by int64, name, elected, starts, ends string, rows ...[3]string) {
	x.t.Helper()
	form := []string{"term", "0", "name", name, "elected", elected, "starts", starts, "ends", ends, "go", "save"}
	for _, r := range rows {
		form = append(form, "person", r[0], "given", "", "family", "", "mail", "", "office", r[1], "rank", r[2])
	}
	x.post(by, "/gremium/10/wahl", form...)
}

// plan plans a meeting at half past seven in the evening. An item whose title has the secret word is not public.
func (x term) plan(title, day string, items ...string) (path string) {
	x.t.Helper()
	to := x.post(apptest.Chair, "/sitzungen/neu", "unit", "10", "title", title, "day", day, "starts", "19:30", "ends", "21:30", "place", "Turnraum",
		"online", "https://video.example.org/"+secret, "public", "1")
	for _, i := range items {
		public := "1"
		if strings.Contains(i, secret) {
			public = ""
		}
		x.post(apptest.Chair, to, "do", "neu", "title", i, "public", public)
	}
	return strings.TrimSuffix(to, "/tagesordnung")
}

// invited are the mails about a meeting since the n-th, by address.
func (x term) invited(n int, path string) map[string]mail.Message {
	x.t.Helper()
	x.Work(x.t)
	all := map[string]mail.Message{}
	for _, m := range x.Post.Sent()[n:] {
		if m.Calendar.Method == "" {
			continue
		}
		ics := strings.ReplaceAll(string(m.Calendar.File), "\r\n ", "")
		for _, w := range []string{"METHOD:" + m.Calendar.Method, "UID:", "DTSTART", "ATTENDEE", m.To, path} {
			if !strings.Contains(ics, w) {
				x.t.Errorf("the invitation of %s lacks %q: %s", m.To, w, ics)
			}
		}
		if _, ok := all[m.To]; ok {
			x.t.Errorf("%s is invited twice", m.To)
		}
		all[m.To] = m
	}
	return all
}

// A running is a meeting that runs.
type running struct {
	term
	id   string
	path string
}

// begin begins a meeting with those who are there.
func (x term) begin(path string, people ...int64) running {
	x.t.Helper()
	f := running{x, strings.TrimPrefix(path, "/sitzung/"), path + "/plenum"}
	x.post(apptest.Chair, f.path+"/beginn")
	for _, p := range people {
		x.post(p, f.path+"/anwesend")
	}
	return f
}

// version is the step that is on a screen.
func (f running) version() string {
	f.t.Helper()
	return field(f.do(apptest.Chair, httptest.NewRequest("GET", apptest.Base+f.path, nil)).Body.String(), "version")
}

func (f running) call(title string) {
	f.t.Helper()
	item := f.term.id(`SELECT id FROM meeting_item WHERE meeting = ? AND title = ? AND deleted IS NULL`, f.id, title)
	f.post(apptest.Chair, f.path+"/punkt", "item", fmt.Sprint(item), "version", f.version())
}

func (f running) end() {
	f.t.Helper()
	f.post(apptest.Chair, f.path+"/ende", "version", f.version())
}

// move words a motion and has it voted on; it returns the page of the vote.
func (f running) move(mover int64, how, title, wording string) string {
	f.t.Helper()
	f.post(mover, f.path+"/antrag", "title", title, "wording", wording)
	motion := f.term.id(`SELECT id FROM floor_motion WHERE meeting = ? AND title = ?`, f.id, title)
	f.post(apptest.Chair, f.path+"/abstimmung", "motion", fmt.Sprint(motion), "how", how)
	return fmt.Sprintf("/abstimmung/%d", f.term.id(`SELECT id FROM ballot WHERE kind = 'motion' AND ref = ?`, motion))
}

// A say is how somebody votes.
type say struct {
	person int64
	choice string
}

// vote has people vote openly and closes the vote.
func (f running) vote(at string, all ...say) {
	f.t.Helper()
	for _, s := range all {
		f.post(s.person, at+"/stimme", "choice", s.choice, "back", "/")
	}
	f.post(apptest.Chair, at+"/schliessen", "back", "/")
}

// hidden has somebody vote secretly; it returns the code by which they find their vote again.
func (f running) hidden(at string, s say) string {
	f.t.Helper()
	mine, blinded := NewPaperless(f.t, f.get(s.person, at).Body.String())
	w := f.do(s.person, f.form(s.person, at+"/stimmzettel", "blinded", blinded))
	cast := mine.Fields(f.t, w.Body.Bytes(), s.choice)
	var o struct{ Code string }
	for range 2 { // a line that broke: it is sent once more, and counts once
		w = f.do(apptest.Nobody, f.form(apptest.Nobody, at+"/urne", cast...))
		if err := json.Unmarshal(w.Body.Bytes(), &o); err != nil || w.Code != http.StatusOK || o.Code == "" {
			f.t.Fatalf("%d %s", w.Code, w.Body)
		}
	}
	return o.Code
}

// minutes writes what was said about items and sends the minutes of a meeting; it returns their page.
func (x term) minutes(by int64, meeting, item, words string) string {
	x.t.Helper()
	sheet := x.post(by, "/protokolle/neu", "meeting", strings.TrimPrefix(meeting, "/sitzung/"))
	path := strings.TrimSuffix(sheet, "/schreiben")
	x.write(by, path, meeting, item, words)
	x.post(apptest.Chair, path+"/versenden")
	x.Work(x.t)
	return path
}

// write changes what the minutes say about an item, and lays down the pen.
func (x term) write(by int64, path, meeting, item, words string) {
	x.t.Helper()
	x.post(by, path+"/stift", "do", "take")
	page := x.get(by, path+"/schreiben").Body.String()
	id := fmt.Sprint(x.id(`SELECT id FROM meeting_item WHERE meeting = ? AND title = ? AND deleted IS NULL`, strings.TrimPrefix(meeting, "/sitzung/"), item))
	x.post(by, path+"/schreiben", "pen", field(page, "pen"), "form", field(page, "form"), "no", "1", "base-"+id, field(page, "base-"+id), "body-"+id, words, "done", "1")
}
