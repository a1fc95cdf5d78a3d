package catalogue_test

import (
	"encoding/json"
	"html/template"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	entries "nestfunk/app/base/catalogue"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/catalogue"
)

// A town is a house with the feature, over a small schema.
type town struct {
	*apptest.Site
	House *apptest.House
	t     *testing.T
	part  catalogue.Part
	log   []string
	swept int
}

func serve(t *testing.T) *town {
	t.Helper()
	x := &town{House: apptest.New(t), t: t}
	b, err := os.ReadFile("testdata/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	all, wrong := entries.Parse(string(b))
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	x.House.Catalogue = all
	f, part := catalogue.New(x.House.House, catalogue.Wires{
		Log: func(_ *store.Tx, _ time.Time, _ int64, action string, _ int64) error {
			x.log = append(x.log, action)
			return nil
		},
		Sweeps: []catalogue.Sweep{func(*store.Tx, time.Time) (retention.Class, int, error) {
			x.swept++
			return retention.Session, 3, nil
		}},
	})
	x.Site, x.part = x.House.Serve(t, f), part
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return x
}

// notice is the public part as it is now.
func (x *town) notice() (html template.HTML) {
	x.t.Helper()
	err := x.House.DB.Read(x.t.Context(), func(tx *store.Tx) (err error) {
		html, err = x.part(tx)
		return err
	})
	if err != nil {
		x.t.Fatal(err)
	}
	return html
}

func (x *town) set(name, value string) {
	x.t.Helper()
	if err := x.House.DB.Write(x.t.Context(), func(tx *store.Tx) error { return x.House.Settings.Set(tx, name, value) }); err != nil {
		x.t.Fatal(err)
	}
}

// golden compares with a file. GOLDEN=write writes it instead: read the difference before you keep it.
func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	if os.Getenv("GOLDEN") == "write" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s is not what is made (GOLDEN=write writes it):\n%s", name, got)
	}
}

func TestGolden(t *testing.T) {
	for _, key := range []string{"public", "catholic", "protestant"} {
		t.Run(key, func(t *testing.T) {
			x := serve(t)
			x.set(settings.Land, "SH")
			a := x.Post(apptest.Arno, "/verzeichnis/angaben", "profile", key, "controller", "Träger A\r\nMarkt 1", "officer", "Doris Datenschutz", "authority", "",
				"processors", "Rechenzentrum Nord", "words", "## Eigenes\n\nDas *sagen* wir dazu.")
			if a.Code != 303 {
				t.Fatalf("%d\n%s", a.Code, a.Body)
			}
			golden(t, key+".json", x.Get(apptest.Auditor, "/verzeichnis.json").Body)
			golden(t, key+".txt", string(x.notice()))
		})
	}
}

func TestWhoReads(t *testing.T) {
	x := serve(t)
	for _, path := range []string{"/verzeichnis", "/verzeichnis.json", "/verzeichnis/fristen", "/verzeichnis/geloescht"} {
		for _, p := range []int64{apptest.Arno, apptest.Olga, apptest.Auditor} {
			if a := x.Get(p, path); a.Code != 200 {
				t.Errorf("%s as %d: %d", path, p, a.Code)
			}
		}
		for _, p := range []int64{apptest.Nobody, apptest.Max, apptest.Hanna, apptest.Ada} {
			if a := x.Get(p, path); a.Code == 200 {
				t.Errorf("%s is open to %d", path, p)
			}
		}
	}
	for _, p := range []int64{apptest.Olga, apptest.Auditor, apptest.Nobody} {
		if a := x.Get(p, "/verzeichnis/angaben"); a.Code == 200 {
			t.Errorf("the form is open to %d", p)
		}
	}
	a := x.Get(apptest.Auditor, "/verzeichnis")
	for _, w := range []string{"Art. 30 DSGVO", "Abwesenheiten", "Kinder, Sorgeberechtigte", "10 Jahre nach dem Tag", "noch nicht angegeben"} {
		if !a.Has(w) {
			t.Errorf("the record lacks %q", w)
		}
	}
	if a.Has("Angaben ändern") || !x.Get(apptest.Arno, "/verzeichnis").Has("Angaben ändern") {
		t.Error("who may change it?")
	}
}

// Who runs the house answers for its data, unless somebody else is named.
func TestController(t *testing.T) {
	x := serve(t)
	x.set(settings.OperatorName, "Stadt Neu")
	x.set(settings.OperatorPlace, "12345 Neu")
	if html := string(x.notice()); !strings.Contains(html, "Stadt Neu<br>") || !strings.Contains(html, "12345 Neu<br>") {
		t.Error(html)
	}
	x.set(settings.LawController, "Träger A")
	if html := string(x.notice()); !strings.Contains(html, "Träger A") || strings.Contains(html, "Stadt Neu") {
		t.Error(html)
	}
}

// Each change is an edition; the same words twice are one, and the old ones stay to be read by everybody.
func TestEditions(t *testing.T) {
	x := serve(t)
	if html := string(x.notice()); !strings.Contains(html, "Fassung 1 vom 2. März 2026") {
		t.Errorf("the first: %s", html)
	}
	say := func(words string) {
		if a := x.Post(apptest.Arno, "/verzeichnis/angaben", "profile", "public", "controller", words, "officer", "", "authority", "", "processors", "", "words", ""); a.Code != 303 {
			t.Fatalf("%d\n%s", a.Code, a.Body)
		}
	}
	x.House.Clock.Add(24 * time.Hour)
	say("Träger A")
	say("Träger A")
	if html := string(x.notice()); !strings.Contains(html, "Fassung 2 vom 3. März 2026") || !strings.Contains(html, "Träger A") {
		t.Errorf("the second: %s", html)
	}
	if a := x.Get(apptest.Nobody, "/datenschutz/fassung/1"); a.Code != 200 || !a.Has("inzwischen durch eine neuere ersetzt") || a.Has("Träger A") {
		t.Errorf("the first afterwards: %d\n%s", a.Code, a.Body)
	}
	if a := x.Get(apptest.Nobody, "/datenschutz/fassungen"); !a.Has("/datenschutz/fassung/1") || !a.Has("/datenschutz/fassung/2") || a.Has("/datenschutz/fassung/3") {
		t.Errorf("the list:\n%s", a.Body)
	}
	x.set(settings.ListKeep, "3") // elsewhere: counted in the night
	x.set(settings.LawController, "Träger B")
	if html := string(x.notice()); !strings.Contains(html, "in der Nacht gezählt") {
		t.Errorf("meanwhile: %s", html)
	}
	x.House.Clock.Add(24 * time.Hour)
	x.House.Work(t)
	if html := string(x.notice()); !strings.Contains(html, "Fassung 3 vom 4. März 2026") {
		t.Errorf("after the night: %s", html)
	}
	if len(x.log) != 2 || x.log[0] != "law.changed" {
		t.Errorf("%q is written down", x.log)
	}
}

// A house that has no root yet has nothing to say, and breaks nothing.
func TestBeforeTheBeginning(t *testing.T) {
	x := serve(t)
	err := x.House.DB.Write(t.Context(), func(tx *store.Tx) error {
		for _, q := range []func() (int64, error){
			func() (int64, error) { return tx.Exec(`PRAGMA defer_foreign_keys = ON`) },
			func() (int64, error) { return tx.Exec(`UPDATE unit SET kind = 'office', parent = 1 WHERE id = 1`) },
		} {
			if _, err := q(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if html := x.notice(); html != "" {
		t.Errorf("%s", html)
	}
}

func TestWrongForm(t *testing.T) {
	x := serve(t)
	post := func(profile, words string) apptest.Answer {
		return x.Post(apptest.Arno, "/verzeichnis/angaben", "profile", profile, "controller", "Unser Träger", "officer", "", "authority", "", "processors", "", "words", words)
	}
	if a := post("buddhist", ""); a.Code != 422 || !a.Has("Bitte wählen Sie, welches Recht") || !a.Has("Unser Träger") {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	if a := post("public", strings.Repeat("x", 10_001)); a.Code != 422 || !a.Has("kürzen") {
		t.Errorf("%d", a.Code)
	}
	if a := post("public", "<script>alert(1)</script>"); a.Code != 303 {
		t.Errorf("%d", a.Code)
	}
	if html := string(x.notice()); strings.Contains(html, "<script") {
		t.Errorf("%s", html)
	}
}

// The rules name the periods by which the house deletes, and where each can be changed.
func TestRules(t *testing.T) {
	x := serve(t)
	a := x.Get(apptest.Auditor, "/verzeichnis/fristen")
	for _, w := range []string{"6 Monate nachdem", "Angaben zum Haus", "7 Tage nach der Tat", "höchstens 180 Tage", "§ 195 BGB"} {
		if !a.Has(w) {
			t.Errorf("the rules lack %q:\n%s", w, a.Body)
		}
	}
	if a.Has("/betrieb/haus") || !x.Get(apptest.Arno, "/verzeichnis/fristen").Has(`<a href="/betrieb/haus">`) {
		t.Error("only who may change it is led there")
	}
	x.set(settings.ListKeep, "3")
	if a := x.Get(apptest.Auditor, "/verzeichnis/fristen"); !a.Has("3 Monate nachdem") || !a.Has("üblich: 6 Monate") {
		t.Errorf("as set:\n%s", a.Body)
	}
}

func TestNights(t *testing.T) {
	x := serve(t)
	if a := x.Get(apptest.Auditor, "/verzeichnis/geloescht"); !a.Has("Noch keine Nacht") {
		t.Errorf("at first:\n%s", a.Body)
	}
	for range 2 {
		x.House.Clock.Add(24 * time.Hour)
		x.House.Work(t)
	}
	if x.swept != 2 {
		t.Errorf("swept %d times", x.swept)
	}
	a := x.Get(apptest.Auditor, "/verzeichnis/geloescht")
	if !a.Has("3. März 2026") || !a.Has("4. März 2026") || !a.Has("Anmeldungen") || !a.Has(`<td class="r num">3</td>`) {
		t.Errorf("after two nights:\n%s", a.Body)
	}
	x.House.Clock.Add(retention.Usual(retention.Log).After(apptest.Start).Sub(apptest.Start) + 96*time.Hour)
	x.House.Work(t)
	n := 0
	err := x.House.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		n, err = store.One(tx, store.Value[int], `SELECT count(*) FROM retention_run WHERE day < '2026-04-01'`)
		return err
	})
	if n != 0 || err != nil {
		t.Errorf("%d days are kept for ever: %v", n, err)
	}
}

// The record of the whole schema is whole: nothing in it is a key that nobody has put into words.
func TestWholeSchema(t *testing.T) {
	x := &town{House: apptest.New(t), t: t}
	f, _ := catalogue.New(x.House.House, catalogue.Wires{})
	x.Site = x.House.Serve(t, f)
	var r catalogue.Record
	if err := json.Unmarshal([]byte(x.Get(apptest.Auditor, "/verzeichnis.json").Body), &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Activities) < 25 {
		t.Errorf("%d activities", len(r.Activities))
	}
	for _, a := range r.Activities {
		if a.Subjects == "" || strings.Contains(a.Subjects, ", ,") || len(a.Rows) == 0 {
			t.Errorf("%+v", a)
		}
		for _, row := range a.Rows {
			for _, w := range []string{row.Data, row.Purpose, row.Basis, row.Kept, row.Recipients} {
				if strings.Trim(w, ", ") == "" || strings.HasPrefix(w, ", ") || strings.Contains(w, ", ,") {
					t.Errorf("%s: %+v", a.Name, row)
				}
			}
		}
	}
}
