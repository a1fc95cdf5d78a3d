package account

import (
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/web"
)

// TestLimits counts every limit out with the clock of the house: so many tries within the time and not one more, and again
// when the first has run out.
func TestLimits(t *testing.T) {
	for _, c := range []struct {
		limit web.Limit
		n     int
		in    time.Duration
	}{
		{passwordOf(), 5, 15 * time.Minute}, {passwordFrom(), 50, 15 * time.Minute}, {secondOf(), 5, 5 * time.Minute},
		{linkToAddress(), 3, time.Hour}, {linkFromPrefix(), 10, time.Hour}, {codeFrom(), 10, time.Hour}, {codesTogether(), 49, time.Hour}, {alarm(), 1, time.Hour},
		{ceremoniesFrom(), 300, time.Hour}, {tripsFrom(), 600, 5 * time.Minute},
	} {
		h := apptest.New(t)
		try := func() bool { return fault.KindOf(h.Limits.Take(c.limit, "a")) != fault.TooMany }
		for i := range c.n {
			if !try() {
				t.Errorf("%s: try %d is refused", c.limit.Name, i+1)
			}
			if i == 0 {
				h.Clock.Add(time.Second)
			}
		}
		if try() {
			t.Errorf("%s: try %d is allowed", c.limit.Name, c.n+1)
		}
		if h.Limits.Take(c.limit, "b") != nil {
			t.Errorf("%s: another is refused, too", c.limit.Name)
		}
		if h.Clock.Add(c.in - time.Second - 1); try() {
			t.Errorf("%s: allowed before its time", c.limit.Name)
		}
		if h.Clock.Add(1); !try() { // the first try was a second before the others
			t.Errorf("%s: refused after %s", c.limit.Name, c.in)
		}
		if c.n > 1 && try() {
			t.Errorf("%s: two allowed where one has run out", c.limit.Name)
		}
	}
}

// TestNobodyIsLockedOut: a stranger who tries passwords for somebody, or orders links, keeps nobody out who has been here
// before; whoever was not has to wait, and the stranger with them.
func TestNobodyIsLockedOut(t *testing.T) {
	x := serve(t)
	x.password(apptest.Ada, "ada@example.org", adasWord)
	signIn := func(word string) apptest.Answer {
		return x.post("/anmelden/passwort", "mail", "ada@example.org", "password", word)
	}
	x.mustGo(signIn(adasWord), "/")
	hers := x.Cookies[apptest.Nobody]
	x.other()
	for i := range 40 { // a whole day of it, from many networks
		if x.from("198.51."+itoa(int64(i))+".7", "/anmelden/passwort", "mail", "ada@example.org", "password", "falsch falsch").Code != 422 {
			t.Fatal("a wrong password is right")
		}
		x.from("198.51."+itoa(int64(i))+".7", "/anmelden/link", "mail", "ada@example.org")
	}
	x.other()
	if a := signIn(adasWord); a.Code != 422 || !a.Has("zu viele Versuche") {
		t.Errorf("a stranger with the right password after forty wrong ones: %d", a.Code)
	}
	x.Cookies[apptest.Nobody] = hers
	if a := x.post("/anmelden/link", "mail", "ada@example.org"); a.To != "/anmelden/link" {
		t.Errorf("her own browser gets no link: %d %s", a.Code, wordsOf(a))
	}
	x.mustGo(signIn(adasWord), "/")
	// Her own browser has no more tries than any, and none for others.
	for range 5 {
		signIn("falsch falsch")
	}
	if a := signIn(adasWord); a.Code != 422 || !a.Has("zu viele Versuche") {
		t.Errorf("the sixth try of a known browser: %d", a.Code)
	}
	x.password(apptest.Cem, "cem@example.org", stefansWord)
	x.other()
	for range 5 {
		x.from("203.0.113.9", "/anmelden/passwort", "mail", "cem@example.org", "password", "falsch falsch")
	}
	x.Cookies[apptest.Nobody] = hers
	if a := x.post("/anmelden/passwort", "mail", "cem@example.org", "password", stefansWord); a.Code != 422 || !a.Has("zu viele Versuche") {
		t.Errorf("a browser known for Ada counts for Cem: %d", a.Code)
	}
	// What lies in the browser tells nobody whose it is.
	for _, c := range hers {
		if c.Name == knownCookie && len(c.Value) != 16 {
			t.Errorf("the mark is %q", c.Value)
		}
	}
}
