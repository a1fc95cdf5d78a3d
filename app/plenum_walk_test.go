package app_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// plain finds a member without an office of the council that the delegate of the demonstration leads.
func (c *city) plain(t *testing.T) (name string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.data, "nestfunk.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRow(`SELECT p.given || ' ' || p.family FROM membership m JOIN person p ON p.id = m.person JOIN unit u ON u.id = m.unit
		WHERE u.name = 'Elternbeirat KiTa Bullerbü' AND m.office = 'delegate' AND m.state = 'confirmed' ORDER BY m.id LIMIT 1`).Scan(&name)
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// A council meets: the chair leads at a desk, a member follows on a phone, and the wall shows both without ever being loaded anew.
func walkPlenum(t *testing.T, c *city) {
	name := c.plain(t)
	code, _, _ := strings.Cut(c.phone(t).as("Leitung").invited("KiTa Bullerbü", name), ", ") // one for each child
	member := c.phone(t).comesIn(code)
	chair, wall := c.phone(t).as("Elternbeirat"), c.phone(t).as("Elternbeirat")
	desk := func(p *phone, w, h int64) {
		p.do(chromedp.EmulateViewport(w, h))
	}
	desk(chair, 1360, 900)
	desk(wall, 1920, 1080)

	chair.open("/sitzungen/neu")
	eval[bool](chair, `(f => {
		f.title.value = "Herbstsitzung"; f.day.value = "`+time.Now().AddDate(0, 0, 1).Format(time.DateOnly)+`"; f.starts.value = "19:00"; f.ends.value = "21:00";
		return true;
	})(document.querySelector("main form").elements)`)
	chair.tap("Sitzung planen")
	chair.until(`/^\/sitzung\/\d+/.test(location.pathname)`)
	at := eval[string](chair, `location.pathname.match(/^\/sitzung\/\d+/)[0]`)
	chair.open(at + "/plenum")
	chair.sees("noch nicht begonnen")
	for _, p := range []*phone{chair, member} {
		p.open(at + "/plenum")
		p.live()
	}
	member.axe("a plenum that has not begun")
	wall.open(at + "/leinwand")
	wall.live()

	// The chair begins; the member comes, and the chair notes a third, who is enough for a quorum.
	chair.tap("Sitzung beginnen")
	member.tap("Ich bin da")
	chair.until(`document.querySelectorAll("#leitung [value=left]").length === 2`)
	chair.tapIn("#leitung", "Da")
	wall.sees("3 von 4 Stimmen, beschlussfähig")
	chair.tap("TOP 1")
	wall.sees("Begrüßung")
	member.tap("Ich möchte reden")
	chair.tapIn("#leitung", "Aufrufen")
	member.sees("spricht")
	wall.sees("spricht")
	chair.tapIn("#leitung", "Fertig")

	// What the member words is voted on by name.
	motion := func(p *phone, words string) {
		p.tapIn("#neu", "Antrag stellen")
		p.fill("wording", words)
		p.axe("a plenum, a motion")
		p.tapIn("#neu form", "Antrag stellen")
		p.sees(words)
	}
	motion(member, "Der Elternbeirat kauft ein Sonnensegel.")
	wall.sees("Der Elternbeirat kauft ein Sonnensegel.")
	member.live()
	chair.tapIn("#antraege", "Offen abstimmen")
	member.until(`!!document.querySelector("#stimme form")`)
	member.notReloaded()
	member.tapIn("#stimme", "Ja")
	member.sees("Sie haben abgestimmt.")
	member.axe("a plenum, an open vote")
	wall.axe("a vote on the wall")
	if eval[bool](wall, `[...document.querySelectorAll(".vote button")].some(x => x.checkVisibility())`) {
		t.Error("the wall shows how somebody votes")
	}
	chair.sees("1 Stimme ist da.")
	chair.axe("a plenum that is led, a vote")
	chair.tapIn("#stimme", "Nein")
	chair.sees("Sie haben abgestimmt.")
	chair.tapIn("#stimme", "Abstimmung schließen")
	for _, p := range []*phone{chair, member, wall} {
		p.sees("1 Ja, 1 Nein, 0 Enthaltungen")
	}

	// Another is voted on in secret. The house is asked by so many at once that it has one come again.
	motion(chair, "Frau Petersen bekommt einen Gutschein.")
	chair.tapIn("#antraege", "Geheim")
	eval[bool](member, `(ask => { fetch = (...what) => (fetch = ask, Promise.resolve(new Response("", { status: 503, headers: { "Retry-After": "1" } }))); return true })(fetch)`)
	for _, p := range []*phone{member, chair} {
		p.tapIn("#stimme", "Stimmzettel holen")
		p.tapIn("#stimme", "Ja")
		p.tapIn("#stimme", "In die Urne")
	}
	for _, p := range []*phone{member, chair} {
		p.sees("Ihre Stimme liegt in der Urne.")
	}
	member.axe("a plenum, a secret vote")
	chair.tapIn("#stimme", "Abstimmung schließen")
	for _, p := range []*phone{chair, member, wall} {
		p.sees("2 Ja, 0 Nein, 0 Enthaltungen")
	}

	chair.tapIn("#schluss", "Sitzung beenden")
	chair.tapIn("#schluss form", "Sitzung beenden")
	for _, p := range []*phone{chair, member, wall} {
		p.sees("beendet um")
	}
	wall.notReloaded()
	member.axe("a plenum that has ended")

	// Its minutes know all of that.
	chair.open(at)
	chair.tap("Protokoll beginnen")
	chair.until(`location.pathname.endsWith("/schreiben")`)
	chair.sees("Der Elternbeirat kauft ein Sonnensegel.")
	eval[bool](chair, `document.querySelector("#sheet textarea").value = "Die Vorsitzende begrüßt alle.", true`)
	chair.axe("minutes that are written")
	chair.tap("Fertig")
	chair.until(`/^\/protokoll\/\d+$/.test(location.pathname)`)
	chair.tap("An die Mitglieder versenden")
	chair.sees("Einwände bis")
	member.open(eval[string](chair, `location.pathname`))
	member.sees("Die Vorsitzende begrüßt alle.")
	member.sees("Frau Petersen bekommt einen Gutschein.")
	member.inspect("minutes", 200)
}
