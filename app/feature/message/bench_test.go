package message_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// long is a conversation of Ada and the team of the Käfer with 10,000 messages, of which she has read half.
func long(b *testing.B) (*apptest.House, *apptest.Site) {
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
	return h, s
}

// The budget is 5 ms of server time.
func BenchmarkOpen(b *testing.B) {
	_, s := long(b)
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

// BenchmarkTell says something while 2,000 pages of the same parties are open, and measures how long it takes from the form
// being sent until each has heard of it. The stream (app/stream.go) then writes one line; see BenchmarkStreams.
func BenchmarkTell(b *testing.B) {
	h, s := long(b)
	var v who.Viewer
	err := h.DB.Read(b.Context(), func(tx *store.Tx) (err error) {
		v, err = org.Viewer(tx, apptest.Stefan, h.Now())
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	const pages = 2000
	heard := make(chan time.Duration, pages)
	var open []*live.Listener
	for range pages {
		open = append(open, h.Live.Listen(v, []int64{5, 4, 3, 1}, h.Live.Mark()))
	}
	var all []time.Duration
	n := 0
	for b.Loop() {
		begin := time.Now()
		for _, l := range open {
			go func() {
				<-l.C()
				l.News()
				heard <- time.Since(begin)
			}()
		}
		n++
		if a := s.Post(apptest.Ada, "/gespraech/1", "uid", fmt.Sprint("tell", n), "body", "Hallo"); a.Code != 303 {
			b.Fatal(a.Code)
		}
		for range pages {
			all = append(all, <-heard)
		}
	}
	slices.Sort(all)
	b.ReportMetric(float64(all[len(all)*99/100].Microseconds())/1000, "p99-ms")
}
