package app_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
)

// A mother asks the team on her phone, a colleague takes it on a tablet and answers; she sees it at once, changes and removes
// what she has written, and writes without a connection.
func walkMessage(t *testing.T, c *city) {
	p := c.phone(t).lay().as("Eltern")
	p.until(`!!document.querySelector(".tabs a[href='/nachrichten'] .dot")`) // something waits for her, and the phone says so
	p.open("/nachrichten")
	p.inspect("the conversations", 200)
	p.tap("Nachricht schreiben")
	p.sees("Sie schreiben einem Team, nie einer einzelnen Person.")
	p.inspect("a new message", 200)
	p.tap("Team Hummeln")
	p.fill("title", "Die blaue Mütze")
	p.fill("body", "Liegt Milas Mütze bei Ihnen?")
	p.tap("Senden")
	p.until(`location.pathname.startsWith("/gespraech/")`)
	p.sees("Liegt Milas Mütze bei Ihnen?")
	path := eval[string](p, `location.pathname`)
	p.live()

	q := c.phone(t)
	q.size(1024, 768) // before the first page: a change from one to the next must not be cut off
	q.as("Fachkraft")
	q.open("/nachrichten")
	q.sees("Noch niemand kümmert sich")
	q.axe("the conversations of a team")
	q.tap("Die blaue Mütze")
	q.sees("Noch niemand kümmert sich")
	q.live()
	q.tap("Ich kümmere mich")
	q.sees("Jule Hinrichsen kümmert sich")
	q.axe("a conversation of a team")
	q.fill("body", "Ja, am Haken.")
	q.tap("Senden")
	q.sees("Ja, am Haken.")
	p.sees("Ja, am Haken.")
	p.notReloaded()
	p.inspect("a conversation", 200)

	p.open(path)
	last := func(words string) string { // the message with these words
		return "#" + eval[string](p, fmt.Sprintf(`[...document.querySelectorAll(".said")].find(x => x.innerText.includes(%q)).id`, words))
	}
	mine := last("Liegt Milas")
	p.tapIn(mine, "Mehr")
	p.tapIn(mine, "Bearbeiten")
	p.sees("Nachricht bearbeiten")
	p.inspect("a message, to be changed", 200)
	p.fill("body", " Die blaue.")
	p.tap("Speichern")
	p.until(`location.pathname.startsWith("/gespraech/")`)
	p.sees("bearbeitet")
	p.sees("Die blaue.")
	q.live()
	p.fill("body", "Danke, und Verzeihung")
	p.tap("Senden")
	p.sees("Danke, und Verzeihung")
	q.sees("Danke, und Verzeihung")
	thanks := last("Danke, und Verzeihung")
	p.tapIn(thanks, "Mehr")
	p.tapIn(thanks, "Löschen")
	p.sees("Die Nachricht ist gelöscht.")
	q.sees("Diese Nachricht wurde gelöscht.")
	q.notReloaded()
	p.axe("a message that was deleted")

	// What is far too long stays where it is.
	eval[bool](p, `(x => { x.style.display = "none"; x.value = "x".repeat(1.2e6); return true; })(document.querySelector("main [name=body]"))`) // to lay it out takes the browser long
	p.tap("Senden")
	p.sees("Das ist zu groß.")
	if n := eval[int](p, `document.querySelector("main [name=body]").value.length`); n != 1_200_000 {
		t.Errorf("of 1.2 million letters %d are left", n)
	}
	p.axe("a message that is too large")

	p.open(path)
	p.connect(false)
	before := c.row(t, `SELECT count(*) FROM message`)
	p.fill("body", "Wir holen sie morgen.")
	p.tap("Senden")
	p.sees("Wird gesendet, sobald Sie wieder Verbindung haben.")
	p.axe("a message that waits")
	p.connect(true)
	q.sees("Wir holen sie morgen.")
	p.awaits(rest + `.then(all => !all.some(x => x.startsWith("outbox")))`)
	p.do(chromedp.Reload())
	p.sees("Wir holen sie morgen.")
	if n := c.row(t, `SELECT count(*) FROM message`) - before; n != 1 {
		t.Errorf("%d messages were written, want 1", n)
	}
}
