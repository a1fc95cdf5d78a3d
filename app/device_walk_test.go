package app_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// awaits asks the page, again and again, for something that takes its time to answer.
func (p *phone) awaits(js string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	tick := time.NewTicker(40 * time.Millisecond)
	defer tick.Stop()
	for {
		yes, err := chromedp.Run(ctx, chromedp.Evaluate[bool](js, chromedp.EvalAwaitPromise))
		if err == nil && yes {
			return
		}
		select {
		case <-ctx.Done():
			p.t.Fatalf("waited in vain for %s (%v); the page says:\n%.800s", js, err, p.text())
		case <-tick.C:
		}
	}
}

// keeps waits until the worker has fetched what its person may want to read, and tells which pages.
func (p *phone) keeps() []string {
	p.t.Helper()
	p.awaits(`navigator.serviceWorker.ready.then(async () => {
		const want = await (await fetch("/geraet/vorrat")).json(), have = (await (await caches.open("pages")).keys()).map(r => new URL(r.url).pathname);
		return want.length > 3 && want.every(w => have.includes(w.split("#")[0]));
	})`)
	return eval[[]string](p, `caches.open("pages").then(c => c.keys()).then(k => k.map(r => new URL(r.url).pathname))`)
}

// rest is what lies in the browser: kept pages, what waits to be sent, drafts and other notes of scripts.
const rest = `(async () => {
	const out = [];
	for (const name of await caches.keys()) for (const r of await (await caches.open(name)).keys()) {
		const path = new URL(r.url).pathname;
		if (!path.startsWith("/a/") && !path.startsWith("/offline")) out.push(name + " " + path);
	}
	for (const s of [localStorage, sessionStorage]) out.push(...Object.keys(s));
	for (const d of await indexedDB.databases()) {
		const db = await new Promise(ok => { indexedDB.open(d.name).onsuccess = e => ok(e.target.result); });
		for (const name of db.objectStoreNames) {
			const all = await new Promise(ok => { db.transaction(name).objectStore(name).getAllKeys().onsuccess = e => ok(e.target.result); });
			out.push(...all.map(k => name + " " + k));
		}
		db.close();
	}
	return out;
})()`

// row asks the house's database for one number.
func (c *city) row(t *testing.T, query string, args ...any) (n int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.data, "nestfunk.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatal(query, err)
	}
	return n
}

// A browser finds all it needs to install the house, and what it finds is there.
func walkApp(t *testing.T, c *city) {
	p := c.phone(t).as("Leitung")
	m, err := chromedp.Call(p.ctx, page.GetAppManifest, page.GetAppManifestParams{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range m.Errors {
		t.Errorf("the manifest: %s", e.Message)
	}
	var app struct {
		ID        string `json:"id"`
		Name      string `json:"name"`
		StartURL  string `json:"start_url"`
		Lang      string `json:"lang"`
		Icons     []struct{ Src, Sizes, Purpose string }
		Shortcuts []struct{ Name, URL string }
	}
	if err := json.Unmarshal([]byte(m.Data), &app); err != nil {
		t.Fatal(err)
	}
	if app.ID != "/" || app.StartURL != "/?quelle=app" || app.Lang != "de" || !strings.HasPrefix(app.Name, "Nestfunk – ") || len(app.Shortcuts) != 3 {
		t.Errorf("%+v", app)
	}
	for _, i := range app.Icons {
		want, _, _ := strings.Cut(i.Sizes, "x")
		got := eval[string](p, fmt.Sprintf(`new Promise((ok, no) => { const i = new Image(); i.onload = () => ok(String(i.naturalWidth)); i.onerror = no; i.src = %s; })`, quoted(i.Src)))
		if want != "any" && got != want {
			t.Errorf("%s is %s wide, want %s", i.Src, got, want)
		}
	}
	for _, s := range app.Shortcuts {
		p.open(s.URL)
		p.until(`performance.getEntriesByType("navigation")[0].responseStatus === 200`)
	}
	faults, err := chromedp.Call(p.ctx, page.GetInstallabilityErrors, struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range faults.InstallabilityErrors {
		if e.ErrorID != "in-incognito" { // each phone of a test is a window of its own
			t.Errorf("cannot be installed: %s %v", e.ErrorID, e.ErrorArguments)
		}
	}

	p.open("/geraet")
	p.until(`document.querySelector("[data-device=install] [data-when~=guide]").hidden === false && document.querySelectorAll("[data-platform=ios][open]").length === 0`)
	eval[bool](p, `document.querySelectorAll("[data-when], [data-platform]").forEach(x => { x.hidden = false; x.open = true; }), true`)
	p.axe("/geraet, all of it")
	p.size(320, 640)
	for _, w := range eval[[]string](p, wide) {
		t.Errorf("/geraet, all of it, at 320 px: %s", w)
	}
}

// quick opens the start page and measures how long it takes to be seen: the best of three, since the machine is busy.
func (p *phone) quick(when, stored string) {
	p.t.Helper()
	best := 1e9
	for range 3 {
		p.open("/")
		p.until(`document.body.dataset.stored === ` + quoted(stored))
		best = min(best, wait(p, `performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0`, func(at float64) bool { return at > 0 }))
	}
	p.t.Logf("%s the start page is painted after %.0f ms", when, best)
	if best > 300 {
		p.t.Errorf("%s the start page is painted after %.0f ms, want 300 at most", when, best)
	}
}

// Whoever comes again sees the start page at once, however slow the line, and then as it is now. Others come late rather
// than not at all.
func walkRepeatVisit(t *testing.T, c *city) {
	p := c.phone(t).lay().as("Eltern")
	p.keeps()
	slow := make(chan bool)
	p.line.slow.Store(&slow)
	p.quick("on a slow line", "stale")
	said := wait(p, `document.getElementById("stand").innerText.trim()`, func(s string) bool { return s != "" }) // not at once: mostly it is not needed
	if !strings.HasPrefix(said, "Stand: ") {
		t.Errorf("the page says %q of its age", said)
	}
	p.open("/mitteilungen")
	p.until(`document.body.dataset.stored === "stale"`)
	close(slow)
	p.until(`!("stored" in document.body.dataset)`)
	p.open("/")
	p.until(`!("stored" in document.body.dataset)`)

	// What was done counts, not what was kept.
	at := eval[string](p, `document.querySelector("form[data-outbox]").closest("article").id`)
	if eval[bool](p, `!!document.getElementById("hint")`) {
		t.Error("the home screen is offered before anything was confirmed")
	}
	p.tapIn("#"+at, "Gelesen bestätigen")
	p.sees("Danke!")
	p.sees("Nestfunk auf dem Startbildschirm")
	p.axe("the offer of the home screen")
	p.tap("Nicht mehr zeigen")
	p.until(`!document.getElementById("hint")`)
	p.awaits(`fetch("/geraet/hinweis").then(a => a.status === 204)`)
	p.open("/")
	if !eval[bool](p, `!document.querySelector("#`+at+` form[data-outbox]")`) {
		t.Error("the start page asks again for what was confirmed")
	}

	// A device that was signed out from elsewhere shows nothing any more.
	p.open("/menue") // nothing there hears of it
	other := c.phone(t).as("Eltern")
	other.open("/konto")
	other.tap("Alle anderen abmelden")
	other.sees("Alle anderen Geräte sind abgemeldet.")
	p.open("/")
	p.until(`location.pathname === "/anmelden"`)
	p.awaits(`caches.has("pages").then(yes => !yes)`)
}

// Read without a connection, confirmed without a connection, counted once.
func walkReadOffline(t *testing.T, c *city) {
	p := c.phone(t).lay().as("Eltern")
	kept := p.keeps()
	const asks = `document.querySelector("form[data-outbox]").action.match(/\d+/g).at(-1)`
	p.open("/mitteilungen")
	id := eval[string](p, asks)
	person := eval[string](p, `document.body.dataset.user`)
	confirmed := func() int {
		return c.row(t, `SELECT count(*) FROM announcement_receipt WHERE announcement = ? AND person = ?`, id, person)
	}
	if n := confirmed(); n != 0 || !slices.Contains(kept, "/mitteilung/"+id) {
		t.Fatalf("announcement %s: %d receipts; kept are %v", id, n, kept)
	}

	p.connect(false)
	p.quick("without a connection", "offline")
	if s := eval[string](p, `document.getElementById("stand").innerText.trim()`); !strings.HasPrefix(s, "Keine Verbindung. Stand: ") || !strings.HasSuffix(s, " Uhr") {
		t.Errorf("the page says %q of its age", s)
	}
	p.axe("start page without a connection")
	p.open("/einheiten")
	p.sees("Diese Seite ist auf Ihrem Gerät nicht gespeichert.")

	p.open("/mitteilung/" + id) // fetched ahead, never opened before
	p.tap("Gelesen bestätigen")
	p.sees("Wird gesendet, sobald Sie wieder Verbindung haben.")
	p.axe("a confirmation that waits")
	p.do(chromedp.Reload())
	p.sees("Wird gesendet, sobald Sie wieder Verbindung haben.")
	if n := confirmed(); n != 0 {
		t.Fatalf("%d receipts without a connection", n)
	}
	p.connect(true)
	p.sees("Danke!")
	p.until(`!("stored" in document.body.dataset)`)
	if n := confirmed(); n != 1 {
		t.Errorf("%d receipts, want 1", n)
	}
	p.awaits(rest + `.then(all => !all.some(x => x.startsWith("outbox")))`)

	// What the house no longer takes is told with its reason.
	p.open("/mitteilungen")
	p.connect(false)
	eval[bool](p, `(f => { f.action = "/mitteilung/999999999/bestaetigen"; f.requestSubmit(); return true; })(document.querySelector("form[data-outbox]"))`)
	p.sees("Wird gesendet")
	p.rejoins()
	p.sees("Das konnte nicht gesendet werden:")
	p.axe("a confirmation that was refused")
	p.tap("Verstanden")
	p.until(`!document.getElementById("outbox")`)
}

// Whoever signs out without a connection leaves nothing behind, and the next person finds nothing.
func walkSignOutOffline(t *testing.T, c *city) {
	p := c.phone(t).lay().as("Eltern")
	p.keeps()
	person := eval[string](p, `document.body.dataset.user`)
	sessions := func() int { return c.row(t, `SELECT count(*) FROM session WHERE person = ?`, person) }
	before := sessions()
	p.open("/mitteilungen")
	eval[bool](p, `localStorage.setItem("draft:" + document.body.dataset.user + ":x", "{}"), true`)
	p.connect(false)
	p.open("/menue")
	p.tap("Abmelden")
	p.sees("Auf diesem Gerät ist nichts mehr gespeichert.")
	p.axe("signed out without a connection")
	left := func(when string) {
		t.Helper()
		for _, x := range eval[[]string](p, rest) {
			if x != "state leaving" && x != "state changed" {
				t.Errorf("%s: %s is left", when, x)
			}
		}
	}
	left("signed out without a connection")
	p.open("/")
	p.sees("Auf diesem Gerät ist nichts mehr gespeichert.")
	if n := sessions(); n != before {
		t.Fatalf("the house has heard of it without a connection: %d sessions, then %d", before, n)
	}
	p.connect(true)
	p.open("/")
	p.until(`location.pathname === "/anmelden"`)
	if n := sessions(); n != before-1 {
		t.Errorf("%d sessions, then %d: the house has not heard of it", before, n)
	}
	left("in front of the door")

	p.as("Leitung")
	p.keeps()
	if n := eval[int](p, `(async () => { let n = 0; const c = await caches.open("pages"); for (const r of await c.keys()) n += (await c.match(r)).headers.get("X-Person") !== document.body.dataset.user; return n; })()`); n != 0 {
		t.Errorf("%d pages are not of the second person", n)
	}

	// The next person, without a sign-out of the first.
	first := eval[string](p, `document.body.dataset.user`)
	p.as("Eltern")
	p.keeps()
	for _, x := range eval[[]string](p, `(async () => { const out = [], c = await caches.open("pages"); for (const r of await c.keys()) if ((await c.match(r)).headers.get("X-Person") === `+quoted(first)+`) out.push(r.url); return out; })()`) {
		t.Errorf("%s is still of the person before", x)
	}
	p.open("/menue")
	p.tap("Abmelden")
	p.until(`location.pathname === "/abgemeldet"`)
	left("signed out")
}

// A house that is brought up to date shows nothing of the day before.
func walkUpdate(t *testing.T, c *city) {
	p := c.phone(t).lay()
	p.as("Eltern")
	p.keeps()
	shells := func() []string {
		return eval[[]string](p, `caches.keys().then(k => k.filter(x => x.startsWith("shell-")))`)
	}
	was := shells()
	p.line.newer.Store(true)
	p.open("/mitteilungen")
	p.awaits(`caches.keys().then(k => k.filter(x => x.startsWith("shell-")).join()).then(s => s.startsWith("shell-newer") && !s.includes(","))`)
	if now := shells(); len(was) != 1 || slices.Equal(was, now) {
		t.Errorf("kept before: %v, and now %v", was, now)
	}
	if n := eval[int](p, `caches.keys().then(k => caches.open(k.find(x => x.startsWith("shell-")))).then(c => c.keys()).then(k => k.filter(r => r.url.includes("/a/app-")).length)`); n != 2 {
		t.Errorf("the new shell has %d of app.js and app.css", n)
	}
	p.open("/")
	p.live()
}

// On a device that others use, too, nothing is kept.
func walkSharedDevice(t *testing.T, c *city) {
	p := c.phone(t)
	p.open("/anmelden")
	p.tap("Dies ist ein gemeinsam genutztes Gerät")
	p.sees("Es wird nichts gespeichert.")
	p.axe("sign-in on a shared device")
	p.tap("Als Leitung ansehen")
	p.until(`location.pathname === "/" && !!document.body?.dataset.user`)
	p.signedIn = true
	p.open("/mitteilungen/neu")
	p.fill("title", "Laternenfest")
	p.open("/mitteilungen")
	p.live()
	p.open("/geraet")
	p.sees("Auf einem gemeinsam genutzten Gerät wird nichts gespeichert.")
	p.awaits(`navigator.serviceWorker.getRegistrations().then(r => r.length === 0)`)
	for _, x := range eval[[]string](p, rest) {
		t.Errorf("%s is kept", x)
	}
	p.tap("Das Gerät gehört nur mir")
	p.sees("Nutzen auch andere dieses Gerät")
	p.keeps()
	p.tap("Andere nutzen es auch")
	p.sees("Ihre Anmeldung endet nach 12 Stunden.")
	p.awaits(rest + `.then(all => all.length === 0)`)
}

// Whoever comes after somebody else sees nothing of them: not by going back, not without a connection, in no cache.
func walkNextPerson(t *testing.T, c *city) {
	p := c.phone(t).lay().as("Eltern")
	p.keeps()
	person := eval[string](p, `document.body.dataset.user`)
	p.open("/konto")
	full := eval[string](p, `document.querySelector("main section b").textContent`)
	if len(full) < 5 {
		t.Fatalf("the account shows no name but %q", full)
	}
	p.open("/mitteilungen")
	p.open("/menue")
	p.tap("Abmelden")
	p.until(`location.pathname === "/abgemeldet"`)
	hidden := func(when string) {
		t.Helper()
		p.until(`document.readyState === "complete"`)
		// in front of the door the demonstration offers its people
		if s := p.text(); eval[string](p, `location.pathname`) != "/anmelden" && strings.Contains(s, full) || eval[string](p, `document.body.dataset.user ?? ""`) == person {
			t.Errorf("%s: the page is still of the one before: %.200s", when, s)
		}
	}
	back := func(when string, steps int) {
		t.Helper()
		for i := range steps {
			eval[bool](p, `history.back(), true`)
			p.awaits(`new Promise(ok => setTimeout(() => ok(true), 250))`)
			hidden(fmt.Sprintf("%s, %d steps back", when, i+1))
		}
	}
	back("signed out", 3)
	p.as("Leitung")
	p.keeps()
	hidden("the next person")
	p.open("/konto")
	back("the next person", 4)
	p.connect(false)
	for _, path := range []string{"/", "/konto", "/mitteilungen"} {
		p.open(path)
		hidden("the next person, no connection, " + path)
	}
	if n := eval[int](p, `(async () => { let n = 0; for (const name of await caches.keys()) { const c = await caches.open(name); for (const r of await c.keys()) n += (await (await c.match(r)).text()).includes(`+quoted(`data-user="`+person+`"`)+`); } return n; })()`); n != 0 {
		t.Errorf("%d pages in the caches are of the one before", n)
	}
	p.connect(true)
}
