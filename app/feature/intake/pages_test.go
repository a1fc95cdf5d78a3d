package intake

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/store"
)

// serve is a house with this feature, and what it writes down.
func serve(t *testing.T) (*apptest.House, *apptest.Site, *[]string) {
	t.Helper()
	h, log := apptest.New(t), &[]string{}
	return h, h.Serve(t, New(h.House, func(_ *store.Tx, _ time.Time, person int64, action string, ref int64) error {
		*log = append(*log, fmt.Sprint(person, " ", action, " ", ref))
		return nil
	})), log
}

// done fails unless the answer leads on.
func done(t *testing.T, a apptest.Answer, to string) {
	t.Helper()
	if a.Code != 303 || to != "" && a.To != to {
		t.Fatalf("answer %d to %q, want 303 to %q\n%s", a.Code, a.To, to, a.Body)
	}
}

func TestWhoReadsLists(t *testing.T) {
	_, site, _ := serve(t)
	for path, may := range map[string][]int64{
		"/einheiten/einlesen": {apptest.Arno, apptest.Olga},
		"/einheiten/familien": {apptest.Arno, apptest.Max, apptest.Hanna, apptest.Greta, apptest.Rosa},
	} {
		for p := int64(apptest.Nobody); p <= apptest.Chair; p++ {
			if a := site.Get(p, path); (a.Code == 200) != slices.Contains(may, p) {
				t.Errorf("%s as %d: %d", path, p, a.Code)
			}
		}
	}
}

func TestUpload(t *testing.T) {
	h, site, log := serve(t)
	const file = "city;source_id;name;carrier;groups_detail\nMusterhausen;a;Kita Süd;Träger A;\nMusterhausen;;Ohne Kennung;;\n"
	send := func(p int64, file string, fields ...string) apptest.Answer {
		return site.Upload(p, "/einheiten/einlesen", "file", "liste.csv", []byte(file), fields...)
	}
	before := h.DB.Changes()
	a := send(apptest.Arno, file)
	done(t, a, "")
	preview := a.To
	a = site.Get(apptest.Arno, preview)
	for _, words := range []string{"Kita Süd", "liste.csv", "source_id", "Kita Regenbogen", "Ohne diese Zeilen übernehmen"} {
		if !a.Has(words) {
			t.Errorf("the preview lacks %q:\n%s", words, a.Body)
		}
	}
	if h.DB.Changes() != before {
		t.Error("the preview has written")
	}
	if a := site.Get(apptest.Olga, preview); a.Code != 404 || !a.Has("noch einmal hoch") {
		t.Errorf("somebody else's preview: %d", a.Code)
	}
	// Meanwhile somebody else imports the same: the preview is shown anew.
	done(t, site.Post(apptest.Olga, send(apptest.Olga, "city,source_id,name,carrier\nMusterhausen,a,Kita Nord,Träger A\n").To), "/einheiten")
	a = site.Post(apptest.Arno, preview)
	if a.Code != 422 || !a.Has("neue Vorschau") || !a.Has("Kita Nord (heißt jetzt „Kita Süd“") {
		t.Fatalf("after a change by another: %d\n%s", a.Code, a.Body)
	}
	again := regexp.MustCompile(`/einheiten/vorschau/[\w-]+`).FindString(a.Body)
	done(t, site.Post(apptest.Arno, again), "/einheiten")
	if got := rows(t, h.DB, `SELECT u.name || ' < ' || p.name FROM unit u JOIN unit p ON p.id = u.parent WHERE u.source = 'a'`); len(got) != 1 || got[0] != "Kita Süd < Träger A" {
		t.Errorf("imported %q", got)
	}
	if a := site.Post(apptest.Arno, again); a.Code != 404 {
		t.Errorf("a second time: %d", a.Code)
	}
	if want := []string{"2 import.facilities 0", "1 import.facilities 0"}; !slices.Equal(*log, want) {
		t.Errorf("%q is written down, want %q", *log, want)
	}
	// What cannot be read is said beside the field.
	for name, c := range map[string]struct{ file, words string }{
		"no table":     {"\x00", "keine CSV-Datei"},
		"no column":    {"a,b\n1,2\n", "source_id"},
		"another city": {"city,source_id,name\nJena,a,X\n", "Musterhausen"},
	} {
		if a := send(apptest.Arno, c.file); a.Code != 422 || !a.Has("file-error") || !a.Has(c.words) {
			t.Errorf("%s: %d\n%s", name, a.Code, a.Body)
		}
	}
	if a := site.Post(apptest.Arno, "/einheiten/einlesen"); a.Code != 422 || !a.Has("wählen Sie eine Datei") {
		t.Errorf("no file: %d", a.Code)
	}
	// Another city, on purpose: who brings it looks after it; an office may not.
	const jena = "city,source_id,name\nJena,a,Kita Saale\n"
	if a := site.Get(apptest.Olga, "/einheiten/einlesen"); a.Code != 200 || a.Has(`name="add_city"`) {
		t.Errorf("an office is offered to add a city: %d", a.Code)
	}
	if a := site.Get(apptest.Arno, "/einheiten/einlesen"); !a.Has(`name="add_city"`) {
		t.Error("an operator is not offered to add a city")
	}
	if a := send(apptest.Olga, jena, "add_city", "1"); a.Code != 422 {
		t.Errorf("an office adds a city: %d", a.Code)
	}
	done(t, site.Post(apptest.Arno, send(apptest.Arno, jena, "add_city", "1").To), "")
	if got := rows(t, h.DB, `
		SELECT u.name || ' ' || m.person || ' ' || m.state FROM unit u JOIN unit_up p ON p.unit = u.id JOIN membership m ON m.unit = p.above
		WHERE u.name = 'Kita Saale'`); len(got) != 1 || got[0] != "Kita Saale 1 confirmed" {
		t.Errorf("the new city: %q", got)
	}
	// Drop, and time.
	preview = send(apptest.Arno, file).To
	done(t, site.Post(apptest.Arno, preview+"/verwerfen"), "/einheiten")
	if a := site.Get(apptest.Arno, preview); a.Code != 404 {
		t.Errorf("dropped: %d", a.Code)
	}
	preview = send(apptest.Arno, file).To
	h.Clock.Add(uploadLife)
	if a := site.Get(apptest.Arno, preview); a.Code != 404 {
		t.Errorf("after half an hour: %d", a.Code)
	}
}

func TestUploadFamilies(t *testing.T) {
	h, site, log := serve(t)
	const file = familyHead + "sonne,Käfer,,Lina,Kurz,2022-05-06,,Eva,Kurz,,,,,,,,,\nregen,Frösche,,Tom,Lang,,,,,,,,,,,,,\n"
	send := func(p int64) apptest.Answer {
		return site.Upload(p, "/einheiten/familien", "file", "familien.csv", []byte(file))
	}
	a := send(apptest.Hanna)
	done(t, a, "")
	if a := site.Get(apptest.Hanna, a.To); !a.Has("Lina Kurz") || !a.Has("nicht für sie zuständig") || a.Has("Tom Lang") || !a.Has("Mila D.") || a.Has("Emil") {
		t.Errorf("the preview of a head:\n%s", a.Body)
	}
	done(t, site.Post(apptest.Hanna, a.To), "")
	if got := rows(t, h.DB, kids); len(got) != 1 {
		t.Errorf("imported %q", got)
	}
	if a := send(apptest.Olga); a.Code != 403 {
		t.Errorf("an office: %d", a.Code)
	}
	if want := []string{"4 import.families 0"}; !slices.Equal(*log, want) {
		t.Errorf("%q is written down, want %q", *log, want)
	}
}
