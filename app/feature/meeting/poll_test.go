package meeting

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// asking is a form for a poll with three times.
func asking(more ...string) []string {
	return append([]string{"unit", "10", "title", "Aprilsitzung", "closes", "2026-03-08", "place", "Aula",
		"slot_day", "2026-04-14", "slot_starts", "19:30", "slot_ends", "21:00", "slot_day", "2026-04-15", "slot_starts", "19:30", "slot_ends", "21:00",
		"slot_day", "2026-04-16", "slot_starts", "20:00", "slot_ends", "24:00", "slot_day", "", "slot_starts", "19:30", "slot_ends", "21:00"}, more...)
}

// TestPoll: members are asked, those who are silent are reminded, and the best time becomes a meeting.
func TestPoll(t *testing.T) {
	c := newCouncil(t, Wires{})
	n := 0
	for _, x := range []struct {
		name, want string
		fields     []string
	}{
		{"one time", "mindestens zwei", []string{"unit", "10", "title", "x", "closes", "2026-03-08", "slot_day", "2026-04-14", "slot_starts", "19:30", "slot_ends", "21:00"}},
		{"the same time twice", "zweimal", asking("slot_day", "2026-04-15", "slot_starts", "19:30", "slot_ends", "22:00")},
		{"backwards", "Das Ende liegt vor dem Beginn.", asking("slot_day", "2026-04-17", "slot_starts", "19:30", "slot_ends", "18:00")},
		{"long past", "schon vorbei", asking("slot_day", "2025-04-17", "slot_starts", "19:30", "slot_ends", "21:00")},
	} {
		a := c.Post(apptest.Chair, "/terminfindungen/neu", x.fields...)
		if a.Code != 422 || !a.Has(x.want) || !a.Has(`value="2026-04-14"`) {
			t.Errorf("%s: %d %s", x.name, a.Code, words(a.Body))
		}
	}
	c.posts(apptest.Dana, "/terminfindungen/neu", 403, asking()...)
	if a := c.Post(apptest.Chair, "/terminfindungen/neu", asking("go", "more")...); a.Code != 200 || strings.Count(a.Body, `name="slot_day"`) != 7 {
		t.Errorf("more: %d, %d lines", a.Code, strings.Count(a.Body, `name="slot_day"`))
	}
	uid := newUID()
	at := c.posts(apptest.Chair, "/terminfindungen/neu", 303, asking("uid", uid)...).To
	if again := c.posts(apptest.Chair, "/terminfindungen/neu", 303, asking("uid", uid)...).To; again != at {
		t.Errorf("%s and %s", at, again)
	}
	c.sees(apptest.Dana, at, true, "8. März 2026") // the last day, and not the midnight after it
	c.sees(apptest.Dana, at, false, "0:00 Uhr.")
	const first = ": Wann passt es Ihnen? Aprilsitzung"
	is(t, "asked", c.mails(&n), "dana"+first, "ada"+first, "cem: Size ne zaman uyar? Aprilsitzung", "bert"+first, "stan"+first)
	c.gets(apptest.Hanna, at, 403)
	c.gets(apptest.Rosa, at, 403)
	c.posts(apptest.Ada, at+"/antwort", 303, "s1", "no", "s2", "yes", "s3", "maybe")
	c.posts(apptest.Dana, at+"/antwort", 303, "s1", "yes", "s2", "maybe", "s3", "no")
	c.posts(apptest.Dana, at+"/antwort", 303, "s2", "yes") // the others stay
	c.posts(apptest.Cem, at+"/antwort", 422)
	c.posts(apptest.Cem, at+"/antwort", 422, "s1", "vielleicht")
	c.posts(apptest.Cem, at+"/antwort", 400, "s9", "yes")
	c.sees(apptest.Chair, at, true, `<td class="best"><b>2</b> / 0 / 0</td>`, "4 Mitglieder haben noch nicht geantwortet.")
	c.sees(apptest.Dana, at, true, `name="s1" value="yes" checked`, `name="s2" value="yes" checked`, `name="s3" value="no" checked`)
	c.h.Clock.Add(6 * 24 * time.Hour)
	is(t, "reminded", c.mails(&n), "vera: Erinnerung: Aprilsitzung", "cem: Hatırlatma: Aprilsitzung", "bert: Erinnerung: Aprilsitzung", "stan: Erinnerung: Aprilsitzung")
	c.h.Clock.Add(24 * time.Hour)
	if a := c.posts(apptest.Cem, at+"/antwort", 422, "s1", "yes"); !a.Has("Bu tarih belirleme sona erdi.") {
		t.Error(words(a.Body))
	}
	c.posts(apptest.Ada, at+"/schliessen", 403, "slot", "2")
	c.posts(apptest.Dana, at+"/schliessen", 403, "slot", "2")
	c.write(`INSERT INTO unit (id, uid, parent, kind, name, since) VALUES (12, 'u12', 8, 'committee', 'Elternbeirat Regenbogen', 0)`)
	c.write(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 12, 8, 'chair', 'confirmed', 0)`, apptest.Dana)
	c.posts(apptest.Dana, at+"/schliessen", 403, "slot", "0") // leads another committee
	c.posts(apptest.Chair, at+"/schliessen", 404, "slot", "99")
	to := c.posts(apptest.Chair, at+"/schliessen", 303, "slot", "2").To
	if again := c.posts(apptest.Chair, at+"/schliessen", 303, "slot", "3").To; again != to {
		t.Errorf("two meetings: %s and %s", to, again)
	}
	c.sees(apptest.Ada, strings.TrimSuffix(to, "/tagesordnung"), true, "Aprilsitzung", "Mittwoch, 15. April, von 19:30 bis 21 Uhr", "Aula")
	c.sees(apptest.Ada, at, true, "Die Terminfindung ist beendet.")
}

// TestBest: a time to which nobody says no is better than one with more yes.
func TestBest(t *testing.T) {
	for _, x := range []struct {
		name string
		all  []Slot
		want []bool
	}{
		{"nobody has answered", []Slot{{}, {}}, []bool{false, false}},
		{"fewest no", []Slot{{Yes: 5, Not: 1}, {Yes: 2, Maybe: 4}}, []bool{false, true}},
		{"then most yes", []Slot{{Yes: 3, Maybe: 3}, {Yes: 4, Maybe: 2}}, []bool{false, true}},
		{"as good", []Slot{{Yes: 3}, {Yes: 3}, {Yes: 2}}, []bool{true, true, false}},
	} {
		mark(x.all)
		for i, s := range x.all {
			if s.Best != x.want[i] {
				t.Errorf("%s: %+v", x.name, x.all)
			}
		}
	}
}

// TestCouncilPart: the page of a committee has its next meeting with the buttons to answer, its polls, and what it leaves.
func TestCouncilPart(t *testing.T) {
	c := newCouncil(t, Wires{})
	feature := New(c.h.House, Wires{})
	part := func(person int64, level committee.Level) (html string) {
		c.in(func(tx *store.Tx) error {
			u, err := org.Get(tx, apptest.Council)
			if err != nil {
				return err
			}
			h, err := feature.Council(tx, web.Page{Viewer: who.Viewer{ID: person}, Now: c.h.Now(), Lang: "de"}, house.Council{Unit: u, Level: level})
			html = string(h)
			return err
		})
		return html
	}
	if html := part(apptest.Ada, committee.Inside); !strings.Contains(html, "keine Sitzung geplant") {
		t.Error(html)
	}
	at := c.made()
	poll := c.posts(apptest.Chair, "/terminfindungen/neu", 303, asking()...).To
	c.posts(apptest.Ada, "/vorschlaege/neu", 303, "unit", "10", "title", "Zebrastreifen")
	if html := part(apptest.Hanna, committee.Around); strings.Contains(html, "Märzsitzung") || strings.Contains(html, "Aprilsitzung") {
		t.Errorf("what is planned is told: %s", html)
	}
	c.posts(apptest.Chair, at+"/einladen", 303)
	for _, want := range []string{at, poll, `action="` + at + `/antwort"`, "(1)"} {
		if html := part(apptest.Ada, committee.Inside); !strings.Contains(html, want) || strings.Contains(html, "/sitzungen/neu") {
			t.Errorf("%q is not in %s", want, html)
		}
	}
	if html := part(apptest.Chair, committee.Leading); !strings.Contains(html, "/sitzungen/neu?unit=10") {
		t.Error(html)
	}
	if html := part(apptest.Hanna, committee.Around); !strings.Contains(html, "Märzsitzung") || strings.Contains(html, "/antwort") || strings.Contains(html, "Aprilsitzung") {
		t.Error(html)
	}
	c.in(func(tx *store.Tx) error {
		all, err := feature.Legacy(tx, vera, apptest.Council)
		var got []string
		for _, l := range all {
			got = append(got, l.Kind+" "+l.Ref+" "+l.Title)
		}
		is(t, "left", got, "date meeting 1 Märzsitzung", "date poll 1 Terminfindung: Aprilsitzung", "topic proposal 1 Zebrastreifen")
		return err
	})
}

// TestDates: meetings stand in the calendars of members under the UID of their invitations; and a public committee has a feed.
func TestDates(t *testing.T) {
	c := newCouncil(t, Wires{})
	feature := New(c.h.House, Wires{})
	at := c.made()
	secret := c.made("title", "Klausur", "public", "")
	c.posts(apptest.Chair, at+"/einladen", 303)
	c.posts(apptest.Chair, secret+"/einladen", 303)
	c.made("title", "In Planung", "day", "2026-05-05")
	has := func(person int64) (titles []string) {
		c.in(func(tx *store.Tx) error {
			all, err := feature.Dates(tx, who.Viewer{ID: person}, c.h.Now(), c.h.Now().AddDate(0, 6, 0))
			for _, d := range all {
				titles = append(titles, d.Title)
			}
			return err
		})
		return titles
	}
	is(t, "a member", has(apptest.Ada), "Märzsitzung", "Klausur", "In Planung")
	is(t, "a substitute who is not asked", has(apptest.Bert))
	is(t, "a head", has(apptest.Hanna))
	c.posts(apptest.Ada, at+"/antwort", 303, "answer", "no")
	is(t, "a substitute who is asked", has(apptest.Bert), "Märzsitzung")

	const feed = "/gremium/10/sitzungen.ics"
	c.gets(apptest.Nobody, feed, 404)
	c.gets(apptest.Rosa, feed, 404)
	c.gets(apptest.Nobody, "/gremium/4/sitzungen.ics", 404)
	a := c.Get(apptest.Hanna, feed)
	if a.Code != 200 || !a.Has("Märzsitzung") || a.Has("Klausur") || a.Has("In Planung") {
		t.Errorf("%d %s", a.Code, a.Body)
	}
	c.write(`INSERT INTO committee (unit, public, notice, working, quorum, majority, minutes, objection, substitutes, circular, provisional) VALUES (10, 1, 7, 0, 50, 'simple', 14, 14, 1, 1, 3)`)
	open := c.Get(apptest.Nobody, feed)
	if got := readByICalJS(t, []byte(open.Body)); got != "" && got != "2026-03-17T18:30:00Z Elternbeirat Sonnenblume: Märzsitzung\n" {
		t.Errorf("ical.js reads %q", got)
	}
	r := known(feed, open.Header.Get("ETag"))
	if again := c.Do(apptest.Nobody, r); open.Code != 200 || again.Code != 304 || again.Body != "" {
		t.Errorf("%d, %d", open.Code, again.Code)
	}
	if file := c.Get(apptest.Ada, secret+"/datei"); !strings.Contains(file.Body, "SUMMARY:Elternbeirat Sonnenblume: Klausur") {
		t.Error(file.Body)
	}
	c.gets(apptest.Hanna, secret+"/datei", 404)
}

// known asks for a page of which somebody has a version.
func known(path, tag string) *http.Request {
	r := httptest.NewRequest(http.MethodGet, apptest.Base+path, nil)
	r.Header.Set("If-None-Match", tag)
	return r
}
