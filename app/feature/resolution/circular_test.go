package resolution

import (
	"fmt"
	"html/template"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A box is how the house of these tests votes: yes, no or abstain, by person.
type box struct {
	w     *town
	open  []Ballot
	gone  []int64
	votes map[int64]map[int64]string
	later time.Time // to which all votes are put off; zero: none
}

func (b *box) wires() *Vote {
	return &Vote{
		Open: func(_ *store.Tx, _ who.Viewer, x Ballot) error {
			b.open = append(b.open, x)
			b.votes[x.Circular] = map[int64]string{}
			return nil
		},
		Withdraw: func(tx *store.Tx, _ who.Viewer, id int64, _ string) error {
			b.gone = append(b.gone, id)
			return Retracted(tx, b.w.h.House, id) // as votes do, which can be withdrawn on their own page
		},
		Of: func(_ *store.Tx, id int64) (Turnout, error) {
			t := Turnout{Closes: b.later, Given: len(b.votes[id])}
			for _, p := range b.open[id-1].Voters {
				if b.votes[id][p] == "" {
					t.Missing = append(t.Missing, p)
				}
			}
			return t, nil
		},
		Panel: func(_ *store.Tx, _ web.Page, id int64) (template.HTML, error) {
			return template.HTML(fmt.Sprintf("<p>Wahlurne %d</p>", id)), nil
		},
	}
}

// count ends a vote, as the box does when its time has come.
func (b *box) count(id int64) {
	b.w.t.Helper()
	var t committee.Tally
	for _, v := range b.votes[id] {
		switch v {
		case "yes":
			t.Yes++
		case "no":
			t.No++
		default:
			t.Abstain++
		}
	}
	b.w.write(func(tx *store.Tx) error {
		return Voted(tx, b.w.h.House, b.w.propose, Outcome{Circular: id, Tally: t, At: b.w.h.Now()})
	})
}

// pageOf is the frame of a page for a viewer.
func pageOf(v who.Viewer, now time.Time) web.Page {
	p := web.NewPage(httptest.NewRequest("GET", apptest.Base+"/", nil), v, "")
	p.Now = now
	return p
}

// six has six people with a vote in the council: Vera leads, Dana, and four more.
func (w *town) six() {
	w.t.Helper()
	for _, p := range []int64{apptest.Ada, apptest.Bert, apptest.Cem, apptest.Stefan} {
		w.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 10, 7, 'delegate', 'confirmed', 0)`, p)
	}
	w.sql(`UPDATE membership SET mail = 'p' || person || '@example.org' WHERE state = 'confirmed'`)
}

func inquiry(more ...string) []string {
	return append([]string{"unit", "10", "title", "Zuschuss für das Theater", "wording", "Der Beirat gibt **200 Euro**.", "cause", "Die Karten müssen bis Freitag bestellt sein.",
		"closes_day", "2026-03-09", "closes_time", "20:00", "public", "1"}, more...)
}

// subjects are those of the mails that have come since the last time.
func (w *town) subjects(since int) (all []string) {
	w.h.Work(w.t)
	for _, m := range w.h.Post.Sent()[since:] {
		all = append(all, m.To+": "+m.Subject)
	}
	slices.Sort(all)
	return all
}

// TestCircular: everybody who has a vote is asked, who has not voted is reminded, and what is carried stands in the book with a
// number.
func TestCircular(t *testing.T) {
	w := newTown(t)
	w.six()
	old, _ := w.take(Decision{Origin: "a", Title: "Kein Zuschuss", Public: true})
	w.status(apptest.Chair, "/umlaufbeschluesse/neu?unit=10", 200)
	w.status(apptest.Dana, "/umlaufbeschluesse/neu?unit=10", 404)
	at := w.posts(apptest.Chair, "/umlaufbeschluesse/neu", 303, inquiry("uid", "0190b5a4-0000-7000-8000-000000000001", "replaces", "2026-01", "until", "2026-07-31")...).To
	if again := w.posts(apptest.Chair, "/umlaufbeschluesse/neu", 303, inquiry("uid", "0190b5a4-0000-7000-8000-000000000001")...).To; again != at || len(w.box.open) != 1 {
		t.Errorf("the form sent twice: %s and %s", at, again)
	}
	if b := w.box.open[0]; len(b.Voters) != 6 || b.Votes != 6 || b.Path != at || !b.Closes.Equal(berlin(t, "2026-03-09 20:00:00")) {
		t.Errorf("the ballot: %+v", b)
	}
	if got := w.subjects(0); len(got) != 5 || !strings.Contains(got[0], "Bitte abstimmen: Zuschuss") {
		t.Errorf("who is asked: %q", got)
	}
	w.status(apptest.Hanna, at, 403) // no member
	w.status(apptest.Cem, at, 200)
	w.sees(apptest.Cem, at, true, "Wahlurne 1")
	w.sees(apptest.Cem, at, true, "0 von 6 haben abgestimmt, 3 müssen es sein")
	sent := len(w.h.Post.Sent())
	w.box.votes[1] = map[int64]string{apptest.Chair: "yes", apptest.Dana: "yes", apptest.Cem: "no"}
	w.h.Clock.Add(berlin(t, "2026-03-08 17:59:59").Sub(w.h.Now()))
	if got := w.subjects(sent); len(got) != 0 {
		t.Errorf("too early: %q", got)
	}
	w.h.Clock.Add(time.Second)
	if got := w.subjects(sent); len(got) != 3 || !strings.Contains(got[0], "p11@example.org: Es fehlt noch Ihre Stimme") {
		t.Errorf("who is reminded: %q", got)
	}
	sent = len(w.h.Post.Sent())
	w.h.Clock.Add(berlin(t, "2026-03-09 20:00:00").Sub(w.h.Now()))
	w.box.count(1)
	w.box.count(1) // told twice
	if got := w.subjects(sent); len(got) != 0 {
		t.Errorf("in the evening: %q", got)
	}
	w.h.Clock.Add(12 * time.Hour)
	if got := w.subjects(sent); len(got) != 6 {
		t.Errorf("who is told the result: %q", got)
	}
	w.sees(apptest.Dana, at, true, "angenommen")
	w.sees(apptest.Dana, at, true, "2026-02")
	w.sees(apptest.Hanna, "/beschluss/2", true, "2 ja, 1 nein, 0 enthalten") // public
	w.sees(apptest.Hanna, "/beschluss/2", true, "gilt bis 31. Juli 2026")
	w.sees(apptest.Hanna, fmt.Sprintf("/beschluss/%d", old), true, "ersetzt durch 2026-02")
	if len(w.next) != 1 || !strings.Contains(w.next[0].Title, "Bekanntgabe") || !strings.Contains(w.next[0].Body, "2026-02") {
		t.Errorf("the next agenda: %+v", w.next)
	}
	w.posts(apptest.Dana, at+"/widerspruch", 422, "objection", "Zu spät")
	w.posts(apptest.Chair, at+"/zurueckziehen", 422)
}

// TestCircularFails: too few votes, a tie and more no are noted as failed, without a number.
func TestCircularFails(t *testing.T) {
	for _, c := range []struct {
		name  string
		rules func(*committee.Rules)
		votes map[int64]string
		state string
		says  string
	}{
		{"nobody votes", func(r *committee.Rules) { r.Quorum = 0 }, nil, Inquorate, "zu wenige"},
		{"too few", nil, map[int64]string{apptest.Chair: "yes", apptest.Dana: "yes"}, Inquorate, "zu wenige"},
		{"enough with an abstention", nil, map[int64]string{apptest.Chair: "yes", apptest.Dana: "yes", apptest.Ada: "abstain"}, Carried, "angenommen"},
		{"a tie", nil, map[int64]string{apptest.Chair: "yes", apptest.Dana: "no", apptest.Ada: "yes", apptest.Bert: "no"}, Rejected, "abgelehnt"},
		{"more no", nil, map[int64]string{apptest.Chair: "yes", apptest.Dana: "no", apptest.Ada: "no"}, Rejected, "abgelehnt"},
		{"absolute of all votes, missed", func(r *committee.Rules) { r.Majority = committee.Absolute },
			map[int64]string{apptest.Chair: "yes", apptest.Dana: "yes", apptest.Ada: "yes"}, Rejected, "abgelehnt"},
		{"absolute of all votes", func(r *committee.Rules) { r.Majority = committee.Absolute },
			map[int64]string{apptest.Chair: "yes", apptest.Dana: "yes", apptest.Ada: "yes", apptest.Cem: "yes"}, Carried, "angenommen"},
		{"two thirds", func(r *committee.Rules) { r.Majority = committee.TwoThirds },
			map[int64]string{apptest.Chair: "yes", apptest.Dana: "yes", apptest.Ada: "no"}, Carried, "angenommen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newTown(t)
			w.six()
			if c.rules != nil {
				r := committee.Usual(apptest.Council)
				c.rules(&r)
				w.write(func(tx *store.Tx) error { return committee.SetRules(tx, r) })
			}
			at := w.posts(apptest.Chair, "/umlaufbeschluesse/neu", 303, inquiry()...).To
			w.write(func(tx *store.Tx) error { // other rules from now on change nothing
				r := committee.Usual(apptest.Council)
				r.Quorum, r.Majority = 100, committee.TwoThirds
				return committee.SetRules(tx, r)
			})
			w.box.votes[1] = c.votes
			w.h.Clock.Add(8 * 24 * time.Hour)
			w.box.count(1)
			w.sees(apptest.Dana, at, true, c.says)
			if got := w.Get(apptest.Dana, book).Has("Zuschuss"); got != (c.state == Carried) {
				t.Errorf("it stands in the book: %v", got)
			}
			if len(w.next) != 1 || !strings.Contains(w.next[0].Body, c.says) {
				t.Errorf("it is made known: %+v", w.next)
			}
			w.write(func(tx *store.Tx) error {
				x, err := circularOf(tx, 1, 0)
				if x.State != c.state || x.Tally.Cast() != len(c.votes) {
					t.Errorf("%+v", x)
				}
				return err
			})
		})
	}
}

// TestObjection: one member is enough, and then it is for the next meeting.
func TestObjection(t *testing.T) {
	w := newTown(t)
	w.six()
	w.sql(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (3, 10, 7, 'substitute', 'confirmed', 0)`) // Max, without a vote
	at := w.posts(apptest.Chair, "/umlaufbeschluesse/neu", 303, inquiry()...).To
	w.posts(apptest.Max, at+"/widerspruch", 403, "objection", "Nein")
	w.posts(apptest.Dana, at+"/widerspruch", 422, "objection", " ")
	w.posts(apptest.Dana, at+"/widerspruch", 422, "objection", strings.Repeat("x", 501))
	w.posts(apptest.Dana, at+"/zurueckziehen", 403)
	sent := len(w.h.Post.Sent())
	w.posts(apptest.Dana, at+"/widerspruch", 303, "objection", "Wer bezahlt das?")
	w.sees(apptest.Cem, at, true, "Wer bezahlt das?")
	w.sees(apptest.Cem, at, true, "Dana Beirat")
	w.sees(apptest.Cem, at, false, "Widersprechen</button>")
	if len(w.box.gone) != 1 || len(w.next) != 1 || !strings.Contains(w.next[0].Body, "Wer bezahlt das?") || w.next[0].Title != "Zuschuss für das Theater" {
		t.Errorf("the vote ends, and the next agenda has it: %v %+v", w.box.gone, w.next)
	}
	if got := w.subjects(sent); len(got) < 6 || slices.ContainsFunc(got, func(s string) bool { return strings.Contains(s, "abstimmen") }) {
		t.Errorf("who is told: %q", got)
	}
	w.box.count(1) // a count that comes late changes nothing
	w.sees(apptest.Cem, at, true, "kommt in die nächste Sitzung")
	w.posts(apptest.Cem, at+"/widerspruch", 422, "objection", "Auch ich")

	// what is known of Dana, and what stays when she is forgotten
	w.write(func(tx *store.Tx) error {
		data, err := w.f.Export(tx, house.Subject{Person: apptest.Dana})
		if got := fmt.Sprint(data); !strings.Contains(got, "Wer bezahlt das?") {
			t.Errorf("the export: %s", got)
		}
		if err != nil {
			return err
		}
		return w.f.Erase(tx, house.Subject{Person: apptest.Dana})
	})
	w.sees(apptest.Cem, at, true, "ehemals im Haus")
	w.sees(apptest.Cem, at, false, "Wer bezahlt das?")
	w.sees(apptest.Cem, at, true, "6 Stimmen")

	// withdrawn by who leads, or where one votes
	at = w.posts(apptest.Chair, "/umlaufbeschluesse/neu", 303, inquiry("title", "Noch einmal")...).To
	w.posts(apptest.Chair, at+"/zurueckziehen", 303)
	w.sees(apptest.Cem, at, true, "zurückgezogen")
	at = w.posts(apptest.Chair, "/umlaufbeschluesse/neu", 303, inquiry("title", "Und noch einmal")...).To
	w.write(func(tx *store.Tx) error { return Retracted(tx, w.h.House, 3) })
	w.sees(apptest.Cem, at, true, "zurückgezogen")
}

// TestPutOff: who has not voted is reminded before the end as it is now.
func TestPutOff(t *testing.T) {
	w := newTown(t)
	w.six()
	at := w.posts(apptest.Chair, "/umlaufbeschluesse/neu", 303, inquiry()...).To
	w.h.Work(t)
	sent := len(w.h.Post.Sent())
	w.box.later = berlin(t, "2026-03-12 20:00:00")
	w.h.Clock.Add(berlin(t, "2026-03-10 12:00:00").Sub(w.h.Now()))
	if got := w.subjects(sent); len(got) != 0 {
		t.Errorf("too early: %q", got)
	}
	w.sees(apptest.Cem, at, true, "12. März")
	w.posts(apptest.Cem, at+"/widerspruch", 422, "objection", "") // it goes on
	w.h.Clock.Add(berlin(t, "2026-03-11 18:00:00").Sub(w.h.Now()))
	if got := w.subjects(sent); len(got) != 6 {
		t.Errorf("who is reminded: %q", got)
	}
}

// TestCircularWrong: what cannot be asked is refused, field by field.
func TestCircularWrong(t *testing.T) {
	w := newTown(t)
	w.take(Decision{Origin: "a", Title: "Alt"})
	w.take(Decision{Origin: "b", Title: "Neu", Replaces: 1})
	for _, c := range []struct {
		field, value, words string
	}{
		{"title", "", "Titel"},
		{"wording", " ", "Wortlaut"},
		{"cause", "", "nicht bis zur nächsten Sitzung"},
		{"closes_day", "gestern", "bis wann"},
		{"closes_day", "2026-03-01", "mindestens einen ganzen Tag"},
		{"closes_day", "2026-03-02", "mindestens einen ganzen Tag"},
		{"closes_day", "2026-12-01", "90 Tagen"},
		{"until", "2026-03-08", "vor dem Beschluss"},
		{"replaces", "2025-09", "gibt es nicht"},
		{"replaces", "2026-01", "noch keiner beendet hat"},
	} {
		fields := inquiry()
		if i := slices.Index(fields, c.field); i >= 0 {
			fields[i+1] = c.value
		} else {
			fields = append(fields, c.field, c.value)
		}
		if a := w.posts(apptest.Chair, "/umlaufbeschluesse/neu", 422, fields...); !a.Has(c.words) {
			t.Errorf("%s %q: %s", c.field, c.value, words(a.Body))
		}
	}
	w.posts(apptest.Dana, "/umlaufbeschluesse/neu", 404, inquiry()...)
	w.write(func(tx *store.Tx) error {
		r := committee.Usual(apptest.Council)
		r.Circular = false
		return committee.SetRules(tx, r)
	})
	w.status(apptest.Chair, "/umlaufbeschluesse/neu?unit=10", 404)
	w.posts(apptest.Chair, "/umlaufbeschluesse/neu", 403, inquiry()...)
	if len(w.box.open) != 0 {
		t.Errorf("a vote is open: %+v", w.box.open)
	}
	// a house that cannot vote has none
	err := w.h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := ask(tx, w.h.House, nil, who.Viewer{ID: apptest.Chair}, Inquiry{Unit: apptest.Council})
		return err
	})
	if fault.KindOf(err) != fault.Forbidden {
		t.Error(err)
	}
}

func TestReminding(t *testing.T) {
	for _, c := range []struct{ name, opened, closes, want string }{
		{"a week", "2026-03-02 09:00:00", "2026-03-09 20:00:00", "2026-03-08 18:00:00"},
		{"when the clocks change", "2026-03-20 09:00:00", "2026-03-30 12:00:00", "2026-03-28 18:00:00"},
		{"a day", "2026-03-02 09:00:00", "2026-03-03 10:00:00", "2026-03-02 21:30:00"},
		{"two days", "2026-03-02 09:00:00", "2026-03-04 10:00:00", "2026-03-03 09:30:00"},
	} {
		if got := reminding(berlin(t, c.opened), berlin(t, c.closes)); !got.Equal(berlin(t, c.want)) {
			t.Errorf("%s: %v", c.name, house.Local(got))
		}
	}
}
