package org_test

import (
	"slices"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// What is kept in memory of everybody's rights is what the views say, whatever has been changed in between.
func TestViewers(t *testing.T) {
	h := apptest.New(t)
	kept := org.NewViewers(h.DB)
	compare := func(when string) {
		t.Helper()
		for person := int64(1); person <= apptest.Chair; person++ {
			err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
				want, err := org.Holdings(tx, person, h.Now())
				if err != nil {
					return err
				}
				v, err := kept.Viewer(tx, person, h.Now())
				if err != nil || !slices.Equal(v.Holds, want) {
					t.Errorf("%s: person %d holds %v, and kept is %v, %v", when, person, want, v.Holds, err)
				}
				reach, err := org.Reach(tx, person, h.Now())
				if err != nil {
					return err
				}
				slices.Sort(reach)
				if got, err := kept.Reach(tx, v); err != nil || !slices.Equal(got, reach) {
					t.Errorf("%s: person %d reaches %v, and kept is %v, %v", when, person, reach, got, err)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	compare("at first")
	for _, c := range []struct{ name, query string }{
		{"a child moves", `UPDATE child_stay SET unit = 9 WHERE child = 1`},
		{"an auditor of a carrier", `UPDATE membership SET unit = 3 WHERE person = 16`},
		{"a role is suspended", `UPDATE membership SET state = 'suspended' WHERE person = 4`},
		{"a unit moves", `DELETE FROM unit_up WHERE unit = 9 AND above = 7`},
		{"a guardian is not to be told", `UPDATE guardian SET informed = 0 WHERE person = 8`},
	} {
		if err := h.DB.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(c.query); return err }); err != nil {
			t.Fatal(err)
		}
		compare(c.name)
	}
}
