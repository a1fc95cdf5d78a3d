package app_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"nestfunk/app"
	"nestfunk/app/apptest"
	"nestfunk/app/base/front"
	"nestfunk/app/base/web"
	"nestfunk/assets"

	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// TestBrowser walks through the demonstration, the town of the real Flensburg list, in a real Chromium. All walks share
// one town and one browser, each person has a phone of their own. What is only measured comes first. All pages are looked at
// in another town, where nobody changes anything meanwhile. In the end axe must have seen every template.
func TestBrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("browser tests take minutes")
	}
	chromium := furnished(t)
	c := openCity(t, &looked{})
	c.openBrowser(t, chromium)
	var pages sync.WaitGroup
	for _, walk := range []struct {
		name string
		run  func(*testing.T, *city)
	}{
		{"Budget", walkBudget},
		{"FirstScreen", walkFirstScreen},
		{"Keyboard", walkKeyboard},
		{"Paper", walkPaper},
		{"Pages", nil},
		{"Planted", walkPlanted},
		{"Closure", walkClosure},
		{"Offline", walkOffline},
		{"App", walkApp},
		{"RepeatVisit", walkRepeatVisit},
		{"ReadOffline", walkReadOffline},
		{"SignOutOffline", walkSignOutOffline},
		{"NextPerson", walkNextPerson},
		{"Update", walkUpdate},
		{"Push", walkPush},
		{"Search", walkSearch},
		{"Wiki", walkWiki},
		{"WikiOpens", walkWikiOpens},
		{"WikiKeys", walkWikiKeys},
		{"WikiPaste", walkWikiPaste},
		{"WikiRoundTrip", walkWikiRoundTrip},
		{"WikiPictures", walkWikiPictures},
		{"WikiTogether", walkWikiTogether},
		{"Book", walkBook},
		{"Councils", walkCouncils},
		{"Absence", walkAbsence},
		{"Message", walkMessage},
		{"Calendar", walkCalendar},
		{"Rooms", walkRooms},
		{"Lists", walkLists},
		{"Plenum", walkPlenum},
		{"Translate", walkTranslate},
		{"Files", walkFiles},
		{"Corners", walkCorners},
		{"SharedDevice", walkSharedDevice},
		{"Tablet", walkTablet},
		{"WithoutScript", walkWithoutScript},
		{"SignIn", walkSignIn},
		{"Hostile", walkHostile},
		{"KeyboardJobs", walkKeyboardJobs},
	} {
		if walk.run == nil {
			other := openCity(t, c.seen)
			other.browser = c.browser
			pages.Go(func() { t.Run(walk.name, func(t *testing.T) { walkPages(t, other) }) })
			continue
		}
		t.Run(walk.name, func(t *testing.T) { walk.run(t, c) })
	}
	pages.Wait()
	c.seen.templates.complete(t)
}

// furnished finds the browser, and that there is something to show in it. A CI may not go on without.
func furnished(t *testing.T) (chromium string) {
	t.Helper()
	miss := func(why string) {
		t.Helper()
		if os.Getenv("CI") != "" && os.Getenv("NESTFUNK_SKIP_BROWSER") != "1" {
			t.Fatal(why + " NESTFUNK_SKIP_BROWSER=1 goes on without the browser tests.")
		}
		t.Skip(why)
	}
	if os.Getenv("NESTFUNK_SKIP_BROWSER") == "1" {
		t.Skip("NESTFUNK_SKIP_BROWSER=1")
	}
	if _, err := assets.Load(); err != nil {
		miss("The web assets are not built: NESTFUNK_DEV=1 go generate ./assets.")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	miss("There is no Chromium: apt-get install chromium.")
	return ""
}

// A city is the demonstration, with a browser to look at it.
type city struct {
	base    string // its address
	data    string // its folder
	said    *said  // to its operator
	browser context.Context
	seen    *looked
}

// said is what the program writes to the person before it.
type said struct {
	mu sync.Mutex
	b  strings.Builder
}

func (s *said) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// openCity runs the program's own demonstration, until the test ends.
func openCity(t *testing.T, seen *looked) *city {
	t.Helper()
	return openHouse(t, seen, app.Demo, time.Now)
}

// openHouse runs the program in this process, until the test ends.
func openHouse(t *testing.T, seen *looked, serve func(context.Context, app.Options) error, now func() time.Time) *city {
	t.Helper()
	start := time.Now()
	c := &city{data: t.TempDir(), seen: seen, said: &said{}}
	ctx, stop := context.WithCancel(web.Shown(context.Background(), c.seen.templates.shown))
	done := make(chan error, 1)
	go func() {
		done <- serve(ctx, app.Options{Data: c.data, Front: front.Flags{Listen: "127.0.0.1:0"}, Schema: apptest.Schema(), Now: now, Out: c.said})
	}()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error("the house did not close:", err)
		}
	})
	ready := regexp.MustCompile(`http://localhost:\d+`)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for c.base == "" {
		select {
		case err := <-done:
			done <- nil
			t.Fatal("the house did not open:", err)
		case <-tick.C:
			c.base = ready.FindString(c.said.String())
		}
	}
	t.Log("the town is open after", time.Since(start).Round(time.Millisecond))
	return c
}

func (c *city) openBrowser(t *testing.T, chromium string) {
	t.Helper()
	opts := []chromedp.ExecAllocatorOption{chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.ExecPath(chromium), chromedp.UserDataDir(t.TempDir())}
	for _, f := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage",
		"disable-background-timer-throttling", "disable-backgrounding-occluded-windows", "disable-renderer-backgrounding"} {
		opts = append(opts, chromedp.Flag(f, true))
	}
	opts = append(opts, chromedp.Flag("accept-lang", "de-DE,de"),
		chromedp.Flag("disable-features", "SpareRendererForSitePerProcess")) // a process in reserve, started anew for every page, takes a tenth of the time
	alloc, free := chromedp.NewExecAllocator(context.Background(), opts...)
	ctx, end := chromedp.NewContext(alloc)
	c.browser = ctx
	t.Cleanup(func() {
		_ = chromedp.Cancel(ctx) // it ends with its process
		end()
		free()
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal("the browser does not start: ", err)
	}
}

// patience is how long a page may take on a machine that is busy.
const patience = 40 * time.Second

// aMoment is what a person needs to see a new screen. The house takes a faster second tap for half of a double click.
const aMoment = 450 * time.Millisecond

// A phone is somebody's browser. Whatever it complains about fails the test.
type phone struct {
	t        *testing.T
	ctx      context.Context
	base     string
	seen     *looked
	signedIn bool
	tapped   time.Time
	line     *line // nil: straight to the house
	shut     bool  // it looks at a house that is not open yet

	mu     sync.Mutex
	faults []string
}

// phone takes a new one, where nobody is signed in.
func (c *city) phone(t *testing.T) *phone {
	t.Helper()
	ctx, end := chromedp.NewContext(c.browser, chromedp.WithNewBrowserContext())
	p := &phone{t: t, ctx: ctx, base: c.base, seen: c.seen}
	t.Cleanup(func() {
		p.picture()
		end()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, f := range p.faults {
			t.Error("the browser complains:", f)
		}
	})
	if err := chromedp.Listen(ctx, p.listen); err != nil {
		t.Fatal(err)
	}
	p.size(390, 844)
	return p
}

// abandoned is how Chromium says that it has given up an animation between two pages.
var abandoned = regexp.MustCompile(`^(AbortError|InvalidStateError): (Transition was (skipped|aborted)|ViewTransition opt-in)\b`)

// listen notes what the pages do wrong: what the content security policy refuses, what scripts throw, and what the
// house fails at. That a page is not found or a line is down is a matter of the walks.
func (p *phone) listen(ev any) {
	var f string
	switch e := ev.(type) {
	case *cdplog.EventEntryAdded:
		if e.Entry.Source == cdplog.EntrySourceNetwork || e.Entry.Level != cdplog.EntryLevelError && e.Entry.Source != cdplog.EntrySourceSecurity {
			return
		}
		f = fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL)
	case *network.EventResponseReceived:
		if e.Response.Status < 500 || e.Response.Status == 503 && p.shut {
			return
		}
		f = fmt.Sprintf("status %d of %s", e.Response.Status, e.Response.URL)
	case *runtime.EventExceptionThrown:
		f = "exception: " + e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			f += " " + x.Description
			// The browser gave up its own animation between two pages, because the second was there before its styles or was
			// already shown, because a third was asked for, or because the window was resized: nothing is lost, and no script
			// of a page can answer for it.
			if abandoned.MatchString(x.Description) {
				return
			}
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type != runtime.ConsoleAPICalledTypeError {
			return
		}
		f = "console.error"
	default:
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, f)
}

// picture keeps what was on the screen when a test failed (go test -artifacts).
func (p *phone) picture() {
	if !p.t.Failed() {
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, 5*time.Second)
	defer cancel()
	at, _ := chromedp.Run(ctx, chromedp.Location())
	b, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		return
	}
	name := filepath.Join(p.t.ArtifactDir(), fmt.Sprintf("%p.png", p))
	if err := os.WriteFile(name, b, 0o644); err == nil {
		p.t.Logf("at %s, see %s", at, name)
	}
}

func (p *phone) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// on asks the page, or the phone, for something.
func on[T any](p *phone, a chromedp.Action[T]) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, a)
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// eval asks the page for the value of an expression.
func eval[T any](p *phone, js string) T {
	p.t.Helper()
	return on(p, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
}

func (p *phone) size(width, height int64) {
	p.t.Helper()
	p.do(chromedp.EmulateViewport(width, height, chromedp.EmulateMobile, chromedp.EmulateTouch))
}

func (p *phone) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.base + path))
}

// as signs in with one of the cards of the demonstration.
func (p *phone) as(role string) *phone {
	p.t.Helper()
	p.open("/anmelden")
	p.tap("Als " + role + " ansehen")
	p.until(`location.pathname !== "/anmelden" && !!document.body?.dataset.user`) // young people come to their rooms
	p.signedIn = true
	return p
}

// until waits until the page says yes. An open page must show what happens elsewhere, so it is asked again and again.
func (p *phone) until(js string) {
	p.t.Helper()
	wait(p, js, func(yes bool) bool { return yes })
}

// wait asks the page, once it is complete, for the value of an expression until it is the one that is waited for.
func wait[T any](p *phone, js string, is func(T) bool) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	type answer struct {
		Complete bool
		Value    T
	}
	for {
		a, err := chromedp.Run(ctx, chromedp.Evaluate[answer](`(c => ({ Complete: c, Value: c ? (`+js+`) : undefined }))(document.readyState === "complete")`))
		if err == nil && a.Complete && is(a.Value) { // it fails while one page goes and the next comes
			return a.Value
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("waited in vain for %s (%v); the page says:\n%.800s", js, err, p.text())
		case <-tick.C:
		}
	}
}

// sees waits until these words can be read.
func (p *phone) sees(words string) {
	p.t.Helper()
	p.until(`!!document.querySelector("main")?.innerText.includes(` + quoted(words) + `)`)
}

func (p *phone) text() string {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("main")?.innerText ?? ""`))
	if err != nil {
		return err.Error()
	}
	return s
}

// live waits until the page hears of changes, and marks it, so that a test sees whether it was loaded anew.
func (p *phone) live() {
	p.t.Helper()
	p.until(`document.documentElement.dataset.liveOpen === "1"`)
	eval[bool](p, `window.mark = true`)
}

func (p *phone) notReloaded() {
	p.t.Helper()
	if !eval[bool](p, `window.mark === true`) {
		p.t.Error("the page was loaded anew")
	}
}

// tap puts a finger on the button, link or choice with these words; it must be there to be touched.
func (p *phone) tap(words string) {
	p.t.Helper()
	p.tapIn("body", words)
}

func (p *phone) tapIn(css, words string) {
	p.t.Helper()
	type spot struct{ X, Y float64 }
	find := fmt.Sprintf(`((css, words) => {
		const text = x => x.innerText.replace(/\s+/g, " ").trim();
		const all = [...document.querySelectorAll(css + " :is(a, button, label, summary)")].filter(x => x.checkVisibility() && text(x).includes(words));
		const x = all.find(x => text(x) === words) ?? all.find(x => text(x).startsWith(words)) ?? all[0];
		if (!x) return null;
		x.scrollIntoView({ block: "center", behavior: "instant" });
		const r = x.getClientRects()[0], at = { X: r.left + r.width / 2, Y: r.top + r.height / 2 };
		return x.contains(document.elementFromPoint(at.X, at.Y)) ? at : null;
	})(%s, %s)`, quoted(css), quoted(words))
	var last *spot
	at := wait(p, find, func(at *spot) bool {
		still := at != nil && last != nil && *at == *last // what moves cannot be hit
		last = at
		return still && time.Since(p.tapped) > aMoment
	})
	p.tapped = time.Now()
	p.do(chromedp.TapXY(at.X, at.Y))
}

// fill types into a field.
func (p *phone) fill(name, words string) {
	p.t.Helper()
	p.do(chromedp.SendKeys(chromedp.CSS("main [name="+name+"]"), words))
}

func (p *phone) value(name string) string {
	p.t.Helper()
	return eval[string](p, `document.querySelector("main [name=`+name+`]").value`)
}

func quoted(s string) string {
	b, _ := json.Marshal(s) // a string can always be written
	return string(b)
}
