package app_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"nestfunk/assets"

	"github.com/andybalholm/brotli"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// A first visit must be cheap on a bad line: see issue 2, "Speed and size".
func walkBudget(t *testing.T, c *city) {
	p := c.phone(t).as("Eltern")
	p.keeps()                                         // until the worker has fetched what it wants
	p.do(chromedp.Navigate("data:text/html,<p>away")) // elsewhere: the browser's process forgets what it has in memory
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.ClearBrowserCache, cdp.Empty{})
		return err
	}))
	var mu sync.Mutex
	asked, size := map[network.RequestID]string{}, map[network.RequestID]float64{}
	err := chromedp.Listen(p.ctx, func(ev any) {
		mu.Lock()
		defer mu.Unlock()
		switch e := ev.(type) {
		case *network.EventRequestWillBeSent:
			asked[e.RequestID] = e.Request.Method + " " + e.Request.URL
		case *network.EventLoadingFinished:
			size[e.RequestID] = e.EncodedDataLength
		case *network.EventRequestServedFromCache:
			p.t.Error("the cache was not empty:", asked[e.RequestID])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(p.ctx, network.SetBypassServiceWorker, network.SetBypassServiceWorkerParams{Bypass: true}); err != nil {
		t.Fatal(err) // a first visit has none yet
	}
	p.open("/")
	p.live()
	eval[bool](p, `document.fonts.ready.then(() => true)`)
	p.until(`performance.getEntriesByType("resource").some(r => r.name.includes("/a/c-"))`) // what comes last
	mu.Lock()
	defer mu.Unlock()
	sum := 0.0
	for id, what := range asked {
		sum += size[id]
		t.Logf("%7.0f %s", size[id], what)
		if !strings.Contains(what, " "+c.base+"/") && !strings.Contains(what, " data:") {
			t.Errorf("%s is not of this house", what)
		}
	}
	if len(asked) == 0 || len(asked) > 12 || sum > 100<<10 { // kilobytes as Lighthouse counts them
		t.Errorf("the first page takes %d requests and %.0f bytes, want at most 12 and 100 KB", len(asked), sum)
	}
	t.Logf("%d requests, %.0f bytes", len(asked), sum)
	for name, limit := range map[string]int{"app.js": 5000, "app.css": 15000} {
		if n := c.packed(t, assets.URL(name)); n > limit {
			t.Errorf("%s has %d bytes, want at most %d", name, n, limit)
		} else {
			t.Logf("%s: %d of %d bytes", name, n, limit)
		}
	}
}

// packed tells how many bytes of a file go over the line.
func (c *city) packed(t *testing.T, path string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "br")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != 200 || a.Header.Get("Content-Encoding") != "br" {
		t.Fatalf("%s: %d %s, %v", path, a.StatusCode, a.Header.Get("Content-Encoding"), err)
	}
	if _, err := io.Copy(io.Discard, brotli.NewReader(bytes.NewReader(b))); err != nil {
		t.Errorf("%s: %v", path, err)
	}
	return len(b)
}

// Whoever opens the page in the morning sees the button without moving a finger; the strip of the demonstration is not
// counted.
func walkFirstScreen(t *testing.T, c *city) {
	p := c.phone(t).as("Eltern")
	type screen struct{ Button, Strip, Tabs float64 }
	s := eval[screen](p, `({
		Button: document.querySelector("article.urgent:not(.done) form[action$='/bestaetigen'] button").getBoundingClientRect().bottom,
		Strip: document.querySelector(".demo").offsetHeight,
		Tabs: document.querySelector(".tabs").getBoundingClientRect().top,
	})`)
	t.Logf("%+v", s)
	if s.Button-s.Strip > s.Tabs {
		t.Errorf("the button ends at %.0f, the screen at %.0f", s.Button-s.Strip, s.Tabs)
	}
}

// Everything can be reached with the keyboard, and one sees where one is.
func walkKeyboard(t *testing.T, c *city) {
	p := c.phone(t).as("Eltern")
	at := func() string {
		return eval[string](p, `(x => x.localName + "." + x.className + " " + x.innerText.replace(/\s+/g, " ").trim())(document.activeElement)`)
	}
	p.do(chromedp.KeyEvent(kb.Tab))
	if s := at(); !strings.Contains(s, "Zum Inhalt springen") {
		t.Fatalf("the first stop is %q, want the skip link", s)
	}
	if !eval[bool](p, `(r => r.top >= 0 && r.left >= 0 && r.width > 40)(document.activeElement.getBoundingClientRect())`) {
		t.Error("the skip link cannot be seen when it has the focus")
	}
	p.do(chromedp.KeyEvent(kb.Enter))
	p.until(`document.activeElement === document.querySelector("main")`)
	p.open("/")
	stops := p.tabTo(`article.urgent form[action$="/bestaetigen"] button`)
	t.Log(stops, "stops to the button to confirm")
	if stops > 15 {
		t.Errorf("%d stops to the button to confirm, want at most 15", stops)
	}
}

var sheet = regexp.MustCompile(`/Type\s*/Page\b[^s]`)

// sheets counts the A4 pages on paper.
func (p *phone) sheets() int {
	p.t.Helper()
	b := on(p, chromedp.PrintToPDF(chromedp.PDFPaper(chromedp.PaperA4), chromedp.PDFPreferCSSPageSize()))
	return len(sheet.FindAll(b, -1))
}

// What is printed fits its paper: the list of calls on one sheet, each letter on one of its own.
func walkPaper(t *testing.T, c *city) {
	p := c.phone(t).as("Leitung")
	p.open(eval[string](p, `document.querySelector("a.happening").pathname`))
	left := eval[int](p, left)
	if left < 15 || left > 25 {
		t.Errorf("%d children are left, want about 20", left)
	}
	if n := p.sheets(); n != 1 {
		t.Errorf("%d children left to call take %d sheets, want 1", left, n)
	}

	p.open("/einheiten")
	p.tap("KiTa Bullerbü")
	p.tap("Einladungsbriefe")
	p.until(`location.pathname.endsWith("/briefe")`)
	eval[bool](p, `[...document.querySelectorAll("main form input[type=checkbox]")].forEach((x, i) => x.checked = i < 9), true`)
	p.tap("Briefe machen")
	p.until(`document.querySelectorAll("article.letter").length > 0`)
	p.inspect("letters", 200)
	letters := eval[int](p, `document.querySelectorAll("article.letter").length`)
	if n := p.sheets(); n != letters || letters != 9 {
		t.Errorf("%d letters take %d sheets, want 9 of each", letters, n)
	}
}
