package push_test

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/push"
	"nestfunk/app/base/store"
)

// BenchmarkMessage compares all that a message costs before it is sent with the one thing that cannot be saved: a
// Diffie-Hellman exchange with the key of each browser. The two take turns.
func BenchmarkMessage(b *testing.B) {
	h := open(b)
	sub := h.parse(h.PushService(b).Browser())
	public, err := ecdh.P256().NewPublicKey(sub.Key)
	if err != nil {
		b.Fatal(err)
	}
	ours, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	keys, err := push.ReadKeys(base64.RawURLEncoding.EncodeToString(ours.Bytes()), apptest.Base)
	if err != nil {
		b.Fatal(err)
	}
	text := []byte(`{"web_push":8030,"notification":{"title":"Käfer bleibt heute zu","navigate":"https://kita.example/mitteilung/1"}}`)
	var whole, bare time.Duration
	for b.Loop() {
		start := time.Now()
		if _, err := keys.Authorization("https://fcm.googleapis.com", start); err != nil {
			b.Fatal(err)
		}
		if _, err := push.Encrypt(sub, text); err != nil {
			b.Fatal(err)
		}
		middle := time.Now()
		if _, err := ours.ECDH(public); err != nil {
			b.Fatal(err)
		}
		whole, bare = whole+middle.Sub(start), bare+time.Since(middle)
	}
	b.ReportMetric(float64(b.N)/whole.Seconds(), "messages/s")
	b.ReportMetric(float64(b.N)/bare.Seconds(), "ECDH/s")
	b.ReportMetric(whole.Seconds()/bare.Seconds(), "ratio")
}

// BenchmarkHandOver hands 100,000 messages to a push service that answers after 50 ms and takes 100 at a time over one
// connection, as the real ones do. The service runs in this process, and takes its share of the cores.
func BenchmarkHandOver(b *testing.B) {
	const messages, browsers = 100_000, 1000
	h := open(b)
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // of a request that comes to nothing
		time.Sleep(50 * time.Millisecond)
		w.WriteHeader(201)
	}))
	srv.EnableHTTP2 = true
	srv.Config.HTTP2 = &http.HTTP2Config{MaxConcurrentStreams: 100}
	srv.StartTLS()
	defer srv.Close()
	defer h.Push.Close()
	h.Push.Allowed = func(u *url.URL) bool { return "https://"+u.Host == srv.URL }
	h.Push.Dial = (&net.Dialer{}).DialContext
	h.Push.RootCAs = x509.NewCertPool()
	h.Push.RootCAs.AddCert(srv.Certificate())
	h.write(func(tx *store.Tx) error {
		for i := range browsers {
			id := fmt.Append(nil, "session ", i)
			if _, err := tx.Exec(`INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, 6, '', 0, 0, 9e12, 0)`, id); err != nil {
				return err
			}
			k, err := ecdh.P256().GenerateKey(rand.Reader)
			if err != nil {
				return err
			}
			s := push.Subscription{Endpoint: fmt.Sprint(srv.URL, "/", i, rand.Text(), rand.Text()), Key: k.PublicKey().Bytes(), Secret: make([]byte, 16)}
			if err := push.Subscribe(tx, apptest.Ada, id, s, h.Now()); err != nil {
				return err
			}
		}
		return nil
	})
	subs := h.of(apptest.Ada)
	for b.Loop() {
		n := 0
		err := h.Push.SendAll(b.Context(), func(yield func(push.Job) bool) {
			for i := range messages {
				if !yield(push.Job{To: subs[i%len(subs)], Message: news()}) {
					return
				}
			}
		}, func(_ push.Job, err error) {
			if err != nil {
				b.Fatal(err)
			}
			n++
		})
		if err != nil || n != messages {
			b.Fatal(n, err)
		}
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(b.N), "s/100000")
	b.ReportMetric(float64(messages*b.N)/b.Elapsed().Seconds(), "messages/s")
}
