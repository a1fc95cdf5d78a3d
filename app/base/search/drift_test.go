package search_test

import (
	"errors"
	"slices"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/search"
)

// TestCompare: what nobody has told the index is found by comparing, and the index is made anew.
func TestCompare(t *testing.T) {
	x, b, db, _ := shelved(t)
	compared := func(missing, extra []string) {
		t.Helper()
		d, err := x.Compare(t.Context())
		if err != nil || !slices.Equal(d.Missing, missing) || !slices.Equal(d.Extra, extra) || d.None() != (missing == nil && extra == nil) {
			t.Errorf("compared: %+v, %v, want %q and %q", d, err, missing, extra)
		}
	}
	compared(nil, nil)
	b.docs = append(b.docs[1:], search.Doc{Ref: 301, Public: true, Title: "Neu", Body: "Von der Verpflegungsgebühr."})
	changed(t, db, 301) // it reads this first
	compared(nil, []string{"text:1"})
	if _, err := x.Compare(t.Context()); !errors.Is(err, search.ErrNone) {
		t.Errorf("an index that differs is used on: %v", err)
	}
	update(t, x)
	compared(nil, nil)
	b.docs = append(b.docs, search.Doc{Ref: 302, Public: true, Title: "Vergessen"})
	compared([]string{"text:302"}, nil)
	update(t, x)
	compared(nil, nil)
	whole(t, x)
	none := search.New(apptest.DB(t), "")
	if _, err := none.Compare(t.Context()); !errors.Is(err, search.ErrNone) {
		t.Errorf("no index: %v", err)
	}
}
