package app

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// in reports whether a browser is signed in, by asking for a page; live: the page asks, not the person.
func (f *full) in(c *http.Cookie, path string, live bool) bool {
	f.t.Helper()
	r := httptest.NewRequest("GET", apptest.Base+path, nil)
	r.AddCookie(c)
	if live {
		r.Header.Set("X-Live", "1")
	}
	w := httptest.NewRecorder()
	f.handler.ServeHTTP(w, r)
	if w.Code != http.StatusOK && w.Code != http.StatusSeeOther {
		f.t.Fatalf("%s: %d", path, w.Code)
	}
	return w.Code == http.StatusOK
}

const day = 24 * time.Hour

// How long a browser stays signed in.
func TestSessionsEnd(t *testing.T) {
	for _, c := range []struct {
		name       string
		person     int64
		idle, life time.Duration
	}{
		{"operator", apptest.Arno, 15 * time.Minute, 4 * time.Hour},
		{"office", apptest.Olga, 30 * time.Minute, 12 * time.Hour},
		{"manager", apptest.Max, 30 * time.Minute, 12 * time.Hour},
		{"head", apptest.Hanna, 30 * time.Minute, 12 * time.Hour},
		{"staff", apptest.Stefan, 30 * time.Minute, 12 * time.Hour},
		{"auditor", apptest.Auditor, 30 * time.Minute, 12 * time.Hour},
		{"mother", apptest.Ada, 30 * day, 180 * day},
		{"mother and delegate", apptest.Dana, 30 * day, 180 * day},
		{"not yet let in", apptest.Invited, 30 * day, 180 * day},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			cookie := h.cookie(c.person)
			h.Clock.Add(c.idle - time.Hour - time.Second) // the table knows the hour only
			if c.idle < time.Hour {
				h.Clock.Add(time.Hour)
			}
			if !h.in(cookie, "/konto", false) {
				t.Fatal("signed out before the time")
			}
			h.Clock.Add(c.idle)
			if h.in(cookie, "/konto", false) {
				t.Errorf("still signed in after %v without a visit", c.idle)
			}

			cookie = h.cookie(c.person)
			for at := time.Duration(0); at < c.life; at += c.idle / 2 {
				if !h.in(cookie, "/konto", false) {
					t.Fatalf("signed out after %v of use", at)
				}
				h.Clock.Add(c.idle / 2)
				if err := h.Sessions.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			if h.in(cookie, "/konto", false) {
				t.Errorf("still signed in after %v", c.life)
			}
		})
	}
}

// A page that looks for what is new does not keep an empty room signed in.
func TestOpenPageIsNoVisit(t *testing.T) {
	h := newHouse(t)
	cookie := h.cookie(apptest.Hanna)
	for range 2 {
		h.Clock.Add(10 * time.Minute)
		if !h.in(cookie, "/", true) {
			t.Fatal("signed out before the time")
		}
	}
	h.Clock.Add(10 * time.Minute)
	if h.in(cookie, "/", true) || h.in(cookie, "/", false) {
		t.Error("still signed in")
	}
}

// Who becomes a member of the team has its terms at once, in sessions that are older, too.
func TestNewRoleShortensSessions(t *testing.T) {
	h := newHouse(t)
	cookie := h.cookie(apptest.Ada)
	h.Clock.Add(day)
	if !h.in(cookie, "/konto", false) {
		t.Fatal("a mother is signed out after a day")
	}
	err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
		_, err := org.Appoint(tx, org.Membership{Person: apptest.Ada, Unit: apptest.Sonne, Role: who.Staff, State: org.Confirmed, Since: h.Now()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if h.in(cookie, "/konto", false) {
		t.Error("a session of a day goes on")
	}
}

// After a restart the minute of the last visit is not known, only its hour.
func TestSessionsAfterARestart(t *testing.T) {
	h := newHouse(t)
	cookie := h.cookie(apptest.Hanna) // 7:12
	restart := func() {
		if err := h.Sessions.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		*h.Sessions = web.Sessions{DB: h.DB, Now: h.Now} // nothing in memory
	}
	restart()
	h.Clock.Add(77 * time.Minute) // 8:29: perhaps it was 7:59
	if !h.in(cookie, "/konto", false) {
		t.Error("signed out by the restart")
	}
	restart()
	h.Clock.Add(61 * time.Minute) // 9:30
	if h.in(cookie, "/konto", false) {
		t.Error("still signed in after half an hour at least")
	}
}

// A person has ten browsers; an eleventh takes the place of the oldest.
func TestTenBrowsers(t *testing.T) {
	h := newHouse(t)
	var all []*http.Cookie
	for range 11 {
		all = append(all, h.cookie(apptest.Ada))
	}
	for i, c := range all {
		if got := h.in(c, "/konto", false); got != (i > 0) {
			t.Errorf("browser %d is signed in: %v", i+1, got)
		}
	}
}
