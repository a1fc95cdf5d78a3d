package ballot

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// TestOpenVote: members vote by name and change their minds until the end; then all see who chose what.
func TestOpenVote(t *testing.T) {
	r := newRoom(t)
	id := r.begin(draft())
	r.want(r.post(apptest.Ada, id, "stimme", "choice", "no", "back", "/antrag/17"), 303)
	for who, c := range map[int64]string{apptest.Ada: "yes", apptest.Bert: "yes", apptest.Cem: "no", apptest.Dana: "abstain"} {
		if a := r.post(who, id, "stimme", "choice", c, "back", "/antrag/17"); a.Code != 303 || a.To != "/antrag/17" {
			t.Errorf("%d: %d to %s: %s", who, a.Code, a.To, a.Body)
		}
	}
	if page := r.panel(apptest.Hanna); page != `<div class="stack" id="abstimmungen-motion-17" data-live-part></div>` {
		t.Errorf("while it goes on, the head sees %s", page)
	}
	if page := r.panel(apptest.Cem); !strings.Contains(page, "4 Stimmen sind da.") || !strings.Contains(page, `value="no" aria-pressed="true"`) || strings.Contains(page, "Ada") {
		t.Errorf("while it goes on: %s", page)
	}
	if x := r.result(id); x.Given != 4 || x.Yes != 0 || x.Names != nil {
		t.Errorf("while it goes on, its owner knows %+v", x)
	}
	r.want(r.post(apptest.Stefan, id, "stimme", "choice", "yes", "back", "/"), 403)
	r.want(r.post(apptest.Ada, id, "schliessen", "back", "/"), 403) // leads nothing
	r.want(r.post(apptest.Chair, id, "schliessen", "back", "https://example.org/"), 303)
	r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 422, "schon beendet")
	r.want(r.post(apptest.Chair, id, "stimme", "choice", "no", "back", "/"), 422, "geschlossen")
	x := r.result(id)
	var said []string
	for _, n := range x.Names {
		said = append(said, n.Name+" "+string(n.Choice))
	}
	if x.Yes != 2 || x.No != 1 || x.Abstain != 1 || x.Present != 5 || !x.Carried || strings.Join(said, ", ") != "Dana Beirat abstain, Ada Demir yes, Bert Demir yes, Cem Yildiz no" {
		t.Errorf("the result is %+v", x)
	}
	if len(r.closed) != 1 || r.closed[0].Kind != "motion" || r.closed[0].Ref != 17 || !r.closed[0].Carried {
		t.Errorf("the motion was told %+v", r.closed)
	}
	if page := r.panel(apptest.Cem); !strings.Contains(page, "Angenommen") || !strings.Contains(page, `Ada Demir</span>: Ja`) {
		t.Errorf("after the end: %s", page)
	}
	if page := r.panel(apptest.Hanna); !strings.Contains(page, "Angenommen") || strings.Contains(page, "Demir") || strings.Contains(page, "<form") { // where the motion is shown to her
		t.Errorf("the head of the Kita sees %s", page)
	}
	if page := r.panel(apptest.Rosa); strings.Contains(page, "<article") {
		t.Errorf("the head of another Kita sees %s", page)
	}
	for _, who := range []int64{apptest.Arno, apptest.Hanna, apptest.Silent, apptest.Rosa} {
		if a := r.site.Get(who, fmt.Sprintf("/abstimmung/%d", id)); a.Code != 403 {
			t.Errorf("%d: %d", who, a.Code)
		}
	}
	r.want(r.site.Get(apptest.Ada, fmt.Sprintf("/abstimmung/%d", id)), 200, "Ada Demir", "/antrag/17")
	r.do(func(tx *store.Tx) error { // a delegate of another Kita has the role, and no seat here
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (10, 8, 7, 'confirmed', 0)`)
		return err
	})
	r.want(r.site.Get(apptest.Rosa, fmt.Sprintf("/abstimmung/%d", id)), 404)
	r.want(r.post(apptest.Rosa, id, "stimme", "choice", "yes", "back", "/"), 404)
	r.want(r.post(apptest.Rosa, id, "zaehlung", "yes", "1", "no", "0", "abstain", "0", "invalid", "0", "back", "/"), 404)
}

// TestLeftTheRoom: whoever goes while it is voted votes no more, in the open or in secret, until they are back. What they have
// voted counts.
func TestLeftTheRoom(t *testing.T) {
	r := newRoom(t)
	id := r.begin(draft())
	r.want(r.post(apptest.Ada, id, "stimme", "choice", "yes", "back", "/"), 303)
	r.away = apptest.Ada
	r.want(r.post(apptest.Ada, id, "stimme", "choice", "no", "back", "/"), 422, "Sie haben die Sitzung verlassen.")
	r.want(r.post(apptest.Cem, id, "stimme", "choice", "no", "back", "/"), 303)
	if x := r.result(id); x.Given != 2 {
		t.Errorf("%d votes, want 2", x.Given)
	}
	r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 303)
	if x := r.result(id); x.Yes != 1 || x.No != 1 {
		t.Errorf("%+v", x)
	}
	id = r.begin(secretDraft())
	r.want(r.post(apptest.Ada, id, "stimmzettel", "blinded", r.fresh(id).blinded), 409, "Sie haben die Sitzung verlassen.")
	r.away = 0
	r.fetch(id, apptest.Ada, r.fresh(id))
}

// TestOf: what a motion knows of its votes, the newest first.
func TestOf(t *testing.T) {
	r := newRoom(t)
	first := r.begin(draft())
	r.want(r.post(apptest.Chair, first, "zurueckziehen", "reason", "", "back", "/"), 422, "warum")
	r.want(r.post(apptest.Ada, first, "stimme", "choice", "no", "back", "/"), 303)
	r.want(r.post(apptest.Chair, first, "zurueckziehen", "reason", "Falscher Wortlaut", "back", "/"), 303)
	r.want(r.post(apptest.Ada, first, "stimme", "choice", "yes", "back", "/"), 422, "zurückgezogen")
	r.want(r.post(apptest.Chair, first, "zurueckziehen", "reason", "Noch einmal", "back", "/"), 422, "schon beendet")
	second := r.begin(draft())
	r.do(func(tx *store.Tx) error {
		all, err := Of(tx, "motion", 17)
		if len(all) != 2 || all[0].ID != second || !all[0].Open || all[1].State != Withdrawn || all[1].Reason != "Falscher Wortlaut" || all[1].Given != 0 || all[1].Open {
			t.Errorf("%+v", all)
		}
		if none, err := Of(tx, "circular", 17); len(none) != 0 || err != nil {
			t.Errorf("another subject: %+v, %v", none, err)
		}
		return err
	})
	if page := r.panel(apptest.Ada); !strings.Contains(page, "Falscher Wortlaut") || strings.Index(page, "Ihre Stimme") > strings.Index(page, "Falscher Wortlaut") {
		t.Errorf("the newest is not the first: %s", page)
	}
	if len(r.closed) != 0 {
		t.Errorf("a vote without a result was told as one: %+v", r.closed)
	}
}

func TestDrafts(t *testing.T) {
	now := apptest.Start
	for _, c := range []struct {
		name   string
		change func(d *Draft)
		kind   fault.Kind // Internal: nothing is wrong
		words  string
	}{
		{"as it is", func(*Draft) {}, 0, ""},
		{"half is a quorum of 50 percent", func(d *Draft) { d.Present, d.Votes = 3, 6 }, 0, ""},
		{"less is none", func(d *Draft) { d.Present, d.Votes = 3, 7 }, fault.Conflict, "3 von 7 Stimmen sind da, nötig sind 50 Prozent"},
		{"no quorum is needed", func(d *Draft) { d.Present, d.Votes, d.Rules.Quorum = 1, 7, 0 }, 0, ""},
		{"nobody", func(d *Draft) { d.Voters = nil }, fault.Invalid, "Niemand ist stimmberechtigt"},
		{"no title", func(d *Draft) { d.Title = "" }, fault.Invalid, "Eingaben"},
		{"long title", func(d *Draft) { d.Title = strings.Repeat("ä", 301) }, fault.Invalid, "Eingaben"},
		{"long wording", func(d *Draft) { d.Wording = strings.Repeat("ä", 20_001) }, fault.Invalid, "Eingaben"},
		{"both secret ways", func(d *Draft) { d.Secret, d.Paper = true, true }, fault.Invalid, "nicht beides"},
		{"over before it begins", func(d *Draft) { d.Closes = now }, fault.Invalid, "Eingaben"},
	} {
		d := draft()
		d.Present = 5
		c.change(&d)
		err := d.check(now)
		if fault.KindOf(err) != c.kind || err != nil && !strings.Contains(fault.Words(err), c.words) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestWhoOpens(t *testing.T) {
	r := newRoom(t)
	for _, who := range []int64{apptest.Ada, apptest.Hanna, apptest.Arno, apptest.Silent} {
		err := r.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := r.votes.Open(tx, r.viewer(tx, who), draft())
			return err
		})
		if fault.KindOf(err) != fault.NotFound {
			t.Errorf("%d opens a vote: %v", who, err)
		}
	}
}

// TestOutcome: a tie is a no, and where nobody is in a room those who answer are present.
func TestOutcome(t *testing.T) {
	day := time.Date(2026, 3, 9, 20, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		name             string
		b                ballot
		yes, no, abstain int
		quorate, carried bool
	}{
		{"a tie", ballot{Majority: committee.Simple, Quorum: 50, Votes: 5, Present: 5}, 2, 2, 1, true, false},
		{"one more", ballot{Majority: committee.Simple, Quorum: 50, Votes: 5, Present: 5}, 2, 1, 2, true, true},
		{"nobody votes", ballot{Majority: committee.Simple, Quorum: 50, Votes: 5, Present: 5}, 0, 0, 0, true, false},
		{"of those present", ballot{Majority: committee.Absolute, Quorum: 50, Votes: 9, Present: 5}, 3, 0, 2, true, true},
		{"too few of those present", ballot{Majority: committee.Absolute, Quorum: 50, Votes: 9, Present: 6}, 3, 0, 2, true, false},
		{"two thirds", ballot{Majority: committee.TwoThirds, Quorum: 50, Votes: 9, Present: 9}, 6, 3, 0, true, true},
		{"a deadline, and enough have answered", ballot{Majority: committee.Simple, Quorum: 50, Votes: 6, Present: 6, Closes: day}, 2, 1, 0, true, true},
		{"a deadline, and too few", ballot{Majority: committee.Simple, Quorum: 50, Votes: 6, Present: 6, Closes: day}, 2, 0, 0, false, false},
	} {
		q, carried := c.b.closed(committee.Tally{Yes: c.yes, No: c.no, Abstain: c.abstain, Present: c.b.Present})
		if q != c.quorate || carried != c.carried {
			t.Errorf("%s: quorate %t, carried %t", c.name, q, carried)
		}
	}
}

// TestNotEarly: who was told a deadline has until then. Nobody closes a vote when it stands as they like.
func TestNotEarly(t *testing.T) {
	r := newRoom(t)
	for _, secret := range []bool{false, true} {
		d := draft()
		d.Secret, d.Closes = secret, apptest.Start.Add(time.Hour)
		id := r.begin(d)
		for i, p := range members {
			r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 422, "Vorher endet sie nur")
			switch {
			case i == len(members)-1: // is forgotten instead
				r.do(func(tx *store.Tx) error {
					_, err := tx.Exec(`UPDATE ballot_voter SET person = NULL WHERE ballot = ? AND person = ?`, id, p)
					return err
				})
			case secret:
				r.throw(id, r.fetch(id, p, r.fresh(id)), Yes)
			default:
				r.want(r.post(p, id, "stimme", "choice", "yes", "back", "/"), 303)
			}
		}
		r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 303)
		if x := r.result(id); x.Yes != 4 || !x.Carried {
			t.Errorf("secret %v: %+v", secret, x)
		}
	}
}

// TestDeadline: a vote ends at its time, exactly, also where the house was down then; and later where it was extended.
func TestDeadline(t *testing.T) {
	r := newRoom(t)
	d := draft()
	d.Closes = apptest.Start.Add(time.Hour)
	id := r.begin(d)
	r.want(r.post(apptest.Chair, id, "verlaengern", "closes_day", "2026-03-02", "closes_time", "08:00", "back", "/"), 422, "Eingaben")
	r.want(r.post(apptest.Chair, id, "verlaengern", "closes_day", "gestern", "closes_time", "", "back", "/"), 422, "die es gibt")
	r.want(r.post(apptest.Chair, id, "verlaengern", "closes_day", "2026-03-02", "closes_time", "10:12", "back", "/"), 303) // 9:12 in UTC
	r.Clock.Add(2 * time.Hour)
	r.Work(t)
	r.want(r.post(apptest.Ada, id, "stimme", "choice", "yes", "back", "/"), 303)
	r.want(r.post(apptest.Bert, id, "stimme", "choice", "yes", "back", "/"), 303)
	r.Clock.Add(time.Hour - time.Second)
	r.want(r.post(apptest.Cem, id, "stimme", "choice", "yes", "back", "/"), 303)
	r.Clock.Add(time.Second)
	r.want(r.post(apptest.Dana, id, "stimme", "choice", "yes", "back", "/"), 422, "geschlossen") // before anybody has worked out the result
	r.want(r.post(apptest.Chair, id, "verlaengern", "closes_day", "2026-03-03", "closes_time", "10:12", "back", "/"), 422, "geschlossen")
	r.Clock.Add(6 * time.Hour)
	r.open(t) // the house was down
	r.Work(t)
	if x := r.result(id); x.Yes != 3 || !x.Carried || !x.Closed.Equal(apptest.Start.Add(3*time.Hour)) || len(r.closed) != 1 {
		t.Errorf("%+v", x)
	}
	r.Work(t)
	if len(r.closed) != 1 {
		t.Errorf("it was told %d times", len(r.closed))
	}
}

// TestClosedTogether: a vote is closed together with what its owner makes of it, or not at all; it can be closed later.
func TestClosedTogether(t *testing.T) {
	r := newRoom(t)
	id := r.begin(secretDraft())
	p := r.fetch(id, apptest.Ada, r.fresh(id))
	r.throw(id, p, Yes)
	r.fail = errors.New("the disk is full")
	if a := r.post(apptest.Chair, id, "schliessen", "back", "/"); a.Code != 500 {
		t.Errorf("%d", a.Code)
	}
	if x := r.result(id); !x.Open || x.Given != 1 {
		t.Errorf("after a failure: %+v", x)
	}
	bert := r.fetch(id, apptest.Bert, r.fresh(id)) // the key is still there
	r.throw(id, bert, Yes)
	r.fail = nil
	r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 303)
	if x := r.result(id); x.Yes != 2 || !x.Carried {
		t.Errorf("%+v", x)
	}
}

// TestPaper: two people count, neither sees the other's numbers before both have counted.
func TestPaper(t *testing.T) {
	r := newRoom(t)
	d := draft()
	d.Paper = true
	id := r.begin(d)
	tally := func(yes, no, abstain, invalid string) []string {
		return []string{"yes", yes, "no", no, "abstain", abstain, "invalid", invalid, "back", "/"}
	}
	r.want(r.post(apptest.Ada, id, "stimme", "choice", "yes", "back", "/"), 422, "nicht offen")
	r.want(r.post(apptest.Chair, id, "ausgabe", "handed", "6", "back", "/"), 422)
	r.want(r.post(apptest.Chair, id, "ausgabe", "handed", "4", "back", "/"), 303)
	r.want(r.post(apptest.Ada, id, "zaehlung", tally("2", "2", "1", "0")...), 422, "zusammen 5 Stimmzettel, ausgegeben wurden 4")
	r.want(r.post(apptest.Ada, id, "zaehlung", tally("2", "", "1", "0")...), 422, "Zahl von 0")
	r.want(r.post(apptest.Ada, id, "zaehlung", tally("2", "-1", "1", "0")...), 422, "Zahl von 0")
	r.want(r.post(apptest.Ada, id, "zaehlung", tally("3", "1", "0", "0")...), 303)
	r.want(r.post(apptest.Ada, id, "zaehlung", tally("3", "1", "0", "0")...), 422, "andere Person")
	r.want(r.post(apptest.Chair, id, "ausgabe", "handed", "5", "back", "/"), 422, "schon gezählt")
	r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 422, "noch nicht gezählt")
	if page := r.panel(apptest.Bert); !strings.Contains(page, "Eine Person hat schon gezählt.") || strings.Contains(page, "Ada") || strings.Contains(page, ">3<") {
		t.Errorf("the second who counts sees what the first has counted: %s", page)
	}
	r.want(r.post(apptest.Silent, id, "zaehlung", tally("3", "1", "0", "0")...), 403)
	r.want(r.post(apptest.Bert, id, "zaehlung", tally("2", "1", "0", "1")...), 303)
	for _, who := range []int64{apptest.Ada, apptest.Bert} {
		if page := r.panel(who); !strings.Contains(page, "verschieden") || !strings.Contains(page, `Ada Demir</th><td class="r">3</td>`) {
			t.Errorf("%d does not see that they differ: %s", who, page)
		}
	}
	if len(r.closed) != 0 {
		t.Errorf("closed without agreement: %+v", r.closed)
	}
	r.want(r.post(apptest.Bert, id, "zaehlung", tally("2", "1", "0", "1")...), 303) // again, in the second round
	r.want(r.post(apptest.Bert, id, "zaehlung", tally("2", "1", "0", "1")...), 422, "andere Person")
	r.want(r.post(apptest.Ada, id, "zaehlung", tally("2", "1", "0", "1")...), 303)
	x := r.result(id)
	if x.Yes != 2 || x.No != 1 || x.Invalid != 1 || !x.Carried || len(r.closed) != 1 || x.Open {
		t.Errorf("%+v", x)
	}
	r.want(r.post(apptest.Cem, id, "zaehlung", tally("2", "1", "0", "1")...), 422, "geschlossen")
}

// TestPrivacy: the house tells what it knows, forgets who, and keeps the result.
func TestPrivacy(t *testing.T) {
	r := newRoom(t)
	openly, secretly := r.begin(draft()), r.begin(secretDraft())
	r.want(r.post(apptest.Ada, openly, "stimme", "choice", "yes", "back", "/"), 303)
	r.throw(secretly, r.fetch(secretly, apptest.Ada, r.fresh(secretly)), No)
	r.want(r.post(apptest.Chair, secretly, "schliessen", "back", "/"), 303)
	r.do(func(tx *store.Tx) error {
		e, err := r.feature.Export(tx, house.Subject{Person: apptest.Ada})
		b, _ := json.Marshal(e)
		if s := string(b); !strings.Contains(s, "Klettergerüst: Ja") || !strings.Contains(s, "Stimmzettel bekommen, geheim") || strings.Contains(s, "Nein") {
			t.Errorf("the export is %s", s)
		}
		if err != nil {
			return err
		}
		return r.feature.Erase(tx, house.Subject{Person: apptest.Ada})
	})
	r.want(r.post(apptest.Chair, openly, "schliessen", "back", "/"), 303)
	if x := r.result(openly); x.Yes != 1 || len(x.Names) != 1 || x.Names[0].Person != 0 || x.Names[0].Name != "" {
		t.Errorf("%+v", x)
	}
	if page := r.panel(apptest.Cem); !strings.Contains(page, "ehemals im Haus</span>: Ja") || strings.Contains(page, "Ada") {
		t.Errorf("who is forgotten: %s", page)
	}
	if x := r.result(secretly); x.No != 1 {
		t.Errorf("%+v", x)
	}
}

// TestCalls: what waits for somebody stands on their start page and on that of the committee, until they have voted.
func TestCalls(t *testing.T) {
	r := newRoom(t)
	calls := func(person int64) (n int) {
		r.do(func(tx *store.Tx) error {
			f := &feature{House: r.House.House}
			all, err := f.calls(tx, person, apptest.Council)
			n = len(all)
			return err
		})
		return n
	}
	openly, secretly := r.begin(draft()), r.begin(secretDraft())
	if n := calls(apptest.Ada); n != 2 {
		t.Errorf("%d votes wait for Ada", n)
	}
	if n := calls(apptest.Silent); n != 0 {
		t.Errorf("%d votes wait for who is no member", n)
	}
	r.want(r.post(apptest.Ada, openly, "stimme", "choice", "yes", "back", "/"), 303)
	if n := calls(apptest.Ada); n != 1 {
		t.Errorf("%d votes wait for Ada, who has voted in one", n)
	}
	r.fetch(secretly, apptest.Ada, r.fresh(secretly))
	if n := calls(apptest.Ada); n != 0 {
		t.Errorf("%d votes wait for Ada, who has her ballot", n)
	}
}

// TestLogOfTheUrn: the log has a line and a number for who fetches a ballot, and nothing of who casts one.
func TestLogOfTheUrn(t *testing.T) {
	r := newRoom(t)
	id := r.begin(secretDraft())
	var log bytes.Buffer
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(old)
	p := r.fetch(id, apptest.Ada, r.fresh(id))
	r.throw(id, p, Yes)
	r.want(r.post(apptest.Nobody, id, "urne", p.fields(No)...), 409)
	r.fetch(id, apptest.Bert, r.fresh(id))
	if s := log.String(); strings.Contains(s, "urne") || strings.Count(s, "\n") != 2 || !strings.Contains(s, "request=1 ") || !strings.Contains(s, "request=2 ") {
		t.Errorf("the log: %s", s)
	}
}

// Five hundred members vote within seconds of each other, each a few times: every vote counts, and none twice.
func TestFiveHundred(t *testing.T) {
	r := newRoom(t)
	const n = 500
	d := r.crowd(n)
	openly := r.begin(d)
	d.Secret, d.Ref = true, 18
	secretly := r.begin(d)
	ballots := make([]*paperless, n)
	for i := range ballots {
		ballots[i] = r.fresh(secretly)
	}
	choices := []Choice{Yes, Yes, No, Abstain, Yes} // 300, 100 and 100
	run := func(vote func(i int)) time.Duration {
		began := time.Now()
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { vote(i) })
		}
		all.Wait()
		return time.Since(began)
	}
	took := run(func(i int) {
		for range 2 {
			r.want(r.post(d.Voters[i], openly, "stimme", "choice", string(choices[i%5]), "back", "/"), 303)
		}
	})
	signed := run(func(i int) { r.fetch(secretly, d.Voters[i], ballots[i]) })
	cast := run(func(i int) { r.throw(secretly, ballots[i], choices[i%5]) })
	t.Logf("%d votes: open %v (each sent twice), signed %v, cast %v; asked to come again: %d", n, took, signed, cast, r.again.Load())
	for _, id := range []int64{openly, secretly} {
		r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 303)
		if x := r.result(id); x.Yes != 300 || x.No != 100 || x.Abstain != 100 || !x.Carried {
			t.Errorf("%+v", x.Tally)
		}
	}
}
