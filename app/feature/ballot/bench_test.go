package ballot

import (
	"io"
	"log/slog"
	"sync/atomic"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// crowd is a vote of so many members, persons 1000 and up.
func (r *room) crowd(n int64) Draft {
	r.t.Helper()
	d := draft()
	d.Voters, d.Votes = nil, int(n)
	r.do(func(tx *store.Tx) error {
		for i := int64(1000); i < 1000+n; i++ {
			if _, err := tx.Exec(`INSERT INTO person (id, uid, given, family, language) VALUES (?1, 'x' || ?1, 'Mitglied', 'Nummer ' || ?1, 'de')`, i); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO membership (person, unit, role, office, state, since) VALUES (?, 10, 7, 'delegate', 'confirmed', 0)`, i); err != nil {
				return err
			}
			d.Voters = append(d.Voters, i)
		}
		return nil
	})
	return d
}

// BenchmarkPanel is what a page costs more that shows a vote of a thousand members: while it is open, and once it is closed.
//
//	go test ./app/feature/ballot -run '^$' -bench Panel
func BenchmarkPanel(b *testing.B) {
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	defer slog.SetDefault(old)
	r := newRoom(b)
	d := r.crowd(1000)
	openly := r.begin(d)
	d.Secret, d.Ref = true, 18
	secretly := r.begin(d)
	measure := func(name string, ref int64) {
		b.Run(name, func(b *testing.B) {
			var n atomic.Int64
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					v := who.Viewer{ID: 1000 + n.Add(1)%1000, Holds: []who.Holding{{Role: who.Delegate, Unit: apptest.Council}}}
					if err := r.DB.Read(b.Context(), func(tx *store.Tx) error {
						_, err := r.votes.Panel(tx, web.Page{Viewer: v, Lang: "de", Path: "/", Now: r.Now()}, "motion", ref)
						return err
					}); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
	measure("open", 17)
	measure("secret", 18)
	for i, p := range d.Voters {
		r.want(r.post(p, openly, "stimme", "choice", []string{"yes", "no", "yes"}[i%3], "back", "/"), 303)
	}
	measure("voted", 17)
	for _, id := range []int64{openly, secretly} {
		r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 303)
	}
	measure("closed", 17)
}
