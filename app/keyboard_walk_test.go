package app_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// press types keys: of chromedp/kb, or text.
func (p *phone) press(keys string) {
	p.t.Helper()
	p.do(chromedp.KeyEvent(keys))
}

// focused is what has the focus, in words.
const focused = `(x => x.localName + "." + x.className + " " + (x.name ?? "") + " " + x.innerText.replace(/\s+/g, " ").trim().slice(0, 60))(document.activeElement)`

// hiddenFocus says what is wrong with what has the focus; "": nothing. It has to show (WCAG 2.4.7), also at the label of a box
// that is drawn by it, on the screen, and in front of the bars (2.4.11). The browser scrolls there within some frames.
const hiddenFocus = `(async () => {
	const x = document.activeElement, marked = s => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== "none";
	if (x === document.body) return "the focus is lost";
	const seen = [x, ...(x.labels ?? []), x.closest("label, .choice, .search, summary")].filter(Boolean);
	if (!seen.some(e => marked(getComputedStyle(e)))) return "nothing shows it";
	const hidden = () => {
		const e = seen.find(e => e.getBoundingClientRect().width > 1) ?? x, r = e.getClientRects()[0];
		if (!r || r.bottom <= 0 || r.top >= innerHeight || r.right <= 0 || r.left >= innerWidth) return "it is off the screen";
		const within = (from, to, most) => Math.min(most - 1, Math.max(0, from + Math.min((to - from) / 2, 40)));
		const at = document.elementFromPoint(within(r.left, r.right, innerWidth), within(r.top, r.bottom, innerHeight));
		return at && (e.contains(at) || at.contains(e)) ? "" : "it lies behind " + (at ? at.localName + "." + at.className : "nothing");
	};
	for (let i = 0; i < 40 && hidden(); i++) await new Promise(requestAnimationFrame);
	return hidden();
})()`

// tabTo goes on with the tabulator until something has the focus, and returns after how many stops.
func (p *phone) tabTo(css string) (stops int) {
	p.t.Helper()
	p.until(`!!document.activeElement`)
	for ; !eval[bool](p, `document.activeElement.matches(`+quoted(css)+`)`); stops++ {
		if stops == 90 {
			p.t.Fatalf("%d stops, and not at %s; now at %s", stops, css, eval[string](p, focused))
		}
		p.press(kb.Tab)
		if bad := eval[string](p, hiddenFocus); bad != "" {
			p.t.Errorf("on the way to %s, at %q: %s", css, eval[string](p, focused), bad)
		}
	}
	return stops
}

// enters signs in with a card of the demonstration, by keys.
func (p *phone) enters(role string) {
	p.t.Helper()
	p.open("/anmelden")
	id := eval[string](p, `[...document.querySelectorAll("button.rolecard")].find(b => b.innerText.includes("Als "+`+quoted(role)+`+" ansehen")).value`)
	p.tabTo(`button[value="` + id + `"]`)
	p.press(kb.Enter)
	p.until(`location.pathname !== "/anmelden" && !!document.body?.dataset.user`)
	p.signedIn = true
}

// walkKeyboardJobs does what people come for with the keyboard alone, on a phone and on a wide screen.
func walkKeyboardJobs(t *testing.T, c *city) {
	p := c.phone(t)
	p.enters("Eltern")
	p.open("/")
	p.tabTo(`article form[action$="/bestaetigen"] button`)
	// A part of the page was made anew: the focus is still on it, and goes backwards from there with the shift key.
	before := eval[int](p, `document.querySelectorAll('article form[action$="/bestaetigen"]').length`)
	p.press(kb.Enter)
	p.until(fmt.Sprintf(`document.querySelectorAll('article form[action$="/bestaetigen"]').length < %d && document.activeElement !== document.body`, before))
	p.key("Tab", "", 9, 8)
	if bad := eval[string](p, hiddenFocus); bad != "" {
		t.Errorf("backwards, at %q: %s", eval[string](p, focused), bad)
	}

	p.open("/abwesenheit")
	p.tabTo("main summary")
	p.press(kb.Enter)
	p.until(`document.querySelector("main details").open`)
	p.tabTo("[name=first_day]")
	eval[bool](p, `["first_day", "last_day"].forEach(n => document.activeElement.form.elements[n].value = "2027-02-01"), true`) // no other walk has that day
	p.tabTo(`main details form button.primary`)
	p.press(kb.Enter)
	p.until(`document.querySelector("main").innerText.includes("1. Februar")`)

	p.open("/nachrichten/neu")
	p.tabTo(`main input[name="to"]`)
	p.press(" ")
	if !eval[bool](p, `document.activeElement.checked`) {
		t.Error("the space bar chooses nobody to write to")
	}
	p.tabTo("#title")
	p.press("Turnbeutel")
	p.tabTo("#body")
	p.press("Der blaue Beutel ist weg.")
	p.tabTo(`main form button[value="send"]`)
	p.press(kb.Enter)
	p.until(`/^\/gespraech\/\d+/.test(location.pathname) && document.querySelector("main").innerText.includes("Der blaue Beutel ist weg.")`)

	p.open("/konto")
	p.tabTo(`form[action="/konto/abmelden"] button`)
	p.press(kb.Enter)
	p.until(`!document.body?.dataset.user`)

	for _, width := range []int64{390, 1280} {
		head := c.phone(t)
		if width > 390 {
			head.do(chromedp.EmulateViewport(width, 800))
		}
		head.enters("Leitung")
		head.open("/schliessungen/neu")
		head.tabTo(`main input[name="group"]`)
		head.press(" ")
		head.tabTo(`main button[value="next"]`)
		head.press(kb.Enter)
		head.sees("Warum?")
		head.tabTo(`main input[name="reason"]`)
		head.press(" ")
		head.tabTo("#words")
		head.press("Wir rufen Sie an.")
		head.tabTo(`main button[value="next"]`)
		head.press(kb.Enter)
		head.sees("So sehen es die Familien")
		head.tabTo(`main button[value="send"]`)
		head.press(kb.Enter)
		head.until(`/\/stand$/.test(location.pathname)`)
	}

	team := c.phone(t)
	team.enters("Fachkraft")
	team.open("/tageslisten")
	team.tabTo(`main a[href^="/tagesliste/"]`)
	team.press(kb.Enter)
	team.until(`!!document.querySelector("main .tile")`)
	const came = `main .tile[data-state="expected"] button[value="came"]`
	team.tabTo(came)
	child := eval[string](team, `document.activeElement.closest(".tile").id`)
	team.press(kb.Enter)
	team.until(`document.getElementById(` + quoted(child) + `).dataset.state === "here" && document.activeElement !== document.body`)
	team.tabTo(`[id="` + child + `"] button[value="void"]`)
	team.press(kb.Enter)
	team.until(`document.getElementById(` + quoted(child) + `).dataset.state === "expected"`)
}
