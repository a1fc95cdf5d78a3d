package push

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"nestfunk/app/base/dial"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

const (
	patience = 30 * time.Second // with an answer
	inFlight = 128              // messages that are on their way at the same time, over all
	perHost  = 4                // connections
)

// A Service hands messages to the push services of browsers.
type Service struct {
	DB       *store.DB
	Settings *settings.Settings
	Base     *url.URL // of the house
	Now      func() time.Time

	// Only tests set these, before anything is sent.
	Allowed func(endpoint *url.URL) bool                                         // nil: the push services of browsers
	Dial    func(ctx context.Context, network, address string) (net.Conn, error) // nil: to public addresses only
	RootCAs *x509.CertPool                                                       // nil: the machine's
	Wait    time.Duration                                                        // for an answer; 0: 30 seconds

	client func() *http.Client
	slots  chan struct{}
	sent   atomic.Int64 // messages

	mu    sync.Mutex
	keys  *Keys                // nil: not read yet
	holds map[string]time.Time // until when an origin is not asked
}

// New makes a service; Prepare gives it its key.
func New(db *store.DB, s *settings.Settings, base *url.URL, now func() time.Time) *Service {
	p := &Service{DB: db, Settings: s, Base: base, Now: now, slots: make(chan struct{}, inFlight), holds: map[string]time.Time{}}
	p.client = sync.OnceValue(p.connect)
	return p
}

// connect makes the client of all messages.
func (s *Service) connect() *http.Client {
	connect := s.Dial
	if connect == nil {
		connect = dial.To(dial.Internet, nil).DialContext
	}
	return &http.Client{
		Transport: &http.Transport{
			Proxy:       nil, // it would connect in our place, to wherever a name leads
			DialContext: connect, ForceAttemptHTTP2: true,
			TLSClientConfig:     &tls.Config{RootCAs: s.RootCAs, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: dial.Patience, MaxConnsPerHost: perHost, MaxIdleConnsPerHost: perHost, IdleConnTimeout: 90 * time.Second,
			MaxResponseHeaderBytes: 16 << 10, DisableCompression: true,
			HTTP2: &http.HTTP2Config{SendPingTimeout: 15 * time.Second, PingTimeout: dial.Patience}, // a line that died unseen holds up nobody for long
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// Close ends connections that wait for their next message.
func (s *Service) Close() { s.client().CloseIdleConnections() }

func (s *Service) allowed(u *url.URL) bool {
	if s.Allowed != nil {
		return s.Allowed(u)
	}
	return known(u)
}

// Prepare makes the key of the house where there is none that can be read: at the first start, and after a restore
// without the key file. No subscription holds with another key, so all end then; browsers renew theirs when somebody
// opens the house.
func (s *Service) Prepare(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		key, err := s.Settings.Secret(tx, settings.PushKey)
		if err != nil || key != "" {
			return err
		}
		if key, err = newKey(); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM push_subscription`); err != nil {
			return err
		}
		return s.Settings.SetSecret(tx, settings.PushKey, key)
	})
}

// PublicKey is what a page gives to pushManager.subscribe as applicationServerKey, in base64url.
func (s *Service) PublicKey(ctx context.Context) (string, error) {
	k, err := s.load(ctx)
	if err != nil {
		return "", err
	}
	return k.Public()
}

// load reads the key once.
func (s *Service) load(ctx context.Context) (*Keys, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.keys != nil {
		return s.keys, nil
	}
	err := s.DB.Read(ctx, func(tx *store.Tx) error {
		key, err := s.Settings.Secret(tx, settings.PushKey)
		if err != nil {
			return err
		}
		if key == "" {
			return errors.New("the house has no push key yet")
		}
		subject, err := s.subject(tx)
		if err != nil {
			return err
		}
		s.keys, err = ReadKeys(key, subject)
		return err
	})
	return s.keys, err
}

// subject is where a push service can turn to (RFC 8292, 2.1); Apple refuses messages without. A house that can be
// reached only from its own machine has nothing but the address that its mails come from, or nothing at all.
func (s *Service) subject(tx *store.Tx) (string, error) {
	if s.Base.Scheme == "https" {
		return s.Base.String(), nil
	}
	from, err := s.Settings.Get(tx, settings.MailFrom)
	if err != nil || !mail.Valid(from) {
		return "", err
	}
	return "mailto:" + from, nil
}

// Send hands one message to the push service of one browser, and waits until it has it. Gone, Refused, Until and Words
// tell about the error. A subscription that is gone is forgotten.
func (s *Service) Send(ctx context.Context, to Subscription, m Message) error {
	err := s.hand(ctx, to, m)
	s.note(ctx, []sent{{to.Endpoint, err}})
	return err
}

// Sent counts the messages that push services took since the house was opened.
func (s *Service) Sent() int64 { return s.sent.Load() }

// hand does what Send does, but for what is noted.
func (s *Service) hand(ctx context.Context, to Subscription, m Message) (err error) {
	defer func() {
		if err == nil {
			s.sent.Add(1)
		}
	}()
	u, err := url.Parse(to.Endpoint)
	if err != nil || !s.allowed(u) {
		return &failure{kind: refused, words: "Dieser Push-Dienst steht nicht auf der Liste des Hauses."}
	}
	if err := m.check(); err != nil {
		return err
	}
	text, err := m.json()
	if err != nil {
		return fmt.Errorf("write a push message: %w", err)
	}
	keys, err := s.load(ctx)
	if err != nil {
		return fmt.Errorf("read the push key: %w", err)
	}
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return ctx.Err()
	}
	origin := u.Scheme + "://" + u.Host
	if until := s.held(origin); !until.IsZero() {
		return &failure{kind: held, until: until, words: "Der Push-Dienst " + u.Hostname() + " nimmt gerade nichts an."}
	}
	body, err := Encrypt(to, text)
	if err != nil {
		return err
	}
	authorization, err := keys.Authorization(origin, s.Now())
	if err != nil {
		return err
	}
	err = s.post(ctx, u, body, authorization, m)
	if until := Until(err); !until.IsZero() {
		s.hold(origin, until)
	}
	return err
}

func (s *Service) post(ctx context.Context, u *url.URL, body []byte, authorization string, m Message) error {
	wait, cancel := context.WithTimeout(ctx, cmp.Or(s.Wait, patience))
	defer cancel()
	r, err := http.NewRequestWithContext(wait, http.MethodPost, u.String(), bytes.NewReader(body))
	if err != nil {
		return &failure{kind: refused, words: "Die Push-Adresse dieses Browsers ist ungültig."} // err holds the endpoint
	}
	r.Header.Set("Authorization", authorization)
	r.Header.Set("Content-Encoding", "aes128gcm")
	r.Header.Set("Content-Type", contentType(u.Hostname()))
	r.Header.Set("TTL", m.seconds())
	r.Header.Set("Urgency", string(cmp.Or(m.Urgency, Normal)))
	if m.Topic != "" {
		r.Header.Set("Topic", m.Topic)
	}
	r.Header.Set("User-Agent", "Nestfunk")
	res, err := s.client().Do(r)
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err() // who sends has given up, which says nothing about the service
	case err != nil:
		return unreachable(err, u.Hostname(), s.Now())
	}
	defer res.Body.Close()
	err = answered(res, u.Hostname(), s.Now())
	_, _ = io.CopyN(io.Discard, res.Body, reasonMax) // a short rest, so that the connection can be used again; no more
	return err
}

// contentType is of what was encrypted. The Push API goes by the member web_push alone, the proposal that WebKit began
// with by this type. Microsoft's service knows only bytes.
func contentType(host string) string {
	if strings.HasSuffix(host, ".notify.windows.com") {
		return "application/octet-stream"
	}
	return "application/notification+json"
}

// held is until when an origin is not asked; zero: it may be.
func (s *Service) held(origin string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	until, ok := s.holds[origin]
	if ok && !s.Now().Before(until) {
		delete(s.holds, origin)
		return time.Time{}
	}
	return until
}

func (s *Service) hold(origin string, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if until.After(s.holds[origin]) {
		s.holds[origin] = until
	}
}

// sent is what became of a message.
type sent struct {
	endpoint string
	err      error
}

// note keeps what was handed over, and forgets what is gone. What is not noted is no reason to send a message twice.
func (s *Service) note(ctx context.Context, all []sent) {
	var handed, ended []string
	for _, x := range all {
		switch {
		case x.err == nil:
			handed = append(handed, x.endpoint)
		case Gone(x.err):
			ended = append(ended, x.endpoint)
		}
	}
	if handed == nil && ended == nil {
		return
	}
	err := s.DB.Write(context.WithoutCancel(ctx), func(tx *store.Tx) error { return note(tx, handed, ended, s.Now()) })
	if err != nil {
		slog.Error("note what was pushed", "handed", len(handed), "gone", len(ended), "err", err)
	}
}
