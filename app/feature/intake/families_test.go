package intake

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
)

const familyHead = "facility,group,child_ref,given,family,born,language,g1_given,g1_family,g1_relation,g1_mail,g1_phone,g1_language,g1_informed,g1_decides,g2_given,g2_family,g2_mail\n"

const (
	kids = `SELECT c.given || ' ' || c.family || ' ' || c.born || ' ' || c.ref || ' ' || u.name FROM child c
		JOIN child_stay s ON s.child = c.id AND s.until > 9000000000000000000 JOIN unit u ON u.id = s.unit WHERE c.id > 4 ORDER BY c.id`
	adults = `SELECT p.given || ' ' || p.family || ' | ' || g.relation || ' ' || g.mail || ' ' || g.phone || ' ' || g.language
		|| ' ' || g.rank || g.informed || g.decides || ' ' || g.state FROM guardian g JOIN person p ON p.id = g.person WHERE g.child > 4 ORDER BY g.child, g.rank`
)

func TestFamilies(t *testing.T) {
	db := apptest.DB(t)
	const file = familyHead +
		"sonne,Käfer,7,Lina,Kurz,2022-05-06,tr,Ayşe,Kurz,Mutter,a@example.org,0461 12-3,,,,Ben,Kurz,a@example.org\n" +
		"Kita Sonnenblume,Bären,,Tom,Lang,7.8.2021,,Eva,Lang,,,,de,nein,ja,,,\n" +
		"sonne,Bären,8,Mio,Kurz,2020-01-02,tr,Ayşe,Kurz,Mutter,a@example.org,0461 12-3,,,,,,\n"
	rep := must(t, db, ImportFamilies, file, Options{}, apptest.Start)
	if rep.New != 3 || rep.Changed+rep.Same+len(rep.Refused) != 0 {
		t.Errorf("first import: %+v", rep)
	}
	if want := []string{"Can Y.", "Dora B.", "Mila D."}; !slices.Equal(rep.Missing, want) {
		t.Errorf("missing %q, want %q (and nobody of the other facility)", rep.Missing, want)
	}
	wantKids := []string{"Lina Kurz 2022-05-06 7 Käfer", "Tom Lang 2021-08-07  Bären", "Mio Kurz 2020-01-02 8 Bären"}
	if got := rows(t, db, kids); !slices.Equal(got, wantKids) {
		t.Errorf("children %q, want %q", got, wantKids)
	}
	wantAdults := []string{
		"Ayşe Kurz | Mutter a@example.org 0461 12-3 tr 111 invited", "Ben Kurz |  a@example.org  tr 211 invited",
		"Eva Lang |    de 101 invited", "Ayşe Kurz | Mutter a@example.org 0461 12-3 tr 111 invited",
	}
	if got := rows(t, db, adults); !slices.Equal(got, wantAdults) {
		t.Errorf("guardians\ngot  %q\nwant %q", got, wantAdults)
	}
	if n := rows(t, db, `SELECT count(*) FROM person WHERE given = 'Ayşe'`)[0]; n != "2" {
		t.Errorf("%s persons for the mother of two: importing must never make one of two", n)
	}

	before := db.Changes()
	rep = must(t, db, ImportFamilies, file, Options{}, apptest.Start.AddDate(0, 0, 1))
	if rep.Same != 3 || rep.New+rep.Changed != 0 || db.Changes() != before {
		t.Errorf("second import: %+v, %d rows written", rep, db.Changes()-before)
	}

	// A newer file: Lina changes the group, Ben has a mail of his own, Tom gets a number and a second guardian;
	// by hand, Ayşe is not informed about Lina any more and Eva has a phone.
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE guardian SET informed = 0 WHERE id = (SELECT g.id FROM guardian g JOIN child c ON c.id = g.child WHERE c.ref = '7' AND g.rank = 1)`)
		if err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE guardian SET phone = '0151' WHERE id = (SELECT g.id FROM guardian g JOIN person p ON p.id = g.person WHERE p.given = 'Eva')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const newer = familyHead +
		"sonne,Bären,7,Lina,Kurz,2022-05-06,tr,Ben,Kurz,Vater,ben@example.org,,,,,Ayşe,Kurz,a@example.org\n" +
		"sonne,,9,Tom,Lang,2021-08-07,,Eva,Lang,,,,,,,Ole,Groß,\n"
	var preview Report
	err = db.Read(t.Context(), func(tx *store.Tx) (err error) {
		preview, err = ImportFamilies(tx, []byte(newer), Options{Dry: true}, apptest.Start.AddDate(0, 0, 2))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	rep = must(t, db, ImportFamilies, newer, Options{}, apptest.Start.AddDate(0, 0, 2))
	a, _ := json.Marshal(preview)
	b, _ := json.Marshal(rep)
	if string(a) != string(b) || rep.Changed != 2 || !slices.Contains(rep.Missing, "Mio K.") {
		t.Errorf("the preview says %s\nthe import says  %s", a, b)
	}
	wantKids = []string{"Lina Kurz 2022-05-06 7 Bären", "Tom Lang 2021-08-07 9 Bären", "Mio Kurz 2020-01-02 8 Bären"}
	if got := rows(t, db, kids); !slices.Equal(got, wantKids) {
		t.Errorf("children %q, want %q", got, wantKids)
	}
	wantAdults = []string{
		"Ayşe Kurz | Mutter a@example.org 0461 12-3 tr 101 invited", "Ben Kurz | Vater ben@example.org  tr 211 invited",
		"Eva Lang |   0151 de 101 invited", "Ole Groß |    de 211 invited", "Ayşe Kurz | Mutter a@example.org 0461 12-3 tr 111 invited",
	}
	if got := rows(t, db, adults); !slices.Equal(got, wantAdults) {
		t.Errorf("guardians\ngot  %q\nwant %q", got, wantAdults)
	}
	if n := rows(t, db, `SELECT count(*) FROM child_stay s JOIN child c ON c.id = s.child WHERE c.ref = '7'`)[0]; n != "2" {
		t.Errorf("a move must keep the history: %s stays", n)
	}
}

func TestFamiliesRefused(t *testing.T) {
	for _, c := range []struct{ name, line, why string }{
		{"no facility", ",Käfer,,A,B,,,,,,,,,,,,,", "facility"},
		{"unknown facility", "nirgends,Käfer,,A,B,,,,,,,,,,,,,", "nirgends"},
		{"facility of others", "regen,Frösche,,A,B,,,,,,,,,,,,,", "zuständig"},
		{"no group", "sonne,,,A,B,,,,,,,,,,,,,", "Gruppe fehlt"},
		{"unknown group", "sonne,Frösche,,A,B,,,,,,,,,,,,,", "„Käfer“"},
		{"no given name", "sonne,Käfer,,,B,,,,,,,,,,,,,", "Vorname"},
		{"birthday", "sonne,Käfer,,A,B,2022-13-01,,,,,,,,,,,,", "2022-13-01"},
		{"birthday to come", "sonne,Käfer,,A,B,2027-01-01,,,,,,,,,,,,", "Zukunft"},
		{"long ago", "sonne,Käfer,,A,B,1950-01-01,,,,,,,,,,,,", "zu weit"},
		{"language", "sonne,Käfer,,A,B,,Türkisch,,,,,,,,,,,", "Kürzel"},
		{"mail", "sonne,Käfer,,A,B,,,C,D,,c@d,,,,,,,", "Mailadresse"},
		{"mail with name", "sonne,Käfer,,A,B,,,C,D,,C <c@d.de>,,,,,,,", "Mailadresse"},
		{"phone", "sonne,Käfer,,A,B,,,C,D,,,abends,,,,,,", "Telefonnummer"},
		{"guardian without name", "sonne,Käfer,,A,B,,,,,,c@d.de,,,,,,,", "Name fehlt"},
		{"yes or no", "sonne,Käfer,,A,B,,,C,D,,,,,vielleicht,,,,", "weder ja noch nein"},
		{"guardian twice", "sonne,Käfer,,A,B,,,C,D,,,,,,,C,D,", "zweimal"},
		{"child twice", "sonne,Käfer,,Gut,Kind,2022-01-01,,,,,,,,,,,,", "Zeile 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			db := apptest.DB(t)
			o := Options{May: func(unit int64) bool { return unit == apptest.Sonne }}
			file := familyHead + "sonne,Käfer,,Gut,Kind,2022-01-01,,,,,,,,,,,,\n" + c.line + "\n"
			before := db.Changes()
			rep, err := bring(t, db, ImportFamilies, file, o, apptest.Start)
			if fault.KindOf(err) != fault.Invalid || db.Changes() != before {
				t.Fatalf("error %v, %d rows written", err, db.Changes()-before)
			}
			if len(rep.Refused) != 1 || rep.Refused[0].Line != 3 || !strings.Contains(rep.Refused[0].Why, c.why) {
				t.Errorf("refused %v, want line 3 with %q", rep.Refused, c.why)
			}
			o.SkipBad = true
			rep = must(t, db, ImportFamilies, file, o, apptest.Start)
			if got := rows(t, db, kids); rep.New != 1 || !slices.Equal(got, []string{"Gut Kind 2022-01-01  Käfer"}) {
				t.Errorf("skipping: %+v, %q", rep, got)
			}
		})
	}
}

// What ended by hand does not come back because a file still names it.
func TestFamiliesThatLeft(t *testing.T) {
	db := apptest.DB(t)
	const file = "facility;group;given;family;born;g1_given;g1_family\n" +
		"sonne;Käfer;Mila;Demir;2022-05-01;Ada;Demir\nsonne;Bären;Can;Yildiz;2021-07-03;Stan;Still\n"
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		if err := person.MoveChild(tx, apptest.Mila, 0, apptest.Start); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE guardian SET state = 'ended', until = ? WHERE person = ?`, apptest.Start.Unix(), apptest.Silent)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	before := db.Changes()
	rep := must(t, db, ImportFamilies, file, Options{}, apptest.Start.Add(time.Hour))
	if rep.Same != 2 || rep.New+rep.Changed != 0 || db.Changes() != before || len(rep.Notes) != 3 {
		t.Errorf("%+v", rep)
	}
}
