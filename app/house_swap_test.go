package app

import (
	"cmp"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// TestSwap has the people of carrier B ask for everything that those of carrier A have asked for and written: the same
// addresses and forms, with sessions of their own. By itself each is asked for by who has the same role there; by all of B:
//
//	NESTFUNK_ALL=1 go test ./app -run TestSwap -v
func TestSwap(t *testing.T) {
	rules, _, err := specified(rightsText)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	pair := map[int64]int64{apptest.Max: apptest.Greta, apptest.Hanna: apptest.Rosa, mia: apptest.Rosa, apptest.Stefan: apptest.Rosa, apptest.Bert: xenia, guel: xenia, edda: chairR, apptest.Chair: chairR}
	for _, b := range pair {
		if w.cookies[b] == nil {
			w.cookies[b] = w.cookie(b)
		}
	}
	previews := []string{"/wissen/vorschau/" + w.previewed(apptest.Hanna, apptest.Sonne), "/termine/vorschau/" + w.calendar()}
	w.freeze()
	m := &mayhem{world: w.again(t), rules: rules}
	var gets []sent
	m.each(func(x try) {
		if pair[x.actor.id] != 0 && x.method == "GET" && (x.may && x.place != 'S' || x.kind == "") {
			gets = append(gets, sent{x.actor.id, x.path, nil})
		}
	})
	n := 0
	try := func(b int64, s sent, post bool) {
		r := httptest.NewRequest("GET", apptest.Base+s.path, nil)
		if post {
			r = m.form(b, s.path, s.fields...)
		}
		before := m.DB.Changes()
		rec := m.as(b, r)
		n++
		for _, x := range ofA(rec.Body.String(), s.fields) {
			t.Errorf("%d reads %s at %s", b, x, s.path)
		}
		if post && m.DB.Changes() != before {
			if own(s.path) {
				m.world = m.anew()
				return
			}
			t.Errorf("%d has written with %s %q: %d", b, s.path, s.fields, rec.Code)
			m.world = m.anew()
		}
		if post && strings.ContainsAny(s.path, "0123456789") && !shut(rec) && rec.Code < 400 {
			t.Errorf("%d may send %s: %d", b, s.path, rec.Code)
		}
	}
	for _, a := range slices.Concat(gets, w.sent) {
		others := []int64{pair[a.by]}
		if os.Getenv("NESTFUNK_ALL") != "" {
			others = []int64{apptest.Greta, apptest.Rosa, xenia, chairR}
		}
		for _, b := range others {
			if pair[a.by] != 0 {
				try(b, a, a.fields != nil)
			}
		}
	}
	for _, p := range previews { // which are in the memory of this house: nobody else sees, takes or discards them
		for _, b := range []int64{apptest.Greta, apptest.Rosa, chairR} {
			for _, r := range []*http.Request{httptest.NewRequest("GET", apptest.Base+p, nil), w.form(b, p), w.form(b, p+"/verwerfen")} {
				if rec := w.as(b, r); rec.Code == 200 || len(ofA(rec.Body.String(), nil)) > 0 {
					t.Errorf("%d: %s %s: %d", b, r.Method, p, rec.Code)
				}
			}
		}
		if rec := w.as(apptest.Hanna, httptest.NewRequest("GET", apptest.Base+p, nil)); rec.Code != 200 {
			t.Errorf("%s is gone: %d", p, rec.Code)
		}
	}
	if n < 300 {
		t.Errorf("only %d requests", n)
	}
	t.Logf("%d requests of A with sessions of B", n)
}

// own is where a form may well be taken from somebody of B, too: it means the sender's own place.
func own(path string) bool { return path == "/rundbriefe/zustimmung" }

// ofA are words of what belongs to carrier A in an answer, but for what was sent in the request itself.
func ofA(body string, fields []string) (all []string) {
	for _, m := range placed.FindAllStringSubmatch(body, -1) {
		if strings.Contains("IGNKAET", m[2]) && !strings.Contains(strings.Join(fields, " "), m[0]) && !slices.Contains(all, m[0]) {
			all = append(all, m[0])
		}
	}
	return all
}

// TestRevoked has everybody read all they may, so that whatever is kept anywhere is kept. Then the role ends, and the same
// session asks again: pages, searches, tables, archives, calendars and files.
func TestRevoked(t *testing.T) {
	rules, _, err := specified(rightsText)
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	for _, a := range actors() {
		if a.half || a.moved || a.id <= 0 || a.is == 'Y' {
			continue
		}
		m := &mayhem{world: w.again(t), rules: rules}
		var had []try
		m.each(func(x try) {
			if x.actor.id == a.id && x.method == "GET" && (x.may || x.kind == "") && !strings.HasSuffix(x.path, "/herunterladen") {
				had = append(had, x)
				m.do(x)
			}
		})
		feed := ""
		if m.right("POST/konto/kalender").Has(a.role()) {
			m.as(a.id, m.form(a.id, "/konto/kalender"))
			feed = calendarAt.FindString(m.as(a.id, httptest.NewRequest("GET", apptest.Base+"/konto/kalender", nil)).Body.String())
		}
		err := m.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(`UPDATE membership SET state = 'suspended' WHERE person = ?1`, a.id)
			if err == nil {
				_, err = tx.Exec(`UPDATE guardian SET state = 'suspended' WHERE person = ?1`, a.id)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		left := a
		left.is, left.half, left.name = 'W', true, a.name+", gesperrt"
		for _, x := range had {
			if x.kind == "maßnahme" && x.place == 'I' {
				continue // who was measured is told why and may object, whatever comes after (DSA Art. 17 and 20)
			}
			x.actor = left
			for _, r := range rules {
				if x.kind == r.kind && slices.ContainsFunc(r.routes, func(s string) bool { return strings.HasPrefix(s, "GET") && matches(s[3:], x.path) }) {
					x.may = r.allowed(left, x.place)
				}
			}
			m.do(x)
		}
		if rec := m.as(0, httptest.NewRequest("GET", apptest.Base+cmp.Or(feed, "/kalender/x.ics"), nil)); feed != "" && rec.Code != 404 && len(placed.FindAllString(rec.Body.String(), -1)) > 0 {
			t.Errorf("%s: the calendar goes on: %d %s", left.name, rec.Code, rec.Body)
		}
		unit := fmt.Sprint(apptest.Sonne)
		if a.id == apptest.Olga {
			tell(t, m.wrong)
			m.stay.End()
			continue // who would have written
		}
		m.done(apptest.Olga, "/mitteilungen/neu", "unit", fmt.Sprint(apptest.City), "audience", unit, "role", "parent", "role", "team", "role", "heads", "role", "council", "title", "Danach", "body", "x", "confirm", "1")
		m.Work(t)
		for _, mail := range m.Post.Sent() {
			if mail.To == fmt.Sprintf("person%d@example.org", a.id) {
				t.Errorf("%s: is told %q", left.name, mail.Subject)
			}
		}
		tell(t, m.wrong)
		if len(had) < 15 {
			t.Errorf("%s had read only %d pages", a.name, len(had))
		}
		m.stay.End()
	}
}

var calendarAt = regexp.MustCompile(`/kalender/[\w-]+\.ics`)

// matches reports whether a path is one of a route.
func matches(route, path string) bool {
	return regexp.MustCompile("^" + param.ReplaceAllString(route, `\d+`) + "$").MatchString(path)
}
