package app_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// A mother excuses her child in two taps, with and without a connection; the group works through its list on a tablet.
func walkAbsence(t *testing.T, c *city) {
	p := c.phone(t).lay().as("Eltern")
	p.keeps()
	p.tapIn(".tabs", "Abwesenheit")
	p.tap("Deniz heute abmelden")
	p.sees("Deniz ist heute abgemeldet.")
	p.axe("an absence")
	p.tap("Ändern oder zurücknehmen")
	p.sees("Verlauf")
	p.inspect("an absence, to be changed", 200)
	p.tap("Abmeldung zurücknehmen")
	p.sees("Deniz kommt wieder.")
	p.inspect("the page of absences", 200)

	p.open("/abwesenheit")
	p.connect(false)
	p.open("/abwesenheit")
	before := c.row(t, `SELECT count(*) FROM absence`)
	p.tap("Deniz heute abmelden")
	p.sees("Wird gesendet, sobald Sie wieder Verbindung haben.")
	p.axe("an absence that waits")
	p.connect(true)
	p.sees("Deniz ist heute abgemeldet.")
	p.awaits(rest + `.then(all => !all.some(x => x.startsWith("outbox")))`)
	if n := c.row(t, `SELECT count(*) FROM absence`) - before; n != 1 {
		t.Errorf("%d absences were written, want 1", n)
	}
	p.open("/")
	p.sees("Deniz ist heute abgemeldet.")

	walkRoll(t, c)
}

// The list of the day: seen at once on a tablet, live on another, without a connection, and on one sheet of paper.
func walkRoll(t *testing.T, c *city) {
	p := c.phone(t).lay()
	p.size(1024, 768)
	// A tablet that is set to another time: the day is that of the house all the same.
	if _, err := chromedp.Call(p.ctx, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Pacific/Kiritimati"}); err != nil {
		t.Fatal(err)
	}
	p.as("Leitung")
	p.open("/tageslisten")
	p.axe("the lists")
	p.tap("Möwen")
	p.until(`document.querySelectorAll(".tile").length > 10`)
	p.axe("a list")
	path := eval[string](p, `location.pathname`)
	q := c.phone(t).as("Leitung")
	q.open(path)
	q.live()

	tile := eval[string](p, `document.querySelector(".tile[data-state=expected]").id`)
	state := func(want string) string {
		return fmt.Sprintf(`document.getElementById(%q).dataset.state === %q`, tile, want)
	}
	p.tapIn("#"+tile, "Da")
	p.until(state("here"))
	q.until(state("here"))
	q.notReloaded()
	p.tapIn("#"+tile, "Rückgängig")
	p.until(state("expected"))
	q.until(state("expected"))

	p.keeps()
	p.open(path)
	p.connect(false)
	p.open(path)
	before := c.row(t, `SELECT count(*) FROM absence_deed`)
	p.tapIn("#"+tile, "Da")
	p.until(state("here"))
	p.sees("wird gesendet")
	p.until(`document.activeElement.id === "` + tile + `"`) // the button is gone that had the focus
	p.axe("a list that waits")
	p.tapIn("#"+tile, "Geht")
	p.until(state("gone"))
	p.tapIn("#"+tile, "Rückgängig")
	p.until(state("here"))
	p.do(chromedp.Reload())
	p.until(state("here"))
	if n := c.row(t, `SELECT count(*) FROM absence_deed`); n != before {
		t.Errorf("%d deeds without a connection", n-before)
	}
	p.connect(true)
	q.until(state("here"))
	p.awaits(rest + `.then(all => !all.some(x => x.startsWith("outbox")))`)
	p.until(state("here") + ` && !document.querySelector("main").innerText.includes("wird gesendet")`)
	if n := c.row(t, `SELECT count(*) FROM absence_deed`) - before; n != 3 {
		t.Errorf("%d deeds arrived, want 3", n)
	}

	// With 25 children nobody scrolls, and the paper for an evacuation is one sheet. The strip of the demonstration is not counted.
	bottom := eval[float64](p, `(() => {
		const roll = document.querySelector(".roll");
		while (roll.children.length < 25) { const x = roll.firstElementChild.cloneNode(true); x.removeAttribute("id"); roll.append(x); }
		scrollTo(0, 0);
		return roll.getBoundingClientRect().bottom - document.querySelector(".demo").offsetHeight;
	})()`)
	if bottom > 768 {
		t.Errorf("25 children take %.0f px of 768", bottom)
	}
	if n := p.sheets(); n != 1 {
		t.Errorf("25 children take %d sheets, want 1", n)
	}
	p.open(path + "?tag=2026-01-05")
	p.until(`!document.querySelector("[data-tap]")`)
	p.open("/tageslisten")
	p.tap("Möwen")
	p.tap(wait(p, `document.querySelector(".tile a")?.textContent ?? ""`, func(name string) bool { return name != "" }))
	p.sees("Sorgeberechtigte")
	p.inspect("a child's day", 200)
}
