package web

import (
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"nestfunk/app/base/fault"
)

func TestPrefix(t *testing.T) {
	for _, test := range []struct{ name, remote, forwarded, want string }{
		{"v4", "203.0.113.77:1", "", "203.0.113.0/24"},
		{"v6", "[2001:db8:1:2::3]:1", "", "2001:db8:1::/48"},
		{"mapped", "[::ffff:203.0.113.9]:1", "", "203.0.113.0/24"},
		{"a stranger's header means nothing", "203.0.113.77:1", "198.51.100.1", "203.0.113.0/24"},
		{"nor does one from this machine", "127.0.0.1:1", "198.51.100.1", "127.0.0.0/24"},
		{"from this machine for somebody else", "0.0.0.0:1", "", ""},
		{"no address", "pipe", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := httptest.NewRequest("GET", "/", nil)
			r.RemoteAddr = test.remote
			if test.forwarded != "" {
				r.Header.Set("X-Forwarded-For", test.forwarded)
			}
			if got := Prefix(r); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestLimit(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	l := &Limits{Now: func() time.Time { return now }}
	three := Limit{"links", 3, time.Hour}
	for i := range 4 {
		err := l.Take(three, "a")
		if (err != nil) != (i == 3) || i == 3 && fault.KindOf(err) != fault.TooMany {
			t.Errorf("try %d: %v", i+1, err)
		}
	}
	if err := l.Take(three, "b"); err != nil {
		t.Errorf("another key: %v", err)
	}
	now = now.Add(time.Hour)
	if err := l.Take(three, "a"); err != nil {
		t.Errorf("an hour later: %v", err)
	}
}

// A limit of a day is not forgotten after an hour, however many others are counted.
func TestLimitOfADay(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	l := &Limits{Now: func() time.Time { return now }}
	once, often := Limit{"file", 1, 24 * time.Hour}, Limit{"link", 1, time.Hour}
	if err := l.Take(once, "a"); err != nil {
		t.Fatal(err)
	}
	now = now.Add(2 * time.Hour)
	for i := range 10_002 {
		if err := l.Take(often, strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Take(once, "a"); err == nil || fault.Words(err) != "Das waren zu viele Versuche. In 22 Stunden geht es wieder." {
		t.Error(err)
	}
	now = now.Add(22 * time.Hour)
	if err := l.Take(once, "a"); err != nil {
		t.Error(err)
	}
	if len(l.past) > 2 {
		t.Errorf("%d keys are kept that count no more", len(l.past))
	}
}

func TestOwn(t *testing.T) {
	for path, want := range map[string]string{"/konto": "/konto", "/a?b=c": "/a?b=c", "": "/", "//evil.example": "/", "https://evil.example/": "/",
		"/\\evil.example": "/", "javascript:alert(1)": "/", "/a\r\nSet-Cookie: x": "/", "evil.example": "/", "http:evil.example": "/", "http:/evil.example": "/",
		"https:///evil.example": "/", "///evil.example": "/", "////evil.example": "/", "\\\\evil.example": "/", "/\\/evil.example": "/", "/\t/evil.example": "/", "/\n/evil.example": "/",
		"\t//evil.example": "/", " //evil.example": "/", " /konto": "/", "//evil.example\\@localhost": "/", "//localhost:8080@evil.example": "/", "//evil.example#/konto": "/",
		"?x": "/", "#x": "/", ".": "/", "..//evil.example": "/", "/%": "/", "data:text/html,x": "/", "vbscript:x": "/", "mailto:a@b": "/", "//[::1]/": "/", "/\x00": "/", "/\x7f": "/", "/a\vb": "/",
		"/%2f%2fevil.example": "/%2f%2fevil.example", "/%5cevil.example": "/%5cevil.example", "/konto?weiter=//evil.example": "/konto?weiter=//evil.example", "/konto#a": "/konto#a",
		"/..//evil.example": "/..//evil.example"} {
		if got := Own(path); got != want {
			t.Errorf("%q leads to %q, want %q", path, got, want)
		}
	}
}

// A clock that was ahead for a moment locks nobody out until then.
func TestClockAhead(t *testing.T) {
	now := time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)
	l := &Limits{Now: func() time.Time { return now }}
	limit := Limit{Name: "signin", N: 2, In: time.Hour}
	now = now.AddDate(10, 0, 0)
	for range 2 {
		if err := l.Take(limit, "a"); err != nil {
			t.Fatal(err)
		}
	}
	now = now.AddDate(-10, 0, 0)
	for range 2 {
		if err := l.Take(limit, "a"); err != nil {
			t.Fatal("locked out by a clock that was ahead: ", err)
		}
	}
	if l.Take(limit, "a") == nil {
		t.Error("no limit any more")
	}
}
