package list

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

// BenchmarkList opens a list of 500 lines with 2,000 entries in a town of 100,000 people, as one of the parents and as the
// head, who reads all names; and the page of all lists, of which there are 5,000 in the town.
//
//	go test -run xxx -bench . ./app/feature/list
func BenchmarkList(b *testing.B) {
	slog.SetLogLoggerLevel(slog.LevelWarn)
	b.Cleanup(func() { slog.SetLogLoggerLevel(slog.LevelInfo) })
	h := apptest.InTown(b, apptest.Full)
	site := h.Serve(b, New(h.House))
	head := apptest.Full.Head(0)
	var facility, parent int64
	var of []int64
	write := func(f func(tx *store.Tx) error) {
		b.Helper()
		if err := h.DB.Write(b.Context(), f); err != nil {
			b.Fatal(err)
		}
	}
	err := h.DB.Read(b.Context(), func(tx *store.Tx) (err error) {
		if facility, err = store.One(tx, store.Value[int64], `SELECT unit FROM holding WHERE person = ? AND role = 4`, head); err != nil {
			return err
		}
		if of, err = store.All(tx, store.Value[int64], `SELECT id FROM unit WHERE kind = 'facility' ORDER BY id`); err != nil {
			return err
		}
		parent, err = store.One(tx, store.Value[int64], `
			SELECT min(h.person) FROM holding h JOIN unit_up p ON p.unit = h.unit WHERE p.above = ? AND h.role = 6 AND h.since <= ? AND h.until > ?`, facility, h.Now().Unix(), h.Now().Unix())
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	var id int64
	write(func(tx *store.Tx) (err error) {
		v, err := org.Viewer(tx, head, h.Now())
		if err != nil {
			return err
		}
		var lines strings.Builder
		for i := range 500 {
			fmt.Fprintf(&lines, "Sache %d: 5\n", i)
		}
		d := Draft{Unit: facility, Units: []int64{facility}, Roles: who.Of(who.Parent), Kind: Bring, Per: PerPerson, Title: "Fest", Lines: ReadLines(lines.String())}
		if id, err = Add(tx, h.House, v, d); err != nil {
			return err
		}
		_, err = tx.Exec(`
			INSERT INTO list_entry (line, person, places, note, state, turn, at)
			SELECT z.id, j.value, 1, 'Kuchen', 'held', j.value, 0 FROM list_line z, json_each('[101, 102, 103, 104]') j WHERE z.list = ?`, id)
		return err
	})
	write(func(tx *store.Tx) error { // ten lists in each facility
		for i := range 10 {
			for _, u := range of {
				n, err := store.One(tx, store.Value[int64], `
					INSERT INTO list (uid, unit, kind, title, body, council, per, names, remind, created, changed)
					VALUES (?1 || '-' || ?2, ?1, 'bring', 'Liste', '', 0, 'person', 0, 0, 0, 0) RETURNING id`, u, i)
				if err != nil {
					return err
				}
				if _, err := tx.Exec(`INSERT INTO list_audience (unit, list, roles) VALUES (?, ?, 64)`, u, n); err != nil {
					return err
				}
				if err := addLine(tx, n, 0, Line{Title: "Kuchen", Places: 9}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	for _, c := range []struct {
		name   string
		person int64
		path   string
	}{
		{"500 lines, a parent", parent, fmt.Sprintf("/liste/%d", id)},
		{"500 lines, the head", head, fmt.Sprintf("/liste/%d", id)},
		{"all lists of a parent", parent, "/listen"},
		{"all lists of the office", apptest.Full.Clerk(), "/listen"},
	} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				if a := site.Get(c.person, c.path); a.Code != 200 {
					b.Skipf("%s as %d: %d", c.path, c.person, a.Code)
				}
			}
		})
	}
}
