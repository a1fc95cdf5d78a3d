package app

import (
	"net/http/httptest"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// TestHoldsStopRetention: what is old goes at night, except for whom a legal hold covers; and goes when that is lifted.
func TestHoldsStopRetention(t *testing.T) {
	h := newHouse(t)
	h.story()
	for _, q := range []string{
		`INSERT INTO message_conversation (id, uid, kind, unit, child, title, offered, at, latest, warned) VALUES
			(71, 'k71', 'family', 6, 3, 'Von Can', 0, 0, 71, 0), (72, 'k72', 'family', 6, 4, 'Von Dora', 0, 0, 72, 0)`,
		`INSERT INTO message_party (conversation, unit, person, at) VALUES (71, NULL, 7, 0), (71, 6, NULL, 0), (72, NULL, 8, 0), (72, 6, NULL, 0)`,
		`INSERT INTO absence_deed (uid, child, day, kind, at, received, person, escort, instead) VALUES
			('h1', 3, '2015-03-02', 'left', 0, 0, 5, 'Tante', ''), ('h2', 4, '2015-03-02', 'left', 0, 0, 5, 'Onkel', '')`,
		`INSERT INTO list (id, uid, unit, kind, title, body, council, per, names, day, remind, created, changed) VALUES
			(71, 'k71', 6, 'bring', 'Altes Fest', '', 0, 'person', 1, NULL, 0, 0, 0), (72, 'k72', 6, 'bring', 'Anderes Fest', '', 0, 'person', 1, NULL, 0, 0, 0)`,
		`INSERT INTO list_line (id, list, rank, title, room, places) VALUES (71, 71, 1, 'Salat', '', 2), (72, 72, 1, 'Salat', '', 2)`,
		`INSERT INTO list_entry (line, person, places, note, state, turn, at) VALUES (71, 7, 1, '', 'held', 1, 0), (72, 8, 1, '', 'held', 1, 0)`,
	} {
		h.sql(q)
	}
	left := func() (got [3]string) {
		t.Helper()
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			for i, q := range []string{
				`SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM message_conversation WHERE id IN (71, 72) ORDER BY id)`,
				`SELECT coalesce(group_concat(uid, ' '), '') FROM (SELECT uid FROM absence_deed WHERE uid IN ('h1', 'h2') ORDER BY uid)`,
				`SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM list WHERE id IN (71, 72) ORDER BY id)`,
			} {
				if got[i], err = store.One(tx, store.Value[string], q); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	night := func() {
		h.Clock.Add(24 * time.Hour)
		h.Work(t)
	}
	h.done(apptest.Max, "/kind/3/sperren", "reason", "Die Kita klärt einen Unfall auf")
	night()
	if got, want := left(), [3]string{"71", "h1", "71"}; got != want {
		t.Errorf("with a hold %q are left, want %q", got, want)
	}
	h.done(apptest.Max, "/vermerk/1/aufheben")
	night()
	night()
	if got, want := left(), [3]string{}; got[1] != want[1] || got[2] != want[2] {
		t.Errorf("without a hold %q are left", got)
	}
}

// TestLimitedIsNotSeen: what is kept and must not be used is found by nobody but those who answer for it (GDPR Art. 18).
func TestLimitedIsNotSeen(t *testing.T) {
	h := newHouse(t)
	h.story()
	h.sql(`INSERT INTO message_conversation (id, uid, kind, unit, child, title, offered, at, latest) VALUES (71, 'k71', 'family', 6, 3, 'Von Can', 0, 0, 71)`)
	h.sql(`INSERT INTO message_party (conversation, unit, person, at) VALUES (71, NULL, 7, 0), (71, 6, NULL, 0)`)
	h.sql(`INSERT INTO message (id, uid, conversation, author, side, auto, body, html, renderer, at) VALUES (71, 'k71', 71, 7, NULL, 0, 'Hallo', '', 1, 0)`)
	code := func(by int64, path string, want int) {
		t.Helper()
		if a := h.do(by, httptest.NewRequest("GET", apptest.Base+path, nil)); a.Code != want {
			t.Errorf("%s as %d: %d, want %d", path, by, a.Code, want)
		}
	}
	code(apptest.Hanna, "/gespraech/71", 200)
	code(apptest.Hanna, "/kind/3", 200)
	if h.do(apptest.Max, h.form(apptest.Max, "/kind/3/einschraenken", "reason", "Streit um den Geburtstag")).Code != 422 {
		t.Error("of a child in a group")
	}
	h.sql(`UPDATE child_stay SET until = unixepoch('2026-03-02 06:00') WHERE child = 3`)
	code(apptest.Hanna, "/kind/3", 200)
	h.done(apptest.Max, "/kind/3/einschraenken", "reason", "Streit um den Geburtstag")
	code(apptest.Hanna, "/gespraech/71", 404)
	code(apptest.Hanna, "/kind/3", 404)
	code(apptest.Max, "/kind/3", 200)
	h.done(apptest.Max, "/vermerk/1/aufheben")
	code(apptest.Hanna, "/kind/3", 200)
	code(apptest.Hanna, "/gespraech/71", 200)
}
