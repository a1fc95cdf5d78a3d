package announcement

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// What is kept in memory never differs from what the database says: for
// everybody, at any time, whatever has been changed in between.
func TestShelf(t *testing.T) {
	h := apptest.InTown(t, apptest.Small)
	f := New(h.House, Wires{})
	s := h.Serve(t, f)
	size, shelf := apptest.Small, newShelf(h.DB)
	people := []int64{size.Head(0), size.Head(1), size.Carer(0), size.Clerk(), size.Clerk() + 1, size.Clerk() + 5, 7}
	for i := range 60 {
		people = append(people, size.Parent(i*13))
	}
	compare := func(when string) {
		t.Helper()
		for _, id := range people {
			err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
				v, err := org.Viewer(tx, id, h.Now())
				if err != nil {
					return err
				}
				want, err := feed(tx, v, h.Now(), endOfTime, 1<<62, pageSize)
				if err != nil {
					return err
				}
				got, err := shelf.feed(tx, v, h.Now(), pageSize)
				if err != nil {
					return err
				}
				if len(got) != len(want) || len(got) > 0 && !reflect.DeepEqual(got, want) {
					t.Errorf("%s: person %d sees %v, and the shelf has %v", when, id, titles(want), titles(got))
				}
				n, err := unconfirmed(tx, v.ID, h.Now())
				if err != nil {
					return err
				}
				if m, err := shelf.ask(tx, v, h.Now()); m != n || err != nil {
					t.Errorf("%s: person %d is asked %d times, and the shelf says %d, %v", when, id, n, m, err)
				}
				if !v.May(who.Families) {
					return nil
				}
				since := h.Now().AddDate(0, -1, 0)
				about, err := concerned(tx, v, h.Now(), since)
				if err != nil {
					return err
				}
				kids, err := shelf.kids(tx, v, h.Now())
				if err != nil {
					return err
				}
				again, err := shelf.concerned(tx, v, kids, h.Now(), since)
				for _, all := range []map[int64][]int64{about, again} {
					for _, ids := range all {
						slices.Sort(ids)
					}
				}
				if !reflect.DeepEqual(again, about) || err != nil {
					t.Errorf("%s: announcements concern children %v of person %d, and the shelf has %v, %v", when, about, id, again, err)
				}
				return nil
			})
			if err != nil {
				t.Fatalf("%s: person %d: %v", when, id, err)
			}
		}
	}
	change := func(query string, args ...any) {
		t.Helper()
		if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.Exec(query, args...)
			return err
		}); err != nil {
			t.Fatal(err)
		}
	}
	now := h.Now().Unix()
	for _, step := range []struct {
		name string
		do   func()
	}{
		{"at first", func() {}},
		{"with all in memory", func() {}},
		{"after an announcement", func() {
			if a := s.Post(size.Head(0), "/mitteilungen/neu", "unit", "1000", "audience", "1000", "role", "parent", "role", "team", "title", "Neu", "confirm", "1"); a.Code != 303 {
				t.Fatal(a.Code, a.Body)
			}
		}},
		{"after the outbox", func() { h.Work(t) }},
		{"after a confirmation", func() {
			if a := s.Post(size.Parent(13), fmt.Sprintf("/mitteilung/%d/bestaetigen", size.Told())); a.Code != 303 {
				t.Fatal(a.Code)
			}
		}},
		{"after a reopening", func() {
			if a := s.Post(size.Head(0), fmt.Sprintf("/schliessung/%d/aufheben", size.Closed()), "version", "1"); a.Code != 303 {
				t.Fatal(a.Code, a.Body)
			}
		}},
		{"after children have moved", func() { change(`UPDATE child_stay SET unit = 10000 WHERE child % 7 = 0`) }},
		{"after a child has left from tomorrow on", func() { change(`UPDATE child_stay SET until = ? WHERE child % 5 = 0`, now+24*3600) }},
		{"after somebody was appointed from tomorrow on", func() {
			change(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 4, 'confirmed', ?)`, size.Parent(13), size.Facility(2), now+24*3600)
		}},
		{"tomorrow", func() { h.Clock.Add(25 * time.Hour) }},
		{"after guardians were locked out", func() { change(`UPDATE guardian SET state = 'suspended' WHERE person % 4 = 0`) }},
		{"after guardians are no longer told", func() { change(`UPDATE guardian SET informed = 0 WHERE person % 9 = 0`) }},
		{"after a head has gone", func() {
			change(`UPDATE membership SET state = 'ended', until = ? WHERE person = ?`, now+1, size.Head(1))
		}},
		{"after a facility has another carrier", func() {
			if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return org.Move(tx, size.Facility(1), 1) }); err != nil {
				t.Fatal(err)
			}
		}},
		{"after a unit has another name", func() { change(`UPDATE unit SET name = 'Anders' WHERE id = 1000`) }},
		{"after an author has gone", func() { change(`UPDATE announcement SET author = NULL WHERE author = ?`, size.Clerk()) }},
		{"after a child was removed", func() {
			change(`DELETE FROM announcement_asked WHERE child < 40`)
			change(`DELETE FROM child WHERE id < 40`)
		}},
		{"half a year later", func() { h.Clock.Add(180 * 24 * time.Hour) }},
	} {
		step.do()
		compare(step.name)
	}
}

func titles(all []Announcement) (s []string) {
	for _, a := range all {
		s = append(s, fmt.Sprintf("%d %t %s", a.ID, a.Meant, a.Confirmed.Format("15:04")))
	}
	return s
}
