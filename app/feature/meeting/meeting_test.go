package meeting

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// A council is a house with a committee: Vera leads it; Dana, Ada and Cem are members; Bert and Stan are substitutes, in this
// order. Rosa's Kita belongs to another carrier.
type council struct {
	*apptest.Site
	h *apptest.House
	t testing.TB
}

func newCouncil(t testing.TB, w Wires) *council {
	h := apptest.New(t)
	c := &council{h.Serve(t, New(h.House, w)), h, t}
	c.write(`INSERT INTO membership (person, unit, role, office, state, mail, since) VALUES
		(6, 10, 7, 'delegate', 'confirmed', 'ada@example.org', 0), (7, 10, 7, 'delegate', 'confirmed', 'cem@example.org', 0),
		(11, 10, 7, 'substitute', 'confirmed', 'bert@example.org', 0), (15, 10, 7, 'substitute', 'confirmed', 'stan@example.org', 0)`)
	c.write(`INSERT INTO account_mail (mail, person, verified) VALUES ('vera@example.org', 17, 1), ('dana@example.org', 8, 1)`)
	return c
}

func (c *council) write(query string, args ...any) {
	c.t.Helper()
	if err := c.h.DB.Write(c.t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(query, args...); return err }); err != nil {
		c.t.Fatal(err)
	}
}

// posts sends a form and wants a status.
func (c *council) posts(person int64, path string, status int, fields ...string) apptest.Answer {
	c.t.Helper()
	a := c.Post(person, path, fields...)
	if a.Code != status {
		c.t.Fatalf("%d: %s of %q: %d, want %d: %s", person, path, fields, a.Code, status, words(a.Body))
	}
	return a
}

func (c *council) sees(person int64, path string, want bool, what ...string) {
	c.t.Helper()
	a := c.Get(person, path)
	for _, w := range what {
		if a.Has(w) != want {
			c.t.Errorf("%d at %s: %q is there: %v (%d)\n%s", person, path, w, !want, a.Code, words(a.Body))
		}
	}
}

// gets wants a status of a page.
func (c *council) gets(person int64, path string, status int) {
	c.t.Helper()
	if a := c.Get(person, path); a.Code != status {
		c.t.Errorf("%d at %s: %d, want %d", person, path, a.Code, status)
	}
}

func words(page string) string {
	_, main, _ := strings.Cut(page, "<main")
	main, _, _ = strings.Cut(main, "</main>")
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString("<main"+main, " ")), " ")
}

// evening is a form for a meeting in two weeks.
func evening(more ...string) []string {
	all := []string{"unit", "10", "title", "Märzsitzung", "day", "2026-03-17", "starts", "19:30", "ends", "21:30", "place", "Turnraum", "public", "1"}
	for i := 0; i < len(more); i += 2 {
		found := false
		for j := 0; j < len(all); j += 2 {
			if all[j] == more[i] {
				all[j+1], found = more[i+1], true
			}
		}
		if !found {
			all = append(all, more[i], more[i+1])
		}
	}
	return all
}

// made plans a meeting as Vera and returns where it is.
func (c *council) made(more ...string) string {
	c.t.Helper()
	a := c.posts(apptest.Chair, "/sitzungen/neu", 303, evening(more...)...)
	return strings.TrimSuffix(a.To, "/tagesordnung")
}

// mails are those since the last call, as "to: subject", in the order of their addresses' sending.
func (c *council) mails(from *int) (all []string) {
	c.t.Helper()
	c.h.Work(c.t)
	sent := c.h.Post.Sent()
	for _, m := range sent[*from:] {
		all = append(all, strings.TrimSuffix(m.To, "@example.org")+": "+m.Subject)
	}
	*from = len(sent)
	return all
}

// TestPlan: whoever leads plans; members see the plan and its agenda, others nothing until it is invited to, and then what is
// public only.
func TestPlan(t *testing.T) {
	c := newCouncil(t, Wires{})
	at := c.made("online", "https://treff.example.org/raum", "body", "Bitte *pünktlich*.")
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Sommerfest", "public", "1")
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Beschwerde einer Familie")
	for _, person := range []int64{apptest.Chair, apptest.Dana, apptest.Ada, apptest.Bert} {
		c.sees(person, at, true, "Märzsitzung", "Begrüßung", "Sommerfest", "Beschwerde einer Familie", "treff.example.org", "pünktlich", "in Planung")
		c.sees(person, "/sitzungen", true, "Märzsitzung")
	}
	for _, person := range []int64{apptest.Nobody, apptest.Hanna, apptest.Max, apptest.Olga, apptest.Arno, apptest.Rosa, apptest.Former} {
		if a := c.Get(person, at); a.Code == 200 {
			t.Errorf("%d reads what is only planned: %s", person, words(a.Body))
		}
		c.sees(person, "/sitzungen", false, "Märzsitzung")
	}
	c.posts(apptest.Dana, at+"/einladen", 403)
	c.posts(apptest.Hanna, at+"/einladen", 403)
	c.posts(apptest.Chair, at+"/einladen", 303)
	c.sees(apptest.Hanna, at, true, "Märzsitzung", "Turnraum", "Sommerfest")
	c.sees(apptest.Hanna, at, false, "Beschwerde", "treff.example.org", "pünktlich", "Dana", "Wer kommt")
	c.sees(apptest.Hanna, at, true, `<span class="num">1</span>`, `<span class="num">6</span> Sommerfest`) // numbers are those of the whole agenda
	c.gets(apptest.Rosa, at, 404)
	c.gets(apptest.Nobody, at, 404)
	c.write(`INSERT INTO committee (unit, public, notice, working, quorum, majority, minutes, objection, substitutes, circular, provisional) VALUES (10, 1, 7, 0, 50, 'simple', 14, 14, 1, 1, 3)`)
	c.sees(apptest.Nobody, at, true, "Sommerfest")
	c.sees(apptest.Nobody, at, false, "Beschwerde", "treff.example.org")
	c.sees(apptest.Rosa, "/sitzungen", true, "Märzsitzung")
}

// TestWrong: what is wrong is said at its field, and nothing typed is lost.
func TestWrong(t *testing.T) {
	c := newCouncil(t, Wires{})
	for _, x := range []struct {
		name, want string
		fields     []string
	}{
		{"no title", "Bitte geben Sie der Sitzung einen Titel.", evening("title", "")},
		{"end before start", "Das Ende liegt vor dem Beginn.", evening("ends", "19:00")},
		{"ends as it begins", "Das Ende liegt vor dem Beginn.", evening("ends", "19:30")},
		{"start in the past", "Dieser Zeitpunkt ist schon vorbei.", evening("day", "2026-03-01")},
		{"no day", "Bitte geben Sie einen Tag an, den es gibt.", evening("day", "2026-02-30")},
		{"no time", "Bitte geben Sie an, wann die Sitzung beginnt.", evening("starts", "")},
		{"clocks put forward", "Diese Uhrzeit gibt es an dem Tag nicht", evening("day", "2026-03-29", "starts", "02:30", "ends", "04:00")},
		{"no https", "https://", evening("online", "http://treff.example.org")},
		{"script", "https://", evening("online", "javascript:alert(1)")},
		{"long place", "Der Ort kann höchstens 200", evening("place", strings.Repeat("x", 201))},
	} {
		a := c.Post(apptest.Chair, "/sitzungen/neu", append(x.fields, "uid", "x")...)
		if a.Code != 422 || !a.Has(x.want) || x.name != "long place" && !a.Has("Turnraum") {
			t.Errorf("%s: %d %s", x.name, a.Code, words(a.Body))
		}
	}
	c.posts(apptest.Dana, "/sitzungen/neu", 403, evening()...)
	c.posts(apptest.Chair, "/sitzungen/neu", 404, evening("unit", "4")...)

	// a form that is sent twice makes one
	uid := newUID()
	first := c.posts(apptest.Chair, "/sitzungen/neu", 303, evening("uid", uid)...)
	if second := c.posts(apptest.Chair, "/sitzungen/neu", 303, evening("uid", uid)...); second.To != first.To {
		t.Errorf("%s and %s", first.To, second.To)
	}
	at := strings.TrimSuffix(first.To, "/tagesordnung")

	// no agenda, no invitation
	c.write(`DELETE FROM meeting_item`)
	if a := c.posts(apptest.Chair, at+"/einladen", 422); !a.Has("Die Tagesordnung ist leer.") {
		t.Error(words(a.Body))
	}
	c.posts(apptest.Chair, at+"/tagesordnung", 422, "do", "neu", "title", "")
	c.posts(apptest.Chair, at+"/tagesordnung", 303, "do", "neu", "title", "Haushalt")
	c.posts(apptest.Chair, at+"/einladen", 303)
	if a := c.posts(apptest.Chair, at+"/einladen", 422); !a.Has("nichts Neues") {
		t.Error(words(a.Body))
	}
	c.posts(apptest.Ada, at+"/antwort", 422, "answer", "ja", "note", "komme später")
	c.posts(apptest.Bert, at+"/antwort", 422, "answer", "yes") // a substitute who is not asked

	// after it is cancelled nothing goes on
	c.posts(apptest.Dana, at+"/absagen", 403)
	c.posts(apptest.Chair, at+"/absagen", 303, "reason", "Wasserschaden")
	c.sees(apptest.Ada, at, true, "Diese Sitzung ist abgesagt.", "Wasserschaden")
	for path, fields := range map[string][]string{"/einladen": nil, "/absagen": {"reason", ""}, "/antwort": {"answer", "yes"}, "/bearbeiten": evening(), "/tagesordnung": {"do", "neu", "title", "x"}} {
		if a := c.Post(apptest.Chair, at+path, fields...); a.Code != 422 && a.Code != 409 || !a.Has("Diese Sitzung ist abgesagt.") {
			t.Errorf("%s: %d %s", path, a.Code, words(a.Body))
		}
	}

	// when its time has come, nobody is invited any more
	late := c.made("day", "2026-03-03")
	c.h.Clock.Add(48 * time.Hour)
	if a := c.posts(apptest.Chair, late+"/einladen", 422, "late", "1"); !a.Has("Der Beginn ist schon vorbei.") {
		t.Error(words(a.Body))
	}
}
