package ballot

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/assets"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// A seenRequest is what the house saw of a request to the urn.
type seenRequest struct{ cookie, referer, site string }

// TestBrowserVotes: two members vote in a real browser. The house signs for both by name, and gets two votes without any; after the
// end each finds their code.
func TestBrowserVotes(t *testing.T) {
	chromium := browser(t)
	r := newRoom(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r.Base.Host = fmt.Sprintf("localhost:%d", listener.Addr().(*net.TCPAddr).Port)
	r.open(t)
	var mu sync.Mutex
	var urn []seenRequest
	server := &httptest.Server{Listener: listener, Config: &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if strings.HasSuffix(q.URL.Path, "/urne") {
			mu.Lock()
			urn = append(urn, seenRequest{q.Header.Get("Cookie"), q.Header.Get("Referer"), q.Header.Get("Sec-Fetch-Site")})
			mu.Unlock()
		}
		a := r.site.Do(apptest.Nobody, q) // by its cookie, if it has one
		for name, values := range a.Header {
			w.Header()[name] = values
		}
		w.WriteHeader(a.Code)
		_, _ = io.WriteString(w, a.Body)
	})}}
	server.Start()
	defer server.Close() // where the test ends early
	id := r.begin(secretDraft())

	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir()))
	alloc, free := chromedp.NewExecAllocator(context.Background(), opts...)
	defer free()
	first, end := chromedp.NewContext(alloc)
	defer end()
	if err := chromedp.Do(first); err != nil {
		t.Fatal(err)
	}
	page := fmt.Sprintf("%s/abstimmung/%d", r.Base, id)
	codes := map[Choice]string{}
	for person, choice := range map[int64]Choice{apptest.Ada: Yes, apptest.Bert: No} {
		phone, hang := chromedp.NewContext(first, chromedp.WithNewBrowserContext())
		phone, stop := context.WithTimeout(phone, time.Minute)
		_, err := chromedp.Call(phone, network.SetCookie, network.SetCookieParams{Name: r.Sessions.Cookie(), Value: r.session(person), URL: r.Base.String()})
		steps := func(all ...chromedp.Action[chromedp.Void]) {
			if err == nil {
				err = chromedp.Do(phone, all...)
			}
		}
		ask := func(js string) (s string) {
			if err == nil {
				s, err = chromedp.Run(phone, chromedp.Evaluate[string](js))
			}
			return s
		}
		tap := func(what string) chromedp.Action[chromedp.Void] {
			return chromedp.Click("[data-do="+what+"]", chromedp.NodeVisible)
		}
		steps(chromedp.Navigate(page), tap("get"), tap(string(choice)), tap("back"),
			chromedp.Reload(), // the ballot waits on the device
			tap(string(choice)), tap("cast"), chromedp.WaitVisible("[data-ballot-code]"))
		code := ask(`document.querySelector("[data-ballot-code]").textContent`)
		steps(chromedp.Reload(), chromedp.WaitVisible("[data-step=done]"))
		kept := ask(`JSON.stringify(localStorage) + document.querySelector("[data-ballot-code]").textContent`)
		stop()
		hang()
		if err != nil {
			t.Fatalf("%d: %v", person, err)
		}
		if codes[choice] = code; len(code) != 11 || strings.Contains(kept, code) || strings.Contains(kept, `"`+string(choice)) || !strings.Contains(kept, "cast") {
			t.Errorf("the code is %q, and afterwards the browser keeps %s", code, kept)
		}
	}
	if len(urn) != 2 {
		t.Fatalf("%d votes came", len(urn))
	}
	for _, q := range urn {
		if q != (seenRequest{"", "", "same-origin"}) {
			t.Errorf("a vote came with %+v", q)
		}
	}
	server.Close()
	r.Base.Host = strings.TrimPrefix(apptest.Base, "http://")
	r.want(r.post(apptest.Chair, id, "schliessen", "back", "/"), 303)
	if x := r.result(id); x.Yes != 1 || x.No != 1 || x.Cast() != 2 {
		t.Errorf("%+v", x.Tally)
	}
	shown := r.panel(apptest.Ada)
	for c, words := range codes {
		if !strings.Contains(shown, fmt.Sprintf(`<code>%s</code> <span translate="yes">%s</span>`, words, c.Word())) {
			t.Errorf("%s is not shown as %s: %s", words, c, shown)
		}
	}
}

// browser finds Chromium, and what it needs. A CI may not go on without.
func browser(t *testing.T) string {
	t.Helper()
	why := "There is no Chromium: apt-get install chromium."
	if testing.Short() || os.Getenv("NESTFUNK_SKIP_BROWSER") == "1" {
		t.Skip("without a browser")
	}
	if _, err := assets.Load(); err != nil {
		why = "The web assets are not built: NESTFUNK_DEV=1 go generate ./assets."
	} else {
		for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
			if path, err := exec.LookPath(name); err == nil {
				return path
			}
		}
	}
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
	return ""
}

// session signs somebody in and returns what their cookie holds.
func (r *room) session(person int64) string {
	r.t.Helper()
	w, q := httptest.NewRecorder(), httptest.NewRequest("POST", r.Base.String()+"/", nil)
	if err := r.Sessions.SignIn(w, q, person); err != nil {
		r.t.Fatal(err)
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == r.Sessions.Cookie() {
			return c.Value
		}
	}
	r.t.Fatal("there is no session")
	return ""
}
