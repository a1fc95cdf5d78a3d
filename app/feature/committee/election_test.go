package committee_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func apptestWords(x any) string {
	b, _ := json.Marshal(x) // of strings
	return string(b)
}

// A year: the parents stand, the board records the election, and at midnight everything has passed.
func TestElection(t *testing.T) {
	s := newSite(t)
	s.write(func(tx *store.Tx) error { return org.SetContact(tx, 6, "dana@example.org", "") })
	if a := s.Post(apptest.Cem, page+"/kandidatur", "wants", "1"); a.Code != 303 {
		t.Fatal(a.Code)
	}
	s.Post(apptest.Bert, page+"/kandidatur", "wants", "1")
	s.Post(apptest.Bert, page+"/kandidatur", "wants", "") // and thinks again
	if a := s.Post(apptest.Rosa, page+"/kandidatur", "wants", "1"); a.Code != 403 {
		t.Errorf("who is no parent stands: %d", a.Code)
	}
	a := s.Get(apptest.Chair, wahl)
	if !a.Has("Cem Yildiz") || !a.Has("lässt sich wählen") || a.Has("Bert") || a.Has("Ada") || !a.Has("bisher Vorsitz") || !a.Has("2026/27") {
		t.Errorf("the form: %s", a.Body)
	}
	if s.Get(apptest.Dana, page).Has("Cem") || s.Get(apptest.Ada, page).Has("Cem") {
		t.Error("who stands is read by others")
	}

	form := ballot("2026/27", "2026-03-02", "2026-03-29", "2027-03-31", // the clocks change on the first day
		old("17", "deputy"), old("8", "chair"), old("7", "substitute", "2"),
		[6]string{"0", "Nina", "Neu", "nina@example.org", "treasurer", ""}, [6]string{"0", "Otto", "Ober", "", "substitute", "1"}, [6]string{"0", "", "", "", "", ""})
	if a := s.Post(apptest.Chair, wahl, form...); a.Code != 303 || a.To != page {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	if got := s.seats(); got != "Vera chair, Dana delegate" {
		t.Errorf("before the change: %s", got)
	}
	if a := s.Get(apptest.Ada, page); !a.Has("Gewählt für die Amtszeit 2026/27") || !a.Has("Beginnt am 29. März 2026.") || a.Has("Ich lasse mich wählen</button> ") {
		t.Errorf("Ada reads: %s", a.Body)
	}
	if a := s.Get(apptest.Dana, wahl); a.Code != 404 && a.Code != 403 {
		t.Errorf("the coming chair writes already: %d", a.Code)
	}
	s.until(midnight(2026, 3, 29).Add(-time.Second))
	if got := s.seats(); got != "Vera chair, Dana delegate" {
		t.Errorf("a second before midnight: %s", got)
	}
	s.Clock.Add(time.Second)
	if got := s.seats(); got != "Dana chair, Vera deputy, Cem substitute" {
		t.Errorf("at midnight: %s", got) // Nina and Otto have a letter
	}
	s.read(func(tx *store.Tx) error {
		all, err := org.Members(tx, apptest.Council)
		for _, m := range all {
			if m.Given == "Nina" && (m.State != org.Invited || m.Mail != "nina@example.org" || m.Role != who.Delegate || m.Office != "treasurer") {
				t.Errorf("Nina: %+v", m)
			}
			if m.Given == "Otto" {
				return s.DB.Write(t.Context(), func(tx *store.Tx) error { return org.SetState(tx, m.ID, org.Confirmed, s.Now()) }) // came with his letter
			}
		}
		return err
	})
	s.read(func(tx *store.Tx) error {
		subs, err := committee.Substitutes(tx, apptest.Council, s.Now())
		if err != nil || len(subs) != 2 || subs[1] != apptest.Cem {
			t.Errorf("substitutes: %v, %v", subs, err)
		}
		return nil
	})
	if a := s.Get(apptest.Dana, wahl); a.Code != 200 {
		t.Errorf("the new chair: %d", a.Code)
	}
	if a := s.Get(apptest.Ada, page); !a.Has("1. Ersatzmitglied") || strings.Index(a.Body, "Otto Ober") > strings.Index(a.Body, "Cem Yildiz") {
		t.Errorf("the order of the substitutes: %s", a.Body)
	}
	s.House.Work(t)
	var told []string
	for _, m := range s.House.Post.Sent() {
		told = append(told, m.To)
		if !strings.Contains(m.Text, "/gremium/10") || strings.Contains(m.Text, "Cem") {
			t.Errorf("a mail says: %s", m.Text)
		}
	}
	if slices.Sort(told); strings.Join(told, " ") != "cem@example.org dana@example.org" { // Vera has written it down, Nina and Otto have a letter
		t.Errorf("told: %v", told)
	}
	if got := strings.Join(s.log, " "); got != "committee.elected" {
		t.Errorf("the record: %s", got)
	}
}

// A board goes on kommissarisch after its term for as long as the rules say, and no day longer; the next election ends it.
func TestProvisional(t *testing.T) {
	s := newSite(t)
	s.Post(apptest.Chair, page+"/regeln", "notice", "7", "quorum", "50", "majority", "simple", "minutes", "14", "objection", "14", "provisional", "2")
	if a := s.Post(apptest.Chair, wahl, ballot("2026", "2026-03-02", "2026-03-02", "2026-08-31", old("17", "chair"), old("8", "delegate"))...); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Get(apptest.Ada, page); a.Has("kommissarisch</span>") || !a.Has("bis 31. August 2026") {
		t.Errorf("in its term: %s", a.Body)
	}
	s.until(midnight(2026, 9, 1))
	if a := s.Get(apptest.Ada, page); !a.Has("kommissarisch</span>") || !a.Has("längstens bis 31. Oktober 2026") || s.seats() != "Vera chair, Dana delegate" {
		t.Errorf("after its term: %s", a.Body)
	}
	if a := s.Get(apptest.Hanna, wahl); a.Code != 404 {
		t.Errorf("the head records an election while there is a board: %d", a.Code)
	}
	s.until(midnight(2026, 11, 1).Add(-time.Second))
	if a := s.Get(apptest.Chair, wahl); a.Code != 200 {
		t.Errorf("the last second: %d", a.Code)
	}
	s.Clock.Add(time.Second)
	if a := s.Get(apptest.Ada, page); s.seats() != "" || !a.Has("hat zurzeit keinen Vorstand") || a.Has("Dem Vorstand schreiben") {
		t.Errorf("nobody is left: %q %s", s.seats(), a.Body)
	}
	if a := s.Get(apptest.Chair, wahl); a.Code == 200 {
		t.Error("the old chair still writes")
	}
	if a := s.Get(apptest.Chair, page); a.Code != 200 || !a.Has("Teil für Stufe 2") {
		t.Errorf("the old chair reads: %d", a.Code)
	}
	// Now whoever looks after the facility writes down who was elected.
	for _, p := range []int64{apptest.Rosa, apptest.Greta, apptest.Arno, apptest.Stefan, apptest.Ada} {
		if a := s.Get(p, wahl); a.Code == 200 {
			t.Errorf("%d records it", p)
		}
	}
	if a := s.Post(apptest.Hanna, wahl, ballot("2026/27", "2026-10-30", "2026-11-01", "2027-08-31", [6]string{"0", "Ida", "Igel", "", "chair", ""})...); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	s.read(func(tx *store.Tx) error {
		all, err := committee.Terms(tx, apptest.Council)
		if err != nil || len(all) != 2 || all[0].Name != "2026/27" || !all[1].Ends.Equal(midnight(2026, 9, 1)) {
			t.Errorf("terms %+v, %v", all, err)
		}
		return nil
	})
}

// An election before the planned end of the term before moves that, and ends the kommissarische time as well.
func TestEarlyElection(t *testing.T) {
	s := newSite(t)
	s.Post(apptest.Chair, wahl, ballot("2026", "2026-03-02", "2026-03-02", "2027-03-01", old("17", "chair"), old("8", "deputy"))...)
	s.until(midnight(2026, 10, 1))
	if a := s.Post(apptest.Chair, wahl, ballot("2026/27", "2026-10-01", "2026-10-15", "2027-10-14", old("17", ""), old("8", "chair"))...); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	s.until(midnight(2026, 10, 15))
	if got := s.seats(); got != "Dana chair" {
		t.Errorf("after the election: %s", got)
	}
	s.read(func(tx *store.Tx) error {
		all, err := committee.Terms(tx, apptest.Council)
		if err != nil || len(all) != 2 || !all[1].Ends.Equal(midnight(2026, 10, 15)) {
			t.Errorf("terms %+v, %v", all, err)
		}
		return nil
	})
	// Who keeps the office keeps the membership: one row, since the first day.
	s.until(midnight(2027, 10, 1))
	s.Post(apptest.Dana, wahl, ballot("2027/28", "2027-10-01", "2027-10-15", "2028-10-14", old("8", "chair"))...)
	s.until(midnight(2027, 12, 1))
	if a := s.Get(apptest.Ada, page); s.seats() != "Dana chair" || !a.Has("seit 15. Oktober 2026") || !a.Has("bis 14. Oktober 2028") {
		t.Errorf("elected again: %s %s", s.seats(), a.Body)
	}
}

// What is wrong is said at its field, nothing that was typed is lost, and nothing has changed.
func TestWrongElection(t *testing.T) {
	s := newSite(t)
	good := ballot("2026/27", "2026-03-01", "2026-04-01", "2027-03-31", old("17", "chair"), old("8", "secretary"), [6]string{"0", "Nina", "Neu", "", "treasurer", ""})
	rows := func(more ...[6]string) []string {
		return ballot("2026/27", "2026-03-01", "2026-04-01", "2027-03-31", append(more, [6]string{"0", "Nina", "Neu", "", "delegate", ""})...)
	}
	for name, x := range map[string]struct {
		form  []string
		field string
	}{
		"no name":                 {with(good, "name", ""), "name"},
		"a very long name":        {with(good, "name", strings.Repeat("x", 41)), "name"},
		"no election day":         {with(good, "elected", ""), "elected"},
		"an election tomorrow":    {with(good, "elected", "2026-03-03"), "elected"},
		"begins before":           {with(good, "starts", "2026-02-28"), "starts"},
		"no such day":             {with(good, "starts", "2026-02-30"), "starts"},
		"ends before it starts":   {with(good, "ends", "2026-03-31"), "ends"},
		"for ever":                {with(good, "ends", "2036-03-31"), "ends"},
		"nobody":                  {rows(), "holders"},
		"without a chair":         {rows(old("17", "deputy")), "holders"},
		"two chairs":              {rows(old("17", "chair"), old("8", "chair")), "office-1"},
		"two secretaries":         {rows(old("17", "chair"), old("8", "secretary"), [6]string{"0", "Kai", "Klein", "", "secretary", ""}), "office-2"},
		"somebody twice":          {rows(old("17", "chair"), old("17", "secretary")), "office-1"},
		"an office of nobody":     {rows(old("17", "chair"), old("8", "king")), "office-1"},
		"a name without office":   {rows(old("17", "chair"), [6]string{"0", "Kai", "Klein", "", "", ""}), "office-1"},
		"half a name":             {rows(old("17", "chair"), [6]string{"0", "", "Klein", "", "delegate", ""}), "given-1"},
		"no family name":          {rows(old("17", "chair"), [6]string{"0", "Kai", "", "", "delegate", ""}), "family-1"},
		"no address":              {rows(old("17", "chair"), [6]string{"0", "Kai", "Klein", "kai@", "delegate", ""}), "mail-1"},
		"a new one twice":         {rows(old("17", "chair"), [6]string{"0", "nina", "neu", "", "delegate", ""}), "given-2"},
		"a rank of a chair":       {rows(old("17", "chair", "1")), "rank-0"},
		"the same rank twice":     {rows(old("17", "chair"), old("8", "substitute", "1"), [6]string{"0", "Kai", "Klein", "", "substitute", "1"}), "rank-2"},
		"a rank that is none":     {rows(old("17", "chair"), old("8", "substitute", "erster")), "rank-1"},
		"somebody from elsewhere": {rows(old("17", "chair"), old("10", "deputy")), "holders"},
		"a parent by number":      {rows(old("17", "chair"), old("6", "deputy")), "holders"}, // Ada does not stand
	} {
		a := s.Post(apptest.Chair, wahl, x.form...)
		if a.Code != 422 || !a.Has(`id="`+x.field+`-error"`) || !a.Has(`value="Nina"`) {
			t.Errorf("%s: %d, %s is not named: %s", name, a.Code, x.field, a.Body)
		}
		if a.Has("Rosa") || a.Has("Ada") {
			t.Errorf("%s: the form shows who was asked for by number", name)
		}
	}
	if got := s.seats(); got != "Vera chair, Dana delegate" || len(s.log) != 0 {
		t.Errorf("something has changed: %s %v", got, s.log)
	}
	if a := s.Post(apptest.Chair, wahl, with(good, "go", "more")...); a.Code != 200 || strings.Count(a.Body, `name="given"`) != 5 || !a.Has(`value="Nina"`) {
		t.Errorf("more rows: %d %d", a.Code, strings.Count(a.Body, `name="given"`))
	}
	for _, p := range []int64{apptest.Dana, apptest.Hanna, apptest.Olga, apptest.Arno, apptest.Ada, apptest.Greta} {
		if a := s.Post(p, wahl, good...); a.Code != 403 && a.Code != 404 {
			t.Errorf("%d records an election: %d", p, a.Code)
		}
	}
	if a := s.Post(apptest.Chair, wahl, good...); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Post(apptest.Chair, wahl, good...); a.Code != 422 && a.Code != 409 || !a.Has("jemand anderes eine Wahl eingetragen") { // the same form twice
		t.Errorf("twice: %d %s", a.Code, a.Body)
	}
	s.until(midnight(2026, 5, 1))
	if a := s.Post(apptest.Chair, wahl, ballot("x", "2026-03-01", "2026-04-01", "2026-06-30", old("17", "chair"))...); a.Code != 422 || !a.Has(`id="starts-error"`) {
		t.Errorf("a term that overlaps: %d %s", a.Code, a.Body)
	}
}

// As long as the term has not begun, everything can be corrected, or taken back as if it had never been.
func TestCorrection(t *testing.T) {
	s := newSite(t)
	state := func() string {
		var all []string
		s.read(func(tx *store.Tx) error {
			for _, u := range []int64{apptest.Council, apptest.Sonne} {
				list, err := org.Members(tx, u)
				if err != nil {
					return err
				}
				for _, m := range list {
					if m.State != org.Ended && (m.Role == who.Delegate || m.Role == who.Chair) {
						all = append(all, m.Given, m.Office, m.Since.String(), time.Unix(m.Until, 0).String())
					}
				}
			}
			terms, err := committee.Terms(tx, apptest.Council)
			for _, x := range terms {
				all = append(all, x.Name, x.Starts.String(), x.Ends.String())
			}
			return err
		})
		return strings.Join(all, " ")
	}
	s.Post(apptest.Chair, wahl, ballot("2025/26", "2026-03-02", "2026-03-02", "2026-12-31", old("17", "chair"), old("8", "deputy"))...)
	s.Post(apptest.Cem, page+"/kandidatur", "wants", "1")
	before := state()
	form := ballot("2026/27", "2026-03-02", "2026-04-01", "2027-03-31", old("8", "chair"), old("7", "deputy"), old("17", ""), [6]string{"0", "Nina", "Neu", "", "treasurer", ""})
	if a := s.Post(apptest.Chair, wahl, form...); a.Code != 303 || state() == before {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Get(apptest.Chair, wahl); !a.Has("Wahl berichtigen") || !a.Has("hat noch nicht begonnen") || !a.Has("Nina Neu") || !a.Has(`name="term" value="2"`) {
		t.Errorf("the form: %s", a.Body)
	}
	// It was Cem who leads, and Vera stays as treasurer; Nina was not elected at all.
	form = with(ballot("2026/28", "2026-03-02", "2026-04-02", "2028-03-31", old("7", "chair"), old("8", "deputy"), old("17", "treasurer")), "term", "2")
	if a := s.Post(apptest.Chair, wahl, form...); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := s.Get(apptest.Ada, page); !a.Has("2026/28") || a.Has("Nina") || !a.Has("Beginnt am 2. April 2026.") {
		t.Errorf("corrected: %s", a.Body)
	}
	if a := s.Post(apptest.Dana, wahl+"/zuruecknehmen", "term", "3"); a.Code != 303 { // the deputy may, too
		t.Fatal(a.Code, a.Body)
	}
	if got := state(); got != before {
		t.Errorf("taken back:\n%s\nbefore:\n%s", got, before)
	}
	if a := s.Post(apptest.Chair, wahl+"/zuruecknehmen", "term", "3"); a.Code != 409 {
		t.Errorf("taken back twice: %d", a.Code)
	}
	s.Post(apptest.Chair, wahl, ballot("2026/27", "2026-03-02", "2026-04-01", "2027-03-31", old("17", "chair"))...)
	s.until(midnight(2026, 4, 1))
	if a := s.Post(apptest.Chair, wahl+"/zuruecknehmen", "term", "4"); a.Code != 409 {
		t.Errorf("a term that has begun is taken back: %d", a.Code)
	}
	if got, want := strings.Join(s.log, " "), "committee.elected committee.elected committee.corrected committee.withdrawn committee.elected"; got != want {
		t.Errorf("the record: %s", got)
	}
}

// Whoever is locked does not come back by an election.
func TestLockedIsNotElected(t *testing.T) {
	s := newSite(t)
	s.write(func(tx *store.Tx) error {
		id, err := org.Appoint(tx, org.Membership{Person: apptest.Bert, Unit: apptest.Council, Role: who.Delegate, Office: "delegate", State: org.Confirmed, Since: time.Unix(1, 0)})
		if err != nil {
			return err
		}
		return org.SetState(tx, id, org.Suspended, s.Now())
	})
	s.Post(apptest.Bert, page+"/kandidatur", "wants", "1")
	a := s.Post(apptest.Chair, wahl, ballot("2026/27", "2026-03-01", "2026-04-01", "2027-03-31", old("17", "chair"), old("11", "deputy"))...)
	if a.Code != 422 || !a.Has(`id="office-1-error"`) || !a.Has("gesperrt") {
		t.Errorf("%d %s", a.Code, a.Body)
	}
}
