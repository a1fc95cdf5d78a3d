package app

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"time"

	"nestfunk/app/apptest"
)

// Who has come for the papers: whose children have left, and who has not yet shown the second factor.
const (
	wanda, ulla, fanny = 35, 36, 37
	childW, childU     = 12, 13
	atTablet           = -1 // a tablet of Käfer at which nobody is
	moreLeft           = `
INSERT INTO person (id, uid, given, family, language) VALUES (35, 'p35', 'Wanda', 'Weg', 'de'), (36, 'p36', 'Ulla', 'Unbekannt', 'de'), (37, 'p37', 'Fanny', 'Faktor', 'de');
INSERT INTO membership (person, unit, role, office, state, since) VALUES (37, 4, 4, '', 'confirmed', 0);
INSERT INTO account_totp (person, secret, step, since) VALUES (37, 'x', 0, 0);
INSERT INTO child (id, uid, facility, given, family, born) VALUES (12, 'c12', 4, 'Can', 'Weg', '2022-05-01'), (13, 'c13', 4, 'Can', 'Unbekannt', '2022-05-01');
INSERT INTO child_stay (child, since, unit, until) VALUES (12, 0, 5, 1772409600), (13, 0, 5, 1772409600);
INSERT INTO guardian (child, person, relation, rank, informed, decides, state, mail, phone, language, since) VALUES
	(12, 35, 'Mutter', 1, 1, 1, 'confirmed', '', '', 'de', 0), (13, 36, 'Mutter', 1, 1, 1, 'confirmed', '', '', 'de', 0);
`
)

// places8 are those of which somebody is responsible, and for whom.
var places8 = []struct {
	place    rune
	unit, by int64
}{{'G', apptest.Kaefer, apptest.Hanna}, {'N', apptest.Baeren, apptest.Hanna}, {'K', apptest.Sonne, apptest.Hanna}, {'A', mond, mia}, {'E', alt, alma},
	{'T', apptest.CarrierA, apptest.Max}, {'F', apptest.Regenbogen, apptest.Rosa}, {'S', apptest.City, apptest.Olga}}

// families6 are the families of the places.
var families6 = []struct {
	place         rune
	parent, child int64
}{{'I', apptest.Bert, apptest.Mila}, {'G', guel, childG}, {'N', apptest.Cem, apptest.Can}, {'A', pia, childF}, {'E', olli, childE}, {'F', xenia, childX}}

// papers has everybody ask for consent, show pictures, report and measure. Who writes in a room stands there by name: here
// people whose names are not looked for.
func (w *world) papers() {
	w.t.Helper()
	for _, c := range places8 {
		w.done(c.by, "/einwilligungen/neu", "uid", fmt.Sprintf("00000000-0000-7000-8000-%012d", c.unit), "unit", fmt.Sprint(c.unit), "kind", "inside",
			"title", word("einwilligung", c.place), "words", "Wir fotografieren.", "about", "child", "alone", "16")
		w.last("einwilligung", c.place, "consent_purpose")
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 9, 9))); err != nil {
			w.t.Fatal(err)
		}
		b.WriteString(word("bild", c.place)) // one file each
		x, err := w.Files.Receive(w.t.Context(), c.by, word("bild", c.place)+".png", &b)
		if err != nil {
			w.t.Fatal(err)
		}
		w.sql(`UPDATE file SET owner = 'announcement', ref = ? WHERE id = ?`, w.ids["mitteilung"][c.place], x.ID)
		w.is("bild", c.place, x.ID)
	}
	w.done(apptest.Bert, "/einwilligungen", "purpose", fmt.Sprint(w.ids["einwilligung"]['K']), "version", "1", "child", fmt.Sprint(apptest.Mila), "yes", "1")
	w.done(xenia, "/einwilligungen", "purpose", fmt.Sprint(w.ids["einwilligung"]['F']), "version", "1", "child", fmt.Sprint(childX), "yes", "1")
	for _, c := range []struct {
		place, room rune
		parent, by  int64
	}{{'I', 'K', apptest.Bert, apptest.Hanna}, {'G', 'K', apptest.Ada, apptest.Hanna}, {'N', 'K', apptest.Dana, apptest.Hanna}, {'A', 'A', pia, mia}, {'F', 'F', xenia, apptest.Rosa}} {
		if c.parent != apptest.Bert { // is inside already
			w.entered(c.parent, fmt.Sprintf("/raum/%d", w.ids["raum"][c.room]))
		}
		w.done(c.parent, fmt.Sprintf("/beitrag/%d/melden", w.ids["beitrag"][c.room]), "ground", "rules", "words", word("meldung", c.place))
		w.last("meldung", c.place, "room_report")
		w.done(c.parent, fmt.Sprintf("/thema/%d/antwort", w.ids["thema"][c.room]), "uid", fmt.Sprint("m", c.parent), "body", "Bei mir.")
		w.last("antwort", c.place, "room_post")
		w.done(c.by, fmt.Sprintf("/beitrag/%d/massnahme", w.ids["antwort"][c.place]), "kind", "hide", "ground", "rules", "reason", word("maßnahme", c.place))
		w.last("maßnahme", c.place, "room_action")
	}
}

// marks are what the data-protection part of the house knows of: requests, holds, incidents, barriers; and tablets.
func (w *world) marks() {
	w.t.Helper()
	for _, c := range families6 {
		w.done(c.parent, "/konto/daten/loeschen", "child", fmt.Sprint(c.child), "words", word("löschung", c.place))
		w.last("löschung", c.place, "privacy_request")
	}
	w.done(gone, "/konto/daten/loeschen", "child", fmt.Sprint(childGone), "words", "Bitte.")
	w.last("vorgelegtelöschung", 'G', "privacy_request")
	w.done(apptest.Arno, fmt.Sprintf("/kind/%d/loeschen", childW), "words", "Am Telefon.")
	w.last("aufgenommenelöschung", 'G', "privacy_request")
	w.done(ulla, "/konto/daten/loeschen", "child", fmt.Sprint(childU), "words", "Bitte.")
	w.last("erledigtelöschung", 'G', "privacy_request")
	for _, kind := range []string{"vorgelegtelöschung", "aufgenommenelöschung", "erledigtelöschung"} {
		w.done(apptest.Max, fmt.Sprintf("/loeschung/%d/vorlegen", w.ids[kind]['G']))
	}
	w.done(apptest.Arno, fmt.Sprintf("/loeschung/%d/freigeben", w.ids["erledigtelöschung"]['G']), "sure", "1")
	for _, c := range places8 {
		w.done(apptest.Arno, "/vermerke", "unit", fmt.Sprint(c.unit), "reason", word("vermerk", c.place))
		w.last("vermerk", c.place, "hold")
	}
	w.done(apptest.Arno, fmt.Sprintf("/person/%d/sperren", apptest.Bert), "reason", word("vermerk", 'I'))
	w.last("vermerk", 'I', "hold")
	w.done(apptest.Arno, fmt.Sprintf("/kind/%d/sperren", childX), "reason", word("kindvermerk", 'F'))
	w.last("kindvermerk", 'F', "hold")
	w.done(apptest.Arno, "/betrieb/vorfall", "title", word("vorfall", 'S'), "finder", "Doris", "noticed", w.Now().Add(-time.Hour).In(time.Local).Format("2006-01-02T15:04"))
	w.last("vorfall", 'S', "incident")
	w.done(apptest.Nobody, "/barriere", "uid", "00000000-0000-7000-8000-000000000099", "body", word("barriere", 'S'))
	w.last("barriere", 'S', "barrier_report")
	for _, c := range []struct {
		place     rune
		group, by int64
	}{{'G', apptest.Kaefer, apptest.Hanna}, {'N', apptest.Baeren, apptest.Hanna}, {'A', sterne, mia}, {'E', eulen, alma}, {'F', apptest.Froesche, apptest.Rosa}} {
		w.tablet(c.place, c.group, c.by)
	}
}

// tablet has a head set a tablet up; the one of Käfer asks by itself, too.
func (w *world) tablet(place rune, group, by int64) {
	w.t.Helper()
	rec := w.do(by, w.form(by, "/tablets/neu", "group", fmt.Sprint(group), "name", word("tablet", place)))
	code := tabletCode.FindString(rec.Body.String())
	w.last("tablet", place, "tablet")
	if place != 'G' {
		return
	}
	rec = httptest.NewRecorder()
	w.handler.ServeHTTP(rec, w.form(0, "/am-tablet/einrichten", "code", code))
	if rec.Code != http.StatusSeeOther {
		w.t.Fatalf("the tablet: %d %s", rec.Code, said(rec.Body.String()))
	}
	w.cookies[atTablet] = rec.Result().Cookies()[0]
}
