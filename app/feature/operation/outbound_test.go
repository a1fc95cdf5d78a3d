package operation_test

import (
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// state is what the page says of a connection: everything from its heading to the next.
func state(t *testing.T, page, title string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "<h2>"+title+"</h2>")
	if !ok {
		t.Fatalf("no %s in\n%s", title, page)
	}
	part, _, _ := strings.Cut(rest, "</section>")
	return part
}

// The page lists what the house could call, and says of each whether it does and where it goes.
func TestConnections(t *testing.T) {
	h, site, _ := serve(t)
	const on = "an</span>"
	titles := []string{"Zertifizierungsstelle (ACME)", "Mailserver", "Postfach für Rückläufer", "Push-Dienste der Browser", "SMS"}
	a := site.Get(apptest.Arno, "/betrieb/verbindungen")
	for _, title := range titles {
		if s := state(t, a.Body, title); strings.Contains(s, on) || strings.Contains(s, "Wohin") || !strings.Contains(s, "aus</span>") {
			t.Errorf("%s in a fresh house:\n%s", title, s)
		}
	}
	write(t, h, func(tx *store.Tx) error {
		for name, value := range map[string]string{settings.MailHost: "mail.example.org", settings.MailPort: "587", settings.BounceHost: "imap.example.org", settings.SMSDriver: "smpp",
			settings.SMSHost: "smsc.example.org", settings.SMSPort: "2775"} {
			if err := h.Settings.Set(tx, name, value); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`INSERT INTO session (id, person, device, created, seen, expires, fresh, shared) VALUES (x'01', ?, 'x', 0, 0, 9, 0, 0)`, apptest.Ada); err != nil {
			return err
		}
		_, err := tx.Exec(`INSERT INTO push_subscription (endpoint, person, session, key, secret, created) VALUES ('https://web.push.apple.com/abc', ?, x'01', zeroblob(65), zeroblob(16), 0)`, apptest.Ada)
		return err
	})
	h.Issuer = "https://ca.example.org/acme/directory"
	a = site.Get(apptest.Arno, "/betrieb/verbindungen")
	for i, to := range []string{"ca.example.org", "mail.example.org:587", "imap.example.org", "web.push.apple.com", "smsc.example.org:2775"} {
		if s := state(t, a.Body, titles[i]); !strings.Contains(s, on) || !strings.Contains(s, ">"+to+"<") {
			t.Errorf("%s, to %s:\n%s", titles[i], to, s)
		}
	}
	for _, person := range []int64{apptest.Max, apptest.Ada} {
		if a := site.Get(person, "/betrieb/verbindungen"); a.Code != 403 {
			t.Errorf("person %d: %d", person, a.Code)
		}
	}
}

// Who runs the house stands in the imprint, can be corrected, and cannot be unnamed.
func TestOperatorInTheImprint(t *testing.T) {
	_, site, _ := serve(t)
	if a := site.Get(apptest.Arno, "/betrieb"); !a.Has("Impressum ergänzen") || !a.Has("Mailserver einrichten") || a.Has("Einheiten anlegen") {
		t.Errorf("what comes next:\n%s", a.Body)
	}
	form := []string{"name", "Kitas", "operator_name", "Stadt <b>Neu</b>", "operator_street", "Markt 1", "operator_place", "12345 Neu", "operator_person", "Rosa Rath",
		"operator_mail", "kita@neu.example", "operator_phone", "0123 456"}
	if a := site.Post(apptest.Arno, "/betrieb/haus", form[:6]...); a.Code != 422 || !a.Has("wer die Stelle vertritt") {
		t.Errorf("half an operator: %d", a.Code)
	}
	if a := site.Post(apptest.Arno, "/betrieb/haus", form...); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	if a := site.Get(apptest.Nobody, "/impressum"); !a.Has("Stadt &lt;b&gt;Neu&lt;/b&gt;<br>Markt 1<br>12345 Neu") || !a.Has("Rosa Rath") || !a.Has(`href="tel:0123456"`) || a.Has("noch kein Impressum") {
		t.Error(a.Body)
	}
	if a := site.Get(apptest.Nobody, "/barrierefreiheit"); !a.Has("Stadt &lt;b&gt;Neu&lt;/b&gt;<br>Markt 1<br>12345 Neu") || !a.Has("teilweise") || !a.Has("Durchsetzungsstelle") {
		t.Error("nobody answers for the statement:", a.Body)
	}
	if a := site.Get(apptest.Arno, "/betrieb"); a.Has("Impressum ergänzen") || !a.Has("Erklärung zur Barrierefreiheit ergänzen") || !a.Has("Angaben zum Datenschutz machen") {
		t.Error("what is left to do:", a.Body)
	}
	if a := site.Get(apptest.Arno, "/betrieb/haus"); !a.Has(`value="Rosa Rath"`) {
		t.Error(a.Body)
	}
	if a := site.Post(apptest.Arno, "/betrieb/haus", changed(form, "operator_name", "")...); a.Code != 422 {
		t.Errorf("without a name: %d", a.Code)
	}
	if a := site.Post(apptest.Arno, "/betrieb/haus", changed(form, "operator_person", "Ulf Uhl")...); a.Code != 303 {
		t.Errorf("another person: %d", a.Code)
	}
	if a := site.Get(apptest.Nobody, "/impressum"); !a.Has("Ulf Uhl") {
		t.Error(a.Body)
	}
}
