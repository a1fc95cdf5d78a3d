package app_test

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"path/filepath"
	"testing"
	"time"

	"nestfunk/app/apptest"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// lend signs somebody in who is on none of the cards.
func (c *city) lend(t *testing.T, person int) *phone {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.data, "nestfunk.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	now, id := time.Now().Unix(), sha256.Sum256([]byte(apptest.Cookie(int64(person))))
	if _, err := db.Exec(`INSERT INTO session (id, person, device, created, seen, expires, fresh) VALUES (?, ?, 'Chromium', ?, ?, ?, ?)`,
		id[:], person, now, now, now+86400, now); err != nil {
		t.Fatal(err)
	}
	p := c.phone(t)
	p.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: "sid", Value: apptest.Cookie(int64(person)), URL: c.base})
		return err
	}))
	return p
}

// A head asks at a desk, one of another carrier answers, and the answer becomes a page.
func walkRooms(t *testing.T, c *city) {
	const answer = "Wir rufen um 7 Uhr in einer Kette an, die im Flur hängt."
	p := c.phone(t).as("Leitung")
	p.size(1360, 900)
	p.open("/raeume")
	p.axe("the rooms")
	p.tap("Leitungen aller Kitas")
	p.sees("Angeheftet")
	p.axe("a room")
	p.tap("Neues Thema")
	p.fill("title", "Wer ruft an, wenn niemand kommt?")
	p.fill("body", "Zwei von drei sind krank. Wie erreicht ihr die anderen?")
	p.axe("a new topic")
	p.tap("Veröffentlichen")
	p.until(`location.pathname.startsWith("/thema/")`)
	p.live()
	at := eval[string](p, `location.pathname`)

	q := c.lend(t, c.row(t, `
		SELECT min(h.person) FROM holding h JOIN unit u ON u.id = h.unit
		WHERE h.role = 4 AND u.kind = 'facility' AND u.parent <> (SELECT f.parent FROM person a JOIN holding x ON x.person = a.id AND x.role = 4 JOIN unit f ON f.id = x.unit WHERE a.family = 'Detlefsen')
			AND h.person NOT IN (SELECT person FROM room_member)`))
	q.open(at) // leads to the netiquette first
	q.sees("So gehen wir miteinander um")
	q.axe("the netiquette")
	q.tap("Ich halte mich daran")
	q.sees("Wer ruft an, wenn niemand kommt?")
	q.open(at)
	q.fill("body", answer)
	q.tapIn("#antworten", "Antworten")
	q.sees(answer)
	q.inspect("a topic", 200)

	p.sees(answer)
	p.notReloaded()
	p.tap("Das hat geholfen")
	p.sees("Doch nicht gelöst")
	p.axe("an answer that helped")
	p.tapIn("article:last-of-type", "Ins Wissen")
	p.until(editorOpen)
	p.until(`document.querySelector("main [name=body]").value.includes("Quelle: [")`)
	p.tap("Speichern")
	p.until(`location.pathname.startsWith("/seite/")`)
	p.sees("aus dem Raum Leitungen aller Kitas")
	p.open(at)
	p.until(`!!document.querySelector("article:last-of-type a[href^='/seite/']")`)

	walkYouth(t, c)
}

// A young person comes in with a code, under a name of their own; the youth worker releases what they write, and hides it
// after somebody has reported it.
func walkYouth(t *testing.T, c *city) {
	p := c.phone(t)
	p.open("/anmelden")
	p.tap("Ich habe einen Code vom Jugendtreff")
	p.sees("Wie willst du hier heißen?")
	p.inspect("the entrance", 200)
	p.fill("code", "meer 2026")
	p.fill("alias", "Seehund 5")
	p.tap("Eintreten")
	p.sees("Mit diesen sechs Wörtern kommst du zurück")
	p.axe("six words")
	p.tap("Weiter zum Raum")
	p.tap("Ich halte mich daran")
	p.sees("muss das Team vermerken, ob du 16 oder älter bist")
	p.inspect("a youth room", 200)
	room := eval[string](p, `location.pathname`)

	team := c.phone(t).as("Jugendarbeit")
	team.open(room)
	team.tap("Junge Menschen")
	team.tap("Seehund 5")
	team.tap("16 oder älter")
	team.axe("a young person")
	team.tap("Speichern")
	team.sees("Gespeichert.")

	p.open(room)
	p.tap("Neues Thema")
	p.fill("title", "Kino")
	p.fill("body", "Hat jemand Lust auf den blöden neuen Film?")
	p.axe("a new topic of a young person")
	p.tap("Veröffentlichen")
	p.sees("Wartet auf das Team")
	p.axe("what waits")
	p.live()
	at := eval[string](p, `location.pathname`)

	team.open(room + "/moderation")
	team.axe("what waits for the team")
	team.tapIn("main section:first-of-type li:last-of-type", "Freigeben")
	team.sees("Gespeichert.")
	p.until(`!document.querySelector("main").innerText.includes("Wartet auf das Team")`)
	p.notReloaded()

	friend := c.phone(t)
	friend.open("/anmelden")
	friend.tap("Als junger Mensch ansehen")
	friend.until(`location.pathname === "/raeume"`)
	friend.inspect("the rooms of a young person", 200)
	friend.open(at)
	friend.tap("Mehr")
	friend.tap("Melden")
	friend.tap("Verstößt gegen die Netiquette")
	friend.fill("words", "So reden wir hier nicht über Filme.")
	friend.axe("a report")
	friend.tap("Melden")
	friend.sees("Deine Meldung ist angekommen.")

	team.open(room + "/moderation")
	team.tap("So reden wir hier nicht")
	team.tap("Ausblenden")
	team.tap("Verstößt gegen die Netiquette")
	team.fill("reason", "Bitte schreib das noch einmal, ohne jemanden zu ärgern.")
	team.axe("a measure")
	team.tap("Speichern")
	team.sees("Beitrag ausgeblendet")
	team.axe("the log of a room")

	p.sees("Vom Team ausgeblendet")
	p.notReloaded()
	p.tap("Warum? Und was du tun kannst")
	p.sees("ohne jemanden zu ärgern")
	p.inspect("what was decided", 200)
	friend.open(room)
	friend.sees("Was dich betrifft")
	friend.until(`!document.querySelector("main").innerText.includes("Kino")`)
	friend.axe("what became of a report")
}
