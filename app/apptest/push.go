package apptest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// A PushService is a push service of browsers on this machine, with TLS and HTTP/2. It takes what a real one would take,
// and refuses the rest: so a test whose messages arrive has shown that they are signed and encrypted as the standards want.
type PushService struct {
	Host string // and port

	t   testing.TB
	h   *House
	mu  sync.Mutex
	all map[string]*PushBrowser // by path
}

// A PushBrowser is a browser that has subscribed; its fields are what it gives to a page.
type PushBrowser struct {
	Endpoint, P256dh, Auth string

	s       *PushService
	key     *ecdh.PrivateKey
	secret  []byte
	house   string // public key for which it has subscribed
	answers []http.HandlerFunc
	got     []Pushed
}

// Pushed is a message that has come to a browser.
type Pushed struct {
	Header http.Header
	Proto  string
	Body   []byte // as it came
	Text   []byte // decrypted, without padding
}

// PushService has the house send its push messages to a service of its own from now on.
func (h *House) PushService(t testing.TB) *PushService {
	t.Helper()
	s := &PushService{t: t, h: h, all: map[string]*PushBrowser{}}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(s.serve))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	s.Host = srv.Listener.Addr().String()
	h.Push.Allowed = func(u *url.URL) bool { return u.Scheme == "https" && u.Host == s.Host }
	h.Push.Dial = (&net.Dialer{}).DialContext
	h.Push.RootCAs = x509.NewCertPool()
	h.Push.RootCAs.AddCert(srv.Certificate())
	t.Cleanup(func() {
		h.Push.Close()
		srv.CloseClientConnections()
		srv.Close()
	})
	return s
}

// Browser makes a browser that has subscribed. Its messages are answered in turn as told, the last way for good; without
// answers they are taken.
func (s *PushService) Browser(answers ...http.HandlerFunc) *PushBrowser {
	s.t.Helper()
	house, err := s.h.Push.PublicKey(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	key, err := ecdh.P256().GenerateKey(rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	secret := make([]byte, 16)
	_, _ = rand.Read(secret) // never fails
	path := "/push/" + rand.Text() + rand.Text()
	b := &PushBrowser{"https://" + s.Host + path, base64.RawURLEncoding.EncodeToString(key.PublicKey().Bytes()),
		base64.RawURLEncoding.EncodeToString(secret), s, key, secret, house, answers, nil}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[path] = b
	return b
}

// PushAnswer answers with a status and headers: name, value, name, value.
func PushAnswer(code int, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(code)
	}
}

// Got are all messages that came for the browser, however they were answered.
func (b *PushBrowser) Got() []Pushed {
	b.s.mu.Lock()
	defer b.s.mu.Unlock()
	return append([]Pushed(nil), b.got...)
}

// Titles are the titles of what came.
func (b *PushBrowser) Titles() (titles []string) {
	for _, p := range b.Got() {
		var m struct{ Notification struct{ Title string } }
		if err := json.Unmarshal(p.Text, &m); err != nil {
			b.s.t.Error(err)
		}
		titles = append(titles, m.Notification.Title)
	}
	return titles
}

func (s *PushService) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	b := s.all[r.URL.Path]
	s.mu.Unlock()
	if b == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil {
		return // who sends has given up
	}
	err = check(r, body)
	if err == nil {
		err = signed(r.Header.Get("Authorization"), b.house, "https://"+s.Host, s.h.Now())
	}
	var text []byte
	if err == nil {
		text, err = b.decrypt(body)
	}
	if err != nil {
		s.t.Errorf("the push service refuses a message: %v", err)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	b.got = append(b.got, Pushed{r.Header.Clone(), r.Proto, body, text})
	answer := PushAnswer(http.StatusCreated)
	if n := len(b.answers); n > 0 {
		answer = b.answers[min(len(b.got), n)-1]
	}
	s.mu.Unlock()
	answer(w, r)
}

// check wants what RFC 8030 wants of a request, and a body that every service takes.
func check(r *http.Request, body []byte) error {
	ttl, err := strconv.Atoi(r.Header.Get("TTL"))
	switch {
	case r.Method != "POST":
		return errors.New("method " + r.Method)
	case err != nil || ttl < 0:
		return fmt.Errorf("TTL %q", r.Header.Get("TTL"))
	case r.Header.Get("Content-Encoding") != "aes128gcm":
		return fmt.Errorf("Content-Encoding %q", r.Header.Get("Content-Encoding"))
	case len(body) > 4096:
		return fmt.Errorf("%d bytes", len(body))
	}
	return nil
}

// signed checks the header of RFC 8292 against the public key of a subscription.
func signed(header, key, origin string, now time.Time) error {
	fields := strings.NewReplacer("vapid t=", "", ", k=", ".").Replace(header)
	p := strings.Split(fields, ".")
	if len(p) != 4 || !strings.HasPrefix(header, "vapid t=") || p[3] != key {
		return fmt.Errorf("Authorization %q is not by %s", header, key)
	}
	var raw [4][]byte
	for i := range p {
		var err error
		if raw[i], err = base64.RawURLEncoding.DecodeString(p[i]); err != nil {
			return fmt.Errorf("Authorization %q: %w", header, err)
		}
	}
	pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), raw[3])
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(p[0] + "." + p[1]))
	if len(raw[2]) != 64 || !ecdsa.Verify(pub, sum[:], new(big.Int).SetBytes(raw[2][:32]), new(big.Int).SetBytes(raw[2][32:])) {
		return errors.New("the signature is wrong")
	}
	var head struct{ Alg, Typ string }
	var claims struct {
		Aud, Sub string
		Exp      int64
	}
	if err := errors.Join(json.Unmarshal(raw[0], &head), json.Unmarshal(raw[1], &claims)); err != nil {
		return err
	}
	left := time.Unix(claims.Exp, 0).Sub(now)
	switch {
	case head.Alg != "ES256" || head.Typ != "JWT":
		return fmt.Errorf("head %s", raw[0])
	case claims.Aud != origin:
		return fmt.Errorf("for %q instead of %q", claims.Aud, origin)
	case left <= 0 || left > 24*time.Hour:
		return fmt.Errorf("valid for %v", left)
	case claims.Sub != "" && !strings.HasPrefix(claims.Sub, "https://") && !strings.HasPrefix(claims.Sub, "mailto:"):
		return fmt.Errorf("from %q", claims.Sub)
	}
	return nil
}

// decrypt does what a browser does (RFC 8188, 8291).
func (b *PushBrowser) decrypt(body []byte) ([]byte, error) {
	if len(body) < 21 || len(body) < 21+int(body[20]) {
		return nil, errors.New("the body is too short")
	}
	salt, sender, sealed := body[:16], body[21:21+int(body[20])], body[21+int(body[20]):]
	pub, err := ecdh.P256().NewPublicKey(sender)
	if err != nil {
		return nil, err
	}
	shared, err := b.key.ECDH(pub)
	if err != nil {
		return nil, err
	}
	info := bytes.Join([][]byte{[]byte("WebPush: info"), {0}, b.key.PublicKey().Bytes(), sender}, nil)
	ikm, err := hkdf.Key(sha256.New, shared, b.secret, string(info), 32)
	if err != nil {
		return nil, err
	}
	cek, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: aes128gcm\x00", 16)
	if err != nil {
		return nil, err
	}
	nonce, err := hkdf.Key(sha256.New, ikm, salt, "Content-Encoding: nonce\x00", 12)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(cek)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	text, err := gcm.Open(nil, nonce, sealed, nil)
	if err != nil {
		return nil, err
	}
	text = bytes.TrimRight(text, "\x00")
	if len(text) == 0 || text[len(text)-1] != 2 {
		return nil, errors.New("the last record does not end with 2")
	}
	return text[:len(text)-1], nil
}
