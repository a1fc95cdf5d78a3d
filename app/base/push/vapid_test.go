package push_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// token is the payload of the token in a header.
func token(t *testing.T, p apptest.Pushed) (whole string, claims struct {
	Aud, Sub string
	Exp      int64
}) {
	t.Helper()
	whole = p.Header.Get("Authorization")
	parts := strings.Split(whole, ".")
	if len(parts) != 3 {
		t.Fatal(whole)
	}
	b, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(b, &claims)
	}
	if err != nil {
		t.Fatal(err)
	}
	return whole, claims
}

// TestToken: the test service checks every signature; here it is how long one is used, and whom it names.
func TestToken(t *testing.T) {
	for _, c := range []struct{ name, base, from, want string }{
		{"a house on the internet", "https://kita.example", "kita@example.org", "https://kita.example"},
		{"on this machine", "http://localhost:8080", "kita@example.org", "mailto:kita@example.org"},
		{"on this machine, without mail", "http://localhost:8080", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := open(t)
			base, err := url.Parse(c.base)
			if err != nil {
				t.Fatal(err)
			}
			h.Push.Base = base
			h.write(func(tx *store.Tx) error { return h.Settings.Set(tx, settings.MailFrom, c.from) })
			s := h.PushService(t)
			b := s.Browser()
			send := func() (string, int64) {
				t.Helper()
				if err := h.Push.Send(t.Context(), h.parse(b), news()); err != nil {
					t.Fatal(err)
				}
				got := b.Got()
				whole, claims := token(t, got[len(got)-1])
				if claims.Sub != c.want || claims.Aud != "https://"+s.Host {
					t.Errorf("%+v", claims)
				}
				return whole, claims.Exp
			}
			first, ends := send()
			if left := time.Unix(ends, 0).Sub(h.Now()); left < 12*time.Hour || left > 24*time.Hour {
				t.Errorf("valid for %v", left)
			}
			h.Clock.Add(12*time.Hour - time.Second)
			if again, _ := send(); again != first {
				t.Error("signed anew before twelve hours were over")
			}
			h.Clock.Add(time.Second)
			if again, _ := send(); again == first {
				t.Error("not signed anew after twelve hours")
			}
			h.Clock.Add(-24 * time.Hour)
			send() // a clock that was wrong: the service refuses tokens of more than a day
		})
	}
}

// TestKey: it is made once, sealed, and made anew when it cannot be read any more.
func TestKey(t *testing.T) {
	h := open(t)
	h.PushService(t)
	public := func(s *push.Service) string {
		t.Helper()
		if err := s.Prepare(t.Context()); err != nil {
			t.Fatal(err)
		}
		k, err := s.PublicKey(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if b, err := base64.RawURLEncoding.DecodeString(k); err != nil || len(b) != 65 || b[0] != 4 {
			t.Errorf("%q is no point of the curve: %v", k, err)
		}
		return k
	}
	first := public(h.Push)
	h.subscribe(apptest.Ada, h.signIn(apptest.Ada), h.PushService(t).Browser())
	if again := public(push.New(h.DB, h.Settings, h.Base, h.Now)); again != first || len(h.of(apptest.Ada)) != 1 {
		t.Error("another key after the next start")
	}
	h.write(func(tx *store.Tx) error {
		plain, err := h.Settings.Get(tx, settings.PushKey)
		stored, _ := store.One(tx, store.Value[string], `SELECT value FROM setting WHERE name = 'push.key'`)
		if plain != "" || !strings.HasPrefix(stored, "v1:") {
			t.Errorf("stored as %q, given out as %q", stored, plain)
		}
		return err
	})
	other := settings.New(bytes.Repeat([]byte{1}, 32)) // restored without the key file
	h.write(func(tx *store.Tx) error {
		lost, err := other.Lost(tx)
		if !slices.Equal(lost, []string{settings.PushKey}) {
			t.Errorf("lost: %v", lost)
		}
		return err
	})
	restored := push.New(h.DB, other, h.Base, h.Now)
	if _, err := restored.PublicKey(t.Context()); err == nil {
		t.Error("a key that nobody can read")
	}
	if public(restored) == first {
		t.Error("the same key after a restore without the key file")
	}
	if n := len(h.of(apptest.Ada)); n != 0 {
		t.Errorf("%d subscriptions are left that no message can reach", n)
	}
}
