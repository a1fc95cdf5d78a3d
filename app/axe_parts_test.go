package app_test

import "sync"

// looked is what axe has looked at, on every phone: places of text for their contrasts, and parts of pages for all else.
type looked struct {
	texts, parts collection
	templates    gallery
}

// A collection is what is known; empty at first.
type collection struct {
	mu    sync.Mutex
	known map[string]bool
}

// unseen gives what is not known yet, and knows it then.
func (c *collection) unseen(all []string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[string]bool{}
	}
	found := []string{}
	for _, at := range all {
		if !c.known[at] {
			c.known[at] = true
			found = append(found, at)
		}
	}
	return found
}

// parts are what a page is made of, as far as a rule of axe asks for it: of each element its path from the root, its
// attributes but for classes (what these do to contrasts is for texts, the rest is measured), whether it has words, a name
// and a label, whether what it refers to is there, how a table or a list is built, whether a small target has another
// beside it; of the page its headings, landmarks and title. Where all of it has been looked at, axe finds nothing else. What
// is not shown axe does not look at either.
const parts = `(() => {
	const values = new Set("role type tabindex lang dir autocomplete scope headers http-equiv accesskey colspan rowspan contenteditable open disabled hidden inert multiple".split(" "));
	const refers = new Set("aria-labelledby aria-describedby aria-controls aria-owns aria-details aria-errormessage aria-activedescendant aria-flowto for list form".split(" "));
	const words = new Set("aria-label aria-description aria-roledescription aria-valuetext aria-placeholder aria-keyshortcuts".split(" "));
	const hash = s => {
		let a = 0xdeadbeef, b = 0x41c6ce57;
		for (let i = 0; i < s.length; i++) a = Math.imul(a ^ s.charCodeAt(i), 2654435761), b = Math.imul(b ^ s.charCodeAt(i), 1597334677);
		a = Math.imul(a ^ a >>> 16, 2246822507) ^ Math.imul(b ^ b >>> 13, 3266489909), b = Math.imul(b ^ b >>> 16, 2246822507) ^ Math.imul(a ^ a >>> 13, 3266489909);
		return (4294967296 * (2097151 & b) + (a >>> 0)).toString(36);
	};
	const page = new Set(), visible = x => x.checkVisibility({ visibilityProperty: true });
	const text = x => [...x.childNodes].some(n => n.nodeType === 3 && n.data.trim());
	const spoken = new Map(), says = x => { // what a screen reader would read of it
		if (!spoken.has(x)) spoken.set(x, x.getAttribute("aria-hidden") !== "true" && visible(x) &&
			(text(x) || !!(x.getAttribute("aria-label") ?? x.getAttribute("alt") ?? x.getAttribute("title") ?? "").trim() || x.matches("input, select, textarea") || [...x.children].some(says)));
		return spoken.get(x);
	};
	const steps = all => [...new Set(all.map((x, i) => (all[i - 1] ?? "^") + x + (i === all.length - 1 ? "$" : "")))].sort().join();
	const targets = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [role=button], [role=link], [contenteditable=true]")].filter(visible).map(x => {
		const r = x.getBoundingClientRect(), w = Math.max(24, r.width) / 2, h = Math.max(24, r.height) / 2, cx = r.left + r.width / 2, cy = r.top + r.height / 2;
		return { x, r, small: r.width < 24 || r.height < 24, left: cx - w, right: cx + w, top: cy - h, bottom: cy + h };
	});
	const beside = new Map();
	for (const t of targets) {
		const near = targets.filter(o => o !== t && !o.x.contains(t.x) && !t.x.contains(o.x) && o.left < t.right - .5 && o.right > t.left + .5 && o.top < t.bottom - .5 && o.bottom > t.top + .5);
		beside.set(t.x, (t.small ? "small" : "") + (near.length === 0 ? "" : getComputedStyle(t.x).display === "inline" && text(t.x.parentElement) ? "inline"
			: near.map(o => [t.r.width, t.r.height, o.r.left - t.r.left, o.r.top - t.r.top, o.r.width, o.r.height].map(Math.round).join("/")).join()));
	}
	const own = x => {
		let s = x.localName;
		for (const a of x.attributes) {
			if (a.name === "class" || a.name.startsWith("data-")) continue;
			const v = a.value.trim();
			s += " " + a.name + "=" + (refers.has(a.name) ? v.split(/\s+/).map(id => { const to = document.getElementById(id); return !to ? "nowhere" : to.localName + (to.textContent.trim() || to.matches("input, select, textarea") ? "+" : "") + (visible(to) ? "" : "hidden"); }).join()
				: words.has(a.name) ? (v ? "+" : "") : /^aria-(value|set|pos|col|row)/.test(a.name) ? /^-?[\d.]+$/.test(v) : values.has(a.name) || a.name.startsWith("aria-") ? v
				: a.name === "style" ? v.match(/[^;]*(spacing|line-height)[^;]*/g)?.join() ?? ""
				: a.name === "href" && v.startsWith("#") ? "#" + !!document.getElementById(v.slice(1)) : v ? "+" : "");
		}
		if (text(x)) s += " text";
		if (says(x)) s += " says";
		if (!x.firstElementChild) s += " leaf";
		if (x.shadowRoot) s += " shadow";
		if (x.labels) s += " labels" + [...x.labels].map(l => says(l) ? "+" : "-").sort().join("");
		if (x.matches("input, select, textarea, option") && !x.matches("[type=hidden]")) s += x.value === "" ? " empty" : "";
		if (x.localName === "a" && text(x.parentElement)) {
			const [link, around] = [x, x.parentElement].map(e => getComputedStyle(e));
			s += " in words " + link.textDecorationLine + (link.textDecorationLine === "none" ? [link.color, link.fontWeight, link.borderBottomStyle, around.color, around.fontWeight].join() : "");
		}
		if (beside.has(x)) s += " " + beside.get(x);
		if ((x.scrollWidth > x.clientWidth || x.scrollHeight > x.clientHeight) && x.clientWidth > 0 && /auto|scroll/.test(getComputedStyle(x).overflow)) s += " scrolls" + !!x.querySelector("a[href], button, input, select, textarea, [tabindex]");
		if (x.hasAttribute("aria-label") && !x.getAttribute("aria-label").toLowerCase().includes(x.innerText?.trim().toLowerCase() ?? "")) s += " otherwise";
		if (x.localName === "img" && x.alt.trim() && x.alt.trim() === x.closest("a, button, [role=button], [role=link]")?.innerText.trim()) s += " again";
		if (/^(ul|ol|dl|div)$/.test(x.localName) && (x.localName !== "div" || x.parentElement?.localName === "dl")) s += " " + steps([...x.children].map(c => c.localName));
		if (x.hasAttribute("role")) s += " " + [...new Set([...x.children].map(c => c.getAttribute("role") ?? c.localName))].sort().join();
		if (x.localName === "table") s += " " + [...new Set([...x.rows].map(r => [...r.cells].map(c => c.localName + (c.scope ?? "") + (says(c) ? "" : "-")).join()))].join(";") + Math.min(4, x.rows.length);
		return s;
	};
	const walk = (x, above) => {
		const at = hash(above + ">" + own(x));
		page.add(at);
		for (const c of x.children) if (c.checkVisibility()) walk(c, at);
	};
	walk(document.body, innerWidth > 700 ? "wide" : "");
	const add = (what, s) => page.add(what + " " + s);
	add("html", [...document.documentElement.attributes].map(a => a.name + "=" + (a.name === "lang" ? a.value : "")).sort().join() + " " + !!document.title.trim());
	document.querySelectorAll("meta[name=viewport], meta[http-equiv]").forEach(x => add("meta", x.outerHTML));
	const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6, [role=heading]")].filter(visible).map(x => x.getAttribute("aria-level") ?? x.localName);
	add("h1", Math.min(2, headings.filter(x => x === "h1").length)), headings.forEach((x, i) => add("heading", (headings[i - 1] ?? "^") + x));
	const counts = all => { const n = {}; all.forEach(x => n[x] = (n[x] ?? 0) + 1); return Object.entries(n); };
	const named = x => (x.getAttribute("aria-labelledby")?.split(/\s+/).map(id => document.getElementById(id)?.textContent).join(" ") ?? x.getAttribute("aria-label") ?? x.getAttribute("title") ?? "").trim().toLowerCase();
	const marks = [...document.querySelectorAll("header, footer, main, nav, aside, section, form, search, [role]")].filter(visible).map(x => [x.getAttribute("role") ?? x.localName, named(x)]);
	counts(marks.map(([role]) => role)).forEach(([x, n]) => /main|header|footer|banner|contentinfo/.test(x) && add("landmark", x + Math.min(3, n)));
	counts(marks.filter(([role, name]) => name || !/^(section|form)$/.test(role)).map(x => x.join(":"))).forEach(([x, n]) => n > 1 && add("landmarks of one name", x));
	counts([...document.querySelectorAll("[accesskey]")].map(x => x.accessKey)).forEach(([x, n]) => n > 1 && add("accesskey", x));
	counts([...document.querySelectorAll("iframe")].map(x => x.title)).forEach(([x, n]) => add("frame", x + n));
	return [...page];
})()`

// twice are the ids that a page has given more than once.
const twice = `[...new Set([...document.querySelectorAll("[id]")].map(x => x.id).filter((id, i, all) => all.indexOf(id) !== i))]`
