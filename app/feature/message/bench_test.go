package message_test

import (
	"io"
	"log/slog"
	"net/http/httptest"
	"testing"

	"nestfunk/app/apptest"
)

// long is a conversation of Ada and the team of the Käfer with 10,000 messages, of which she has read half.
func long(b *testing.B) *apptest.Site {
	b.Helper()
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(io.Discard, nil)))
	b.Cleanup(func() { slog.SetDefault(old) })
	h, s, _ := site(b)
	asked(b, s)
	sql(b, h, `WITH RECURSIVE n (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM n WHERE i < 10007)
		INSERT INTO message (id, uid, conversation, author, side, auto, body, html, renderer, quote, at)
		SELECT i, 'b' || i, 1, iif(i % 2, 6, 5), iif(i % 2, NULL, 5), 0, 'Nachricht **' || i || '** mit einigen Worten', '<p>Nachricht <strong>' || i || '</strong> mit einigen Worten</p>', 1,
			iif(i % 5 OR i = 10, NULL, i - 1), ? + i FROM n`, h.Now().Unix())
	sql(b, h, `UPDATE message_conversation SET latest = 10007`)
	sql(b, h, `INSERT INTO message_read (person, conversation, message) VALUES (6, 1, 5000) ON CONFLICT DO UPDATE SET message = 5000`)
	return s
}

// The budget is 5 ms of server time. In a city, and with all that stands around the page: BenchmarkTalk of the house.
func BenchmarkOpen(b *testing.B) {
	s := long(b)
	for name, path := range map[string]string{"unread": "/gespraech/1", "older": "/gespraech/1?vor=3000", "newest": "/gespraech/1?ab=10007", "list": "/nachrichten"} {
		b.Run(name, func(b *testing.B) {
			size := 0
			for b.Loop() {
				a := s.Do(apptest.Ada, httptest.NewRequest("GET", apptest.Base+path, nil))
				if size = len(a.Body); a.Code != 200 {
					b.Fatal(a.Code)
				}
			}
			b.ReportMetric(float64(size), "B/page")
		})
	}
}
