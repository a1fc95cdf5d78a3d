package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"nestfunk/app/apptest"
	"nestfunk/app/base/text"
)

// attacks are scripts in disguise, for where there are no larger collections: those by hand, each way to carry a handler in
// every element that takes it, and each way to write an address that is a script.
func attacks() (all []string) {
	for _, tag := range []string{"img", "svg", "body", "input", "details", "video", "audio", "iframe", "object", "marquee", "a", "p", "form", "select", "x", "math"} {
		for _, on := range []string{"onerror", "onload", "onfocus", "ontoggle", "onclick", "onanimationstart", "onpointerrawupdate"} {
			all = append(all, "<"+tag+" src=x autofocus open "+on+"=alert(1)>")
		}
	}
	for _, break_ := range []string{`">`, "'>", "</title>", "</textarea>", "</select>", "</option>", "</li></ul>", "-->", "</script>", "]]>", "</template>", "</svg>", "`}", "\u003e", "%22%3e", "&quot;&gt;"} {
		for _, then := range []string{"<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<svg><script href=data:,alert(1) />", "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'>"} {
			all = append(all, break_+then)
		}
	}
	for _, scheme := range []string{"javascript:", "JaVaScRiPt:", "java\tscript:", "java\nscript:", " javascript:", "\x01javascript:", "&#106;avascript:", "&#x6A;avascript&colon;", "javascript&#58;", "vbscript:",
		"data:text/html,<script>", "data:text/html;base64,PHNjcmlwdD4=//", "data:image/svg+xml,<svg onload=alert(1)>", "blob:http://localhost/", "view-source:javascript:", "feed:javascript:", "filesystem:http://x/"} {
		for _, way := range []string{"[x](%salert(1))", "![x](%salert(1))", "[x]: %salert(1)\n\n[x]", "<%salert(1)>", "<a href=\"%salert(1)\">x</a>", "<form action=\"%salert(1)\"><button>", "[[%salert(1)|x]]"} {
			all = append(all, strings.Replace(way, "%s", scheme, 1))
		}
	}
	return append(all, byHand[:]...)
}

var byHand = [...]string{
	`<script>alert(1)</script>`, `"><script>alert(1)</script>`, `'-alert(1)-'`, `<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `</title><script>alert(1)</script>`,
	`</textarea><script>alert(1)</script>`, `javascript:alert(1)`, `[x](javascript:alert(1))`, `[x](JaVaScRiPt:alert(1))`, `[x](&#106;avascript:alert(1))`, `<javascript:alert(1)>`,
	`![x](javascript:alert(1))`, `[x](data:text/html,<script>alert(1)</script>)`, `[x]: javascript:alert(1)`, "`<script>alert(1)</script>`", `<iframe srcdoc="<script>alert(1)</script>">`,
	`{{constructor.constructor('alert(1)')()}}`, `${alert(1)}`, `<style>*{background:url(//evil.example/x)}</style>`, `<base href=//evil.example/>`, `<meta http-equiv=refresh content="0;url=//evil.example">`,
	`[[x" onclick="alert(1)]]`, `[^x" onclick="alert(1)]`, `> [!hinweis] <img src=x onerror=alert(1)>`, "# <a id=inhalt>\u202eoverturned", `&lt;script&gt;alert(1)&lt;/script&gt;`, `<!--><script>alert(1)</script>-->`,
}

// examples are those of CommonMark, which are part of goldmark's module.
func examples(t *testing.T) (all []string) {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/yuin/goldmark").Output()
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "_test", "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []struct{ Markdown string }
	if err := json.Unmarshal(b, &list); err != nil || len(list) < 600 {
		t.Fatalf("%d examples: %v", len(list), err)
	}
	for _, e := range list {
		all = append(all, e.Markdown)
	}
	return all
}

// naughty are strings that have broken others, beside the repository and not part of it; and the attacks.
func naughty(t *testing.T) (all []string) {
	t.Helper()
	dir := filepath.Join(apptest.Root(), "../shared/data/05-security")
	b, err := os.ReadFile(filepath.Join(dir, "blns/blns.json"))
	if errors.Is(err, fs.ErrNotExist) {
		t.Log("../shared/data is not here: only what this test brings along")
		return attacks()
	}
	if err == nil {
		err = json.Unmarshal(b, &all)
	}
	if err != nil {
		t.Fatal(err)
	}
	if b, err = os.ReadFile(filepath.Join(dir, "owasp/XSS_Filter_Evasion_Cheat_Sheet.md")); err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("(?s)```[a-z]*\n(.*?)```").FindAllSubmatch(b, -1) {
		all = append(all, string(m[1]))
	}
	return append(all, attacks()...)
}

// closed is a text after which another can stand, whatever code it has begun and not ended.
func closed(markdown string) string {
	for _, end := range []string{"", "\n`````````", "\n~~~~~~~~~", "\n````````````````````", "\n~~~~~~~~~~~~~~~~~~~~"} {
		if strings.HasSuffix(string(text.Archive(markdown+end+"\n\nENDE")), "<p>ENDE</p>\n") {
			return markdown + end + "\n\nENDE\n\n"
		}
	}
	return markdown + "\n\n----\n\n"
}

// batches puts texts together, each as long as a form takes.
func batches(all []string, most int, between string) (out []string) {
	var b strings.Builder
	for _, s := range all {
		if b.Len() > 0 && b.Len()+len(s) > most {
			out = append(out, b.String())
			b.Reset()
		}
		b.WriteString(s + between)
	}
	return append(out, b.String())
}

// A watch sees what no page may do.
type watch struct {
	*phone
	frame string // what stands around every page
}

// watched is the phone of a role that notes scripts which are not ours, and whatever leaves the house.
func watched(t *testing.T, c *city, role string) *watch {
	p := c.phone(t)
	if _, err := chromedp.Call(p.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: `
		self.seen = [];
		for (const name of ["alert", "confirm", "prompt", "print", "open", "eval"]) self[name] = (...x) => { self.seen.push(name + ": " + x); };
		addEventListener("securitypolicyviolation", e => self.seen.push(e.violatedDirective + ": " + e.blockedURI + " " + e.sample));
		addEventListener("error", e => self.seen.push("error: " + e.message), true);`}); err != nil {
		t.Fatal(err)
	}
	err := chromedp.Listen(p.ctx, func(ev any) {
		said := ""
		switch e := ev.(type) {
		case *page.EventJavascriptDialogOpening:
			said = "a dialog: " + e.Message
		case *network.EventRequestWillBeSent:
			if u, err := url.Parse(e.Request.URL); err == nil && slices.Contains([]string{"http", "https", "ws", "wss", "ftp"}, u.Scheme) && !strings.HasPrefix(e.Request.URL, c.base+"/") {
				said = "a request to " + e.Request.URL
			}
		}
		if said != "" {
			p.mu.Lock()
			p.faults = append(p.faults, said)
			p.mu.Unlock()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &watch{phone: p.as(role)}
	w.open("/wissen")
	w.frame = eval[string](p, shape)
	// It would be seen: a handler is refused, and a link to a script stands there.
	eval[bool](p, `(e => { e.href = "javascript:alert(1)"; document.querySelector("main").append(e); try { e.setAttribute("onclick", "alert(1)"); } catch {} return true; })(document.createElement("a"))`)
	p.until(`self.seen.length === 1 && ` + wrong + `.length === 2`)
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.faults) == 0 {
		t.Error("the browser does not complain of a script in the page")
	}
	p.faults = nil
	return w
}

// shape is how a page is built around its main part; wrong is what stands in it that never may.
const (
	shape = `[...document.body.children].filter(e => e.tagName !== "DIALOG").map(e => e.tagName).join() + document.querySelectorAll("main").length + document.querySelectorAll("header").length + document.querySelectorAll("nav.bar").length`
	wrong = `[...self.seen, ...[...document.querySelectorAll("main *")].filter(e =>
		["SCRIPT", "IFRAME", "OBJECT", "EMBED", "STYLE", "BASE", "META", "LINK", "MATH", "FRAMESET", "MARQUEE", "AUDIO", "VIDEO"].includes(e.tagName) ||
		[...e.attributes].some(a => /^(on|style$|srcdoc$|formaction$)/i.test(a.name)) ||
		e.tagName === "A" && !["http:", "https:", "mailto:", "tel:"].includes(e.protocol) && e.hasAttribute("href") ||
		e.tagName === "IMG" && e.src && !e.src.startsWith(location.origin + "/") && !e.src.startsWith("data:image/")).map(e => e.outerHTML.slice(0, 200))]`
)

// sound looks at the page that is open.
func (w *watch) sound(where string) {
	w.t.Helper()
	if got := eval[string](w.phone, shape); got != w.frame {
		w.t.Errorf("%s: the page is built otherwise: %s, not %s", where, got, w.frame)
	}
	for _, s := range eval[[]string](w.phone, wrong) {
		w.t.Errorf("%s: %s", where, s)
	}
}

// post sends forms from the page that is open, some at a time, and returns where each leads; "" where it is refused.
func (w *watch) post(path string, forms [][]string) []string {
	w.t.Helper()
	b, err := json.Marshal(forms)
	if err != nil {
		w.t.Fatal(err)
	}
	return eval[[]string](w.phone, `(async all => {
		const out = Array(all.length).fill("");
		let next = 0;
		const work = async () => { while (next < all.length) {
			const i = next++, form = new FormData();
			for (let j = 0; j < all[i].length; j += 2)
				if (all[i][j] === "upload") form.append("upload", new File(["Inhalt " + i], all[i][j + 1])); else form.append(all[i][j], all[i][j + 1]);
			const r = await fetch(`+quoted(path)+`, { method: "POST", body: form });
			if (r.redirected) out[i] = new URL(r.url).pathname; else if (r.status !== 422 && r.status !== 400) out[i] = "status " + r.status;
		} };
		await Promise.all(Array.from({ length: 8 }, work));
		return out;
	})(`+string(b)+`)`)
}

// walkHostile sends what has broken others through every place where people write, and looks in the browser whether
// anything runs, leaves the house, or breaks the page.
func walkHostile(t *testing.T, c *city) {
	w := watched(t, c, "Leitung")
	bad, all := naughty(t), append(examples(t), naughty(t)...)
	w.tap("KiTa Bullerbü")
	w.until(`location.pathname.startsWith("/archiv/")`)
	archive := eval[string](w.phone, `location.pathname`)
	unit := strings.TrimPrefix(archive, "/archiv/")

	var texts []string
	for _, s := range all {
		if utf8.ValidString(s) && !strings.ContainsFunc(s, text.Unreadable) {
			texts = append(texts, closed(s))
		}
	}
	if len(texts) < 600 {
		t.Errorf("only %d texts can be saved", len(texts))
	}
	var forms [][]string
	for i, body := range batches(texts, 20_000, "") {
		forms = append(forms, []string{"unit", unit, "parent", "0", "access", "unit", "title", fmt.Sprintf("Beispiele %d", i), "body", body})
	}
	pages := w.post("/wissen/neu", forms)
	for _, path := range pages {
		if !strings.HasPrefix(path, "/seite/") {
			t.Fatalf("a page of texts is not saved: %q", path)
		}
		w.open(path)
		w.sound("the page " + path)
		was := 0
		w.open(path + "/bearbeiten")
		w.until(`!!document.querySelector(".ProseMirror") && !document.querySelector(".editor-bar").hidden`)
		for range 2 { // to Markdown, and back
			w.sound("the editor of " + path)
			eval[bool](w.phone, `document.querySelector("[data-raw]").click(), true`)
			w.until(`!document.querySelector("textarea[name=body]").hidden === ` + fmt.Sprint(was == 0))
			was++
		}
		w.sound("the editor of " + path + ", there and back")
	}

	forms = nil
	for i, s := range bad {
		forms = append(forms, []string{"unit", unit, "parent", "0", "access", "unit", "title", fmt.Sprintf("%.140s %d", s, i), "body", "x"})
	}
	kept := 0
	var made []string
	for some := range slices.Chunk(forms, 100) { // each within the patience for one answer
		made = append(made, w.post("/wissen/neu", some)...)
	}
	for _, path := range made {
		if strings.HasPrefix(path, "/seite/") {
			if kept++; kept%80 == 0 {
				w.open(path)
				w.sound("a page with a title")
				w.open(path + "/einrichten")
				w.sound("the settings of a page with a title")
			}
		} else if path != "" {
			t.Errorf("a title: %s", path)
		}
	}
	t.Logf("%d of %d titles were taken, %d texts on %d pages", kept, len(bad), len(texts), len(pages))
	w.open(archive)
	w.sound("the archive")

	// Names of files, titles and words of announcements.
	short := slices.DeleteFunc(slices.Clone(bad), func(s string) bool {
		return strings.TrimSpace(s) == "" || !utf8.ValidString(s) || strings.ContainsFunc(s, text.Unreadable)
	})
	w.open("/mitteilungen/neu")
	audience := eval[[]string](w.phone, `(f => ["unit", "audience", "role"].flatMap(n => [n, (f.querySelector("[name=" + n + "]:checked") ?? f.querySelector("select[name=" + n + "]") ?? f.querySelector("[name=" + n + "]")).value]))(document.querySelector("main form.form"))`)
	forms = nil
	for i, body := range batches(short, 6000, "\n\n") {
		form := append(slices.Clone(audience), "title", fmt.Sprintf("%.60s %d", byHand[i%len(byHand)], i), "body", body)
		for j := range 6 {
			form = append(form, "upload", fmt.Sprintf("%.100s.txt", byHand[(i*6+j)%len(byHand)]))
		}
		if i < 8 { // an hour takes 60 files of one person
			forms = append(forms, form)
		}
	}
	for _, path := range w.post("/mitteilungen/neu", forms) {
		if !strings.HasPrefix(path, "/mitteilung/") {
			t.Errorf("an announcement is refused: %q", path)
			continue
		}
		w.open(path)
		w.sound("the announcement " + path)
	}
	w.open("/mitteilungen")
	w.sound("the announcements")

	// The search box: what is typed stands there again. A minute takes 60 searches of one person.
	searches := batches(append(attacks(), bad...), 280, " ")
	for _, q := range searches[:min(40, len(searches))] {
		w.open("/suche?q=" + url.QueryEscape(string(bytes.ToValidUTF8([]byte(q), nil))))
		w.sound("the search for " + q)
	}
}
