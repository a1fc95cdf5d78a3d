//go:build unix

package announcement

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

// BenchmarkPushTown tells everybody in a town of 100,000 people over their devices, through a push service that answers
// after 50 ms, while parents go on opening their start page. Everything is counted: who is asked, a row for each, what
// is encrypted and sent, and what became of it. Service and house share this process and its cores.
func BenchmarkPushTown(b *testing.B) {
	h, s, _ := town(b)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		time.Sleep(50 * time.Millisecond)
		w.WriteHeader(http.StatusCreated)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	defer h.Push.Close()
	h.Push.Allowed = func(u *url.URL) bool { return "https://"+u.Host == srv.URL }
	h.Push.Dial = (&net.Dialer{}).DialContext
	h.Push.RootCAs = x509.NewCertPool()
	h.Push.RootCAs.AddCert(srv.Certificate())
	browser, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	devices := 0
	if err := h.DB.Write(b.Context(), func(tx *store.Tx) error {
		n, err := tx.Exec(`
			INSERT INTO session (id, person, device, created, seen, expires, fresh)
			SELECT randomblob(32), id, 'Firefox', 0, 0, 9223372036854775807, 0 FROM person WHERE id <= 100000`)
		if err != nil {
			return err
		}
		devices = int(n)
		_, err = tx.Exec(`
			INSERT INTO push_subscription (person, session, endpoint, key, secret, created)
			SELECT person, id, ? || '/push/' || hex(id), ?, ?, 0 FROM session WHERE expires = 9223372036854775807 AND created = 0`,
			srv.URL, browser.PublicKey().Bytes(), make([]byte, 16))
		return err
	}); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		a := s.Post(apptest.Full.Clerk(), "/mitteilungen/neu", "unit", "1", "audience", "1", "role", "parent", "role", "team", "title", "An alle", "body", "", "confirm", "1")
		if a.Code != http.StatusSeeOther {
			b.Fatal(a.Code, a.Body)
		}
		begun, done := time.Now(), make(chan error)
		go func() { done <- work(b, h.Tasks) }()
		var waits []time.Duration
		for i, busy := 0, true; busy; i++ {
			select {
			case err := <-done:
				if busy = false; err != nil {
					b.Fatal(err)
				}
			case <-time.After(20 * time.Millisecond):
				at := time.Now()
				if a := s.Get(apptest.Full.Parent(i*7919), "/"); a.Code != http.StatusOK {
					b.Fatal(a.Code)
				}
				waits = append(waits, time.Since(at))
			}
		}
		all := time.Since(begun)
		slices.Sort(waits)
		handed := 0
		if err := h.DB.Read(b.Context(), func(tx *store.Tx) (err error) {
			handed, err = store.One(tx, store.Value[int], `
				SELECT count(*) FROM announcement_delivery WHERE announcement = (SELECT max(id) FROM announcement) AND channel = 'push' AND state = 'handed'`)
			return err
		}); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(handed), "handed")
		b.ReportMetric(float64(devices), "devices")
		b.ReportMetric(all.Seconds()*100_000/float64(max(1, handed)), "s/100000")
		b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "page-p99-ms")
	}
}

// work carries out what is due until nothing is.
func work(b *testing.B, q *task.Queue) error {
	for {
		if n, err := q.Once(b.Context()); n == 0 || err != nil {
			return err
		}
	}
}
