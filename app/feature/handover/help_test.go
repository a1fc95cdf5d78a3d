package handover_test

import (
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

func (x *election) viewer(person int64) (v who.Viewer) {
	x.t.Helper()
	if err := x.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		v, err = org.Viewer(tx, person, x.Now())
		return err
	}); err != nil {
		x.t.Fatal(err)
	}
	return v
}
