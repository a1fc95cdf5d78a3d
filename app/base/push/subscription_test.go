package push_test

import (
	"encoding/base64"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/push"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// house is a test house with what its people do.
type house struct {
	*apptest.House
	t testing.TB
}

func open(t testing.TB) house { return house{apptest.New(t), t} }

// signIn gives a person a session, and returns its id.
func (h house) signIn(person int64) []byte {
	h.t.Helper()
	w := httptest.NewRecorder()
	if err := h.Sessions.SignIn(w, httptest.NewRequest("GET", apptest.Base, nil), person); err != nil {
		h.t.Fatal(err)
	}
	r := httptest.NewRequest("GET", apptest.Base, nil)
	r.AddCookie(w.Result().Cookies()[0])
	return h.Sessions.Hash(r)
}

func (h house) write(f func(tx *store.Tx) error) {
	h.t.Helper()
	if err := h.DB.Write(h.t.Context(), f); err != nil {
		h.t.Fatal(err)
	}
}

// parse reads what a browser says.
func (h house) parse(b *apptest.PushBrowser) push.Subscription {
	h.t.Helper()
	s, err := h.Push.Parse(b.Endpoint, b.P256dh, b.Auth)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

// subscribe has a browser told what is for a person, in a session.
func (h house) subscribe(person int64, session []byte, b *apptest.PushBrowser) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error { return push.Subscribe(tx, person, session, h.parse(b), h.Now()) })
}

// of lists the subscriptions of people.
func (h house) of(people ...int64) (all []push.Subscription) {
	h.t.Helper()
	err := h.DB.Read(h.t.Context(), func(tx *store.Tx) (err error) {
		all, err = push.Of(tx, h.Now(), people...)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// endpoints names the browsers of people, in the order of Of.
func (h house) endpoints(names map[string]*apptest.PushBrowser, people ...int64) string {
	h.t.Helper()
	var list []string
	for _, s := range h.of(people...) {
		for name, b := range names {
			if b.Endpoint == s.Endpoint {
				list = append(list, name)
			}
		}
	}
	return strings.Join(list, " ")
}

func TestSubscribe(t *testing.T) {
	h := open(t)
	s := h.PushService(t)
	phone, tablet, renewed := s.Browser(), s.Browser(), s.Browser()
	names := map[string]*apptest.PushBrowser{"phone": phone, "tablet": tablet, "renewed": renewed}
	ada, adaTablet, cem := h.signIn(apptest.Ada), h.signIn(apptest.Ada), h.signIn(apptest.Cem)
	check := func(when, adas, cems string) {
		t.Helper()
		if got := h.endpoints(names, apptest.Ada); got != adas {
			t.Errorf("%s Ada has %q, want %q", when, got, adas)
		}
		if got := h.endpoints(names, apptest.Cem); got != cems {
			t.Errorf("%s Cem has %q, want %q", when, got, cems)
		}
	}
	check("at first", "", "")
	h.subscribe(apptest.Ada, ada, phone)
	h.subscribe(apptest.Ada, adaTablet, tablet)
	check("after subscribing", "phone tablet", "")
	if got := h.endpoints(names, apptest.Cem, apptest.Ada, apptest.Dana); got != "phone tablet" {
		t.Errorf("of several people: %q", got)
	}

	first := h.of(apptest.Ada)[0]
	h.Clock.Add(time.Hour)
	h.subscribe(apptest.Ada, ada, phone)
	if again := h.of(apptest.Ada)[0]; again.ID != first.ID || !again.Created.Equal(first.Created) || !again.Created.Equal(apptest.Start) {
		t.Errorf("said twice: %+v, before %+v", again, first)
	}

	h.subscribe(apptest.Ada, ada, renewed)
	check("after the browser has renewed its subscription", "tablet renewed", "")
	if err := h.Push.Send(t.Context(), h.of(apptest.Ada)[1], news()); err != nil {
		t.Fatal(err)
	}
	h.Clock.Add(time.Hour)
	h.subscribe(apptest.Cem, cem, renewed)
	check("after Cem has signed in at Ada's phone", "tablet", "renewed")
	if moved := h.of(apptest.Cem)[0]; !moved.Created.Equal(h.Now()) || !moved.Handed.IsZero() {
		t.Errorf("Cem's subscription has a past that is Ada's: %+v", moved)
	}

	h.write(func(tx *store.Tx) error { return push.Unsubscribe(tx, apptest.Ada, renewed.Endpoint) })
	check("after Ada has unsubscribed what is Cem's", "tablet", "renewed")
	h.write(func(tx *store.Tx) error { return push.Unsubscribe(tx, apptest.Cem, renewed.Endpoint) })
	check("after Cem has unsubscribed", "tablet", "")

	h.write(func(tx *store.Tx) error { return web.EndSession(tx, apptest.Ada, adaTablet) })
	check("after Ada has signed the tablet out", "", "")
}

func TestSubscriptionNeedsTheSession(t *testing.T) {
	h := open(t)
	b := h.PushService(t).Browser()
	cem := h.signIn(apptest.Cem)
	for name, session := range map[string][]byte{"none": nil, "unknown": []byte("x"), "of somebody else": cem} {
		err := h.DB.Write(t.Context(), func(tx *store.Tx) error { return push.Subscribe(tx, apptest.Ada, session, h.parse(b), h.Now()) })
		if fault.KindOf(err) != fault.SignIn {
			t.Errorf("session %s: %v", name, err)
		}
	}
	if all := h.of(apptest.Ada, apptest.Cem); len(all) > 0 {
		t.Errorf("subscribed: %+v", all)
	}
}

// TestSubscriptionsEnd: nobody has more subscriptions than sign-ins, and none outlives its sign-in.
func TestSubscriptionsEnd(t *testing.T) {
	h := open(t)
	s := h.PushService(t)
	for range 13 {
		h.Clock.Add(time.Second)
		h.subscribe(apptest.Ada, h.signIn(apptest.Ada), s.Browser())
	}
	if n := len(h.of(apptest.Ada)); n != 10 {
		t.Errorf("%d subscriptions, want one for each of 10 sign-ins", n)
	}
	h.Clock.Add(60 * 24 * time.Hour)
	if n := len(h.of(apptest.Ada)); n != 10 {
		t.Errorf("%d subscriptions of somebody who did not look for two months", n)
	}
	h.Clock.Add(120 * 24 * time.Hour)
	if n := len(h.of(apptest.Ada)); n != 0 {
		t.Errorf("%d subscriptions after the sign-ins have run out", n)
	}
}

func TestExport(t *testing.T) {
	h := open(t)
	b := h.PushService(t).Browser()
	h.subscribe(apptest.Ada, h.signIn(apptest.Ada), b)
	h.Clock.Add(time.Hour)
	if err := h.Push.Send(t.Context(), h.of(apptest.Ada)[0], news()); err != nil {
		t.Fatal(err)
	}
	for person, want := range map[int64]int{apptest.Ada: 1, apptest.Cem: 0} {
		var got []push.Record
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			got, err = push.Export(tx, person)
			return err
		})
		if err != nil || len(got) != want {
			t.Fatalf("person %d: %+v, %v", person, got, err)
		}
		if want == 1 && (got[0].Service != "127.0.0.1" || !got[0].Created.Equal(apptest.Start) || !got[0].Handed.Equal(h.Now())) {
			t.Errorf("%+v", got[0])
		}
	}
}

func TestParse(t *testing.T) {
	h := open(t)
	b := h.PushService(t).Browser()
	h.Push.Allowed = nil
	const google = "https://fcm.googleapis.com/wp/abc"
	point := make([]byte, 65)
	point[0] = 4
	none := base64.RawURLEncoding.EncodeToString(point)
	for _, c := range []struct {
		name, endpoint, p256dh, auth string
		want                         fault.Kind // Internal: none
	}{
		{"a browser", google, b.P256dh, b.Auth, fault.Internal},
		{"with padding", google, b.P256dh + "=", b.Auth + "==", fault.Internal},
		{"another service", "https://push.example.org/abc", b.P256dh, b.Auth, fault.Invalid},
		{"this machine", b.Endpoint, b.P256dh, b.Auth, fault.Invalid},
		{"no endpoint", "", b.P256dh, b.Auth, fault.Malformed},
		{"a path", "/wp/abc", b.P256dh, b.Auth, fault.Malformed},
		{"a line end", google + "\n", b.P256dh, b.Auth, fault.Malformed},
		{"a blank", google + " x", b.P256dh, b.Auth, fault.Malformed},
		{"an umlaut", google + "ä", b.P256dh, b.Auth, fault.Malformed},
		{"a long one", google + strings.Repeat("x", 2048), b.P256dh, b.Auth, fault.Malformed},
		{"no key", google, "", b.Auth, fault.Malformed},
		{"half a key", google, b.P256dh[:40], b.Auth, fault.Malformed},
		{"a key that is no point", google, none, b.Auth, fault.Malformed},
		{"a key in another alphabet", google, strings.Repeat("+", 87), b.Auth, fault.Malformed},
		{"no secret", google, b.P256dh, "", fault.Malformed},
		{"a short secret", google, b.P256dh, b.Auth[:20], fault.Malformed},
		{"a long secret", google, b.P256dh, b.P256dh, fault.Malformed},
		{"changed places", google, b.Auth, b.P256dh, fault.Malformed},
	} {
		s, err := h.Push.Parse(c.endpoint, c.p256dh, c.auth)
		if fault.KindOf(err) != c.want || (err == nil) != (c.want == fault.Internal) {
			t.Errorf("%s: %v", c.name, err)
		}
		if (err == nil) != (s.Endpoint != "") {
			t.Errorf("%s: %+v", c.name, s)
		}
	}
}

// FuzzParse: anybody who is signed in may claim to be a browser.
func FuzzParse(f *testing.F) {
	const key, auth = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4", "BTBZMqHH6r4Tts7J_aSIgg"
	for _, endpoint := range []string{"https://fcm.googleapis.com/fcm/send/a:b", "https://wns2-par02p.notify.windows.com/w/?token=a%2fb",
		"https://[::ffff:127.0.0.1]/", "https://fcm.googleapis.com:443@a/", "https://fcm.googleapis.com%2e/", "https://a.push.apple.com/#"} {
		f.Add(endpoint, key, auth)
	}
	f.Add("", "=", "%")
	service := &push.Service{}
	f.Fuzz(func(t *testing.T, endpoint, p256dh, auth string) {
		s, err := service.Parse(endpoint, p256dh, auth)
		if err != nil {
			if k := fault.KindOf(err); k != fault.Malformed && k != fault.Invalid {
				t.Fatal(err)
			}
			return
		}
		if s.Endpoint != endpoint || !strings.HasPrefix(endpoint, "https://") {
			t.Errorf("endpoint %q of %q", s.Endpoint, endpoint)
		}
		host, _, _ := strings.Cut(strings.TrimPrefix(endpoint, "https://"), "/")
		host, _, _ = strings.Cut(host, "?")
		host = strings.TrimSuffix(host, ":443")
		if host != "fcm.googleapis.com" && !strings.HasSuffix(host, ".push.services.mozilla.com") && !strings.HasSuffix(host, ".push.apple.com") &&
			!strings.HasSuffix(host, ".notify.windows.com") {
			t.Errorf("%q leads to %q", endpoint, host)
		}
		if _, err := push.Encrypt(s, []byte("x")); err != nil {
			t.Errorf("cannot be encrypted for: %v", err)
		}
	})
}
