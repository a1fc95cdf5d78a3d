package hold_test

import (
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/hold"
	"nestfunk/app/base/store"
)

// TestOn: whom a hold covers, in Go and in the views that those ask who delete by age.
func TestOn(t *testing.T) {
	now := apptest.Start
	for name, c := range map[string]struct {
		hold            hold.Hold
		people, notThem []int64
		kids, notThose  []int64
	}{
		"a person": {hold.Hold{Person: apptest.Former}, []int64{apptest.Former}, []int64{apptest.Hanna}, nil, []int64{apptest.Can}},
		"a child and its guardians": {hold.Hold{Child: apptest.Can}, []int64{apptest.Cem, apptest.Silent}, []int64{apptest.Dana, apptest.Stefan},
			[]int64{apptest.Can}, []int64{apptest.Dora}},
		"a unit, also whoever was there": {hold.Hold{Unit: apptest.Sonne}, []int64{apptest.Former, apptest.Hanna, apptest.Stefan, apptest.Ada}, []int64{apptest.Rosa, apptest.Max},
			[]int64{apptest.Mila, apptest.Can}, []int64{apptest.Emil}},
	} {
		t.Run(name, func(t *testing.T) {
			db := apptest.DB(t)
			var id int64
			c.hold.Kind, c.hold.Reason = hold.Keep, " Verfahren "
			err := db.Write(t.Context(), func(tx *store.Tx) (err error) {
				id, err = hold.Set(tx, c.hold, apptest.Max, now.Add(time.Hour), now)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			covers := func(person, child int64, at time.Time, want bool) {
				t.Helper()
				err := db.Read(t.Context(), func(tx *store.Tx) error {
					all, err := hold.On(tx, person, child, at)
					if err != nil {
						return err
					}
					n, err := store.One(tx, store.Value[int], `
						SELECT (SELECT count(*) FROM held_person WHERE person = ?1 AND until > ?3) + (SELECT count(*) FROM held_child WHERE child = ?2 AND until > ?3)`, person, child, at.Unix())
					if (len(all) > 0) != want || (n > 0) != want {
						t.Errorf("person %d, child %d at %v: %v and %d rows, want %v", person, child, at, all, n, want)
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, p := range c.people {
				covers(p, 0, now, true)
				covers(p, 0, now.Add(time.Hour), false)
			}
			for _, p := range c.notThem {
				covers(p, 0, now, false)
			}
			for _, k := range c.kids {
				covers(0, k, now, true)
			}
			for _, k := range c.notThose {
				covers(0, k, now, false)
			}
			lift := func() error {
				return db.Write(t.Context(), func(tx *store.Tx) error { return hold.Lift(tx, id, apptest.Max, now) })
			}
			if err := lift(); err != nil {
				t.Fatal(err)
			}
			for _, p := range c.people {
				covers(p, 0, now, false)
			}
			if err := lift(); fault.KindOf(err) != fault.Conflict {
				t.Errorf("lifted twice: %v", err)
			}
		})
	}
}

func TestSetWants(t *testing.T) {
	err := apptest.DB(t).Write(t.Context(), func(tx *store.Tx) error {
		_, err := hold.Set(tx, hold.Hold{Kind: hold.Keep, Person: apptest.Ada, Reason: " "}, apptest.Max, apptest.Start.Add(-time.Second), apptest.Start)
		return err
	})
	if got := fault.Fields(err); got["reason"] == "" || got["until"] == "" {
		t.Errorf("no reason, and a day that is over: %v", err)
	}
}
