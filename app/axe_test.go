package app_test

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"nestfunk/app/apptest"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// axe-core comes with the front-end tools of a developer (NESTFUNK_DEV=1 go generate ./assets).
var axeCore = sync.OnceValues(func() (string, error) {
	b, err := os.ReadFile(filepath.Join(apptest.Root(), "assets/node_modules/axe-core/axe.min.js"))
	return string(b), err
})

func needAxe(t *testing.T) {
	t.Helper()
	if _, err := axeCore(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("axe-core is missing: NESTFUNK_DEV=1 go generate ./assets: ", err)
		}
		t.Skip("axe-core is missing: ", err)
	}
}

const axeTags = `{ type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }`

// texts are the places of text on a page, each as its elements from the root down, and all elements there.
const texts = `Map.groupBy([...document.querySelectorAll("body, body *")].filter(x => [...x.childNodes].some(n => n.nodeType === 3 && n.data.trim()) || x.matches("input, select, textarea")), x => {
	let at = (innerWidth > 700 ? "wide" : "") + (x.checkVisibility() ? "" : "hidden");
	for (; x; x = x.parentElement) at = x.localName + "." + x.className + ["aria-current", "aria-invalid", "aria-pressed", "aria-selected", "aria-disabled", "disabled", "open", "data-state"]
		.filter(a => x.hasAttribute(a)).map(a => a + x.getAttribute(a)).join() + ">" + at;
	return at;
})`

// axe looks for barriers in what the page shows now. It changes nothing that a walk relies on.
func (p *phone) axe(when string) {
	p.t.Helper()
	for _, b := range p.barriers() {
		p.t.Errorf("%s%s", when, b)
	}
}

// barriers are what axe finds in what the page shows now. It looks for contrasts only where there is text in a place that
// was not looked at yet, in light and dark, and for all else only where the page has a part that was not looked at yet.
// What stands in the same elements, of the same classes and states, has the same colours on every page.
func (p *phone) barriers() (found []string) {
	p.t.Helper()
	code, err := axeCore()
	if err != nil {
		return nil // TestBrowser/Pages tells
	}
	run := func(what, where, rules string) {
		p.t.Helper()
		for _, v := range eval[[]string](p, `axe.run(`+where+`, { resultTypes: ["violations"], `+rules+` })
			.then(r => r.violations.map(v => v.id + ": " + v.help + ": " + v.nodes.slice(0, 5).map(n => n.target.join(" ") + " " + n.html.slice(0, 120) +
				(n.any[0] ? " (" + n.any[0].message.slice(0, 160) + ")" : "")).join("; ")))`) {
			found = append(found, what+": "+v)
		}
	}
	// What lies half under one of the bars can be scrolled out from under it.
	eval[bool](p, `document.getAnimations().forEach(a => a.finish()), document.querySelectorAll(".bar, .tabs").forEach(x => x.style.position = "static"), true`)
	type page struct {
		At                  string
		Texts, Parts, Twice []string
	}
	now := eval[page](p, `({ At: location.host + location.pathname + location.search, Texts: [...(window.texts = `+texts+`).keys()], Parts: `+parts+`, Twice: `+twice+` })`)
	p.seen.templates.look(now.At)
	for _, id := range now.Twice {
		found = append(found, ": two elements have the id "+id)
	}
	unread, built := p.seen.texts.unseen(now.Texts), len(p.seen.parts.unseen(now.Parts)) > 0
	if built || len(unread) > 0 {
		// The browser's own tools are not bound by the policy of the page.
		eval[bool](p, `typeof axe === "object"`+` || (() => { `+code+`; return true; })()`)
	}
	if built {
		run("", "document", `runOnly: `+axeTags+`, rules: { "color-contrast": { enabled: false } }`)
	}
	if len(unread) > 0 {
		const colours = `runOnly: ["color-contrast", "link-in-text-block"]`
		all, _ := json.Marshal(unread) // a string can always be written
		there := `{ include: ((all) => all.length ? all : [document.body])(` + string(all) + `.flatMap(at => window.texts.get(at)).filter(x => x.isConnected)) }`
		run("", there, colours)
		p.scheme("dark")
		run(", dark", there, colours)
		p.scheme("light")
	}
	eval[bool](p, `document.querySelectorAll(".bar, .tabs").forEach(x => x.removeAttribute("style")), true`)
	return found
}

func (p *phone) scheme(name string) {
	p.t.Helper()
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: name}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		p.t.Fatal(err)
	}
}

// wide lists what sticks out of the screen to the right.
const wide = `(() => {
	const w = document.documentElement.clientWidth;
	if (document.documentElement.scrollWidth <= w) return [];
	const inScroller = x => { for (let a = x.parentElement; a && a !== document.body; a = a.parentElement) if (/auto|scroll|hidden|clip/.test(getComputedStyle(a).overflowX)) return true; };
	return ["the page is " + document.documentElement.scrollWidth + " wide",
		...[...document.querySelectorAll("body *")].filter(x => x.getBoundingClientRect().right > w + 1 && !inScroller(x)).slice(0, 5).map(x => x.localName + "." + x.className + ": " + x.textContent.trim().slice(0, 40))];
})()`

// inspect looks at one page as it is.
func (p *phone) inspect(path string, status int) {
	p.t.Helper()
	type page struct {
		Status  int
		Inline  int
		Foreign []string
	}
	got := eval[page](p, `({
		Status: performance.getEntriesByType("navigation")[0].responseStatus,
		Inline: document.querySelectorAll("[style], style, script:not([src])").length,
		Foreign: performance.getEntriesByType("resource").map(x => x.name).filter(x => !x.startsWith(location.origin + "/")),
	})`)
	if got.Status != status {
		p.t.Errorf("%s: status %d, want %d", path, got.Status, status)
	}
	if got.Inline > 0 {
		p.t.Errorf("%s: %d inline styles or scripts", path, got.Inline)
	}
	if len(got.Foreign) > 0 {
		p.t.Errorf("%s asks elsewhere: %v", path, got.Foreign)
	}
	eval[bool](p, `document.querySelectorAll("details").forEach(d => d.open = true), document.querySelectorAll("[data-show-when]").forEach(x => x.hidden = false), true`)
	p.axe(path)
	p.size(320, 640)
	for _, w := range eval[[]string](p, wide) {
		p.t.Errorf("%s at 320 px: %s", path, w)
	}
	p.size(390, 844)
	p.letters(32) // WCAG 1.4.4
	for _, w := range append(eval[[]string](p, wide), eval[[]string](p, cutOff)...) {
		p.t.Errorf("%s with text twice as large: %s", path, w)
	}
	p.letters(16)
	p.forced(true)
	for _, w := range eval[[]string](p, formless) {
		p.t.Errorf("%s with forced colours: %s", path, w)
	}
	for _, w := range eval[[]string](p, moving) {
		p.t.Errorf("%s moves for whoever wants no motion: %s", path, w)
	}
	p.forced(false)
}

// cutOff lists text of which a part cannot be seen, nor scrolled to; how something begins is no part that is cut off.
const cutOff = `[...document.querySelectorAll("main *, .bar *, .tabs *")].filter(x => x.clientHeight > 8 && !x.closest(".sr, .skip, [hidden]") && getComputedStyle(x).webkitLineClamp === "none" && /hidden|clip/.test(getComputedStyle(x).overflowY) &&
	x.scrollHeight > x.clientHeight + 4 && x.innerText?.trim()).slice(0, 5).map(x => "cut off: " + x.localName + "." + x.className + ": " + x.innerText.trim().slice(0, 40))`

// formless lists what one can press or fill in and of which nothing but its colour tells so: where people choose all colours
// themselves, backgrounds and shadows are gone. The browser itself draws boxes to tick; a search has one border around all of it.
const formless = `[...document.querySelectorAll("button, .btn, input:not([type=hidden], [type=checkbox], [type=radio], [type=file]), select, textarea, .tag, .tabs [aria-current=page], .side [aria-current=page]")].filter(x => {
	const s = getComputedStyle(x), none = side => s["border" + side + "Style"] === "none" || s["border" + side + "Width"] === "0px";
	return x.checkVisibility() && x.getBoundingClientRect().width > 1 && !x.closest(".sr, .search") && none("Bottom") && none("Left") && none("InlineStart") && s.outlineStyle === "none" && !/underline/.test(s.textDecorationLine) && !x.querySelector("svg");
}).slice(0, 5).map(x => x.localName + "." + x.className + ": " + x.textContent.trim().slice(0, 40))`

// moving lists what still has a transition or an animation, where somebody has asked for less motion.
const moving = `[...document.querySelectorAll("body *")].filter(x => { const s = getComputedStyle(x); return [s.transitionDuration, s.animationDuration].some(d => d.split(", ").some(t => parseFloat(t) > 0)); })
	.slice(0, 5).map(x => x.localName + "." + x.className)`

// letters has the browser's text as large as somebody has set it, in pixels; 16 is usual.
func (p *phone) letters(size int64) {
	p.t.Helper()
	if _, err := chromedp.Call(p.ctx, page.SetFontSizes, page.SetFontSizesParams{FontSizes: &page.FontSizes{Standard: size}}); err != nil {
		p.t.Fatal(err)
	}
}

// forced has the page shown in the few colours that somebody has chosen for everything.
func (p *phone) forced(on bool) {
	p.t.Helper()
	value := map[bool]string{true: "active", false: "none"}[on]
	_, err := chromedp.Call(p.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "forced-colors", Value: value}, {Name: "prefers-color-scheme", Value: "light"}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
	if err != nil {
		p.t.Fatal(err)
	}
}

var (
	number = regexp.MustCompile(`/\d+(/|$)`)
	// what everybody sees is looked at once, signed out
	public = regexp.MustCompile(`^/(impressum|datenschutz|barrierefreiheit|handbuch.*|demo/.*|anmelden|i)$`)
)

// pattern is what pages of one kind have in common.
func pattern(u *url.URL) string {
	s := number.ReplaceAllString(u.Path, "/:id$1")
	if q := u.Query(); len(q) > 0 {
		keys := []string{}
		for k := range q {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		s += "?" + strings.Join(keys, "&")
	}
	return s
}

// crawl inspects one page of each pattern that one gets to by links.
func (p *phone) crawl(seen map[string]bool, from ...string) {
	p.t.Helper()
	for len(from) > 0 {
		path := from[0]
		from = from[1:]
		u, err := url.Parse(path)
		if err != nil {
			p.t.Errorf("link %q: %v", path, err)
			continue
		}
		key := pattern(u)
		if seen[key] || strings.HasSuffix(u.Path, ".csv") || strings.HasSuffix(u.Path, ".ics") || strings.HasPrefix(u.Path, "/datei/") || strings.HasPrefix(u.Path, "/oparl/") || p.signedIn && public.MatchString(u.Path) {
			continue
		}
		seen[key] = true
		p.open(path)
		links := eval[[]string](p, `[...document.querySelectorAll("a[href]")].filter(a => a.origin === location.origin && !a.hasAttribute("download")).map(a => a.pathname + a.search)`)
		for _, l := range links {
			if !slices.Contains(from, l) {
				from = append(from, l)
			}
		}
		p.inspect(path, 200)
	}
}

// Every page that anybody gets to is without barriers that a machine can find, fits a small phone, and keeps to the
// content security policy.
func walkPages(t *testing.T, c *city) {
	needAxe(t)
	// Two at a time: a browser has a process for each.
	turn := make(chan bool, 2)
	look := func(name string, f func(t *testing.T)) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			turn <- true
			defer func() { <-turn }()
			f(t)
		})
	}
	look("signed out", func(t *testing.T) {
		p := c.phone(t)
		p.crawl(map[string]bool{}, "/anmelden", "/menue", "/i", "/handbuch", "/abgemeldet", "/anmelden/link", "/demo/post", "/offline", "/offline/abgemeldet")
		p.open("/gibt-es-nicht")
		p.inspect("/gibt-es-nicht", 404)
		p.open("/l/gibt-es-nicht")
		p.inspect("/l/gibt-es-nicht", eval[int](p, `performance.getEntriesByType("navigation")[0].responseStatus`))
		p.open("/b/gibt-es-nicht")
		p.inspect("/b/gibt-es-nicht", 404)
		p.open("/i")
		p.fill("code", "FALSCH")
		p.tap("Ja, das bin ich")
		p.until(`!!document.querySelector("[aria-invalid]")`)
		p.axe("a wrong code")
	})
	for _, role := range []string{"Eltern", "Leitung", "Fachkraft", "Trägerverwaltung", "Verwaltung", "Elternbeirat", "Betrieb", "Datenschutz", "Jugendarbeit", "junger Mensch"} {
		look(role, func(t *testing.T) {
			p := c.phone(t).as(role)
			seen := map[string]bool{}
			from := []string{"/", "/menue", "/willkommen", "/konto", "/konto/nachweis"}
			if role == "junger Mensch" { // under an alias, and without an account
				from = from[:2]
			}
			p.crawl(seen, from...)
			for _, path := range []string{"/gibt-es-nicht", "/kind/999999999"} {
				p.open(path)
				p.inspect(path, eval[int](p, `performance.getEntriesByType("navigation")[0].responseStatus`))
			}
			t.Log(len(seen), "pages")
		})
	}
	look("wide screen", func(t *testing.T) {
		for _, role := range []string{"Eltern", "Leitung"} {
			p := c.phone(t).as(role)
			p.do(chromedp.EmulateViewport(1280, 900))
			for _, path := range []string{"/", "/mitteilungen", "/menue", "/konto"} {
				p.open(path)
				p.axe(fmt.Sprintf("%s, %s, wide", role, path))
			}
		}
	})
	look("wrong input", func(t *testing.T) {
		p := c.phone(t).as("Leitung")
		for _, path := range []string{"/mitteilungen/neu", "/schliessungen/neu", "/mitteilungen/vorlagen"} {
			p.open(path)
			eval[bool](p, `(f => { f.noValidate = true; f.requestSubmit(f.querySelector("button.primary")); return true; })(document.querySelector("main form.form"))`)
			p.until(`!!document.querySelector(".error-summary")`)
			if !eval[bool](p, `document.activeElement === document.querySelector(".error-summary")`) {
				t.Errorf("%s: the focus is not on what is wrong", path)
			}
			p.axe(path + ", wrong")
		}
	})
}
