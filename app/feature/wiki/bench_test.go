//go:build unix

package wiki

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// BenchmarkPage shows a page among 20,000 of one archive, in a town of 100,000 people: ten links, ten pages below it, four
// above. The whole answer is measured, beside the same without the archive's part: the start of the archives.
//
//	go test -run xxx -bench Page ./app/feature/wiki
func BenchmarkPage(b *testing.B) {
	const pages = 20_000
	slog.SetLogLoggerLevel(slog.LevelWarn)
	b.Cleanup(func() { slog.SetLogLoggerLevel(slog.LevelInfo) })
	h := apptest.InTown(b, apptest.Full)
	f := New(h.House, noLog, nil, noPassage)
	s := h.Serve(b, f)
	words := strings.Repeat("Ein Absatz mit **Worten**, wie ihn ein Hygieneplan hat. Siehe [[Seite 7]].\n\n", 40)
	for i := range 10 {
		words += fmt.Sprintf("- [[Seite %d]]\n", 100+i)
	}
	var ids [pages]int64
	err := h.DB.Write(b.Context(), func(tx *store.Tx) error {
		var city int64
		all, err := store.All(tx, store.Value[int64], `SELECT id FROM unit WHERE kind = 'city'`)
		if err != nil {
			return err
		}
		city = all[0]
		for i := range ids {
			text := "Kurz. [[Seite 3]]"
			if i%100 == 42 {
				text = words
			}
			var parent int64
			if i > 0 {
				parent = ids[(i-1)/10]
			}
			if ids[i], err = add(tx, city, parent, Around, Text{Title: fmt.Sprintf("Seite %d", i), Body: text}, 0, true, h.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	path := seite(ids[1042]) // the hundreds with 42 have the long text
	for _, c := range []struct {
		name   string
		person int64
		path   string
	}{{"parent", apptest.Full.Parent(4711), path}, {"office", apptest.Full.Clerk(), path}, {"archives", apptest.Full.Parent(4711), "/wissen"}, {"archive", apptest.Full.Parent(4711), "/archiv/1"}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if a := s.Get(c.person, c.path); a.Code != 200 {
					b.Fatalf("%d %s", a.Code, a.Body)
				}
			}
		})
	}
	b.Run("read", func(b *testing.B) { // the database's part alone
		var v who.Viewer
		if err := h.DB.Read(b.Context(), func(tx *store.Tx) (err error) {
			v, err = org.Viewer(tx, apptest.Full.Parent(4711), h.Now())
			return err
		}); err != nil {
			b.Fatal(err)
		}
		for b.Loop() {
			if err := h.DB.Read(b.Context(), func(tx *store.Tx) error {
				p, err := get(tx, ids[1042], v, h.Now())
				if err == nil {
					_, err = body(tx, p, v, h.Now())
				}
				return err
			}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
