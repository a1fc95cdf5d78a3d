package absence

import (
	"context"
	"log/slog"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// What is asked of the database in a town of 100,000 people, on a morning on which every tenth child is excused and every
// second one is here.
//
//	go test -run xxx -bench . ./app/feature/absence
func BenchmarkTown(b *testing.B) {
	slog.SetLogLoggerLevel(slog.LevelWarn)
	b.Cleanup(func() { slog.SetLogLoggerLevel(slog.LevelInfo) })
	h := apptest.InTown(b, apptest.Full)
	f := feature{House: h.House, pages: web.Parse(html)}
	open := func(*store.Tx, string) (bool, []int64, error) { return false, nil, nil }
	day := today(h.Now())
	err := h.DB.Write(b.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`
			INSERT INTO absence (uid, child, first_day, last_day, reason, note, late) SELECT 'a' || id, id, ?1, ?1, 'ill', '', 0 FROM child WHERE id % 10 = 0`, day); err != nil {
			return err
		}
		_, err := tx.Exec(`
			INSERT INTO absence_deed (uid, child, day, kind, at, received, person, escort, instead) SELECT 'd' || id, id, ?1, 'came', ?2, ?2, NULL, '', '' FROM child WHERE id % 2 = 1`,
			day, h.Now().Unix())
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	viewer := func(id int64) (v who.Viewer) {
		err := h.DB.Read(context.Background(), func(tx *store.Tx) (err error) {
			v, err = org.Viewer(tx, id, h.Now())
			return err
		})
		if err != nil {
			b.Fatal(err)
		}
		return v
	}
	parent, clerk := viewer(apptest.Full.Parent(0)), viewer(apptest.Full.Clerk())
	for _, c := range []struct {
		name string
		ask  func(tx *store.Tx) error
	}{
		{"list of a facility", func(tx *store.Tx) error { _, err := roll(tx, apptest.Full.Facility(0), 0, h.Now()); return err }},
		{"part of a parent's start page", func(tx *store.Tx) error {
			_, err := f.start(tx, web.Page{Lang: "de", Now: h.Now(), Viewer: parent})
			return err
		}},
		{"numbers of the city", func(tx *store.Tx) error { _, err := totals(tx, clerk, who.Team, h.Now()); return err }},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if err := h.DB.Read(context.Background(), c.ask); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("a night's count of one day", func(b *testing.B) {
		for b.Loop() {
			if err := count(context.Background(), h.DB, day, open); err != nil {
				b.Fatal(err)
			}
		}
	})
}
