package operation_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"html/template"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/feature/operation"
)

func serve(t *testing.T) (*apptest.House, *apptest.Site, house.Feature) {
	t.Helper()
	h := apptest.New(t)
	f := operation.New(h.House, operation.Wires{Bounced: func(*store.Tx, string, string, string) error { return nil }, Written: unwritten})
	return h, h.Serve(t, f), f
}

// unwritten: nobody has written a legal page yet.
func unwritten(*store.Tx, string) (template.HTML, error) { return "", nil }

func write(t *testing.T, h *apptest.House, f func(tx *store.Tx) error) {
	t.Helper()
	if err := h.DB.Write(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

func secret(t *testing.T, h *apptest.House, name string) (value string) {
	t.Helper()
	err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		value, err = h.Settings.Secret(tx, name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return value
}

func server(more ...string) []string {
	return append([]string{"host", "mail.example.org", "port", "", "security", "starttls", "user", "kita", "password", "geheim", "from", "kita@example.org", "reply", ""}, more...)
}

// changed is the form with other values.
func changed(form []string, with ...string) []string {
	form = append([]string(nil), form...)
	for i := 0; i < len(with); i += 2 {
		for j := 0; j < len(form); j += 2 {
			if form[j] == with[i] {
				form[j+1] = with[i+1]
			}
		}
	}
	return form
}

func TestAnOperatorSetsUpMail(t *testing.T) {
	h, site, _ := serve(t)
	if a := site.Get(apptest.Arno, "/betrieb"); a.Code != 200 || !a.Has("nicht eingerichtet") {
		t.Fatal(a.Code, a.Body)
	}
	if a := site.Post(apptest.Arno, "/betrieb/mail", server("details", "1")...); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	a := site.Get(apptest.Arno, "/betrieb/mail")
	for _, s := range []string{`value="mail.example.org"`, `value="kita@example.org"`, "checked", "Ein Passwort ist gespeichert"} {
		if !a.Has(s) {
			t.Errorf("no %s", s)
		}
	}
	if a.Has("geheim") || a.Has("v1:") {
		t.Error("the page shows the password")
	}
	// Saved once more without a password: it stays.
	site.Post(apptest.Arno, "/betrieb/mail", changed(server(), "password", "", "port", "2525")...)
	if got := secret(t, h, settings.MailPassword); got != "geheim" {
		t.Errorf("password %q", got)
	}
	a = site.Get(apptest.Arno, "/betrieb")
	if a.Has("Es ist kein Mailserver") || !a.Has("Mailserver geändert") || !a.Has("Arno Betrieb") {
		t.Error(a.Body)
	}
	// Without a user there is nothing to sign in with, and without a host no mail.
	site.Post(apptest.Arno, "/betrieb/mail", changed(server(), "user", "", "password", "")...)
	if got := secret(t, h, settings.MailPassword); got != "" {
		t.Errorf("password %q of nobody", got)
	}
	if a := site.Post(apptest.Arno, "/betrieb/mail", changed(server(), "host", "", "from", "")...); a.Code != 303 {
		t.Fatal(a.Body)
	}
	if a := site.Get(apptest.Arno, "/betrieb"); !a.Has("nicht eingerichtet") {
		t.Error("mail is still set up")
	}
}

func TestWrongSettingsAreKeptAndExplained(t *testing.T) {
	_, site, _ := serve(t)
	for name, c := range map[string]struct{ field, value, want string }{
		"address as host":  {"host", "http://mail.example.org", "ohne http://"},
		"port":             {"port", "70000", "zwischen 1 und 65535"},
		"port in words":    {"port", "smtp", "zwischen 1 und 65535"},
		"in the clear":     {"security", "none", "nur, wenn der Server auf demselben Rechner"},
		"unknown security": {"security", "viel", "Bitte wählen Sie eine Verschlüsselung"},
		"sender":           {"from", "kita", "Bitte geben Sie eine Mailadresse"},
		"no sender":        {"from", "", "Bitte geben Sie eine Mailadresse"},
		"reply":            {"reply", "a@b@c", "Bitte geben Sie eine Mailadresse"},
	} {
		t.Run(name, func(t *testing.T) {
			a := site.Post(apptest.Arno, "/betrieb/mail", changed(server(), c.field, c.value)...)
			if a.Code != 422 || !a.Has(c.want) || !a.Has(`value="kita"`) || a.Has("geheim") {
				t.Errorf("%d\n%s", a.Code, a.Body)
			}
			if c.field != "security" && c.value != "" && !a.Has(`value="`+c.value+`"`) {
				t.Error("forgot what was typed")
			}
		})
	}
	if a := site.Get(apptest.Arno, "/betrieb/mail"); a.Has(`value="kita@example.org"`) {
		t.Error("something was saved")
	}
	if a := site.Post(apptest.Arno, "/betrieb/mail", server("admin", "1")...); a.Code != 400 {
		t.Error("unknown field:", a.Code)
	}
}

// A stored password must not be sent to whatever server somebody types.
func TestPasswordStaysWithItsServer(t *testing.T) {
	h, site, _ := serve(t)
	site.Post(apptest.Arno, "/betrieb/mail", server()...)
	a := site.Post(apptest.Arno, "/betrieb/mail", changed(server(), "host", "mail.example.com", "password", "")...)
	if a.Code != 422 || !a.Has("Passwort neu ein, weil sich der Server geändert hat") {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	site.Post(apptest.Arno, "/betrieb/mail", changed(server(), "host", "mail.example.com", "password", "neu")...)
	if got := secret(t, h, settings.MailPassword); got != "neu" {
		t.Errorf("password %q", got)
	}
}

func TestTestmail(t *testing.T) {
	h, site, _ := serve(t)
	if a := site.Post(apptest.Arno, "/betrieb/mail/test", "to", "arno"); a.Code != 422 || !a.Has("Bitte geben Sie eine Mailadresse") || !a.Has(`value="arno"`) {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	if a := site.Post(apptest.Arno, "/betrieb/mail/test", "to", "arno@example.org"); a.Code != 303 {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	if a := site.Get(apptest.Arno, "/betrieb/mail"); !a.Has("Der Mailserver hat die Testmail angenommen") {
		t.Error(a.Body)
	}
	if sent := h.Post.Sent(); len(sent) != 1 || sent[0].To != "arno@example.org" || sent[0].Kind != mail.Test {
		t.Errorf("%+v", sent)
	}
	for range 30 {
		if a := site.Post(apptest.Arno, "/betrieb/mail/test", "to", "arno@example.org"); a.Has("zu viele Versuche") {
			return
		}
	}
	t.Error("no limit")
}

func TestTestmailSaysWhatIsWrong(t *testing.T) {
	h := apptest.New(t)
	h.Mail = &mail.SMTP{DB: h.DB, Settings: h.Settings, Base: h.Base, Now: h.Now} // the real one
	site := h.Serve(t, operation.New(h.House, operation.Wires{Written: unwritten}))
	if a := site.Post(apptest.Arno, "/betrieb/mail/test", "to", "arno@example.org"); a.Code != 422 || !a.Has("Es ist kein Mailserver eingerichtet.") {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	site.Post(apptest.Arno, "/betrieb/mail", changed(server(), "host", "127.0.0.1", "port", "1", "security", "none")...)
	if a := site.Post(apptest.Arno, "/betrieb/mail/test", "to", "arno@example.org"); !a.Has("127.0.0.1 (Port 1) nimmt keine Verbindung an.") || !a.Has(`value="arno@example.org"`) {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
}

func TestOnlyTheRootSetsUpTheHouse(t *testing.T) {
	h, site, _ := serve(t)
	write(t, h, func(tx *store.Tx) error { // Greta is also administrator of her carrier
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 1, 'confirmed', 0)`, apptest.Greta, apptest.CarrierB)
		return err
	})
	box := []string{"host", "127.0.0.1", "port", "1", "security", "none", "user", "kita", "password", "geheim"}
	if a := site.Post(apptest.Arno, "/betrieb/mail/postfach", box...); a.Code != 303 {
		t.Fatalf("%d\n%s", a.Code, a.Body)
	}
	if a := site.Get(apptest.Greta, "/betrieb"); a.Code != 200 || a.Has(`href="/betrieb/mail"`) {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	for path, form := range map[string][]string{
		"/betrieb/mail":               server(),
		"/betrieb/mail/test":          {"to", "greta@example.org"},
		"/betrieb/mail/postfach":      {"host", "mail.example.org", "security", "tls", "user", "x", "password", "y"},
		"/betrieb/mail/postfach/test": nil,
		"/betrieb/selbsttest":         nil,
		"/betrieb/haus":               {"name", "Gretas Haus"},
	} {
		for _, person := range []int64{apptest.Greta, apptest.Hanna, apptest.Ada, apptest.Olga, apptest.Nobody} {
			if a := site.Post(person, path, form...); a.Code != 403 {
				t.Errorf("POST %s as %d: %d", path, person, a.Code)
			}
		}
	}
	for _, path := range []string{"/betrieb/mail", "/betrieb/haus"} {
		if a := site.Get(apptest.Greta, path); a.Code != 403 {
			t.Errorf("GET %s: %d", path, a.Code)
		}
	}
	if len(h.Post.Sent()) != 0 {
		t.Error("a mail went out")
	}
	if a := site.Get(apptest.Arno, "/betrieb"); a.Has("nimmt keine Verbindung an") {
		t.Error("somebody had the mailbox looked at")
	}
}

func TestBounceMailbox(t *testing.T) {
	h, site, _ := serve(t)
	box := []string{"host", "127.0.0.1", "port", "1", "security", "none", "user", "", "password", ""}
	if a := site.Post(apptest.Arno, "/betrieb/mail/postfach", box...); a.Code != 422 || !a.Has("Benutzernamen des Postfachs") || !a.Has("Passwort des Postfachs") {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	box = changed(box, "user", "kita", "password", "geheim")
	for range 2 { // saving twice begins one round
		if a := site.Post(apptest.Arno, "/betrieb/mail/postfach", box...); a.Code != 303 {
			t.Fatalf("%d\n%s", a.Code, a.Body)
		}
	}
	if a := site.Post(apptest.Arno, "/betrieb/mail/postfach/test"); a.Code != 422 || !a.Has("nimmt keine Verbindung an") {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	planned := func() (n int) {
		t.Helper()
		err := h.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
			n, err = task.Count(tx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	for range 3 { // a mailbox that fails is looked at again, at the same pace
		h.Clock.Add(5*time.Minute + time.Second)
		h.Work(t)
		if n := planned(); n != 1 {
			t.Fatalf("%d looks planned", n)
		}
	}
	if a := site.Get(apptest.Arno, "/betrieb"); !a.Has("nimmt keine Verbindung an") || a.Has("geheim") {
		t.Error(a.Body)
	}
	site.Post(apptest.Arno, "/betrieb/mail/postfach", changed(box, "host", "")...)
	h.Clock.Add(6 * time.Minute)
	h.Work(t)
	if n := planned(); n != 0 {
		t.Errorf("%d looks planned at no mailbox", n)
	}
}

func TestOverviewShowsWhatFails(t *testing.T) {
	h, site, _ := serve(t)
	write(t, h, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO task (kind, ref, due, tries, failure) VALUES ('mail', 1, ?, 3, 'Der Mailserver antwortet nicht.')`, h.Now().Add(time.Hour).Unix())
		return err
	})
	a := site.Get(apptest.Arno, "/betrieb")
	for _, s := range []string{"Der Mailserver antwortet nicht.", "Mail senden", "davon mit Fehlern", "http://localhost:8080"} {
		if !a.Has(s) {
			t.Errorf("no %q in\n%s", s, a.Body)
		}
	}
	// 5 guardians are to be informed, Bert and Dana without a mail address.
	if !a.Has(`<dt>Davon ohne Mailadresse</dt><dd class="num">2</dd>`) || !a.Has(`<dd class="num">5</dd>`) {
		t.Error(a.Body)
	}
	for _, person := range []int64{apptest.Ada, apptest.Hanna, apptest.Max, apptest.Auditor} {
		if a := site.Get(person, "/betrieb"); a.Code != 403 || a.Has("Mailserver") {
			t.Errorf("%d: %d", person, a.Code)
		}
	}
}

// How much may be uploaded is the operator's to say, within reason.
func TestUploadLimits(t *testing.T) {
	h, site, _ := serve(t)
	for _, c := range []struct {
		file, day string
		code      int
		words     string
	}{
		{"", "", 303, ""}, {"25", "200", 303, ""}, {"100", "10000", 303, ""}, {"1", "1", 303, ""},
		{"0", "200", 422, "eine Zahl von 1 bis 100 ein."}, {"101", "200", 422, "eine Zahl von 1 bis 100 ein."}, {"viel", "200", 422, "eine Zahl von 1 bis 100 ein."},
		{"25", "-1", 422, "eine Zahl von 1 bis 10000 ein."}, {"25", "10001", 422, "eine Zahl von 1 bis 10000 ein."},
	} {
		a := site.Post(apptest.Arno, "/betrieb/haus", "name", "Kitas", "file_size", c.file, "file_day", c.day)
		if a.Code != c.code || !a.Has(c.words) {
			t.Errorf("%q and %q: %d %s", c.file, c.day, a.Code, a.Body)
		}
	}
	if a := site.Get(apptest.Arno, "/betrieb/haus"); !a.Has(`name="file_size" type="number" autocomplete="off" value="1"`) {
		t.Errorf("the form: %s", a.Body)
	}
	if _, err := h.Files.Receive(t.Context(), apptest.Hanna, "x", bytes.NewReader(make([]byte, 1<<20+1))); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a file of more than a megabyte: %v", err)
	}
}

// How long lists and answers are kept is the operator's to say, too.
func TestMonthsKept(t *testing.T) {
	_, site, _ := serve(t)
	for _, c := range []struct {
		list, slip string
		code       int
	}{{"", "", 303}, {"3", "12", 303}, {"0", "12", 422}, {"3", "121", 422}, {"ewig", "12", 422}} {
		if a := site.Post(apptest.Arno, "/betrieb/haus", "name", "Kitas", "list_keep", c.list, "slip_keep", c.slip); a.Code != c.code {
			t.Errorf("%q and %q: %d %s", c.list, c.slip, a.Code, a.Body)
		}
	}
	for _, value := range []string{`name="list_keep" type="number" autocomplete="off" value="3"`, `name="slip_keep" type="number" autocomplete="off" value="12"`} {
		if a := site.Get(apptest.Arno, "/betrieb/haus"); !a.Has(value) {
			t.Errorf("%s is not in the form: %s", value, a.Body)
		}
	}
}

func TestTheHouseAndItsLegalPages(t *testing.T) {
	_, site, _ := serve(t)
	for path, words := range map[string]string{"/impressum": "noch kein Impressum hinterlegt", "/datenschutz": "Was dieses Programm mit Daten tut", "/barrierefreiheit": "noch nicht ergänzt"} {
		a := site.Get(apptest.Nobody, path)
		if a.Code != 200 || !a.Has(words) || a.Has("OK Lab") {
			t.Errorf("%s: %d\n%s", path, a.Code, a.Body)
		}
	}
	if a := site.Get(apptest.Nobody, "/impressum"); !a.Has("Fira Sans") || !a.Has("EUPL") || !a.Has("Lucide") {
		t.Error(a.Body)
	}
	a := site.Post(apptest.Arno, "/betrieb/haus", "name", "")
	if a.Code != 422 || !a.Has("Bitte geben Sie dem Haus einen Namen") {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	a = site.Post(apptest.Arno, "/betrieb/haus", "name", "Kitas", "approve", "1")
	if a.Code != 303 {
		t.Fatal(a.Body)
	}
	if a := site.Get(apptest.Arno, "/betrieb/haus"); !a.Has("checked") || !a.Has(`value="Kitas"`) {
		t.Error(a.Body)
	}
}

// What somebody has written stands in the place of what the program says; only the notices of others stay.
func TestWrittenLegalPages(t *testing.T) {
	h := apptest.New(t)
	site := h.Serve(t, operation.New(h.House, operation.Wires{Written: func(_ *store.Tx, purpose string) (template.HTML, error) {
		return template.HTML("<p>Hier steht " + purpose + ".</p>"), nil
	}}))
	for path, c := range map[string]struct{ words, not string }{
		"/impressum": {"Hier steht imprint.", "noch kein Impressum"}, "/datenschutz": {"Hier steht privacy.", "noch keine eigene"}, "/barrierefreiheit": {"Hier steht accessibility.", "noch nicht ergänzt"},
	} {
		if a := site.Get(apptest.Nobody, path); !a.Has(c.words) || a.Has(c.not) {
			t.Errorf("%s: %s", path, a.Body)
		}
	}
	if a := site.Get(apptest.Nobody, "/impressum"); !a.Has("Fira Sans") {
		t.Error(a.Body)
	}
	// What has to be filled in is marked, and nothing of it looks as if it were true.
	for _, s := range operation.Seeds() {
		if !strings.HasPrefix(s.Body, "> [!ergänzen]") || strings.Count(s.Body, "> [!ergänzen]") < 2 || s.Title == "" {
			t.Errorf("%s: %s", s.Purpose, s.Body)
		}
	}
}

func TestTheDemoNamesItsSources(t *testing.T) {
	h := apptest.New(t)
	h.Demo = true
	site := h.Serve(t, operation.New(h.House, operation.Wires{Written: unwritten}))
	a := site.Get(apptest.Nobody, "/impressum")
	for _, s := range []string{"OK Lab Flensburg / Stadt Flensburg, CC0 1.0 (2024)", "@faker-js/faker, MIT"} {
		if !a.Has(s) {
			t.Errorf("no %s in\n%s", s, a.Body)
		}
	}
}

func TestBanner(t *testing.T) {
	h, site, _ := serve(t)
	banner := func() (words string) {
		_ = h.DB.Read(t.Context(), func(tx *store.Tx) error { words = operation.Banner(tx, h.Settings); return nil })
		return words
	}
	if banner() != "Es ist kein Mailserver eingerichtet. Mitteilungen erreichen nur, wer die App öffnet." {
		t.Error(banner())
	}
	site.Post(apptest.Arno, "/betrieb/mail", server()...)
	if banner() != "" {
		t.Error(banner())
	}
}

func TestExportAndErase(t *testing.T) {
	h, site, f := serve(t)
	site.Post(apptest.Arno, "/betrieb/mail", server()...)
	export := func(person int64) string {
		var all any
		write(t, h, func(tx *store.Tx) (err error) {
			all, err = f.Export(tx, house.Subject{Person: person})
			return err
		})
		b, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if s := export(apptest.Arno); !strings.Contains(s, "mail.changed") {
		t.Error(s)
	}
	if s := export(apptest.Ada); strings.Contains(s, "mail.changed") {
		t.Error(s)
	}
	write(t, h, func(tx *store.Tx) error { return f.Erase(tx, house.Subject{Person: apptest.Arno}) })
	if s := export(apptest.Arno); !strings.Contains(s, "mail.changed") { // the record keeps the number, and no name
		t.Error(s)
	}
	write(t, h, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE person SET given = '', family = 'ehemals im Haus' WHERE id = ?`, apptest.Arno)
		return err
	})
	write(t, h, func(tx *store.Tx) error { // somebody has to look
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 1, 'confirmed', 0)`, apptest.Olga, apptest.City)
		return err
	})
	if a := site.Get(apptest.Olga, "/betrieb"); !a.Has("Mailserver geändert") || a.Has("Arno") {
		t.Error(a.Body)
	}
}

// The log tells an operator in German who did what to which row, and an administrator of one carrier only about itself.
func TestLog(t *testing.T) {
	h, site, _ := serve(t)
	write(t, h, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 1, 'confirmed', 0)`, apptest.Greta, apptest.CarrierB)
		for _, e := range []struct {
			person int64
			action string
			ref    int64
		}{{apptest.Hanna, "child.moved", 3}, {apptest.Greta, "guardian.ended", 5}, {0, "import.families", 0}} {
			err = errors.Join(err, operation.Log(tx, h.Now(), e.person, e.action, e.ref))
		}
		return err
	})
	a := site.Get(apptest.Arno, "/betrieb")
	for _, words := range []string{`Kind in eine andere Gruppe verlegt <span class="muted">Nr. 3</span></td><td>Hanna Leitung`,
		`Sorgeberechtigte beendet <span class="muted">Nr. 5</span></td><td>Greta Andersen`, "Liste der Familien eingelesen</td><td>Konsole oder ehemals im Haus"} {
		if !a.Has(words) {
			t.Errorf("no %q in\n%s", words, a.Body)
		}
	}
	a = site.Get(apptest.Greta, "/betrieb")
	if !a.Has("Sorgeberechtigte beendet") || a.Has("Hanna") || a.Has("verlegt") || a.Has("eingelesen") {
		t.Errorf("one carrier reads what happens at another:\n%s", a.Body)
	}
}

// Which channel comes after how many minutes is set by the operator of the whole house; nonsense is said beside the field.
func TestLadders(t *testing.T) {
	h, s, _ := serve(t)
	if a := s.Get(apptest.Arno, "/betrieb/stufen"); a.Code != 200 || !a.Has(`name="urgent_sms" type="text" autocomplete="off" value="15"`) || !a.Has("noch kein SMS-Dienst") {
		t.Fatalf("%d %s", a.Code, a.Body)
	}
	if a := s.Post(apptest.Hanna, "/betrieb/stufen", "urgent_push", "0"); a.Code == 303 {
		t.Error("a head sets the ladder")
	}
	for _, test := range []struct {
		name, want string
		fields     []string
	}{
		{"no number", "ganze Minuten", []string{"urgent_push", "bald", "planned_push", "0", "confirm_push", "0", "news_push", "0"}},
		{"negative", "ganze Minuten", []string{"urgent_push", "-1", "planned_push", "0", "confirm_push", "0", "news_push", "0"}},
		{"a year", "ganze Minuten", []string{"urgent_push", "525600", "planned_push", "0", "confirm_push", "0", "news_push", "0"}},
		{"no way at all", "mindestens einen Weg", []string{"planned_push", "0", "confirm_push", "0", "news_push", "0"}},
	} {
		if a := s.Post(apptest.Arno, "/betrieb/stufen", test.fields...); a.Code != 422 || !a.Has(test.want) {
			t.Errorf("%s: %d %s", test.name, a.Code, a.Body)
		}
	}
	if a := s.Post(apptest.Arno, "/betrieb/stufen", "urgent_call", "20", "urgent_push", "0", "urgent_sms", "5", "planned_push", "0", "confirm_mail", "0", "news_mail", "0", "details", "1"); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
		l, err := channel.Load(tx, h.Settings, channel.Urgent)
		if err == nil && l.String() != "push:0 sms:5 call:20" {
			t.Errorf("kept: %s", l)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if a := s.Get(apptest.Arno, "/betrieb"); !a.Has("Stufen der Benachrichtigung geändert") {
		t.Errorf("the log: %s", a.Body)
	}
}

// A mail server that is set up and answers nobody is found in the night, not on the day: the page and the banner say so.
func TestSelftest(t *testing.T) {
	h, s, f := serve(t)
	if err := f.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := &mail.SMTP{DB: h.DB, Settings: h.Settings, Base: h.Base, Now: h.Now}
	h.House.Mail = server
	write(t, h, func(tx *store.Tx) error {
		for name, value := range map[string]string{settings.MailHost: "127.0.0.1", settings.MailPort: "1", settings.MailSecurity: "none", settings.MailFrom: "kita@example.org"} {
			if err := h.Settings.Set(tx, name, value); err != nil {
				return err
			}
		}
		return nil
	})
	h.Work(t)
	if a := s.Get(apptest.Arno, "/betrieb"); !a.Has("Läuft jede Nacht um 2:30 Uhr") {
		t.Fatalf("before the first night: %s", a.Body)
	}
	banner := func() (words string) {
		if err := h.DB.Read(t.Context(), func(tx *store.Tx) error {
			words = operation.Banner(tx, h.Settings)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		return words
	}
	if b := banner(); b != "" {
		t.Errorf("a warning before the test: %q", b)
	}
	h.Clock.Add(19*time.Hour + 17*time.Minute) // 2:29 in Berlin
	h.Work(t)
	if a := s.Get(apptest.Arno, "/betrieb"); !a.Has("Läuft jede Nacht um 2:30 Uhr") {
		t.Errorf("a minute early: %s", a.Body)
	}
	h.Clock.Add(time.Minute)
	h.Work(t)
	if a := s.Get(apptest.Arno, "/betrieb"); !a.Has("127.0.0.1") || a.Has("Läuft jede Nacht") {
		t.Errorf("after the night: %s", a.Body)
	}
	if b := banner(); b != "Der Selbsttest meldet: Mail funktioniert gerade nicht. Der Betrieb weiß Bescheid." {
		t.Errorf("banner: %q", b)
	}
	// It runs again the next night, and by hand.
	if a := s.Post(apptest.Arno, "/betrieb/selbsttest"); a.Code != 303 {
		t.Errorf("by hand: %d %s", a.Code, a.Body)
	}
	if a := s.Post(apptest.Hanna, "/betrieb/selbsttest"); a.Code == 303 {
		t.Error("a head runs the test of the operator")
	}
	write(t, h, func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = 'operation.selftest'`)
		if err == nil && n != 1 {
			t.Errorf("%d tests to come", n)
		}
		return err
	})
}

// What the self-test finds besides the mail server is written to the operators, once, and again only after it was mended.
func TestSelftestWarns(t *testing.T) {
	h, s, _ := serve(t)
	h.House.SMS = sms.New(h.DB, h.Settings, h.Now, nil)
	write(t, h, func(tx *store.Tx) error {
		for name, value := range map[string]string{settings.SMSDriver: sms.SMPP, settings.SMSHost: "127.0.0.1", settings.SMSPort: "1",
			settings.SMSSecurity: "none", settings.SMSUser: "kita", settings.SMSPassword: "geheim", settings.SMSFrom: "Kita"} {
			if err := h.Settings.Set(tx, name, value); err != nil {
				return err
			}
		}
		return nil
	})
	h.Post.Fail(errors.New("busy")) // the warning waits, and is not lost
	for range 2 {
		if a := s.Post(apptest.Arno, "/betrieb/selbsttest"); a.Code != 303 {
			t.Fatal(a.Code, a.Body)
		}
		h.Work(t)
	}
	h.Post.Fail(nil)
	h.Clock.Add(time.Minute)
	h.Work(t)
	sent := h.Post.Sent()
	if len(sent) != 1 || sent[0].To != "arno@example.org" || !strings.Contains(sent[0].Text, "SMS: ") || !strings.Contains(sent[0].Text, "127.0.0.1") {
		t.Errorf("warnings: %+v", sent)
	}
}
