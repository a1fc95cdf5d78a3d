package committee_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// write changes a house, or ends the test.
func write(t *testing.T, db *store.DB, do func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Write(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// read looks into a house, or ends the test.
func read(t *testing.T, db *store.DB, do func(tx *store.Tx) error) {
	t.Helper()
	if err := db.Read(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

func midnight(y int, m time.Month, d int) time.Time {
	return time.Date(y, m, d, 0, 0, 0, 0, web.Zone())
}

// TestNeverSat: whose time as a delegate was over before there was the committee, or is still to come when the committee ends,
// has not sat in it, and reads nothing.
func TestNeverSat(t *testing.T) {
	db := apptest.DB(t)
	founded := apptest.Start.AddDate(-1, 0, 0).Unix()
	write(t, db, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE unit SET since = ? WHERE id = ?`, founded, apptest.Council)
		return err
	})
	for _, c := range []struct {
		since, until int64
		want         committee.Level
	}{{founded - 100, founded, committee.None}, {founded - 100, founded - 50, committee.None}, {founded - 100, founded + 1, committee.Around}} {
		write(t, db, func(tx *store.Tx) error {
			if _, err := tx.Exec(`DELETE FROM membership WHERE person = ? AND role = 7`, apptest.Rosa); err != nil {
				return err
			}
			_, err := tx.Exec(`INSERT INTO membership (person, unit, role, office, state, since, until) VALUES (?, ?, 7, 'delegate', 'confirmed', ?, ?)`,
				apptest.Rosa, apptest.Sonne, c.since, c.until)
			return err
		})
		read(t, db, func(tx *store.Tx) error {
			got, err := committee.LevelOf(tx, who.Viewer{ID: apptest.Rosa}, apptest.Council, apptest.Start)
			if got != c.want {
				t.Errorf("%+d to %+d: level %d, want %d", c.since-founded, c.until-founded, got, c.want)
			}
			return err
		})
	}
}

// TestLevels: who looks how far into the council of Sonne, and that the rules decide only about the world.
func TestLevels(t *testing.T) {
	db := apptest.DB(t)
	want := map[int64]committee.Level{
		apptest.Olga: committee.Around, apptest.Max: committee.Around, apptest.Hanna: committee.Around, apptest.Stefan: committee.Around,
		apptest.Ada: committee.Around, apptest.Cem: committee.Around, apptest.Bert: committee.Around,
		apptest.Dana: committee.Inside, apptest.Chair: committee.Leading,
	} // Arno runs the house, Greta and Rosa work for another carrier, Silent is not to be told anything
	for _, public := range []bool{false, true} {
		write(t, db, func(tx *store.Tx) error {
			r := committee.Usual(apptest.Council)
			r.Public = public
			return committee.SetRules(tx, r)
		})
		read(t, db, func(tx *store.Tx) error {
			for person := int64(apptest.Nobody); person <= apptest.Chair; person++ {
				least := committee.None
				if public {
					least = committee.Open
				}
				v := who.Viewer{ID: person}
				got, err := committee.LevelOf(tx, v, apptest.Council, apptest.Start)
				if err != nil {
					return err
				}
				if got != max(want[person], least) {
					t.Errorf("public %v: person %d has level %d, want %d", public, person, got, max(want[person], least))
				}
				for l := committee.Open; l <= committee.Leading; l++ {
					if _, _, err := committee.Must(tx, v, apptest.Council, l, apptest.Start); (err == nil) != (got >= l) {
						t.Errorf("public %v: person %d must have %d: %v", public, person, l, err)
					}
				}
				seen, err := committee.Seen(tx, person, apptest.Start)
				if err != nil || (len(seen) == 1) != (got > committee.None) {
					t.Errorf("public %v: person %d sees %d committees (%v)", public, person, len(seen), err)
				}
				sits, err := committee.Of(tx, person, apptest.Start)
				if err != nil || (len(sits) == 1) != (got >= committee.Inside) {
					t.Errorf("public %v: person %d sits in %d committees (%v)", public, person, len(sits), err)
				}
			}
			if l, err := committee.LevelOf(tx, who.Viewer{ID: apptest.Hanna}, apptest.Sonne, apptest.Start); l != committee.None || err != nil {
				t.Errorf("a facility is no committee: %d, %v", l, err)
			}
			return nil
		})
	}
}

// TestMidnight: a term ends at local midnight, in summer as in winter, and leaves its holder what those around read.
func TestMidnight(t *testing.T) {
	db := apptest.DB(t)
	rita := int64(apptest.Rosa) // works elsewhere: what she may do here comes from her seat alone
	for _, day := range []time.Time{midnight(2026, 3, 29), midnight(2026, 3, 30), midnight(2026, 7, 1), midnight(2026, 10, 25), midnight(2026, 10, 26)} {
		write(t, db, func(tx *store.Tx) error {
			if err := org.Vanish(tx, rita); err != nil {
				return err
			}
			_, err := org.Appoint(tx, org.Membership{Person: rita, Unit: apptest.Council, Role: who.Chair, Office: "deputy", State: org.Confirmed,
				Since: day.AddDate(0, 0, -1), Until: day.Unix()})
			return err
		})
		read(t, db, func(tx *store.Tx) error {
			for _, x := range []struct {
				at   time.Time
				want committee.Level
			}{{day.AddDate(0, 0, -1).Add(-time.Second), committee.None}, {day.AddDate(0, 0, -1), committee.Leading},
				{day.Add(-time.Second), committee.Leading}, {day, committee.Around}, {day.AddDate(5, 0, 0), committee.Around}} {
				got, err := committee.LevelOf(tx, who.Viewer{ID: rita}, apptest.Council, x.at)
				if err != nil || got != x.want {
					t.Errorf("%s: level %d, want %d (%v)", x.at, got, x.want, err)
				}
			}
			return nil
		})
	}
}

// TestFormer: delegates of a facility sat in its committee; who was only invited, or was taken out, has nothing of it.
func TestFormer(t *testing.T) {
	db := apptest.DB(t)
	end := apptest.Start.Add(-time.Hour)
	write(t, db, func(tx *store.Tx) error {
		for _, m := range []org.Membership{
			{Person: apptest.Rosa, Unit: apptest.Sonne, Role: who.Delegate, State: org.Confirmed},
			{Person: apptest.Greta, Unit: apptest.Council, Role: who.Chair, Office: "deputy", State: org.Invited},
			{Person: apptest.Arno, Unit: apptest.Council, Role: who.Delegate, Office: "delegate", State: org.Ended},
		} {
			m.Since, m.Until = time.Unix(0, 0), end.Unix()
			if _, err := org.Appoint(tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	read(t, db, func(tx *store.Tx) error {
		for person, want := range map[int64]committee.Level{apptest.Rosa: committee.Around, apptest.Greta: committee.None, apptest.Arno: committee.None} {
			if got, err := committee.LevelOf(tx, who.Viewer{ID: person}, apptest.Council, apptest.Start); got != want || err != nil {
				t.Errorf("person %d: level %d, want %d (%v)", person, got, want, err)
			}
		}
		return nil
	})
	write(t, db, func(tx *store.Tx) error { return org.End(tx, apptest.Council, apptest.Start) })
	read(t, db, func(tx *store.Tx) error { // a committee that is closed: its chair reads what those around it do
		for at, want := range map[time.Time]committee.Level{apptest.Start.Add(-1): committee.Leading, apptest.Start: committee.Around} {
			if got, err := committee.LevelOf(tx, who.Viewer{ID: apptest.Chair}, apptest.Council, at); got != want || err != nil {
				t.Errorf("%s: the chair of a closed committee has level %d, want %d (%v)", at, got, want, err)
			}
		}
		return nil
	})
}

func TestSeats(t *testing.T) {
	db := apptest.DB(t)
	now := apptest.Start
	write(t, db, func(tx *store.Tx) error {
		for i, m := range []org.Membership{
			{Person: apptest.Ada, Role: who.Delegate, Office: "substitute"},
			{Person: apptest.Bert, Role: who.Delegate, Office: "substitute"},
			{Person: apptest.Cem, Role: who.Delegate, Office: "substitute"},
			{Person: apptest.Dana, Role: who.Delegate, Office: "substitute"}, // and a delegate of the facility: has a vote
			{Person: apptest.Hanna, Role: who.Delegate},                      // before there were offices
		} {
			m.Unit, m.State, m.Since = apptest.Council, org.Confirmed, now.Add(time.Duration(i-10)*time.Hour)
			id, err := org.Appoint(tx, m)
			if err != nil {
				return err
			}
			if m.Person == apptest.Cem {
				if err := committee.SetRank(tx, id, 1); err != nil {
					return err
				}
			}
		}
		return nil
	})
	read(t, db, func(tx *store.Tx) error {
		subs, err := committee.Substitutes(tx, apptest.Council, now)
		if want := []int64{apptest.Cem, apptest.Ada, apptest.Bert}; err != nil || !slices.Equal(subs, want) {
			t.Errorf("substitutes %v, want %v (%v)", subs, want, err)
		}
		if subs, err = committee.Substitutes(tx, apptest.Council, now.AddDate(-1, 0, 0)); err != nil || len(subs) != 0 {
			t.Errorf("a year ago: %v, %v", subs, err)
		}
		seats, err := committee.Seats(tx, apptest.Council, now)
		if err != nil {
			return err
		}
		var names []string
		for _, s := range seats {
			names = append(names, s.Name()+" "+s.Office.Word())
		}
		if got, want := strings.Join(names, ", "), "Vera Vorsitz Vorsitz, Dana Beirat Mitglied, Hanna Leitung Mitglied, "+
			"Ada Demir Ersatzmitglied, Bert Demir Ersatzmitglied, Cem Yildiz Ersatzmitglied"; got != want {
			t.Errorf("seats %s\nwant  %s", got, want)
		}
		if v := committee.Voters(seats); !slices.Equal(v, []int64{apptest.Chair, apptest.Dana, apptest.Hanna}) {
			t.Errorf("voters %v", v)
		}
		return nil
	})
}

func TestTerms(t *testing.T) {
	db := apptest.DB(t)
	now := apptest.Start
	term := func(from, to time.Time) committee.Term {
		return committee.Term{UID: fmt.Sprint(from, to), Unit: apptest.Council, Name: "x", Elected: "2025-10-01", Starts: from, Ends: to, Changed: now}
	}
	var first, second int64
	write(t, db, func(tx *store.Tx) (err error) {
		if _, err := committee.TermAt(tx, apptest.Council, now); fault.KindOf(err) != fault.NotFound {
			t.Errorf("a term before any: %v", err)
		}
		first, err = committee.AddTerm(tx, term(midnight(2025, 10, 1), midnight(2026, 10, 1)))
		return err
	})
	for name, x := range map[string]struct {
		term  committee.Term
		field string
	}{
		"the end before the start": {term(midnight(2027, 1, 1), midnight(2026, 12, 31)), "ends"},
		"of no length":             {term(midnight(2027, 1, 1), midnight(2027, 1, 1)), "ends"},
		"the same":                 {term(midnight(2025, 10, 1), midnight(2026, 10, 1)), "starts"},
		"one day too early":        {term(midnight(2026, 9, 30), midnight(2027, 10, 1)), "starts"},
		"around it":                {term(midnight(2025, 1, 1), midnight(2028, 1, 1)), "starts"},
	} {
		err := db.Write(t.Context(), func(tx *store.Tx) error {
			_, err := committee.AddTerm(tx, x.term)
			return err
		})
		if fault.Fields(err)[x.field] == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	write(t, db, func(tx *store.Tx) (err error) { // the next one begins when the first one ends
		second, err = committee.AddTerm(tx, term(midnight(2026, 10, 1), midnight(2027, 10, 1)))
		return err
	})
	write(t, db, func(tx *store.Tx) error { // elections are earlier
		if err := committee.EndTerm(tx, first, midnight(2026, 9, 1), now); err != nil {
			return err
		}
		if err := committee.EndTerm(tx, first, midnight(2026, 10, 2), now); fault.Fields(err)["starts"] == "" {
			t.Errorf("an end within the next term: %v", err)
		}
		if err := committee.EndTerm(tx, first, midnight(2025, 10, 1), now); fault.Fields(err)["ends"] == "" {
			t.Errorf("an end at the start: %v", err)
		}
		got, err := committee.TermAt(tx, apptest.Council, midnight(2026, 9, 30))
		if err != nil || got.ID != first || !got.Provisional(midnight(2026, 9, 1)) || got.Provisional(midnight(2026, 9, 1).Add(-1)) {
			t.Errorf("in September: %+v, %v", got, err)
		}
		if err := committee.DropTerm(tx, first, now); fault.KindOf(err) != fault.Conflict {
			t.Errorf("a term that has begun: %v", err)
		}
		if err := committee.DropTerm(tx, second, now); err != nil {
			return err
		}
		all, err := committee.Terms(tx, apptest.Council)
		if err != nil || len(all) != 1 {
			t.Errorf("%d terms are left (%v)", len(all), err)
		}
		return nil
	})
}

// TestPlans: whoever asks for a committee or a person looks up rows, and never works out the whole house.
func TestPlans(t *testing.T) {
	db := apptest.DB(t)
	for name, query := range map[string]string{
		"seats of a unit":   `SELECT person FROM committee_seat WHERE unit = ? AND since <= ? AND until > ?`,
		"seats of a person": `SELECT unit FROM committee_seat WHERE person = ? AND since <= ? AND until > ?`,
		"around, a person":  `SELECT unit FROM committee_around WHERE person = ? AND since <= ? AND until > ?`,
		"around, of a unit": `SELECT 1 FROM committee_around WHERE unit = ? AND person = ? AND since <= ? AND until > ?`,
		"substitutes":       `SELECT m.person FROM membership m JOIN committee_substitute r ON r.membership = m.id WHERE m.unit = ?`,
		"terms of a unit":   `SELECT id FROM committee_term WHERE unit = ? AND starts <= ? ORDER BY starts DESC LIMIT 1`,
	} {
		read(t, db, func(tx *store.Tx) error {
			plan, err := store.All(tx, func(s *step) []any { return []any{&s.id, &s.above, &s.unused, &s.words} }, "EXPLAIN QUERY PLAN "+query, 1, 2, 3, 4)
			for _, s := range plan {
				if strings.HasPrefix(s.words, "SCAN ") && s.words != "SCAN committee_around" {
					t.Errorf("%s: %s", name, s.words)
				}
			}
			if len(plan) == 0 {
				t.Errorf("%s has no plan", name)
			}
			return err
		})
	}
}

type step struct {
	id, above, unused int
	words             string
}
