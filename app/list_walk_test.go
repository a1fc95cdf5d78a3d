package app_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// parents finds a child of the head's facility, of whom two people decide, and they read German.
func (c *city) parents(t *testing.T) (child string, names [2]string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.data, "nestfunk.db")+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.QueryRow(`
		SELECT c.given, min(p.given || ' ' || p.family), max(p.given || ' ' || p.family)
		FROM guardian g JOIN person p ON p.id = g.person JOIN child c ON c.id = g.child JOIN child_stay s ON s.child = c.id JOIN unit u ON u.id = s.unit
			JOIN unit f ON f.id = u.parent
		WHERE u.name = 'Seesterne' AND f.name = 'KiTa Bullerbü' AND (SELECT count(*) FROM guardian x WHERE x.person = p.id) = 1
			AND (SELECT count(*) FROM person x WHERE x.given = p.given AND x.family = p.family) = 1 -- a letter is found by its name
		GROUP BY c.id HAVING count(*) = 2 AND min(g.state) = 'confirmed' AND max(g.state) = 'confirmed' AND min(g.decides) = 1
			AND min(g.language) = 'de' AND max(g.language) = 'de' ORDER BY c.id LIMIT 1`).Scan(&child, &names[0], &names[1])
	if err != nil {
		t.Fatal(err)
	}
	return child, names
}

// comesIn signs in with the code of a letter.
func (p *phone) comesIn(code string) *phone {
	p.t.Helper()
	p.open("/i#" + code)
	p.tap("Ja, das bin ich")
	p.until(`location.pathname === "/willkommen"`)
	p.tap("Später entscheiden")
	p.until(`location.pathname === "/" && !!document.body?.dataset.user`)
	p.signedIn = true
	return p
}

// A bring list goes from the head's form to a parent's phone, a place changes hands and comes back; both parents of a child
// see its appointment, and both sign.
func walkLists(t *testing.T, c *city) {
	head := c.phone(t).as("Leitung")
	child, names := c.parents(t)
	p := c.phone(t).comesIn(head.invited("KiTa Bullerbü", names[0]))
	q := c.phone(t).comesIn(head.invited("KiTa Bullerbü", names[1]))
	walkBring(t, head, p, q)
	walkInterviews(t, head, p, q, child)
	walkSlip(t, head, p, q, child)
}

// place is the id of a line of the list that is shown, from 0 on.
func (p *phone) place(i int) string {
	p.t.Helper()
	p.until(`document.querySelectorAll(".lines > li[id]").length > 0`)
	return eval[[]string](p, `[...document.querySelectorAll(".lines > li[id]")].map(x => "#" + x.id)`)[i]
}

func walkBring(t *testing.T, head, p, q *phone) {
	head.open("/listen")
	head.tap("Neue Liste")
	head.inspect("a new list", 200)
	head.fill("title", "Adventsfrühstück")
	head.fill("lines", "Kuchen: 8\nSaft")
	head.tap("Liste anlegen")
	head.sees("Die Liste steht bereit.")
	head.live()
	at := eval[string](head, `location.pathname`)

	p.open("/listen")
	p.axe("the lists")
	p.tap("Adventsfrühstück")
	cake, juice := p.place(0), p.place(1)
	p.inspect("a list", 200)
	p.tapIn(cake, "Eintragen")
	p.fill("note", "Möhrenkuchen")
	p.axe("a list, to put oneself down")
	p.tapIn(cake+" .form", "Eintragen")
	p.until(`document.querySelector(".lines .receipt")?.innerText.includes("Möhrenkuchen")`)
	p.axe("a list on which one stands")
	head.sees("Möhrenkuchen") // by itself
	head.notReloaded()
	head.inspect("a list with names", 200)

	// The only place for juice: who comes second waits, moves up, and hands it on.
	p.tapIn(juice, "Eintragen")
	p.tapIn(juice+" .form", "Eintragen")
	p.sees("vergeben")
	q.open(at)
	q.tapIn(juice, "Auf die Warteliste")
	q.tapIn(juice+" .form", "Auf die Warteliste")
	q.sees("Warteliste, Platz 1")
	q.axe("a list on which one waits")
	p.tapIn(juice, "Platz zurückgeben")
	p.sees("Der Platz ist wieder frei.")
	q.open(at)
	q.sees("Ihr Eintrag")
	q.tapIn(juice, "Zum Tausch freigeben")
	q.sees("Andere können Ihren Platz jetzt übernehmen.")
	p.open(at)
	p.axe("a list on which somebody gives a place away")
	p.tapIn(juice, "Übernehmen")
	p.until(`document.querySelectorAll(".lines .receipt").length === 2`)
	q.open(at)
	q.until(`document.querySelectorAll(".lines .receipt").length === 0`)

	head.open(at)
	head.tap("Aushang ohne Namen")
	head.sees("ohne Namen")
	head.inspect("a list for the door", 200)
	if n := head.sheets(); n != 1 {
		t.Errorf("a list takes %d sheets, want 1", n)
	}
	head.open(at + "/bearbeiten")
	head.inspect("a list, to be changed", 200)
}

func walkInterviews(t *testing.T, head, p, q *phone, child string) {
	head.open("/listen/neu")
	head.fill("title", "Gespräche zum Jahresende")
	head.tap("Gesprächstermine")
	head.until(`document.querySelector("[name=slot_day]").checkVisibility() && !document.querySelector("[name=lines]").checkVisibility()`)
	eval[bool](head, `(() => {
		const f = document.querySelector("main form").elements;
		f.slot_day.valueAsDate = new Date(Date.now() + 9 * 864e5);
		f.slot_starts.value = "14:00"; f.slot_ends.value = "15:15"; f.slot_length.value = "20"; f.slot_break.value = "5"; f.slot_room.value = "Büro";
		return true;
	})()`)
	head.tap("Das Kind")
	head.tap("Liste anlegen")
	head.sees("von 14:25 bis 14:45 Uhr")
	at := eval[string](head, `location.pathname`)

	p.open(at)
	first, last := p.place(0), p.place(2)
	p.inspect("appointments", 200)
	p.tapIn(first, "Eintragen")
	p.sees(child)
	p.tapIn(last, "Hierher wechseln")
	p.until(`document.querySelectorAll(".lines .receipt").length === 1 && !!document.querySelector("` + last + ` .receipt")`)
	p.axe("an appointment")
	q.open(at)
	q.until(`document.querySelector("` + last + ` .receipt")?.innerText.includes(` + quoted(child) + `)`)
	q.open("/termine?ansicht=liste")
	q.sees("Gespräche zum Jahresende")
}

// draw signs with a finger. The next tap must count.
func (p *phone) draw() {
	p.t.Helper()
	type box struct{ X, Y, W, H float64 }
	at := eval[box](p, `(() => {
		const svg = document.querySelector("[data-sign] svg");
		svg.scrollIntoView({ block: "center", behavior: "instant" });
		const r = svg.getBoundingClientRect();
		return { X: r.left, Y: r.top, W: r.width, H: r.height };
	})()`)
	touch := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		p.t.Helper()
		if _, err := chromedp.Call(p.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: append([]*input.TouchPoint{}, points...)}); err != nil {
			p.t.Fatal(err)
		}
	}
	point := func(x, y float64) *input.TouchPoint { return &input.TouchPoint{X: at.X + x*at.W, Y: at.Y + y*at.H} }
	touch(input.DispatchTouchEventTypeTouchStart, point(.2, .6))
	for _, to := range [][2]float64{{.3, .2}, {.4, .7}, {.5, .3}, {.6, .7}, {.8, .4}} {
		touch(input.DispatchTouchEventTypeTouchMove, point(to[0], to[1]))
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
}

func walkSlip(t *testing.T, head, p, q *phone, child string) {
	head.open("/mitteilungen/neu")
	head.fill("title", "Fotos vom Fest")
	head.fill("body", "Dürfen wir Fotos vom Fest aushängen?")
	head.tap("Dazu etwas fragen")
	head.until(`document.querySelector("[name=slip_words]").checkVisibility()`)
	head.fill("slip_words", "Dürfen wir?")
	eval[bool](head, `(() => {
		const f = document.querySelector("main form:has([name=slip])").elements;
		f.slip_sign.value = "draw"; f.slip_both.checked = true;
		return true;
	})()`)
	head.axe("an announcement that asks")
	head.tap("Veröffentlichen")
	head.sees("Ihre Mitteilung ist veröffentlicht.")
	head.sees("0\nvon")
	at := eval[string](head, `location.pathname`)

	for i, x := range []*phone{p, q} {
		x.open(at)
		x.sees("Rückmeldung für " + child)
		x.inspect("a slip", 200)
		x.tap("Ja")
		x.draw()
		if d := x.value("drawing"); len(d) < 20 {
			t.Errorf("drawn is %q", d)
		}
		x.tap("Antworten")
		x.sees("Beantwortet")
		if i == 0 {
			x.sees("1 von 2")
		}
		x.axe("a slip that was answered")
	}

	head.tap("Zu den Rückmeldungen")
	head.until(`!!document.querySelector(".plot.tally[aria-label='Ja: 1, Nein: 0']")`)
	head.until(`document.querySelectorAll("table.answers svg.sign path").length === 2`)
	head.inspect("what was answered", 200)
	table := eval[string](head, `fetch(location.pathname + "/tabelle?als=csv").then(a => a.text())`)
	for _, s := range []string{child, "beantwortet;Ja", "gezeichnet, gezeichnet"} {
		if !strings.Contains(table, s) {
			t.Errorf("%q is not in the table", s)
		}
	}
}
