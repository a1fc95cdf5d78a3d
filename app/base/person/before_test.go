package person_test

import (
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
)

// TestHistory: what a correction replaces is kept, what stays the same is not, and all of it goes with whom it is about.
func TestHistory(t *testing.T) {
	db, now := apptest.DB(t), apptest.Start
	do := func(f func(tx *store.Tx) error) {
		t.Helper()
		if err := db.Write(t.Context(), f); err != nil {
			t.Fatal(err)
		}
	}
	history := func(p, c int64) (all []person.Before) {
		t.Helper()
		do(func(tx *store.Tx) (err error) {
			all, err = person.History(tx, p, c)
			return err
		})
		return all
	}
	do(func(tx *store.Tx) error {
		c, err := person.GetChild(tx, apptest.Mila, now)
		if err != nil {
			return err
		}
		c.Family, c.Born, c.Ref = "Demir-Kaya", "2022-05-02", "A 1"
		if err := person.CorrectChild(tx, c, apptest.Hanna, now); err != nil {
			return err
		}
		if err := person.CorrectChild(tx, c, apptest.Hanna, now.Add(time.Hour)); err != nil { // the same once more
			return err
		}
		return person.Rename(tx, apptest.Former, "Fritz", "Neumann", 0, now)
	})
	kid := history(0, apptest.Mila)
	if len(kid) != 2 || kid[0] != (person.Before{Field: "born", Was: "2022-05-01", At: kid[0].At, Author: "Hanna Leitung"}) || kid[1].Was != "Demir" || !kid[1].At.Equal(now) {
		t.Errorf("%+v", kid)
	}
	if p := history(apptest.Former, 0); len(p) != 1 || p[0].Word() != "Nachname" || p[0].Was != "Früher" || p[0].Author != "" {
		t.Errorf("%+v", p)
	}
	do(func(tx *store.Tx) error {
		if err := person.Forget(tx, apptest.Former); err != nil {
			return err
		}
		return person.ForgetChild(tx, apptest.Mila, now)
	})
	if n := len(history(apptest.Former, 0)) + len(history(0, apptest.Mila)); n != 0 {
		t.Errorf("%d are left", n)
	}
}
