package wiki

import (
	"fmt"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// BenchmarkOwed counts what waits for a person: every page asks for it. 4,000 pages in one archive, 200 of them to be read.
func BenchmarkOwed(b *testing.B) {
	h := apptest.New(b)
	if err := h.DB.Write(b.Context(), func(tx *store.Tx) error {
		for i := range 4_000 {
			id, err := add(tx, apptest.Sonne, 0, Around, Text{Title: fmt.Sprint("Seite ", i), Body: "x"}, apptest.Hanna, true, h.Now())
			if err == nil && i%20 == 0 {
				err = oblige(tx, id, AskAll)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	f := feature{House: h.House, owing: owing(h.DB)}
	ada := who.Viewer{ID: apptest.Ada, Holds: []who.Holding{{Role: who.Parent, Unit: apptest.Kaefer}}}
	for name, count := range map[string]func(tx *store.Tx) (int, error){
		"read": func(tx *store.Tx) (int, error) { return owed(tx, ada.ID, h.Now()) },
		"kept": func(tx *store.Tx) (int, error) { return f.ask(tx, ada) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if err := h.DB.Read(b.Context(), func(tx *store.Tx) error {
					n, err := count(tx)
					if n != 200 {
						b.Fatalf("%d", n)
					}
					return err
				}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
