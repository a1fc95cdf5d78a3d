package app_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// walkCouncils: the operator reads a council in after having looked at it, and everybody reads its committee, its meeting
// and its paper; each of these pages is looked through by axe.
func walkCouncils(t *testing.T, c *city) {
	needAxe(t)
	one := func(typ, id, more string) string {
		return fmt.Sprintf(`{"id":"https://rat.example.org/%s","type":"https://schema.oparl.org/1.1/%s",%s}`, id, typ, more)
	}
	words, err := json.Marshal(strings.Join([]string{
		one("Body", "b", `"name":"Stadt Rat"`),
		one("Organization", "o", `"name":"Jugendhilfeausschuss","body":"https://rat.example.org/b"`),
		one("Meeting", "m", `"name":"9. Sitzung","start":"2026-01-20T17:00:00+01:00","organization":["https://rat.example.org/o"],"agendaItem":[`+
			one("AgendaItem", "i", `"number":"1","order":0,"name":"Bedarfsplan","result":"beschlossen","resolutionText":"So soll es sein."`)+`]`),
		one("Paper", "p", `"name":"Bedarfsplan 2026","reference":"12/2026","body":"https://rat.example.org/b","mainFile":`+
			one("File", "f", `"name":"Zahlen","accessUrl":"https://rat.example.org/zahlen.pdf"`)+`,"consultation":[`+
			one("Consultation", "c", `"agendaItem":"https://rat.example.org/i","meeting":"https://rat.example.org/m","role":"Entscheidung"`)+`]`),
		one("Meeting", "bad", `"start":"gestern","organization":"niemand"`),
	}, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	p := c.phone(t).as("Betrieb")
	p.open("/ratsinformationen")
	p.axe("before anything was read in")
	p.open("/ratsinformationen/einlesen")
	p.axe("the form")
	eval[bool](p, `(() => { const d = new DataTransfer(); d.items.add(new File([`+string(words)+`], "rat.jsonl")); document.querySelector("#file").files = d.files; return true; })()`)
	p.tap("Vorschau")
	p.until(`location.pathname.startsWith("/ratsinformationen/vorschau/")`)
	p.axe("the preview")
	p.tapIn("main", "übernehmen")
	p.until(`location.pathname === "/ratsinformationen"`)
	p.sees("Stadt Rat")
	p.axe("what was read in")
	nobody := c.phone(t)
	nobody.open("/gremien")
	for _, link := range []string{"/gremium/", "/ratssitzung/", "/vorlage/"} {
		at := eval[string](nobody, `[...document.querySelectorAll("main a")].filter(a => a.getAttribute("href").startsWith("`+link+`") && (!location.pathname.startsWith("/gremien") || a.textContent.includes("Jugendhilfeausschuss"))).map(a => a.getAttribute("href"))[0] || ""`)
		if at == "" {
			t.Fatalf("no way to %s from %s", link, eval[string](nobody, `location.pathname`))
		}
		nobody.open(at)
		nobody.inspect(at, 200)
	}
	const all = "/ratsgremium/2" // its second object; the committee's page leads there when it has many meetings
	nobody.open(all)
	nobody.inspect(all, 200)
	nobody.sees("9. Sitzung")
}
