package calendar

import (
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// address makes a feed for somebody and returns where it is.
func (w *town) address(person int64) string {
	w.t.Helper()
	w.Post(person, "/konto/kalender")
	at := regexp.MustCompile(`/kalender/[\w-]+\.ics`).FindString(w.Get(person, "/konto/kalender").Body)
	if len(at) < 40 {
		w.t.Fatalf("no address: %q", at)
	}
	return at
}

func TestFeed(t *testing.T) {
	w := newTown(t)
	w.inLand("SH")
	w.made(apptest.Hanna, evening("title", "Chor", "repeat", "weekly", "count", "5")...)
	at := w.address(apptest.Cem)
	a := w.Get(apptest.Nobody, at)
	for _, want := range []string{"SUMMARY:Chor\r\n", "UID:20260310-", "UID:20260407-", "DTSTART;TZID=Europe/Berlin:20260407T193000", "SUMMARY:Reformationstag", "TRANSP:TRANSPARENT", "BEGIN:VTIMEZONE"} {
		if !a.Has(want) {
			t.Errorf("no %q", want)
		}
	}
	if a.Has("RRULE:FREQ=WEEKLY") || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/calendar") || !strings.Contains(a.Header.Get("Cache-Control"), "no-store") {
		t.Errorf("%v", a.Header)
	}
	again := func(tag string) int {
		r := httptest.NewRequest("GET", apptest.Base+at, nil)
		r.Header.Set("If-None-Match", tag)
		return w.Do(apptest.Nobody, r).Code
	}
	tag := a.Header.Get("ETag")
	if c := again(tag); c != 304 {
		t.Errorf("unchanged: %d", c)
	}
	if c := again(`"other", W/` + tag); c != 304 {
		t.Errorf("unchanged, weak: %d", c)
	}
	w.Post(apptest.Hanna, "/termin/2/absagen", "umfang", "eins")
	if c := again(tag); c != 200 {
		t.Errorf("changed: %d", c)
	}
	if b := w.Get(apptest.Nobody, at).Body; !strings.Contains(b, "SUMMARY:İptal: Chor") || !strings.Contains(b, "STATUS:CANCELLED") || !strings.Contains(b, "SEQUENCE:1") {
		t.Errorf("%s", b)
	}

	old := at
	if at = w.address(apptest.Cem); at == old {
		t.Error("the new address is the old one")
	}
	if c := w.Get(apptest.Nobody, old).Code; c != 404 {
		t.Errorf("the old address: %d", c)
	}
	w.write(func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE guardian SET state = 'ended' WHERE person = ?`, apptest.Cem)
		return err
	})
	if c := w.Get(apptest.Nobody, at).Code; c != 404 {
		t.Errorf("whose child has left: %d", c)
	}
	at = w.address(apptest.Ada)
	w.Post(apptest.Ada, "/konto/kalender/beenden")
	if c := w.Get(apptest.Nobody, at).Code; c != 404 {
		t.Errorf("ended: %d", c)
	}
}

const file1 = `BEGIN:VCALENDAR
BEGIN:VEVENT
UID:a
SUMMARY:Waldtag
DTSTART;TZID=Europe/Berlin:20260311T090000
DTEND;TZID=Europe/Berlin:20260311T120000
RRULE:FREQ=WEEKLY
END:VEVENT
BEGIN:VEVENT
UID:b
SUMMARY:Fasching
DTSTART;VALUE=DATE:20260216
DTEND;VALUE=DATE:20260217
END:VEVENT
BEGIN:VEVENT
UID:c
SUMMARY:Stündlich
DTSTART:20260311T090000
RRULE:FREQ=HOURLY;COUNT=3
END:VEVENT
BEGIN:VEVENT
SUMMARY:Kaputt
DTSTART:gestern
END:VEVENT
END:VCALENDAR
`

func TestImport(t *testing.T) {
	w := newTown(t)
	upload := func(content string) apptest.Answer {
		return w.Upload(apptest.Hanna, "/termine/einlesen", "file", "x.ics", []byte(content), "unit", "4", "role", "parent")
	}
	if a := upload("kein Kalender"); a.Code != 422 || !a.Has("ist kein Kalender") {
		t.Errorf("%d %s", a.Code, words(a.Body))
	}
	a := upload(file1)
	if a.Code != 303 {
		t.Fatalf("%d %s", a.Code, words(a.Body))
	}
	for _, want := range []string{"2 neu", "1 nicht übernommen", "Diese Reihe hat kein Ende. Eingetragen wird sie bis zum 2. März 2027.", "mehrmals am Tag", "„DTSTART“ ist nicht zu lesen"} {
		w.sees(apptest.Hanna, a.To, true, want)
	}
	if c := w.Get(apptest.Max, a.To).Code; c != 404 {
		t.Errorf("somebody else's preview: %d", c)
	}
	if b := w.Post(apptest.Hanna, a.To); b.Code != 303 {
		t.Errorf("%d", b.Code)
	}
	w.sees(apptest.Ada, "/termine?monat=2026-04", true, "Waldtag")
	if n := len(w.ids("Waldtag")); n != 51 {
		t.Errorf("%d Wednesdays", n)
	}
	w.sees(apptest.Hanna, upload(file1).To, true, "2 schon da")
	if a := w.Upload(apptest.Rosa, "/termine/einlesen", "file", "x.ics", []byte(file1), "unit", "4", "role", "parent"); a.Code != 404 {
		t.Errorf("another's Kita: %d", a.Code)
	}
}

func TestSchoolHolidays(t *testing.T) {
	w := newTown(t)
	w.sees(apptest.Ada, "/termine?monat=2026-10", true, "Tag der Deutschen Einheit")
	w.sees(apptest.Ada, "/termine?monat=2026-10", false, "Reformationstag")
	up := func(person int64, b []byte) apptest.Answer {
		return w.Upload(person, "/betrieb/kalender/ferien", "file", "x.ics", b, "source", "")
	}
	ferien := []byte("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Herbstferien\nDTSTART;VALUE=DATE:20261012\nDTEND;VALUE=DATE:20261025\nEND:VEVENT\nEND:VCALENDAR\n")
	if a := up(apptest.Arno, ferien); a.Code != 422 || !a.Has("zuerst das Land") {
		t.Errorf("%d %s", a.Code, words(a.Body))
	}
	if a := w.Post(apptest.Arno, "/betrieb/kalender", "land", "XX"); a.Code != 422 {
		t.Errorf("XX: %d", a.Code)
	}
	w.Post(apptest.Arno, "/betrieb/kalender", "land", "SN")
	if b, err := os.ReadFile("../../../../shared/data/04-calendar/ics-tools/Ferien/sachsen.ics"); err == nil {
		if a := up(apptest.Arno, b); a.Code != 303 {
			t.Errorf("%d %s", a.Code, words(a.Body))
		}
		w.sees(apptest.Ada, "/termine?monat=2026-02", true, "Winterferien 2026")
	} else if a := up(apptest.Arno, ferien); a.Code != 303 {
		t.Errorf("%d %s", a.Code, words(a.Body))
	}
	w.sees(apptest.Ada, "/termine?monat=2026-10", true, "Reformationstag")
	w.sees(apptest.Ada, "/termine?monat=2026-10", true, "Open Holidays API")
	if a := up(apptest.Hanna, ferien); a.Code != 403 {
		t.Errorf("a head: %d", a.Code)
	}
}

// shut checks who is closed on a day.
func (w *town) shut(day string, everybody bool, facilities ...int64) {
	w.t.Helper()
	err := w.h.DB.Read(w.t.Context(), func(tx *store.Tx) error {
		all, list, err := Shut(w.h.House)(tx, day)
		if all != everybody || !slices.Equal(list, facilities) {
			w.t.Errorf("%s: everybody is closed: %v, and %v, want %v and %v", day, all, list, everybody, facilities)
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestClosingDays(t *testing.T) {
	w := newTown(t)
	w.inLand("SH")
	a := w.Post(apptest.Hanna, "/schliesstage", "unit", "4", "year", "2026", "allowed", "12", "notice", "8")
	if a.Code != 303 {
		t.Fatalf("%d", a.Code)
	}
	plan := a.To
	for _, c := range []struct {
		name, want string
		fields     []string
	}{
		{"summer", "", []string{"first_day", "2026-08-03", "last_day", "2026-08-14", "words", "Sommerferien"}},
		{"a weekend", "ohnehin geschlossen", []string{"first_day", "2026-09-05", "last_day", "2026-09-06"}},
		{"a holiday", "ohnehin geschlossen", []string{"first_day", "2026-05-14"}},
		{"twice", "schon einen Eintrag", []string{"first_day", "2026-08-14"}},
		{"another year", "Dieser Plan ist für 2026", []string{"first_day", "2026-12-28", "last_day", "2027-01-02"}},
		{"backwards", "vor dem ersten", []string{"first_day", "2026-09-09", "last_day", "2026-09-08"}},
		{"too many", "13 von 12", []string{"first_day", "2026-09-07", "last_day", "2026-09-09"}},
		{"too late", "nicht mehr einzuhalten", []string{"first_day", "2026-04-07"}},
		{"late, but known", "", []string{"first_day", "2026-04-07", "late", "1"}},
	} {
		a := w.Post(apptest.Hanna, plan+"/tag", c.fields...)
		if c.want == "" && a.Code != 303 || c.want != "" && (a.Code != 422 || !strings.Contains(words(a.Body), c.want)) {
			t.Errorf("%s: %d %s", c.name, a.Code, words(a.Body))
		}
	}
	w.sees(apptest.Hanna, plan, true, `<span class="big-number num">11</span><span>von 12 Tagen`)
	if c := w.Get(apptest.Ada, plan).Code; c != 404 {
		t.Errorf("before it is published: %d", c)
	}
	w.sees(apptest.Ada, "/termine?monat=2026-08", false, "Sommerferien")
	w.shut("2026-08-03", false)
	w.Post(apptest.Hanna, plan+"/veroeffentlichen")
	w.shut("2026-08-02", false)
	w.shut("2026-08-03", false, apptest.Sonne)
	w.shut("2026-08-14", false, apptest.Sonne)
	w.shut("2026-08-17", false)
	w.shut("2026-10-31", true)
	w.shut("2026-08-15", false) // the Assumption of Mary is one in the Saarland
	w.sees(apptest.Ada, plan, true, "Sommerferien")
	w.sees(apptest.Ada, "/termine?monat=2026-08", true, "Kita Sonnenblume: geschlossen (Sommerferien)")
	w.sees(apptest.Rosa, "/termine?monat=2026-08", false, "Sommerferien")
	w.sees(apptest.Nobody, w.address(apptest.Ada), true, "Sommerferien")
	if c := w.Post(apptest.Rosa, plan+"/tag", "first_day", "2026-09-09").Code; c != 404 {
		t.Errorf("another's plan: %d", c)
	}
	if c := w.Post(apptest.Stefan, plan+"/tag", "first_day", "2026-09-09").Code; c != 403 {
		t.Errorf("staff: %d", c)
	}
}
