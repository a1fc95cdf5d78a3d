package demo_test

import (
	"context"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"nestfunk/app"
	"nestfunk/app/apptest"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/demo"
)

func empty(t *testing.T, now time.Time) *house.House {
	t.Helper()
	db, err := store.OpenLoose(t.Context(), filepath.Join(t.TempDir(), "db"), apptest.Schema())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	clock := func() time.Time { return now }
	base, s := &url.URL{Scheme: "http", Host: "localhost:8080"}, settings.New(make([]byte, 32))
	tasks, limits := task.New(db, clock), &web.Limits{Now: clock}
	kept := files.New(db, tasks, s, limits, clock, t.TempDir())
	kept.Child = func(_ context.Context, do, arg string, in *os.File, out io.Writer) error {
		return files.Work(do, arg, in, out)
	}
	return &house.House{DB: db, Files: kept, Now: clock, Base: base, Live: live.New(), Tasks: tasks,
		Settings: s, Push: push.New(db, s, base, clock), Sessions: &web.Sessions{DB: db, Now: clock}, Limits: limits, Demo: true}
}

func TestFillAtAnyTime(t *testing.T) {
	for _, c := range []struct{ name, now string }{
		{"monday morning", "2026-11-23T07:40:00+01:00"},
		{"sunday night", "2026-11-22T04:10:00+01:00"},
		{"just after midnight", "2026-03-02T00:00:20+01:00"},
		{"the last minute of a year", "2026-12-31T23:59:30+01:00"},
		{"when the clocks have changed", "2027-03-28T03:00:10+02:00"},
	}[:demo.Times] {
		t.Run(c.name, func(t *testing.T) {
			now, err := time.Parse(time.RFC3339, c.now)
			if err != nil {
				t.Fatal(err)
			}
			h, post := empty(t, now), demo.NewPost(func() time.Time { return now })
			if err := demo.Fill(t.Context(), h, post, app.Features); err != nil {
				t.Fatal(err)
			}
			err = h.DB.Read(t.Context(), func(tx *store.Tx) error {
				number := func(q string, args ...any) int {
					n, err := store.One(tx, store.Value[int], q, args...)
					if err != nil {
						t.Fatalf("%s: %v", q, err)
					}
					return n
				}
				if n := number(`SELECT count(*) FROM unit WHERE kind = 'facility'`); n != 71 { // of the list, and a youth club
					t.Errorf("%d facilities, want 71", n)
				}
				today := house.Local(now).Format(time.DateOnly)
				id := number(`SELECT announcement FROM announcement_closure WHERE state = 'running' AND first_day = ?1 AND last_day = ?1`, today)
				asked := number(`SELECT count(*) FROM announcement_asked WHERE announcement = ?`, id)
				reached := number(`
					SELECT count(*) FROM announcement_asked a WHERE a.announcement = ?1 AND (
						EXISTS (SELECT 1 FROM guardian g JOIN announcement_receipt r ON r.person = g.person AND r.announcement = ?1
							WHERE g.child = a.child AND g.informed = 1 AND g.state = 'confirmed')
						OR EXISTS (SELECT 1 FROM announcement_call c WHERE c.announcement = ?1 AND c.child = a.child AND c.reached = 1))`, id)
				if asked != 50 || reached*100/asked != demo.Covered {
					t.Errorf("%d of %d children reached, want %d %%", reached, asked, demo.Covered)
				}
				if n := number(`SELECT count(*) FROM announcement_delivery WHERE announcement = ? AND state = 'failed'`, id); n == 0 {
					t.Error("no mail of today has failed; the list of calls should show one")
				}
				if n := number(`SELECT count(*) FROM announcement_closure WHERE last_day < ?`, today); n != demo.Shutdowns() {
					t.Errorf("%d closures in the past, want %d", n, demo.Shutdowns())
				}
				if n := number(`SELECT count(*) FROM excused WHERE first_day <= ?1 AND last_day >= ?1`, today); n < 5 {
					t.Errorf("%d children are excused today", n)
				}
				if n := number(`SELECT count(*) FROM absence_deed WHERE day = ?`, today); n < 20 {
					t.Errorf("%d children have come", n)
				}
				if n := number(`SELECT count(DISTINCT t.unit) FROM committee_term t JOIN committee_seat s ON s.unit = t.unit AND s.office = 'chair'
					WHERE t.starts <= ?1 AND t.ends > ?1 AND s.since <= ?1 AND s.until > ?1`, now.Unix()); n != 2 {
					t.Errorf("%d committees have a chair and a term, want 2", n)
				}
				if n := number(`SELECT count(*) FROM room_post WHERE state = 'waiting'`); n != 1 {
					t.Errorf("%d posts wait for the youth worker, want 1", n)
				}
				if n := number(`SELECT count(*) FROM room_page g JOIN room_topic t ON t.solved = g.post JOIN wiki_page p ON p.id = g.page WHERE p.shown IS NOT NULL`); n != 1 {
					t.Errorf("%d answers have become a page, want 1", n)
				}
				if n := number(`SELECT count(*) FROM youth_code WHERE expires > ?`, now.AddDate(0, 0, 14).Unix()); n != 1 {
					t.Errorf("%d codes lead into the youth room for two weeks, want 1", n)
				}
				if n := number(`SELECT count(*) FROM absence_count WHERE ill > 0`); n < 10 {
					t.Errorf("%d days of groups with illness are counted", n)
				}
				if n := number(`SELECT count(*) FROM bulletin_recipient WHERE handed IS NOT NULL`); n < 5 {
					t.Errorf("the council has reached %d parents", n)
				}
				if given, all := number(`SELECT count(*) FROM handover_item WHERE given IS NOT NULL`), number(`SELECT count(*) FROM handover_item`); given == 0 || given == all {
					t.Errorf("%d of %d things of the handover are ticked off", given, all)
				}
				for what, q := range map[string]string{
					"minutes are approved":                `SELECT count(*) FROM minutes WHERE state = 'approved'`,
					"minutes wait for their approval":     `SELECT count(*) FROM minutes WHERE state = 'sent'`,
					"circular resolutions wait for votes": `SELECT count(*) FROM resolution_circular WHERE state = 'open'`,
				} {
					if n := number(q); n != 1 {
						t.Errorf("%d %s, want 1", n, what)
					}
				}
				for _, q := range []string{
					`SELECT count(*) FROM announcement WHERE published > ?`,
					`SELECT count(*) FROM announcement_receipt WHERE at > ?`,
					`SELECT count(*) FROM announcement_call WHERE at > ?`,
					`SELECT count(*) FROM announcement_care WHERE at > ?`,
					`SELECT count(*) FROM absence_event WHERE at > ?`,
					`SELECT count(*) FROM absence_deed WHERE at > ?`,
					`SELECT count(*) FROM room_post WHERE at > ?`,
				} {
					if n := number(q, now.Unix()); n > 0 {
						t.Errorf("%s: %d in the future", q, n)
					}
				}
				cards, err := demo.Cards(tx)
				if err != nil || len(cards) != 10 {
					t.Errorf("%d cards, %v", len(cards), err)
				}
				for _, x := range cards {
					if n := number(`SELECT count(*) FROM holding WHERE person = ? AND since <= ?2 AND until > ?2`, x.Person, now.Unix()); n == 0 {
						t.Errorf("%s has no role", x.Name)
					}
				}
				parent := cards[0].Person
				if n := number(`SELECT count(*) FROM guardian WHERE person = ?`, parent); n < 2 {
					t.Errorf("the parent of the card has %d children", n)
				}
				if n := number(`SELECT count(*) FROM announcement_receipt WHERE announcement = ? AND person = ?`, id, parent); n > 0 {
					t.Error("the parent of the card has already confirmed today")
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			letters, refused := post.Sent()
			if len(letters) == 0 || refused == 0 {
				t.Errorf("%d mails, %d refused", len(letters), refused)
			}
		})
	}
}
