//go:build unix

package app

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// A conversation of 10,000 messages opens at its unread mark, in the middle, for the family and for the team: session, rights,
// frame, messages, template. Target: under 5,000 µs.
//
//	go test -run xxx -bench Talk ./app
func BenchmarkTalk(b *testing.B) {
	quiet(b)
	a, site := city(b, apptest.Base)
	var parent, child int64
	head, unit := apptest.Full.Head(0), apptest.Full.Facility(0)
	if err := a.house.DB.Read(b.Context(), func(tx *store.Tx) error {
		_, err := store.One(tx, func(*int) []any { return []any{&parent, &child} }, `
			SELECT g.person, c.id FROM child c JOIN guardian g ON g.child = c.id WHERE c.facility = ? AND g.state = 'confirmed' ORDER BY c.id LIMIT 1`, unit)
		return err
	}); err != nil {
		b.Fatal(err)
	}
	form := url.Values{"kind": {"team"}, "to": {fmt.Sprintf("%d-%d", child, unit)}, "title": {"Frage"}, "body": {"Hallo"}}
	r := apptest.Ask(httptest.NewRequest("POST", apptest.Base+"/nachrichten/neu", strings.NewReader(form.Encode())), parent)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	if site.ServeHTTP(w, r); w.Code != http.StatusSeeOther {
		b.Fatal(w.Code, w.Body)
	}
	if err := a.house.DB.Write(b.Context(), func(tx *store.Tx) error {
		if _, err := tx.Exec(`
			WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 10007)
			INSERT INTO message (id, uid, conversation, author, side, auto, body, html, renderer, quote, at)
			SELECT i, 'b' || i, 1, iif(i % 2, ?1, ?2), iif(i % 2, NULL, ?3), 0, 'Nachricht **' || i || '** mit einigen Worten',
				'<p>Nachricht <strong>' || i || '</strong> mit einigen Worten</p>', 1, iif(i % 5 OR i = 10, NULL, i - 1), ?4 + i FROM n`,
			parent, head, unit, a.house.Now().Unix()); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE message_conversation SET latest = 10007`); err != nil {
			return err
		}
		for _, p := range []int64{parent, head} {
			if _, err := tx.Exec(`
				INSERT INTO message_read (person, conversation, message) VALUES (?, 1, 5000) ON CONFLICT DO UPDATE SET message = 5000`, p); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		b.Fatal(err)
	}
	for name, person := range map[string]int64{"family": parent, "team": head} {
		b.Run(name, func(b *testing.B) {
			times(b, func(int) {
				w := httptest.NewRecorder()
				site.ServeHTTP(w, apptest.Ask(httptest.NewRequest("GET", apptest.Base+"/gespraech/1", nil), person))
				if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), `id="neu"`) {
					b.Fatal(w.Code, w.Body)
				}
			})
		})
	}
}
