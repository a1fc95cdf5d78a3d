package push_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/push"
)

func news() push.Message {
	return push.Message{Title: "Käfer bleibt heute zu", Body: "Bitte bestätigen", Navigate: apptest.Base + "/mitteilung/1", Tag: "post-1", Badge: 3}
}

// TestWhatArrives is a message from the house to the browser.
func TestWhatArrives(t *testing.T) {
	h := open(t)
	b := h.PushService(t).Browser()
	h.subscribe(apptest.Ada, h.signIn(apptest.Ada), b)
	m := news()
	m.Lang, m.Urgency, m.TTL, m.Topic = "ar", push.High, 90*time.Minute, "closure-1_a"
	h.Clock.Add(time.Minute)
	if err := h.Push.Send(t.Context(), h.of(apptest.Ada)[0], m); err != nil {
		t.Fatal(err)
	}
	if err := h.Push.Send(t.Context(), h.of(apptest.Ada)[0], push.Message{Title: "<Nur> & das", Navigate: "https://kita.example/"}); err != nil {
		t.Fatal(err)
	}
	got := b.Got()
	if len(got) != 2 {
		t.Fatalf("%d messages came", len(got))
	}
	for i, want := range []string{
		`{"web_push":8030,"notification":{"title":"Käfer bleibt heute zu","body":"Bitte bestätigen","navigate":"http://localhost:8080/mitteilung/1",` +
			`"lang":"ar","dir":"rtl","tag":"post-1"},"app_badge":"3"}`,
		`{"web_push":8030,"notification":{"title":"<Nur> & das","navigate":"https://kita.example/","lang":"de","dir":"ltr"}}`,
	} {
		if g := string(got[i].Text); g != want {
			t.Errorf("message %d\n%s\nwant\n%s", i, g, want)
		}
	}
	for i, want := range []map[string]string{
		{"TTL": "5400", "Urgency": "high", "Topic": "closure-1_a", "Content-Type": "application/notification+json", "Content-Encoding": "aes128gcm", "Content-Length": "614"},
		{"TTL": "86400", "Urgency": "normal", "Topic": "", "Content-Length": "614", "Cookie": "", "Referer": ""},
	} {
		for name, v := range want {
			if g := got[i].Header.Get(name); g != v {
				t.Errorf("message %d, %s: %q, want %q", i, name, g, v)
			}
		}
		if got[i].Proto != "HTTP/2.0" {
			t.Errorf("over %s", got[i].Proto)
		}
	}
	if bytes.Contains(got[0].Body, []byte("Bitte")) {
		t.Error("the push service can read it")
	}
	if s := h.of(apptest.Ada)[0]; !s.Handed.Equal(h.Now()) {
		t.Errorf("noted as handed over at %v", s.Handed)
	}
}

func TestLongMessages(t *testing.T) {
	h := open(t)
	b := h.PushService(t).Browser()
	long := strings.Repeat("Ö&\"€ ", 200)
	for name, m := range map[string]push.Message{
		"body":  {Title: "Kurz", Body: long, Navigate: apptest.Base},
		"title": {Title: long, Body: "Kurz", Navigate: apptest.Base},
		"both":  {Title: long, Body: long, Navigate: apptest.Base, Tag: "t", Badge: 9999},
	} {
		if err := h.Push.Send(t.Context(), h.parse(b), m); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, p := range b.Got() {
		var m struct {
			Notification struct{ Title, Body, Navigate string }
		}
		if err := json.Unmarshal(p.Text, &m); err != nil {
			t.Fatal(err)
		}
		n := m.Notification
		for _, s := range []string{n.Title, n.Body} {
			head, cut := strings.CutSuffix(s, "…")
			if s != "Kurz" && s != "" && (!cut || !strings.HasPrefix(long, head)) {
				t.Errorf("shortened to %q", s)
			}
		}
		if n.Title == "" || n.Navigate != apptest.Base || len(p.Text) > 511 || n.Body != "Kurz" && len(p.Text) < 490 {
			t.Errorf("%d bytes: %s", len(p.Text), p.Text)
		}
	}
	err := h.Push.Send(t.Context(), h.parse(b), push.Message{Title: "x", Navigate: apptest.Base + "/" + strings.Repeat("x", 512)})
	if !push.Refused(err) || !strings.Contains(push.Words(err), "zu lang") {
		t.Errorf("what cannot be shortened: %v", err)
	}
}

func TestMessageIsChecked(t *testing.T) {
	h := open(t)
	b := h.PushService(t).Browser()
	for name, change := range map[string]func(*push.Message){
		"no title":          func(m *push.Message) { m.Title = "" },
		"no target":         func(m *push.Message) { m.Navigate = "" },
		"a path":            func(m *push.Message) { m.Navigate = "/mitteilung/1" },
		"a script":          func(m *push.Message) { m.Navigate = "javascript:alert(1)" },
		"a long topic":      func(m *push.Message) { m.Topic = strings.Repeat("x", 33) },
		"a header in topic": func(m *push.Message) { m.Topic = "a\r\nb: c" },
		"an urgency":        func(m *push.Message) { m.Urgency = "very-high" },
		"a month":           func(m *push.Message) { m.TTL = 29 * 24 * time.Hour },
		"before its time":   func(m *push.Message) { m.TTL = -time.Second },
		"a debt":            func(m *push.Message) { m.Badge = -1 },
	} {
		m := news()
		change(&m)
		if err := h.Push.Send(t.Context(), h.parse(b), m); !push.Refused(err) || push.Words(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(b.Got()); n > 0 {
		t.Errorf("%d came", n)
	}
}

// TestAnswers: what a push service may answer, and what the house makes of it.
func TestAnswers(t *testing.T) {
	const passes, waits, never, over = "passes", "waits", "never", "gone"
	at := apptest.Start
	hang := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		want   string // "": taken
		until  time.Time
		words  string
	}{
		{"created", apptest.PushAnswer(201), "", time.Time{}, ""},
		{"ok", apptest.PushAnswer(200), "", time.Time{}, ""},
		{"accepted", apptest.PushAnswer(202), "", time.Time{}, ""},
		{"not found", apptest.PushAnswer(404), over, time.Time{}, "keine Push-Mitteilungen mehr (404)"},
		{"gone", apptest.PushAnswer(410), over, time.Time{}, "keine Push-Mitteilungen mehr (410)"},
		{"bad", apptest.PushAnswer(400), never, time.Time{}, "abgelehnt (400)"},
		{"unauthorized", apptest.PushAnswer(401), never, time.Time{}, "Unterschrift"},
		{"forbidden", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(403)
			_, _ = w.Write([]byte(`{"reason":"BadJwtToken","path":"/` + strings.Repeat("s", 40) + `"}`)) // a recorder of the server
		}, never, time.Time{}, "erkennt die Unterschrift des Hauses nicht an (403 reason BadJwtToken path)"},
		{"too large", apptest.PushAnswer(413), never, time.Time{}, "zu lang"},
		{"redirect", apptest.PushAnswer(307, "Location", "https://example.org/"), never, time.Time{}, "andere Adresse"},
		{"redirect for good", apptest.PushAnswer(308, "Location", "/elsewhere"), never, time.Time{}, "andere Adresse"},
		{"too many", apptest.PushAnswer(429, "Retry-After", "120"), waits, at.Add(2 * time.Minute), "nimmt gerade nichts an (429)"},
		{"too many, until a time", apptest.PushAnswer(429, "Retry-After", "Mon, 02 Mar 2026 07:12:00 GMT"), waits, at.Add(time.Hour), ""},
		{"too many", apptest.PushAnswer(429), waits, at.Add(time.Minute), ""},
		{"too many, nonsense", apptest.PushAnswer(429, "Retry-After", "soon"), waits, at.Add(time.Minute), ""},
		{"too many, in the past", apptest.PushAnswer(429, "Retry-After", "-5"), waits, at.Add(time.Second), ""},
		{"too many, for ever", apptest.PushAnswer(429, "Retry-After", "99999999999"), waits, at.Add(24 * time.Hour), ""},
		{"busy", apptest.PushAnswer(503, "Retry-After", "10"), waits, at.Add(10 * time.Second), ""},
		{"busy without a time", apptest.PushAnswer(503), passes, time.Time{}, "gestört (503)"},
		{"as Microsoft says it", apptest.PushAnswer(406, "Retry-After", "60"), waits, at.Add(time.Minute), ""},
		{"not acceptable", apptest.PushAnswer(406), never, time.Time{}, "abgelehnt (406)"},
		{"broken", apptest.PushAnswer(500), passes, time.Time{}, "gestört (500)"},
		{"bad gateway", apptest.PushAnswer(502), passes, time.Time{}, "gestört (502)"},
		{"hangs up", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, passes, time.Time{}, "nicht zu erreichen"},
		{"hangs", hang, waits, at.Add(15 * time.Second), "nicht zu erreichen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := open(t)
			h.Push.Wait = 5 * time.Second
			if c.name == "hangs" {
				h.Push.Wait = 50 * time.Millisecond
			}
			b := h.PushService(t).Browser(c.answer)
			h.subscribe(apptest.Ada, h.signIn(apptest.Ada), b)
			err := h.Push.Send(t.Context(), h.of(apptest.Ada)[0], news())
			got := ""
			switch {
			case err == nil:
			case push.Gone(err):
				got = over
			case push.Refused(err):
				got = never
			case !push.Until(err).IsZero():
				got = waits
			default:
				got = passes
			}
			if got != c.want || !push.Until(err).Equal(c.until) {
				t.Errorf("it %q until %v: %v", got, push.Until(err), err)
			}
			if !strings.Contains(push.Words(err), c.words) || (push.Words(err) == "") != (c.want == "") {
				t.Errorf("words: %s", push.Words(err))
			}
			if err != nil && (strings.Contains(err.Error(), "/push/") || strings.Contains(err.Error(), "ssss") || errors.As(err, new(*url.Error))) {
				t.Errorf("tells the endpoint: %v", err)
			}
			if n := len(h.of(apptest.Ada)); n != 1 && c.want != over || n != 0 && c.want == over {
				t.Errorf("%d subscriptions are left", n)
			}
			if got := b.Titles(); !slices.Equal(got, []string{"Käfer bleibt heute zu"}) {
				t.Errorf("the service was asked for %q", got)
			}
		})
	}
}

// TestRetryAfter: a service that wants less is left alone until its time, also for other browsers, and only that one.
func TestRetryAfter(t *testing.T) {
	h := open(t)
	s := h.PushService(t)
	phone, tablet := s.Browser(apptest.PushAnswer(429, "Retry-After", "60"), apptest.PushAnswer(201)), s.Browser()
	if err := h.Push.Send(t.Context(), h.parse(phone), news()); !push.Until(err).Equal(h.Now().Add(time.Minute)) {
		t.Fatal(err)
	}
	h.Clock.Add(59 * time.Second)
	if err := h.Push.Send(t.Context(), h.parse(tablet), news()); !push.Until(err).Equal(h.Now().Add(time.Second)) || push.Refused(err) {
		t.Error("before its time: ", err)
	}
	if n := len(tablet.Got()); n != 0 {
		t.Errorf("%d messages came before the time", n)
	}
	h.Clock.Add(time.Second)
	for _, b := range []*apptest.PushBrowser{phone, tablet} {
		if err := h.Push.Send(t.Context(), h.parse(b), news()); err != nil {
			t.Error("at its time: ", err)
		}
	}
	if n := len(phone.Got()) + len(tablet.Got()); n != 3 {
		t.Errorf("%d messages came", n)
	}
}

// TestUnreachable: a service that is away is not dialled once for each of its browsers.
func TestUnreachable(t *testing.T) {
	h := open(t)
	b := h.PushService(t).Browser()
	var dialled atomic.Int32
	h.Push.Dial = func(context.Context, string, string) (net.Conn, error) {
		dialled.Add(1)
		return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("away")}
	}
	for range 3 {
		err := h.Push.Send(t.Context(), h.parse(b), news())
		if push.Refused(err) || !push.Until(err).Equal(h.Now().Add(15*time.Second)) || push.Words(err) == "" {
			t.Error(err)
		}
	}
	if n := dialled.Load(); n != 1 {
		t.Errorf("dialled %d times", n)
	}
}

// TestGivenUp: who sends gives up, and no service is blamed for it.
func TestGivenUp(t *testing.T) {
	h := open(t)
	s := h.PushService(t)
	ctx, cancel := context.WithCancel(t.Context())
	b := s.Browser(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})
	if err := h.Push.Send(ctx, h.parse(b), news()); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	short, end := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer end()
	if err := h.Push.Send(short, h.parse(b), news()); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := h.Push.Send(t.Context(), h.parse(s.Browser()), news()); err != nil {
		t.Error("the service is blamed: ", err)
	}
}

// TestEndlessAnswer: nobody reads more of an answer than a reason needs.
func TestEndlessAnswer(t *testing.T) {
	for _, code := range []int{201, 403, 500} {
		h := open(t)
		written := make(chan int, 1)
		b := h.PushService(t).Browser(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(code)
			n := 0
			for {
				m, err := w.Write(make([]byte, 1<<16))
				if n += m; err != nil {
					written <- n
					return
				}
			}
		})
		if err := h.Push.Send(t.Context(), h.parse(b), news()); (err == nil) != (code == 201) {
			t.Errorf("%d: %v", code, err)
		}
		if n := <-written; n > 16<<20 { // a window of HTTP/2 is 4 MB
			t.Errorf("%d: the service got rid of %d bytes", code, n)
		}
	}
}

// TestOnlyKnownServices: what stands in the database is checked once more.
func TestOnlyKnownServices(t *testing.T) {
	h := open(t)
	b := h.PushService(t).Browser()
	sub := h.parse(b)
	h.Push.Allowed = nil
	if err := h.Push.Send(t.Context(), sub, news()); !push.Refused(err) {
		t.Error(err)
	}
	if n := len(b.Got()); n > 0 {
		t.Errorf("%d came", n)
	}
	house := apptest.New(t) // without a push service nothing leaves the machine
	sub.Endpoint = "https://fcm.googleapis.com/wp/abc"
	if err := house.Push.Send(t.Context(), sub, news()); push.Words(err) != "Der Push-Dienst fcm.googleapis.com ist nicht zu erreichen." {
		t.Error(err)
	}
}
