package app_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	_ "modernc.org/sqlite"
)

// A family has one child, in a group that is open today.
type family struct{ guardian, child string }

// families finds some of the head's facility who read German and have a mail address.
func (c *city) families(t *testing.T) (all []family) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.data, "nestfunk.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(`
		SELECT p.given || ' ' || p.family, c.given || ' ' || c.family
		FROM guardian g JOIN person p ON p.id = g.person JOIN child c ON c.id = g.child
			JOIN child_stay s ON s.child = c.id JOIN unit u ON u.id = s.unit
			JOIN membership m ON m.unit = u.parent AND m.role = 4 JOIN person h ON h.id = m.person AND h.family = 'Detlefsen'
		WHERE u.name = 'Igel' AND g.rank = 1 AND g.state = 'confirmed' AND g.informed = 1 AND g.language = 'de' AND g.mail LIKE '%@%.%'
			AND (SELECT count(*) FROM guardian x WHERE x.person = g.person) = 1
		ORDER BY g.id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var f family
		if err := rows.Scan(&f.guardian, &f.child); err != nil {
			t.Fatal(err)
		}
		all = append(all, f)
	}
	if err := rows.Err(); err != nil || len(all) < 2 {
		t.Fatalf("%d families, %v", len(all), err)
	}
	return all
}

// invited prints somebody's letter, and gives the code in it.
func (p *phone) invited(group, guardian string) string {
	p.t.Helper()
	p.open("/einheiten")
	p.tap(group)
	p.tap("Einladungsbriefe")
	p.until(`location.pathname.endsWith("/briefe")`)
	eval[bool](p, `document.querySelectorAll("main input[type=checkbox]").forEach(x => x.checked = x.labels[0].innerText.trim() === `+quoted(guardian)+`), true`)
	p.tap("Briefe machen")
	return wait(p, `[...document.querySelectorAll("article.letter .code")].map(x => x.innerText.trim()).join(", ")`, func(s string) bool { return s != "" })
}

// mailed finds the link in a mail to somebody whose subject has these words, once it has been sent.
func (p *phone) mailed(to, subject, link string) string {
	p.t.Helper()
	found := fmt.Sprintf(`[...document.querySelectorAll("main a[href^='/demo/brief/']")].find(x => x.innerText.includes(%s) && x.innerText.includes(%s))?.pathname ?? ""`,
		quoted("an "+to), quoted(subject))
	var at string
	for try := 0; at == ""; try++ {
		if try == 200 {
			p.t.Fatalf("there is no mail to %s about %q:\n%.800s", to, subject, p.text())
		}
		p.open("/demo/post")
		at = eval[string](p, found)
	}
	p.open(at)
	l := eval[string](p, `[...document.querySelectorAll("main a[href]")].map(x => x.pathname).find(x => x.startsWith(`+quoted(link)+`)) ?? ""`)
	if l == "" {
		p.t.Fatalf("the mail has no link %s:\n%s", link, p.text())
	}
	return l
}

// reached reads the coverage page.
func reached(p *phone) int {
	p.t.Helper()
	return eval[int](p, `parseInt(document.querySelector(".coverage b.num").innerText)`)
}

const left = `document.querySelectorAll("#anrufen, .calllist .entry form").length - 1`

// The main story: a head closes a group, families learn of it, and the head knows whom to call.
func walkClosure(t *testing.T, c *city) {
	families := c.families(t)
	mother, other := families[0], families[1]

	head := c.phone(t).as("Leitung")
	code := head.invited("KiTa Bullerbü", mother.guardian)
	parent := c.phone(t)
	parent.open("/i#" + code) // as the camera does
	parent.axe("invitation")
	parent.tap("Ja, das bin ich")
	parent.until(`location.pathname === "/willkommen"`)
	parent.axe("welcome")
	parent.tap("Später entscheiden")
	parent.until(`location.pathname === "/"`)
	parent.live()

	head.open("/")
	head.tap("Schließung melden")
	screens := 1
	head.sees("Was bleibt geschlossen?")
	head.axe("first screen")
	head.tap("Igel")
	head.tap("Weiter")
	screens++
	head.sees("In Ihren Worten")
	head.axe("second screen")
	head.tap("Weiter")
	screens++
	head.sees("So sehen es die Familien")
	head.axe("third screen")
	head.tap("Jetzt melden")
	head.until(`/^\/mitteilung\/\d+\/stand$/.test(location.pathname)`)
	if screens > 3 {
		t.Errorf("%d screens, want 3", screens)
	}
	head.sees("Die Schließung ist gemeldet")
	head.live()
	if n := reached(head); n != 0 {
		t.Errorf("%d children are reached before anybody can have read it", n)
	}
	at := eval[string](head, `location.pathname`)

	parent.sees("Gruppe Igel bleibt heute geschlossen")
	parent.notReloaded()
	parent.axe("urgent card")
	parent.tap("Gelesen bestätigen")
	parent.sees("Danke!")
	parent.notReloaded()

	head.until(`document.querySelector(".coverage b.num").innerText.startsWith("1 von")`)
	head.notReloaded()
	if s := eval[string](head, `document.getElementById("anrufen").closest("section").innerText`); strings.Contains(s, mother.child) {
		t.Errorf("%s is still to be called for", mother.child)
	}

	// A mail scanner opens the link; a person taps the button.
	stranger := c.phone(t)
	link := stranger.mailed(other.guardian, "Igel", "/b/")
	stranger.open(link)
	stranger.open(link)
	stranger.sees("Haben Sie das gelesen?")
	stranger.axe("mail link")
	head.open(at)
	head.live()
	if n := reached(head); n != 1 {
		t.Errorf("%d children are reached after a link was opened, want 1", n)
	}
	stranger.tap("Ja, gelesen")
	stranger.sees("Ihre Kita weiß jetzt, dass Sie Bescheid wissen.")
	stranger.axe("mail link, confirmed")
	head.until(`document.querySelector(".coverage b.num").innerText.startsWith("2 von")`)
	head.notReloaded()

	before := eval[int](head, left)
	first := eval[string](head, `document.querySelector(".calllist .entry").id`)
	head.tapIn("#"+first, "Angerufen, erreicht")
	head.until(fmt.Sprintf(`%s === %d && !document.getElementById(%s)`, left, before-1, quoted(first)))
	head.notReloaded()
	if n := reached(head); n != 3 {
		t.Errorf("%d children are reached after a call, want 3", n)
	}
	second := eval[string](head, `document.querySelector(".calllist .entry").id`)
	head.tapIn("#"+second, "Nicht erreicht")
	head.until(`document.getElementById(` + quoted(second) + `)?.innerText.includes("nicht erreicht (")`)
	if n := eval[int](head, left); n != before-1 {
		t.Errorf("%d children are left after a call in vain, want %d", n, before-1)
	}
	head.axe("coverage")

	head.tap("Ändern oder aufheben")
	head.sees("Etwas hat sich geändert?")
	head.axe("closure")
	head.tap("Wieder geöffnet")
	head.sees("Gruppe Igel ist wieder geöffnet")
	parent.sees("Gruppe Igel ist wieder geöffnet")
	parent.notReloaded()
	parent.axe("reopened")
}

// A line that breaks takes nothing with it.
func walkOffline(t *testing.T, c *city) {
	head := c.phone(t).lay().as("Leitung")
	const title, body = "Laternenfest am Freitag", "Bitte bringen Sie eine Laterne mit.\n\nWir singen auch bei Regen."
	head.open("/mitteilungen/neu")
	head.tapIn("#units", "Igel")
	head.fill("title", title)
	head.fill("body", body)
	filled := func(when string) {
		t.Helper()
		if head.value("title") != title || head.value("body") != body || !eval[bool](head, `!!document.querySelector("[name=audience]:checked")`) {
			t.Errorf("%s: title %q, body %q", when, head.value("title"), head.value("body"))
		}
	}
	head.do(chromedp.Reload())
	head.sees("Entwurf wiederhergestellt")
	eval[bool](head, `scrollTo({ top: 0, behavior: "instant" }), true`) // a box half under the bar has no room to be touched
	head.axe("draft")
	filled("after a reload")
	head.connect(false)
	head.tap("Veröffentlichen")
	head.sees("Wird gesendet, sobald Sie wieder Verbindung haben.")
	head.axe("no connection")
	head.tap("Bearbeiten") // takes it back
	head.until(`!document.querySelector("form[data-outbox]").hidden`)
	filled("after it was taken back")
	head.connect(true)
	head.do(chromedp.Reload())
	head.sees("Entwurf wiederhergestellt")
	filled("after it was taken back and loaded anew")
	eval[bool](head, `(b => { b.click(); b.click(); return true; })(document.querySelector("button[value=send]"))`)
	head.until(`location.pathname !== "/mitteilungen/neu"`)
	head.sees(title)
	once := func(title string) {
		t.Helper()
		if n := c.row(t, `SELECT count(*) FROM announcement WHERE title = ?`, title); n != 1 {
			t.Errorf("%q was sent %d times, want once", title, n)
		}
	}
	once(title)

	const later = "Basar am Samstag"
	head.open("/mitteilungen/neu")
	head.tapIn("#units", "Igel")
	head.fill("title", later)
	head.fill("body", body)
	head.connect(false)
	head.tap("Veröffentlichen")
	head.sees("Wird gesendet, sobald Sie wieder Verbindung haben.")
	head.open("/") // kept on the phone, where it goes on waiting
	head.sees(later)
	head.connect(true)
	head.until(`!document.getElementById("outbox") && [...document.querySelectorAll("main h2")].some(x => x.innerText === ` + quoted(later) + `)`)
	once(later)
	head.open("/mitteilungen/neu")
	if v := head.value("title"); v != "" {
		t.Errorf("the draft %q is still there after it was sent", v)
	}
}

// Everything works without script, too.
func walkWithoutScript(t *testing.T, c *city) {
	plain := func() *phone {
		p := c.phone(t)
		p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			return err
		}))
		return p
	}
	head := plain().as("Leitung")
	head.tap("Schließung melden")
	head.sees("Was bleibt geschlossen?")
	head.tap("Füchse")
	head.tap("Morgen")
	head.tap("Weiter")
	head.sees("In Ihren Worten")
	head.tap("Weiter")
	head.sees("So sehen es die Familien")
	head.tap("Jetzt melden")
	head.sees("Die Schließung ist gemeldet")
	before := reached(head)

	father := plain().as("Elternbeirat")
	father.sees("Gruppe Füchse bleibt morgen geschlossen")
	at := eval[string](father, `[...document.querySelectorAll("h2 a")].find(x => x.innerText === "Gruppe Füchse bleibt morgen geschlossen").closest("article").id`)
	father.tapIn("#"+at, "Gelesen bestätigen")
	father.until(`!!document.getElementById(` + quoted(at) + `)?.innerText.includes("Danke!")`)
	if eval[bool](father, `!!document.documentElement.dataset.liveOpen`) {
		t.Error("the script ran")
	}
	head.do(chromedp.Reload())
	if n := reached(head); n != before+1 {
		t.Errorf("%d children are reached, want %d", n, before+1)
	}
}
