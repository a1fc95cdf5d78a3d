package app

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// listen opens a stream as a person; the channel yields "change" for each event and is closed with the stream.
func listen(t *testing.T, a *App, srv *httptest.Server, person int64, header ...string) <-chan string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := a.house.Sessions.SignIn(w, httptest.NewRequest("POST", apptest.Base, nil), person); err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), "GET", srv.URL+"/strom", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = a.house.Base.Host
	r.AddCookie(w.Result().Cookies()[0])
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := srv.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode != 200 || res.Header.Get("Content-Encoding") != "" || res.Header.Get("Cache-Control") != "private, no-store" {
		t.Fatalf("/strom: %d %v", res.StatusCode, res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() && lines.Text() != ": ok" {
	}
	c := make(chan string)
	go func() {
		defer close(c)
		for lines.Scan() {
			if lines.Text() == "event: change" {
				c <- "change"
			}
		}
	}()
	return c
}

func streaming(t *testing.T) (*App, *httptest.Server) {
	h := apptest.New(t)
	a := newApp(h.House)
	srv := httptest.NewServer(a.site())
	t.Cleanup(srv.Close)
	return a, srv
}

func TestStreamTellsWhomItConcerns(t *testing.T) {
	a, srv := streaming(t)
	ada, cem := listen(t, a, srv, apptest.Ada), listen(t, a, srv, apptest.Cem)
	a.house.Live.Publish(live.Event{Units: []int64{apptest.Kaefer}}) // Ada's child is there, Cem's is not
	if got := <-ada; got != "change" {
		t.Fatal("Ada hears nothing")
	}
	a.house.Live.Publish(live.Event{Rights: true}) // nothing of theirs has changed
	a.house.Live.Publish(live.Event{Person: apptest.Cem})
	if got := <-cem; got != "change" {
		t.Fatal("Cem hears nothing")
	}
	close(a.closing)
	for name, c := range map[string]<-chan string{"Ada": ada, "Cem": cem} {
		for range c {
			t.Errorf("%s hears what does not concern them", name)
		}
	}
}

func TestStreamAfterABreak(t *testing.T) {
	a, srv := streaming(t)
	if got := <-listen(t, a, srv, apptest.Ada, "Last-Event-ID", "1"); got != "change" {
		t.Error("a page that comes back is not told to look again")
	}
}

func TestStreamEndsWithTheRight(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*store.Tx, *App) error
	}{
		{"session", func(tx *store.Tx, a *App) error { return web.EndSessions(tx, apptest.Stefan, nil) }},
		{"role", func(tx *store.Tx, a *App) error { return org.SetState(tx, 5, org.Suspended, a.house.Now()) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			a, srv := streaming(t)
			stefan := listen(t, a, srv, apptest.Stefan)
			err := a.house.DB.Write(t.Context(), func(tx *store.Tx) error {
				tx.After(func() { a.house.Live.Publish(live.Event{Rights: true}) })
				return c.end(tx, a)
			})
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for range stefan { // until the stream ends
				n++
			}
			if n != 1 {
				t.Errorf("%d changes, want one, so that the page learns it", n)
			}
		})
	}
}

func TestStreamHearsOfARightBehindManyChanges(t *testing.T) {
	a, srv := streaming(t)
	stefan := listen(t, a, srv, apptest.Stefan)
	err := a.house.DB.Write(t.Context(), func(tx *store.Tx) error { return web.EndSessions(tx, apptest.Stefan, nil) })
	if err != nil {
		t.Fatal(err)
	}
	for range 50 * backlog { // more than fit: the last one may be dropped
		a.house.Live.Publish(live.Event{Units: []int64{apptest.Kaefer}})
	}
	a.house.Live.Publish(live.Event{Rights: true})
	for range stefan {
	}
}
