package app_test

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A head writes a page without knowing Markdown: with keys, with buttons, from Word, and with a link to another page.
func walkWiki(t *testing.T, c *city) {
	p := c.phone(t).as("Leitung")
	p.open("/wissen")
	p.tap("KiTa Bullerbü")
	p.sees("Hygieneplan")
	p.tap("Neue Seite")
	p.until(editorOpen)
	p.axe("the editor")
	p.fill("title", "Sommerfest")
	eval[bool](p, editor+`.focus(), true`)
	p.do(chromedp.KeyEvent("Wir feiern. "))
	p.do(chromedp.KeyEvent("[[Hyg"))
	p.until(`document.querySelector("#titles:not([hidden]) [role=option]")?.textContent === "Hygieneplan"`)
	p.axe("the titles")
	p.enter()
	p.enter()
	p.do(chromedp.KeyEvent("## Was fehlt"))
	p.enter()
	p.do(chromedp.KeyEvent("- Kuchen"))
	p.enter()
	p.do(chromedp.KeyEvent("Saft"))
	eval[bool](p, `document.querySelector("[data-do=task]").click(), true`)
	p.enter()
	p.enter()
	const word = `<html xmlns:o="urn:schemas-microsoft-com:office:office"><body><h2>Dienste</h2>` +
		`<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Grill</p><p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o</span>Kohle</p>` +
		`<table><tr><td><p class=MsoNormal>Wer</p></td><td><p class=MsoNormal>Wann</p></td></tr><tr><td><p class=MsoNormal>Anna | Ben</p></td><td><p class=MsoNormal>15 Uhr</p></td></tr></table><script>alert(1)</script></body></html>`
	p.paste(word)
	const want = "Wir feiern. [[Hygieneplan]]\n\n## Was fehlt\n\n- Kuchen\n- [ ] Saft\n\n## Dienste\n\n- Grill\n  - Kohle\n\n| Wer | Wann |\n| --- | --- |\n| Anna \\| Ben | 15 Uhr |"
	if got := p.value("body"); got != want {
		t.Errorf("written:\n%q\nwant:\n%q", got, want)
	}
	p.tap("Markdown")
	p.until(`!document.querySelector("textarea").hidden && document.querySelector(".editor-text").hidden`)
	p.tap("Markdown")
	p.until(`document.querySelector("textarea").hidden`)
	if got := p.value("body"); got != want {
		t.Errorf("there and back:\n%s", got)
	}
	p.tap("Speichern")
	p.until(`location.pathname.startsWith("/seite/")`)
	p.sees("Sommerfest")
	if !eval[bool](p, `document.querySelector("main article table td").textContent === "Anna | Ben" && !!document.querySelector("main article a[href^='/seite/']")`) {
		t.Error("the page:", p.text())
	}
	p.inspect("the page", 200)
	// What is typed and not saved is there on the next visit, also on another phone.
	p.tap("Bearbeiten")
	p.until(editorOpen)
	if got := p.value("body"); got != want {
		t.Errorf("read again:\n%s", got)
	}
	eval[bool](p, editor+`.focus(), true`)
	p.do(chromedp.KeyEvent("Neu: "))
	path := eval[string](p, `location.pathname`)
	p.until(`performance.getEntriesByType("resource").some(x => x.name.endsWith("/entwurf"))`)
	q := c.phone(t).as("Leitung")
	q.open(path)
	q.sees("Sie sehen Ihren Entwurf")
	q.inspect("the draft", 200)
}
