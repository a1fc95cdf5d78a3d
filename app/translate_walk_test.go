package app_test

import (
	"testing"

	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// What a head wrote in German is translated by the browser itself, for who reads another language and asks for it. The
// browser of a test has no translator of its own: this one writes everything in capitals.
func walkTranslate(t *testing.T, c *city) {
	p := c.phone(t)
	if _, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		self.Translator = {
			availability: async pair => pair.sourceLanguage === "de" && pair.targetLanguage === "tr" ? "available" : "unavailable",
			create: async () => ({ translate: async text => text.toUpperCase() }),
		};`}); err != nil {
		t.Fatal(err)
	}
	p.as("Eltern")
	if eval[bool](p, `!!document.querySelector(".translate")`) {
		t.Error("a page in German offers a translation")
	}
	speak := func(code string) {
		p.open("/konto")
		eval[bool](p, `document.getElementById("language").value = `+quoted(code)+`, document.getElementById("language").form.requestSubmit(), true`)
		p.until(`document.documentElement.lang === ` + quoted(code) + ` && location.pathname === "/konto"`)
	}
	speak("tr")
	p.open("/mitteilungen")
	p.until(`document.querySelector(".translate button")?.textContent === "Çevir"`)
	const prose, button = `document.querySelector(".translate").previousElementSibling`, `document.querySelector(".translate button")`
	was := eval[string](p, prose+`.textContent`)
	markup := eval[int](p, prose+`.querySelectorAll("*").length`)
	eval[bool](p, button+`.click(), true`)
	p.until(prose + `.lang === "tr" && document.querySelector(".translate").textContent.includes("makine")`)
	if !eval[bool](p, prose+`.textContent === `+quoted(was)+`.toUpperCase()`) {
		t.Errorf("translated: %s", eval[string](p, prose+`.textContent`))
	}
	if n := eval[int](p, prose+`.querySelectorAll("*").length`); n != markup {
		t.Errorf("%d elements, before %d", n, markup)
	}
	p.axe("/mitteilungen, translated")
	eval[bool](p, button+`.click(), true`)
	p.until(prose + `.lang === "de" && ` + prose + `.textContent === ` + quoted(was))
	speak("de") // others come in with the same card
}
