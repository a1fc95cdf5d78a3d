package app_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// drawn is a photo of some name, as script: a File.
func drawn(name string) string {
	return `new File([await (async () => {
		const canvas = Object.assign(document.createElement("canvas"), { width: 900, height: 600 }), pen = canvas.getContext("2d");
		pen.fillStyle = "#d97706";
		pen.fillRect(200, 100, 500, 400);
		return new Promise(ok => canvas.toBlob(ok, "image/jpeg"));
	})()], ` + quoted(name) + `, { type: "image/jpeg" })`
}

// give hands files over to the editor: as chosen, pasted or dropped ones.
func (p *phone) give(how string, file string) {
	p.t.Helper()
	eval[bool](p, `(async how => {
		const d = new DataTransfer(), e = `+editor+`, to = e.getBoundingClientRect();
		d.items.add(`+file+`);
		if (how === "paste") e.dispatchEvent(new ClipboardEvent("paste", { clipboardData: d, bubbles: true, cancelable: true }));
		else if (how === "drop") e.dispatchEvent(new DragEvent("drop", { dataTransfer: d, bubbles: true, cancelable: true, clientX: to.left + 30, clientY: to.top + 30 }));
		else {
			const input = document.getElementById(how);
			input.files = d.files;
			input.dispatchEvent(new Event("change"));
		}
		return true;
	})(`+quoted(how)+`)`)
}

// tapPicture selects a picture in the editor, counted from 0; each at another place, since the second of two quick taps at
// the same one is a double tap.
func (p *phone) tapPicture(no int) {
	p.t.Helper()
	picture := fmt.Sprintf(`%s.querySelectorAll("img[src^='/datei/']")[%d]`, editor, no)
	p.until(picture + `?.naturalWidth === 900`)
	eval[bool](p, picture+`.scrollIntoView({ block: "center", behavior: "instant" }), true`)
	at := eval[[]float64](p, fmt.Sprintf(`(r => [r.x + %d, r.y + r.height / 2])(%s.getBoundingClientRect())`, 40+80*no, picture))
	p.do(chromedp.MouseClickXY(at[0], at[1]))
	p.until(`document.querySelector("[data-do=picture]").ariaPressed === "true"`)
}

// A head puts photos into a page, in each of the ways that there are, and a plan below it. Families see them.
func walkWikiPictures(t *testing.T, c *city) {
	p := c.phone(t).lay().as("Leitung")
	p.newPage()
	p.fill("title", "Laternenfest")
	eval[bool](p, editor+`.focus(), true`)
	p.do(chromedp.KeyEvent("Anfang"))
	p.tap("Bild")
	p.give("picture-file", drawn("Laterne am Abend.jpg"))
	p.until(`document.getElementById("ask-picture").open`)
	p.axe("the words of a picture")
	p.do(chromedp.KeyEvent("Eine [rote] Laterne"))
	p.tapIn("#ask-picture", "Einfügen")
	p.until(editor + `.querySelector("img[alt='Eine [rote] Laterne']")?.naturalWidth === 900 && document.querySelector(".editor-news").innerText.includes("ist da")`)
	p.give("paste", drawn("aus der Zwischenablage.jpg"))
	p.until(`document.getElementById("ask-picture").open`)
	p.enter() // without words: it is a decoration
	p.until(editor + `.querySelectorAll("img[src^='/datei/']").length === 2`)
	p.give("drop", drawn("gezogen.jpg"))
	p.until(`document.getElementById("ask-picture").open`)
	p.tapIn("#ask-picture", "Abbrechen")
	p.until(`!document.querySelector(".editor-wait") && ` + editor + `.querySelectorAll("img[src^='/datei/']").length === 2`)
	p.give("drop", `new File(["Treffpunkt ist das Tor."], "Plan.txt", { type: "text/plain" })`)
	p.until(editor + `.querySelector("a[href^='/datei/']")?.innerText === "Plan.txt"`)
	body := p.value("body")
	plain := regexp.MustCompile(`/datei/\d+`).ReplaceAllString(body, "/datei/N")
	if want := "Anfang![Eine \\[rote\\] Laterne](/datei/N)![](/datei/N)"; strings.Replace(plain, "[Plan.txt](/datei/N)", "", 1) != want || plain == want {
		t.Errorf("written: %s", body)
	}
	p.inspect("pictures in the editor", 200)
	p.tap("Markdown")
	p.until(`document.querySelector(".editor-text").hidden`)
	p.tap("Markdown")
	p.until(`document.querySelector("textarea").hidden && ` + editor + `.querySelectorAll("img[src^='/datei/']").length === 2`)
	if got := p.value("body"); got != body {
		t.Errorf("there and back:\n%s\nwas\n%s", got, body)
	}

	// Its words can be changed, and what the house does not take is said in words.
	p.tapPicture(0)
	p.tap("Bild")
	p.until(`document.getElementById("picture-alt").value === "Eine [rote] Laterne"`)
	p.do(chromedp.KeyEvent("!"))
	p.enter()
	p.until(`!!` + editor + `.querySelector("img[alt='Eine [rote] Laterne!'], img[alt='!']")`)
	p.tapPicture(1) // and typing leaves it where it is
	p.do(chromedp.KeyEvent("Dahinter"))
	p.until(editor + `.querySelectorAll("img[src^='/datei/']").length === 2 && ` + editor + `.innerText.includes("Dahinter")`)
	p.give("drop", `new File([new Uint8Array([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 1])], "kaputt.png", { type: "image/png" })`)
	p.until(`document.querySelector(".editor-news .error")?.innerText.includes("kaputt.png")`)
	p.connect(false)
	p.give("drop", drawn("unterwegs.jpg"))
	p.until(`document.querySelector(".editor-news .error")?.innerText.includes("Keine Verbindung. „unterwegs.jpg“ wurde nicht hochgeladen. Ihr Text ist noch da.")`)
	p.connect(true)
	if n := eval[int](p, editor+`.querySelectorAll("img[src^='/datei/']").length`); n != 2 {
		t.Errorf("%d pictures, want 2", n)
	}

	p.give("upload", `new File(["Packliste"], "Packliste.txt", { type: "text/plain" })`)
	p.tap("Speichern")
	p.until(`location.pathname.startsWith("/seite/") && document.querySelectorAll("article img").length === 2`)
	p.until(`[...document.querySelectorAll("article img")].every(i => { i.loading = "eager"; return i.naturalWidth === 900 && i.getAttribute("width") === "900" && i.getAttribute("height") === "600"; })`)
	p.sees("Packliste.txt")
	path := eval[string](p, `location.pathname`)
	p.inspect(path, 200)
	q := c.phone(t).as("Eltern")
	q.open(path)
	if eval[bool](q, `!!document.querySelector("article")`) { // if the child is in this facility
		q.until(`document.querySelector("article img")?.naturalWidth === 900`)
	}
	n := c.phone(t)
	n.open(path)
	n.until(`location.pathname === "/anmelden"`)

	// The list below the page is edited where the page is.
	p.tap("Bearbeiten")
	p.until(editorOpen)
	p.tap("Packliste.txt")
	p.tap("Speichern")
	p.until(`location.pathname.startsWith("/seite/") && !!document.querySelector("article") && !document.querySelector(".files")`)
	p.tap("Bearbeiten")
	p.until(editorOpen)
	p.tap("Alle Dateien dieser Seite")
	p.sees("Packliste.txt") // an older revision shows it
	p.tapIn("details", ": Packliste.txt")
	p.sees("Das lässt sich nicht zurücknehmen.")
	p.tapIn("details[open] form", ": Packliste.txt")
	p.until(`document.querySelector("main").innerText.includes("Endgültig gelöscht.") && !document.querySelector("main").innerText.includes("Packliste.txt")`)
	p.inspect("all files of a page", 200)
}

// Two people write a page at the same time. The second sees what the first has changed beside what is hers, and nothing
// is lost; neither is what somebody types while the line is down.
func walkWikiTogether(t *testing.T, c *city) {
	first := c.phone(t).as("Leitung")
	first.newPage()
	first.fill("title", "Dienstplan")
	first.typed("Montag: Anna\n\nDienstag: Ben\n\nMittwoch: Cleo")
	first.tap("Speichern")
	first.until(`location.pathname.startsWith("/seite/")`)
	path := eval[string](first, `location.pathname`)
	edit := func(p *phone) {
		p.t.Helper()
		p.open(path + "/bearbeiten")
		p.until(editorOpen)
	}
	second := c.phone(t).lay().as("Fachkraft")
	second.open(path)
	if !eval[bool](second, `!!document.querySelector("main a[href$='/bearbeiten']")`) {
		second = c.phone(t).lay().as("Leitung") // whose card is of another facility
	}
	edit(first)
	edit(second)
	first.typed("Montag: Dora\n\nDienstag: Ben\n\nMittwoch: Cleo")
	first.tap("Speichern")
	first.until(`location.pathname === ` + quoted(path))

	// The second types without a connection, loses her page, and has it again.
	second.connect(false)
	eval[bool](second, `(async e => { e.focus(); const s = getSelection(); s.selectAllChildren(e); s.collapseToEnd(); await new Promise(ok => setTimeout(ok, 60)); return true; })(`+editor+`)`)
	second.do(chromedp.KeyEvent(" und Emil"))
	mine := "Montag: Anna\n\nDienstag: Ben\n\nMittwoch: Cleo und Emil"
	if got := second.value("body"); got != mine {
		t.Errorf("typed: %q", got)
	}
	second.connect(true)
	edit(second)
	second.until(`document.querySelector("main [name=body]").value === ` + quoted(mine))
	second.tap("Speichern")
	second.sees("Inzwischen hat jemand anderes diese Seite geändert.")
	second.until(editorOpen)
	if !eval[bool](second, `[...document.querySelectorAll(".sides ins")].map(x => x.innerText.trim()).join() === "Dora,und Emil"`) {
		t.Error("the two do not stand side by side:", eval[string](second, `document.querySelector(".sides")?.innerText ?? ""`))
	}
	second.inspect("two at once", 200)
	merged := "Montag: Dora\n\nDienstag: Ben\n\nMittwoch: Cleo und Emil"
	if got := second.value("body"); got != merged {
		t.Errorf("together: %q", got)
	}
	second.tap("Speichern")
	second.until(`location.pathname === ` + quoted(path))
	for _, words := range []string{"Dora", "Cleo und Emil"} {
		second.sees(words)
	}

	// Who signs out leaves no draft on the device.
	edit(second)
	eval[bool](second, editor+`.focus(), true`)
	second.do(chromedp.KeyEvent("Geheim "))
	second.until(`Object.keys(localStorage).some(k => k.startsWith("draft:") && localStorage[k].includes("Geheim"))`)
	second.open("/konto")
	eval[bool](second, `document.querySelector("form[action='/konto/abmelden']").requestSubmit(), true`)
	second.until(`location.pathname === "/abgemeldet"`)
	if left := eval[int](second, `Object.keys(localStorage).filter(k => k.startsWith("draft:")).length`); left != 0 {
		t.Errorf("%d drafts are left after the sign-out", left)
	}
}
