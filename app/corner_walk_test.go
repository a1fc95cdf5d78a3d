package app_test

import (
	"archive/zip"
	"bytes"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nestfunk/app"
	"nestfunk/app/base/web"

	"github.com/pquerna/otp/totp"
)

// id reads a number from the database of the town.
func (c *city) id(t *testing.T, query string, args ...any) (n int64) {
	t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: filepath.Join(c.data, "nestfunk.db"), RawQuery: "mode=ro"}).String())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return n
}

// look opens a page and inspects it.
func (p *phone) look(path string, args ...any) {
	p.t.Helper()
	path = fmt.Sprintf(path, args...)
	p.open(path)
	p.inspect(path, 200)
}

// upload puts a file into the form of a page and sends it, which leads elsewhere.
func (p *phone) upload(path, name, content string) {
	p.t.Helper()
	p.open(path)
	eval[bool](p, `(() => {
		const d = new DataTransfer(), i = document.querySelector("main input[type=file]");
		d.items.add(new File([Uint8Array.from(atob(`+quoted(base64.StdEncoding.EncodeToString([]byte(content)))+`), c => c.charCodeAt(0))], `+quoted(name)+`));
		i.files = d.files; i.form.requestSubmit(); return true;
	})()`)
	p.until(`location.pathname !== ` + quoted(path))
}

// walkCorners looks at what no other walk and no link of a page comes to: what follows a deed, and what few ever need.
func walkCorners(t *testing.T, c *city) {
	needAxe(t)
	for _, corner := range []struct {
		name string
		look func(*testing.T, *city)
	}{
		{"incident", cornerIncident},
		{"forgetting", cornerForgetting},
		{"bulletin", cornerBulletin},
		{"calendar", cornerCalendar},
		{"wiki", cornerWiki},
		{"intake", cornerIntake},
		{"room", cornerRoom},
		{"absence", cornerAbsence},
		{"announcement", cornerAnnouncement},
		{"backup", cornerBackup},
		{"fresh house", cornerFresh},
	} {
		t.Run(corner.name, func(t *testing.T) { corner.look(t, c) })
	}
}

func cornerIncident(t *testing.T, c *city) {
	p := c.phone(t).as("Betrieb")
	p.open("/betrieb/vorfall")
	p.send("/betrieb/vorfall", "title", "Tablet gestohlen", "finder", "Leitung", "noticed", time.Now().In(web.Zone()).Format("2006-01-02T15:04"))
	p.until(`/vorfall\/\d+/.test(location.pathname)`)
	at := eval[string](p, `location.pathname`)
	for _, page := range []string{"", "/betroffene", "/meldung", "/brief", "/bericht"} {
		p.look(at + page)
	}
}

func cornerForgetting(t *testing.T, c *city) {
	clerk := c.phone(t).as("Betrieb")
	child := c.id(t, `SELECT max(id) FROM child`)
	clerk.look("/kind/%d/daten", child)
	clerk.send(fmt.Sprintf("/kind/%d/loeschen", child), "words", "Die Eltern verlangen es im Brief vom 1. März.")
	clerk.until(`!location.pathname.endsWith("/daten")`)
	clerk.look("/loeschung/%d", c.id(t, `SELECT max(id) FROM privacy_request`))
}

func cornerBulletin(t *testing.T, c *city) {
	p := c.phone(t).as("Elternbeirat")
	sent := c.id(t, `SELECT max(bulletin) FROM bulletin_recipient WHERE person = (SELECT id FROM person WHERE family = 'Momsen')`)
	p.look("/rundbrief/%d/melden", sent)
	p.send(fmt.Sprintf("/rundbrief/%d/melden", sent), "ground", "rules", "words", "Das ist Werbung.")
	p.until(`!location.pathname.endsWith("/melden")`)
	c.phone(t).as("Verwaltung").look("/rundbrief/%d/massnahme", sent)
}

func cornerCalendar(t *testing.T, c *city) {
	p := c.phone(t).as("Leitung")
	p.look("/termin/%d/antworten", c.id(t, `SELECT max(i.id) FROM calendar_instance i JOIN calendar_date d ON d.id = i.date WHERE d.answers = 1 AND d.unit = (SELECT unit FROM membership WHERE person = (SELECT id FROM person WHERE family = 'Detlefsen'))`))
	p.upload("/termine/einlesen", "termine.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\nDTSTART;VALUE=DATE:20270301\r\nSUMMARY:Fasching\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")
	p.inspect("a preview of dates", 200)
}

func cornerWiki(t *testing.T, c *city) {
	p := c.phone(t).as("Leitung")
	archive := c.id(t, `SELECT unit FROM membership WHERE person = (SELECT id FROM person WHERE family = 'Detlefsen')`)
	page := c.id(t, `SELECT max(id) FROM wiki_page WHERE unit = ? AND removed IS NULL AND template = 0`, archive)
	p.open(fmt.Sprintf("/seite/%d/einrichten", page))
	p.send(fmt.Sprintf("/seite/%d/pflicht", page), "asks", "staff")
	p.sees("Gespeichert.")
	p.look("/seite/%d/leserliste", page)
	chair := c.phone(t).as("Elternbeirat")
	chair.look("/seite/%d/umziehen?archiv=%d", c.id(t, `SELECT min(p.id) FROM wiki_page p JOIN unit u ON u.id = p.unit WHERE u.name = 'Elternbeirat KiTa Bullerbü' AND p.template = 0`),
		c.id(t, `SELECT max(unit) FROM membership WHERE person = (SELECT id FROM person WHERE family = 'Momsen') AND role = 8`))
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create("Neue Seite.md")
	if err == nil {
		_, err = w.Write([]byte("# Neue Seite\n\nText\n"))
	}
	if err = errors.Join(err, z.Close()); err != nil {
		t.Fatal(err)
	}
	p.upload(fmt.Sprintf("/archiv/%d/einlesen", archive), "seiten.zip", b.String())
	p.inspect("a preview of pages", 200)
}

func cornerIntake(t *testing.T, c *city) {
	p := c.phone(t).as("Betrieb")
	p.upload("/einheiten/einlesen", "kitas.csv", "city,source_id,name,carrier\nFlensburg,neu-1,Kita Neu,Stadt Flensburg\n")
	p.inspect("a preview of facilities", 200)
}

func cornerRoom(t *testing.T, c *city) {
	p := c.phone(t).as("junger Mensch")
	post := c.id(t, `SELECT max(p.id) FROM room_post p JOIN room_topic t ON t.id = p.topic JOIN room r ON r.id = t.room WHERE r.youth = 1 AND p.state = 'shown' AND p.author <> (SELECT id FROM person WHERE given = 'Falke')`)
	p.look("/beitrag/%d/melden", post)
	p.send(fmt.Sprintf("/beitrag/%d/melden", post), "ground", "rules", "words", "Das ist gemein.")
	p.until(`!location.pathname.endsWith("/melden")`)
	p.look("/meldung/%d", c.id(t, `SELECT max(id) FROM room_report`))
}

func cornerAbsence(t *testing.T, c *city) {
	p := c.phone(t).as("Leitung")
	p.look("/abwesenheit/%d", c.id(t, `SELECT max(a.id) FROM absence a JOIN child c ON c.id = a.child WHERE c.facility = (SELECT unit FROM membership WHERE person = (SELECT id FROM person WHERE family = 'Detlefsen'))`))
}

// Whoever reads a mail can ask for no more of them, without signing in.
func cornerAnnouncement(t *testing.T, c *city) {
	p := c.phone(t)
	p.look(p.letter("/b/") + "/abmelden")

	family := c.phone(t).as("Elternbeirat")
	slip := c.id(t, `SELECT max(announcement) FROM slip`)
	family.open(fmt.Sprintf("/mitteilung/%d", slip))
	eval[bool](family, `(f => { f.noValidate = true; f.requestSubmit(); return true; })(document.querySelector("main form[action$='/antwort']"))`)
	family.sees("Bitte beantworten Sie diese Frage.")
	family.axe("an answer without an answer")
	c.seen.templates.look(fmt.Sprintf("%s/rueckmeldung/%d/antwort", strings.TrimPrefix(c.base, "http://"), slip)) // it stands in the page from which it was sent
}

// letter finds the first link of a kind in any mail.
func (p *phone) letter(link string) string {
	p.t.Helper()
	p.open("/demo/post")
	for _, at := range eval[[]string](p, `[...document.querySelectorAll("main a[href^='/demo/brief/']")].map(x => x.pathname)`) {
		p.open(at)
		if to := eval[string](p, `[...document.querySelectorAll("main a[href]")].map(x => x.pathname).find(x => x.startsWith(`+quoted(link)+`)) ?? ""`); to != "" {
			return to
		}
	}
	p.t.Fatalf("no mail has a link %s", link)
	return ""
}

func cornerBackup(t *testing.T, c *city) {
	p := c.phone(t).as("Betrieb")
	p.open("/betrieb/sicherung")
	p.send("/betrieb/sicherung/schluessel", "holder", "Tresor im Büro")
	p.sees("Tresor im Büro")
	p.inspect("the words of a key", 200)
}

// A house that nobody has opened yet asks three questions of its operator, and wants a second factor; and whoever is away from
// the last proof for long proves again who they are.
func cornerFresh(t *testing.T, c *city) {
	var later atomic.Int64
	house := openHouse(t, c.seen, app.Serve, func() time.Time { return time.Now().Add(time.Duration(later.Load())) })
	house.browser = c.browser
	link := regexp.MustCompile(`/l/\S+`).FindString(house.said.String())
	p := house.phone(t)
	p.shut = true
	p.open("/")
	p.inspect("/ of a house that is shut", 503)
	p.open(link)
	p.inspect("the questions to an operator", 200)
	p.send("", "name", "Kitas in Neustadt", "address", "https://kita.example.org", "operator_name", "Stadt Neustadt", "operator_street", "Markt 1", "operator_place", "12345 Neustadt",
		"operator_person", "Rosa Rath", "operator_mail", "kita@neustadt.example")
	p.sees("zweiten Faktor")
	p.inspect("a second factor is wanted", 200)
	p.open("/konto/zweiter-schritt")
	secret := eval[string](p, `new URL(document.querySelector("a[href^='otpauth:']").href).searchParams.get("secret")`)
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.send("", "code", code)
	p.sees("Ihre Codes für den Notfall")
	later.Store(int64(6 * time.Minute))
	p.look("/konto/nachweis")
	p.sees("Bitte bestätigen Sie, dass Sie es sind")
}
