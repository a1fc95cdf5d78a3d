package app_test

import (
	"slices"
	"strings"
	"testing"
)

// barred are defects, each in a part that was looked at while it was well.
var barred = []struct{ found, well, defect string }{
	{"label", `add(main, "label", { for: "x" }, "Name"), add(main, "input", { id: "x", type: "text" })`, `main.querySelector("[for=x]").remove()`},
	{"label", `add(main, "p", { id: "y" }, "Name"), add(main, "input", { "aria-labelledby": "y", type: "text" })`, `main.querySelector("#y").remove()`},
	{"label", `add(main, "p", { id: "y" }, "Name"), add(main, "input", { "aria-labelledby": "y", type: "text" })`, `main.querySelector("#y").textContent = ""`},
	{"select-name", `add(main, "label", { for: "x" }, "Name"), add(add(main, "select", { id: "x" }), "option", {}, "Igel")`, `main.querySelector("[for=x]").textContent = " "`},
	{"link-name", `add(main, "a", { href: "/", id: "x" }, "Start")`, `x.textContent = ""`},
	{"link-name", `add(add(main, "a", { href: "/", id: "x" }), "span", { "aria-hidden": "false" }, "Start")`, `x.firstChild.ariaHidden = true`},
	{"button-name", `add(add(main, "button", { type: "button", id: "x" }), "span", {}, "Los")`, `x.firstChild.textContent = ""`},
	{"button-name", `add(main, "button", { type: "button", id: "x", "aria-label": "Los" })`, `x.ariaLabel = ""`},
	{"summary-name", `add(add(main, "details", { open: "" }), "summary", { id: "x" }, "Mehr")`, `x.textContent = ""`},
	{"image-alt", `add(main, "img", { alt: "Ein Igel", id: "x" })`, `x.removeAttribute("alt")`},
	{"image-redundant-alt", `add(add(main, "a", { href: "/" }, "Igel"), "img", { alt: "Ein Bild", id: "x" })`, `x.alt = "Igel"`},
	{"empty-heading", `add(main, "h2", { id: "x" }, "Oben")`, `x.textContent = ""`},
	{"heading-order", `add(main, "h2", {}, "Oben"), add(main, "h3", { id: "x" }, "Mitte"), add(main, "h4", {}, "Unten")`, `x.remove()`},
	{"page-has-heading-one", ``, `document.querySelector("h1").remove()`},
	{"document-title", ``, `document.title = ""`},
	{"html-has-lang", ``, `document.documentElement.removeAttribute("lang")`},
	{"valid-lang", `add(main, "p", { lang: "en", id: "x" }, "Hello")`, `x.lang = "xyzw"`},
	{"meta-viewport", ``, `document.querySelector("meta[name=viewport]").content += ", user-scalable=no"`},
	{"landmark-no-duplicate-main", ``, `add(document.body, "main", {}, "Noch eins")`},
	{"landmark-unique", `add(main, "nav", { "aria-label": "Eins" }, "Eins"), add(main, "nav", { "aria-label": "Zwei", id: "x" }, "Zwei")`, `x.ariaLabel = "Eins"`},
	{"region", `add(main, "p", { id: "x" }, "Allein")`, `document.body.append(x)`},
	{"list", `add(add(main, "ul", { id: "x" }), "li", {}, "Eins")`, `add(x, "p", {}, "Zwei")`},
	{"definition-list", `add(add(main, "dl", { id: "x" }), "dt", {}, "Eins"), add(x, "dd", {}, "Zwei")`, `x.append(x.firstChild)`},
	{"nested-interactive", `add(add(main, "button", { type: "button", id: "x" }), "span", {}, "Los")`, `add(x.firstChild, "a", { href: "/" }, "Start")`},
	{"aria-hidden-focus", `add(add(main, "p", { "aria-hidden": "false", id: "x" }), "a", { href: "/" }, "Start")`, `x.ariaHidden = true`},
	{"aria-roles", `add(main, "p", { role: "note", id: "x" }, "Eins")`, `x.setAttribute("role", "nichts")`},
	{"aria-valid-attr-value", `add(main, "button", { type: "button", "aria-pressed": "true", id: "x" }, "Los")`, `x.ariaPressed = "vielleicht"`},
	{"aria-required-attr", `add(main, "span", { role: "checkbox", tabindex: 0, "aria-checked": "true", id: "x" }, "Ja")`, `x.ariaChecked = null`},
	{"autocomplete-valid", `add(main, "input", { autocomplete: "name", "aria-label": "Name", id: "x" })`, `x.autocomplete = "nichts"`},
	{"tabindex", `add(main, "button", { tabindex: 0, id: "x" }, "Los")`, `x.tabIndex = 3`},
	{"target-size", `{ const d = add(main, "div"); ["x", "y"].forEach(id => add(d, "button", { type: "button", id }, "Los").style.cssText = "padding: 0; margin: 0; min-width: 0; min-height: 0; height: 40px; width: 40px"); }`,
		`for (const b of [x, y]) b.style.height = b.style.width = "9px"`},
	{"scope-attr-valid", `add(add(add(main, "table"), "tr"), "th", { scope: "col", id: "x" }, "Kind"), add(add(x.closest("table"), "tr"), "td", {}, "Mila")`, `x.scope = "nichts"`},
	{"empty-table-header", `add(add(add(main, "table"), "tr"), "th", { scope: "col", id: "x" }, "Kind"), add(add(x.closest("table"), "tr"), "td", {}, "Mila")`, `x.textContent = ""`},
	{"link-in-text-block", `add(add(main, "p", {}, "Mehr steht "), "a", { href: "/", id: "x" }, "dort")`, `x.style.textDecoration = "none", x.style.color = "#301010"`},
	{"two elements have the id", `add(main, "p", { id: "x" }, "Eins"), add(main, "p", { id: "y" }, "Zwei")`, `y.id = "x"`},
}

// What was looked at is not looked at again, and yet nothing that breaks there escapes.
func walkPlanted(t *testing.T, c *city) {
	needAxe(t)
	const tools = `const main = document.querySelector("main"), add = (to, name, attributes = {}, ...words) => {
		const x = document.createElement(name);
		for (const [k, v] of Object.entries(attributes)) x.setAttribute(k, v);
		x.append(...words), to.append(x);
		return x;
	};`
	p := c.phone(t)
	do := func(js string) { eval[bool](p, `(() => { `+tools+js+`; return true; })()`) }
	for _, d := range barred {
		p.open("/anmelden/link")
		do(d.well)
		if found := p.barriers(); len(found) > 0 {
			t.Errorf("%s: something is wrong already: %q", d.well, found)
		}
		p.open("/anmelden/link")
		do(d.well)
		p.barriers()
		if eval[bool](p, `typeof axe === "object"`) {
			t.Errorf("%s: axe looked at the same once more", d.well)
		}
		do(d.defect)
		found := p.barriers()
		if !slices.ContainsFunc(found, func(s string) bool { return strings.HasPrefix(s, ": "+d.found) }) {
			t.Errorf("%s; %s: %q is not found, but %q", d.well, d.defect, d.found, found)
		}
	}
	do(`main.style.transition = "color 1s"`)
	if len(eval[[]string](p, moving)) == 0 {
		t.Error("what moves is not found")
	}
}
