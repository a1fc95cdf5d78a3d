package store_test

import (
	"maps"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// A row that refers to two of them is one row.
func TestReferring(t *testing.T) {
	err := apptest.DB(t).Read(t.Context(), func(tx *store.Tx) error {
		got, err := store.Referring(tx, map[string][]int64{"child": {apptest.Mila}, "person": {apptest.Ada, apptest.Bert}})
		if want := map[string]int{"guardian": 3, "child_stay": 1}; !maps.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
		if err != nil {
			return err
		}
		rows, err := store.Rows(tx)
		if rows["child"] != 4 || rows["guardian"] != 6 || rows["slip"] != 0 {
			t.Errorf("%v", rows)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
