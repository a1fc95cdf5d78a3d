package app

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// An aired house is served to real connections, with all its features.
type aired struct {
	*App
	h       *apptest.House
	t       *testing.T
	srv     *httptest.Server
	cookies map[int64]*http.Cookie
}

func air(t *testing.T) *aired {
	t.Helper()
	old := slog.Default()
	slog.SetDefault(slog.New(slog.DiscardHandler))
	t.Cleanup(func() { slog.SetDefault(old) })
	h := apptest.New(t)
	a := newApp(h.House)
	if err := a.furnish(t.Context()); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(a.site())
	t.Cleanup(srv.Close)
	srv.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &aired{a, h, t, srv, map[int64]*http.Cookie{}}
}

// do sends a request as a person, who is signed in with one browser.
func (a *aired) do(person int64, method, path string, form url.Values, header ...string) *http.Response {
	a.t.Helper()
	if a.cookies[person] == nil {
		w := httptest.NewRecorder()
		if err := a.house.Sessions.SignIn(w, httptest.NewRequest("POST", apptest.Base, nil), person); err != nil {
			a.t.Fatal(err)
		}
		a.cookies[person] = w.Result().Cookies()[0]
	}
	r, err := http.NewRequestWithContext(a.t.Context(), method, a.srv.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Host = a.house.Base.Host
	r.AddCookie(a.cookies[person])
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := a.srv.Client().Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { res.Body.Close() })
	return res
}

// page opens a page and returns the address of its stream.
func (a *aired) page(person int64, path string) (stream string) {
	a.t.Helper()
	b, err := io.ReadAll(a.do(person, "GET", path, nil).Body)
	if err != nil {
		a.t.Fatal(err)
	}
	m := regexp.MustCompile(`<main [^>]*data-live="([^"]+)"`).FindSubmatch(b)
	if m == nil {
		a.t.Fatalf("%s has no stream:\n%s", path, b)
	}
	return string(m[1])
}

// listen opens a stream; the channel yields the id of each change and is closed with the stream.
func (a *aired) listen(person int64, path string, header ...string) <-chan string {
	a.t.Helper()
	res := a.do(person, "GET", path, nil, header...)
	if res.StatusCode != 200 || res.Header.Get("Content-Encoding") != "" || res.Header.Get("Cache-Control") != "private, no-store" {
		a.t.Fatalf("%s: %d %v", path, res.StatusCode, res.Header)
	}
	lines := bufio.NewScanner(res.Body)
	for lines.Scan() && lines.Text() != ": ok" {
	}
	c := make(chan string, 99)
	go func() {
		defer close(c)
		id := ""
		for lines.Scan() {
			if s, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				id = s
			}
			if lines.Text() == "event: change" {
				c <- id
			}
		}
	}()
	return c
}

// write sends an announcement to the families of a unit.
func (a *aired) write(person, unit int64) {
	a.t.Helper()
	res := a.do(person, "POST", "/mitteilungen/neu", url.Values{"unit": {fmt.Sprint(unit)}, "audience": {fmt.Sprint(unit)}, "role": {"parent"},
		"title": {"Neues"}, "body": {"Text"}})
	if res.StatusCode != http.StatusSeeOther {
		b, _ := io.ReadAll(res.Body)
		a.t.Fatalf("%d %s", res.StatusCode, b)
	}
}

// silent ends all streams, and checks that these have nothing more to say.
func (a *aired) silent(streams map[string]<-chan string) {
	a.t.Helper()
	close(a.closing)
	for name, c := range streams {
		for range c {
			a.t.Errorf("%s hears what does not concern them", name)
		}
	}
}

func heard(t *testing.T, name string, c <-chan string) (id string) {
	t.Helper()
	id, ok := <-c
	if !ok {
		t.Fatalf("%s: the stream ends", name)
	}
	return id
}

func TestStreamTellsWhomItConcerns(t *testing.T) {
	a := air(t)
	ada, cem := a.listen(apptest.Ada, a.page(apptest.Ada, "/")), a.listen(apptest.Cem, a.page(apptest.Cem, "/"))
	a.write(apptest.Hanna, apptest.Kaefer) // Ada's child is there, Cem's is not
	heard(t, "Ada", ada)
	a.silent(map[string]<-chan string{"Ada": ada, "Cem": cem})
}

// The delegates of a facility sit in its committee, and hear what happens there; its parents do not.
func TestStreamOfACommittee(t *testing.T) {
	a := air(t)
	dana, ada := a.listen(apptest.Dana, a.page(apptest.Dana, "/")), a.listen(apptest.Ada, a.page(apptest.Ada, "/"))
	a.house.Live.Publish(live.Event{Units: []int64{apptest.Council}})
	heard(t, "Dana", dana)
	a.silent(map[string]<-chan string{"Dana": dana, "Ada": ada})
}

// What happens between the making of a page and the opening of its stream is told by the stream.
func TestStreamBeginsWithThePage(t *testing.T) {
	a := air(t)
	streams := map[string]string{}
	for _, path := range []string{"/", "/mitteilungen"} {
		streams[path] = a.page(apptest.Ada, path)
	}
	cem := a.page(apptest.Cem, "/")
	a.write(apptest.Hanna, apptest.Kaefer)
	for path, stream := range streams {
		heard(t, path, a.listen(apptest.Ada, stream))
	}
	a.silent(map[string]<-chan string{"Cem": a.listen(apptest.Cem, cem), "Ada's next page": a.listen(apptest.Ada, a.page(apptest.Ada, "/"))})
}

// A stream that broke goes on where it was, with what was missed and nothing else.
func TestStreamAfterABreak(t *testing.T) {
	a := air(t)
	stream := a.page(apptest.Ada, "/")
	first := a.listen(apptest.Ada, stream)
	a.write(apptest.Hanna, apptest.Kaefer)
	id := heard(t, "Ada", first)

	again := a.listen(apptest.Ada, stream, "Last-Event-ID", id) // the browser adds it; the address is still the old one
	a.write(apptest.Rosa, apptest.Froesche)                     // Ada's other child is there
	next := heard(t, "Ada, again", again)
	if next == id {
		t.Error("two changes have one id")
	}
	heard(t, "Ada, who missed it", a.listen(apptest.Ada, stream, "Last-Event-ID", id))
	heard(t, "Ada, of the time before a restart", a.listen(apptest.Ada, stream, "Last-Event-ID", "ABCDEFGH-1"))
	a.silent(map[string]<-chan string{"Ada, who missed nothing": a.listen(apptest.Ada, stream, "Last-Event-ID", next)})
}

// Whoever takes a right away ends the streams that had it, and the page is told once, so that it learns of it. A stream
// that was not yet open then, or broken, ends when it comes.
func TestStreamEndsWithTheRight(t *testing.T) {
	suspend := func(a *aired) {
		form := url.Values{"state": {"suspended"}}
		b, err := io.ReadAll(a.do(apptest.Hanna, "GET", "/mitgliedschaft/5", nil).Body)
		if err != nil {
			a.t.Fatal(err)
		}
		m := regexp.MustCompile(`(?s)action="/mitgliedschaft/5/zustand".*?name="was" value="([^"]+)"`).FindSubmatch(b)
		if m == nil {
			a.t.Fatalf("no form:\n%s", b)
		}
		form.Set("was", string(m[1]))
		if res := a.do(apptest.Hanna, "POST", "/mitgliedschaft/5/zustand", form); res.StatusCode != http.StatusSeeOther {
			a.t.Fatal(res.StatusCode)
		}
	}
	signOut := func(a *aired) {
		if res := a.do(apptest.Stefan, "POST", "/konto/abmelden", url.Values{}); res.StatusCode != http.StatusSeeOther {
			a.t.Fatal(res.StatusCode)
		}
	}
	for _, c := range []struct {
		name string
		end  func(*aired)
	}{
		{"the head suspends him", suspend},
		{"he signs out on another page", signOut},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := air(t)
			stefan := a.listen(apptest.Stefan, a.page(apptest.Stefan, "/"))
			c.end(a)
			n := 0
			for range stefan { // until the stream ends
				n++
			}
			if n != 1 {
				t.Errorf("%d changes, want one, so that the page learns it", n)
			}
		})
	}
	t.Run("behind many changes", func(t *testing.T) {
		a := air(t)
		stefan := a.listen(apptest.Stefan, a.page(apptest.Stefan, "/"))
		for range 20 {
			a.write(apptest.Hanna, apptest.Kaefer)
		}
		suspend(a)
		for range stefan {
		}
	})
	t.Run("while the stream opens", func(t *testing.T) {
		a := air(t)
		v, err := a.look(t.Context(), func() []byte {
			a.page(apptest.Stefan, "/")
			r := httptest.NewRequest("GET", apptest.Base+"/strom", nil)
			r.AddCookie(a.cookies[apptest.Stefan])
			return a.house.Sessions.Hash(r)
		}(), false)
		if err != nil {
			t.Fatal(err)
		}
		suspend(a) // after it was found out who asks
		w := httptest.NewRecorder()
		if err := a.stream(w, httptest.NewRequestWithContext(t.Context(), "GET", apptest.Base+"/strom", nil), v); err != nil {
			t.Fatal(err)
		}
		if strings.Count(w.Body.String(), "event: change") != 1 {
			t.Errorf("want one change:\n%s", w.Body)
		}
	})
}

// A right that ends by the clock ends its stream with the next sign of life.
func TestStreamEndsWithTheTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := apptest.New(t)
		a := newApp(h.House)
		if err := h.DB.Write(t.Context(), func(tx *store.Tx) error {
			return org.SetTerm(tx, 5, h.Now().AddDate(0, 0, -1), h.Now().Add(time.Minute).Unix())
		}); err != nil {
			t.Fatal(err)
		}
		in := httptest.NewRecorder()
		if err := a.house.Sessions.SignIn(in, httptest.NewRequest("POST", apptest.Base, nil), apptest.Stefan); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), "GET", apptest.Base+"/strom?seit="+h.Live.Mark(), nil)
		r.AddCookie(in.Result().Cookies()[0])
		w, ended := httptest.NewRecorder(), make(chan bool)
		go func() {
			defer close(ended)
			a.site().ServeHTTP(w, r)
		}()
		synctest.Wait()
		h.Clock.Add(59 * time.Second)
		time.Sleep(keepEvery) // of the bubble: no time passes
		synctest.Wait()
		if got := w.Body.String(); !strings.Contains(got, ": keep") || strings.Contains(got, "change") {
			t.Errorf("within the term:\n%s", got)
		}
		h.Clock.Add(time.Second)
		<-ended
		if got := w.Body.String(); strings.Count(got, "event: change") != 1 {
			t.Errorf("after the term, want one change:\n%s", got)
		}
	})
}
