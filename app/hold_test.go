package app

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
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
		`INSERT INTO announcement (id, uid, unit, kind, title, body, html, renderer, roles, confirm, published, expires, frozen, token, urgent, ladder) VALUES
			(71, 'k71', 6, 'news', 'x', '', '', 1, 64, 1, 1, 1, 1, x'01', 0, ''), (72, 'k72', 6, 'news', 'x', '', '', 1, 64, 1, 1, 1, 1, x'01', 0, '')`,
		`INSERT INTO announcement_receipt (announcement, person, at, channel) VALUES (71, 7, 1, 'app'), (72, 8, 1, 'app')`,
		`INSERT INTO announcement_call (announcement, child, reached, at) VALUES (71, 3, 1, 1), (72, 4, 1, 1)`,
		`INSERT INTO room (id, unit, youth, name, about, review, consent, hours, keep, created) VALUES (71, 4, 0, 'Alt', '', 0, 0, '', 90, 0), (72, 4, 1, 'Treff', '', 0, 0, '', 90, 0)`,
		`INSERT INTO room_topic (id, room, title, author, latest) VALUES (71, 71, 'x', 7, 1), (72, 71, 'y', 8, 1), (73, 72, 'x', 7, 99999999999)`,
		`INSERT INTO room_post (id, uid, topic, author, body, html, renderer, at, state) VALUES (71, 'k71', 71, 7, 'x', '', 1, 1, 'shown'), (72, 'k72', 72, 8, 'y', '', 1, 1, 'shown'),
			(73, 'k73', 73, 7, 'x', '', 1, 1, 'shown'), (74, 'k74', 73, 8, 'y', '', 1, 1, 'shown')`,
		`INSERT INTO consent_purpose (id, uid, unit, kind, title, about, both, alone, version, least, created) VALUES (71, 'k71', 4, 'inside', 'x', 'child', 0, 16, 1, 1, 0)`,
		`INSERT INTO consent (id, purpose, version, child, giver, yes, channel, at, until) VALUES (71, 71, 1, 3, 7, 1, 'page', 0, 1), (72, 71, 1, 4, 8, 1, 'page', 0, 1)`,
	} {
		h.sql(q)
	}
	left := func() (got [8]string) {
		t.Helper()
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			for i, q := range []string{
				`SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM message_conversation WHERE id IN (71, 72) ORDER BY id)`,
				`SELECT coalesce(group_concat(uid, ' '), '') FROM (SELECT uid FROM absence_deed WHERE uid IN ('h1', 'h2') ORDER BY uid)`,
				`SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM list WHERE id IN (71, 72) ORDER BY id)`,
				`SELECT coalesce(group_concat(announcement, ' '), '') FROM (SELECT announcement FROM announcement_receipt WHERE announcement IN (71, 72) ORDER BY 1)`,
				`SELECT coalesce(group_concat(announcement, ' '), '') FROM (SELECT announcement FROM announcement_call WHERE announcement IN (71, 72) ORDER BY 1)`,
				`SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM room_topic WHERE room = 71 ORDER BY id)`,
				`SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM room_post WHERE topic = 73 ORDER BY id)`,
				`SELECT coalesce(group_concat(id, ' '), '') FROM (SELECT id FROM consent WHERE purpose = 71 ORDER BY id)`,
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
	if got, want := left(), [8]string{"71", "h1", "71", "71", "71", "71", "73", "71"}; got != want {
		t.Errorf("with a hold %q are left, want %q", got, want)
	}
	h.done(apptest.Max, "/vermerk/1/aufheben")
	night()
	night()
	if got := left(); strings.Join(got[1:], "") != "" { // conversations are announced first
		t.Errorf("without a hold %q are left", got)
	}
}

// TestHoldKeepsDeeds: a hold on somebody of the team keeps what they did, too; also what nobody of a child's family is in.
func TestHoldKeepsDeeds(t *testing.T) {
	h := newHouse(t)
	h.story()
	for _, q := range []string{
		`INSERT INTO person (id, uid, given, family) VALUES (71, 'p71', 'Jana', 'Frei')`,
		`INSERT INTO membership (person, unit, role, state, since) VALUES (71, 6, 5, 'confirmed', 0)`,
		`INSERT INTO absence_deed (uid, child, day, kind, at, received, person, escort, instead) VALUES ('h1', 4, '2015-03-02', 'left', 0, 0, 71, 'Tante', ''), ('h2', 4, '2015-03-02', 'came', 0, 0, 5, '', '')`,
		`INSERT INTO announcement (id, uid, unit, kind, title, body, html, renderer, roles, confirm, published, expires, frozen, token, urgent, ladder) VALUES
			(71, 'k71', 6, 'news', 'x', '', '', 1, 64, 1, 1, 1, 1, x'01', 0, ''), (72, 'k72', 6, 'news', 'x', '', '', 1, 64, 1, 1, 1, 1, x'01', 0, '')`,
		`INSERT INTO announcement_call (announcement, child, caller, reached, at) VALUES (71, 4, 71, 1, 1), (72, 4, 5, 1, 1)`,
		`INSERT INTO room (id, unit, youth, name, about, review, consent, hours, keep, created) VALUES (71, 4, 1, 'Treff', '', 0, 0, '', 90, 0)`,
		`INSERT INTO room_action (id, room, kind, ground, reason, noticed, moderator, at) VALUES (71, 71, 'hide', 'rules', 'x', 0, 71, 1), (72, 71, 'hide', 'rules', 'x', 0, 5, 1)`,
		`INSERT INTO barrier_report (id, uid, person, page, body, mail, lang, created, answer, answered, answerer) VALUES (71, 'b71', 71, '', 'x', '', 'de', 1, 'y', 1, 5), (72, 'b72', NULL, '', 'x', '', 'de', 1, 'y', 1, 71), (73, 'b73', NULL, '', 'x', '', 'de', 1, 'y', 1, 5)`,
		`INSERT INTO account_recovery (id, person, author, asked, expires, allowed) VALUES (71, 71, 5, 1, 1, NULL), (72, 7, 5, 1, 1, 71), (73, 7, 5, 1, 1, NULL)`,
		`INSERT INTO file (id, uid, owner, ref, name, type, size, hash, width, height, person, at) VALUES (71, 'f71', '', 0, 'x', 'text/plain', 1, zeroblob(32), 0, 0, 71, 1), (72, 'f72', '', 0, 'x', 'text/plain', 1, zeroblob(32), 0, 0, 5, 1)`,
	} {
		h.sql(q)
	}
	h.done(apptest.Max, "/person/71/sperren", "reason", "Ein Vorwurf wird geklärt")
	left := func(want string) {
		t.Helper()
		h.Clock.Add(24 * time.Hour)
		h.Work(t)
		got := ""
		for _, q := range []string{`absence_deed WHERE uid IN ('h1', 'h2')`, `announcement_call WHERE announcement IN (71, 72)`, `room_action WHERE room = 71`, `barrier_report WHERE id > 70`, `account_recovery WHERE id > 70`, `file WHERE id > 70`} {
			got += fmt.Sprint(h.number(`SELECT count(*) FROM `+q), " ")
		}
		if got != want {
			t.Errorf("%q are left, want %q", got, want)
		}
	}
	left("1 1 1 2 2 1 ")
	h.done(apptest.Max, "/vermerk/1/aufheben")
	left("0 0 0 0 0 0 ")
}

// TestIncidentFreezesTheNight: as long as an incident runs, no night lets go of sessions, of who got what, nor of messages sent.
func TestIncidentFreezesTheNight(t *testing.T) {
	h := newHouse(t)
	h.story()
	rows := map[string]string{
		"sessions":   `SELECT count(*) FROM session WHERE device = 'alt'`,
		"deliveries": `SELECT count(*) FROM announcement_delivery WHERE announcement = 71`,
		"messages":   `SELECT count(*) FROM sms_message WHERE ref = 'alt'`,
		"recoveries": `SELECT count(*) FROM account_recovery WHERE id = 71`,
	}
	for _, q := range []string{
		`INSERT INTO announcement (id, uid, unit, kind, title, body, html, renderer, roles, confirm, published, expires, frozen, token, urgent, ladder) VALUES (71, 'k71', 6, 'news', 'x', '', '', 1, 64, 1, 1, 1, 1, x'01', 0, '')`,
		`INSERT INTO announcement_delivery (announcement, person, channel, state, at) VALUES (71, 7, 'app', 'delivered', 1)`,
		`INSERT INTO account_recovery (id, person, author, asked, expires) VALUES (71, 7, 5, 1, 1)`,
		`INSERT INTO sms_message (ref, number, parts, price, state, at) VALUES ('alt', '+49', 1, 1, 'handed', 1)`,
	} {
		h.sql(q)
	}
	h.done(apptest.Arno, "/betrieb/vorfall", "title", "Tablet gestohlen", "finder", "Stefan", "noticed", h.Now().In(web.Zone()).Format("2006-01-02T15:04"))
	h.sql(`INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (x'71', 7, 'alt', 1, 1, 1, 1)`) // whoever signs in sweeps, too
	night := func() {
		h.Clock.Add(24 * time.Hour)
		h.Work(t)
	}
	night()
	for what, q := range rows {
		if h.number(q) != 1 {
			t.Errorf("%s are gone while records are frozen", what)
		}
	}
	h.sql(`UPDATE incident SET thawed = 1`)
	night()
	for what, q := range rows {
		if h.number(q) != 0 {
			t.Errorf("%s are kept after that", what)
		}
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
