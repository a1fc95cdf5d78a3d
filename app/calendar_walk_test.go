package app_test

import (
	"fmt"
	"strings"
	"testing"
)

// A parent of three sees what is on, says how many come, and reads it without a connection; the head makes a series and
// moves one of its dates.
func walkCalendar(t *testing.T, c *city) {
	head := c.phone(t).as("Leitung")
	p := c.phone(t).lay()
	families := c.families(t)
	if len(families) < 5 {
		t.Fatalf("%d families", len(families))
	}
	for i, f := range families[2:5] {
		code := head.invited("KiTa Bullerbü", f.guardian)
		p.open("/i#" + code)
		if i == 0 {
			p.tap("Ja, das bin ich")
		} else {
			p.tap("Ja, zu meinem Zugang hinzufügen")
		}
		p.until(`location.pathname === "/willkommen"`)
		p.tap("Später entscheiden")
		p.until(`location.pathname === "/" && !!document.body?.dataset.user`)
	}
	p.until(`document.querySelector(".rail").innerText.includes("Als Nächstes")`)
	p.tapIn(".tabs", "Termine")
	p.until(`document.querySelectorAll(".month td").length >= 28 && document.querySelectorAll(".month .today").length === 1`)
	p.inspect("a month", 200)
	if n := eval[int](p, `document.querySelectorAll("main nav[aria-label='Meine Kinder'] .chip").length`); n != 4 {
		t.Errorf("%d chips for three children", n)
	}
	p.tap("Liste")
	for _, f := range families[2:5] {
		child, _, _ := strings.Cut(f.child, " ")
		p.sees(child)
	}
	p.inspect("a list of dates", 200)
	p.tap("Laternenumzug")
	p.until(`!!document.querySelector("[name=people]")`)
	p.live()
	p.inspect("a date", 200)
	eval[bool](p, `document.querySelector("[name=people]").value = "4", true`)
	p.tap("Ich komme")
	p.sees("Sie haben für 4 Personen zugesagt.")
	p.axe("a date that was answered")
	date := eval[string](p, `location.pathname`)
	if n := c.row(t, `SELECT sum(people) FROM calendar_answer WHERE state = 'yes' AND instance = ?`, strings.TrimPrefix(date, "/termin/")); n != 4 {
		t.Errorf("%d people come, want 4", n)
	}

	// What has been looked at, and the month, can be read in the underground.
	p.open(date)
	p.awaits(rest + `.then(all => ["/termine", ` + quoted(date) + `].every(x => all.includes("pages " + x)))`)
	p.connect(false)
	p.open("/termine")
	p.until(`document.querySelectorAll(".month td").length >= 28 && !!document.querySelector("[data-stored]")`)
	p.axe("a month without a connection")
	p.open(date)
	p.sees("Sie haben für 4 Personen zugesagt.")
	p.open("/konto/kalender")
	p.sees("Keine Verbindung")
	p.connect(true)

	walkFeed(t, p)
	walkSeries(t, head)
}

// walkFeed has somebody subscribe to the own calendar, and end that.
func walkFeed(t *testing.T, p *phone) {
	p.open("/termine")
	p.tap("In den eigenen Kalender")
	p.tap("Adresse machen")
	p.sees("Ihre geheime Adresse")
	p.inspect("a feed", 200)
	read := func() string {
		return eval[string](p, `fetch(new URL(document.querySelector("main code").innerText).pathname).then(async a => a.status + " " + await a.text())`)
	}
	if feed := read(); !strings.HasPrefix(feed, "200 BEGIN:VCALENDAR\r\n") || !strings.Contains(feed, "SUMMARY:Laternenumzug") {
		t.Errorf("the feed is %.300s", feed)
	}
	at := eval[string](p, `new URL(document.querySelector("main code").innerText).pathname`)
	p.tap("Abo beenden")
	p.sees("Die Adresse gilt nicht mehr.")
	if n := eval[int](p, fmt.Sprintf(`fetch(%s).then(a => a.status)`, quoted(at))); n != 404 {
		t.Errorf("the address that has ended answers with %d", n)
	}
}

// walkSeries has the head make a date that comes back, and move one of them; the month fits on one sheet.
func walkSeries(t *testing.T, p *phone) {
	p.open("/termine")
	p.tap("Neuer Termin")
	p.inspect("a new date", 200)
	p.fill("title", "Lesestunde")
	day := eval[string](p, `(() => {
		const d = new Date(Date.now() + 7 * 864e5), f = document.querySelector("main form").elements;
		f.day.valueAsDate = d; f.starts.value = "15:00"; f.ends.value = "16:00"; f.repeat.value = "weekly"; f.count.value = "4";
		return f.day.value;
	})()`)
	p.tap("Speichern")
	p.sees("Weitere Termine der Reihe")
	p.inspect("a series", 200)
	p.tap("Nur diesen") // inspect has opened what is folded
	p.sees("Nur dieser eine Termin der Reihe.")
	p.inspect("one of a series", 200)
	moved := eval[string](p, `(() => {
		const f = document.querySelector("main form").elements.day;
		f.valueAsDate = new Date(f.valueAsDate.getTime() + 864e5);
		return f.value;
	})()`)
	if moved <= day {
		t.Errorf("moved from %s to %s", day, moved)
	}
	p.tap("Speichern")
	p.sees("geändert")
	p.open("/termine?ansicht=liste")
	p.until(fmt.Sprintf(`!!document.getElementById("t%s")?.innerText.includes("Lesestunde") && !document.getElementById("t%s")?.innerText.includes("Lesestunde")`, moved, day))

	p.open("/termine")
	p.until(`!!document.querySelector(".month")`)
	p.inspect("the month of a head", 200)
	if n := p.sheets(); n != 1 {
		t.Errorf("a month takes %d sheets, want 1", n)
	}
	p.open("/schliesstage")
	p.inspect("closing days", 200)
}
