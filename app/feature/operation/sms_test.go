package operation_test

import (
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/feature/operation"
)

func seven(more ...string) []string {
	return append([]string{"driver", "seven", "key", "geheim", "host", "", "security", "tls", "port", "", "user", "", "password", "",
		"from", "Kita", "price", "7,5", "limit", "300"}, more...)
}

func smpp() []string {
	return changed(seven(), "driver", "smpp", "key", "", "host", "smpp.example.org", "user", "kita", "password", "geheim2")
}

func TestAnOperatorSetsUpSMS(t *testing.T) {
	h, site, _ := serve(t)
	if a := site.Get(apptest.Arno, "/betrieb"); !a.Has("Es gehen keine SMS hinaus.") || !a.Has(`href="/betrieb/sms"`) {
		t.Error(a.Body)
	}
	if a := site.Get(apptest.Arno, "/betrieb/sms"); !a.Has("nicht eingerichtet") || !a.Has(`value="300"`) || a.Has("/sms/bericht/") {
		t.Error(a.Body)
	}
	if a := site.Post(apptest.Arno, "/betrieb/sms", seven()...); a.Code != 303 {
		t.Fatal(a.Code, a.Body)
	}
	a := site.Get(apptest.Arno, "/betrieb/sms")
	for _, s := range []string{"eingerichtet", `value="Kita"`, `value="7,5"`, "Ein Schlüssel ist gespeichert", "http://localhost:8080/sms/bericht/", `value="seven" selected`, "Heute 0 SMS, höchstens 300"} {
		if !a.Has(s) {
			t.Errorf("no %s in\n%s", s, a.Body)
		}
	}
	if a.Has("geheim\"") || a.Has("v1:") {
		t.Error("the page shows the key")
	}
	// Saved once more without a key: it stays, and so does the address.
	token := secret(t, h, settings.SMSToken)
	site.Post(apptest.Arno, "/betrieb/sms", changed(seven(), "key", "", "from", "0171 2345678", "price", "8")...)
	if secret(t, h, settings.SMSKey) != "geheim" || secret(t, h, settings.SMSToken) != token || len(token) < 26 {
		t.Error("the key or the address has changed")
	}
	if a := site.Get(apptest.Arno, "/betrieb/sms"); !a.Has(`value="&#43;491712345678"`) || !a.Has(`value="8"`) {
		t.Error(a.Body)
	}
	// Another provider: its key goes, the password of the new one stays with its server.
	if a := site.Post(apptest.Arno, "/betrieb/sms", smpp()...); a.Code != 303 {
		t.Fatal(a.Body)
	}
	if secret(t, h, settings.SMSKey) != "" || secret(t, h, settings.SMSPassword) != "geheim2" || secret(t, h, settings.SMSToken) != token {
		t.Error("secrets of another provider stay")
	}
	if a := site.Get(apptest.Arno, "/betrieb/sms"); a.Has("/sms/bericht/") || !a.Has(`value="smpp.example.org"`) || a.Has("geheim2") {
		t.Error(a.Body)
	}
	if a := site.Post(apptest.Arno, "/betrieb/sms", changed(smpp(), "host", "smpp.example.com", "password", "")...); a.Code != 422 || !a.Has("Passwort neu ein, weil sich der Server geändert hat") {
		t.Error(a.Body)
	}
	site.Post(apptest.Arno, "/betrieb/sms", changed(smpp(), "password", "", "port", "3551")...)
	if secret(t, h, settings.SMSPassword) != "geheim2" {
		t.Error("the password is gone")
	}
	if a := site.Get(apptest.Arno, "/betrieb"); a.Has("Es gehen keine SMS") || !a.Has("SMS-Versand geändert") {
		t.Error(a.Body)
	}
	if a := site.Post(apptest.Arno, "/betrieb/sms", changed(seven(), "driver", "")...); a.Code != 303 {
		t.Error(a.Body)
	}
	if a := site.Get(apptest.Arno, "/betrieb"); !a.Has("Es gehen keine SMS hinaus.") || secret(t, h, settings.SMSPassword) != "" {
		t.Error("SMS are still set up")
	}
}

func TestWrongSMSSettingsAreKeptAndExplained(t *testing.T) {
	_, site, _ := serve(t)
	for name, c := range map[string]struct {
		form               []string
		field, value, want string
	}{
		"unknown provider":    {seven(), "driver", "taube", "Bitte wählen Sie einen Anbieter"},
		"no key":              {seven(), "key", "", "Bitte geben Sie den API-Schlüssel ein"},
		"long name":           {seven(), "from", "Kita Sonnenblume", "höchstens 11 Zeichen"},
		"name with umlaut":    {seven(), "from", "Käfer", "ohne Umlaute"},
		"short number":        {seven(), "from", "12345", "oder eine Telefonnummer"},
		"no price":            {seven(), "price", "", "Preis in Cent"},
		"price in euro":       {seven(), "price", "0,075", "Preis in Cent"},
		"price below zero":    {seven(), "price", "-7", "Preis in Cent"},
		"no limit":            {seven(), "limit", "", "eine Zahl ab 1"},
		"limit of nothing":    {seven(), "limit", "0", "eine Zahl ab 1"},
		"limit in words":      {seven(), "limit", "viele", "eine Zahl ab 1"},
		"address as host":     {smpp(), "host", "http://smpp.example.org", "ohne http://"},
		"port":                {smpp(), "port", "70000", "zwischen 1 und 65535"},
		"in the clear":        {smpp(), "security", "none", "in einem privaten Netz"},
		"unknown security":    {smpp(), "security", "starttls", "Bitte wählen Sie eine Verschlüsselung"},
		"no user":             {smpp(), "user", "", "Benutzernamen (system_id)"},
		"long user":           {smpp(), "user", strings.Repeat("x", 16), "höchstens 15 Zeichen"},
		"no password":         {smpp(), "password", "", "Bitte geben Sie das Passwort ein"},
		"password with break": {smpp(), "password", "a\nb", "die SMPP nicht kennt"},
	} {
		t.Run(name, func(t *testing.T) {
			a := site.Post(apptest.Arno, "/betrieb/sms", changed(c.form, c.field, c.value)...)
			if a.Code != 422 || !a.Has(c.want) || a.Has("geheim") || a.Has("zu lang") && c.field != "password" {
				t.Errorf("%d\n%s", a.Code, a.Body)
			}
			if c.value != "" && c.field != "driver" && c.field != "security" && c.field != "password" && !a.Has(`value="`+c.value+`"`) {
				t.Error("forgot what was typed")
			}
		})
	}
	if a := site.Get(apptest.Arno, "/betrieb/sms"); a.Has(`value="Kita"`) || !a.Has("nicht eingerichtet") {
		t.Error("something was saved")
	}
	if a := site.Post(apptest.Arno, "/betrieb/sms", seven("admin", "1")...); a.Code != 400 {
		t.Error("unknown field:", a.Code)
	}
	for _, host := range []string{"127.0.0.1", "localhost", "10.8.0.1", "192.168.7.7", "fd00::1"} { // a VPN is as good
		if a := site.Post(apptest.Arno, "/betrieb/sms", changed(smpp(), "host", host, "security", "none")...); a.Code != 303 {
			t.Errorf("%s: %d", host, a.Code)
		}
	}
	if a := site.Post(apptest.Arno, "/betrieb/sms", changed(smpp(), "host", "192.0.2.7", "security", "none")...); a.Code != 422 {
		t.Error("in the clear over the internet:", a.Code)
	}
}

func TestTestSMS(t *testing.T) {
	h, site, _ := serve(t)
	for to, want := range map[string]string{"": "Bitte geben Sie eine Mobilnummer", "arno": "Bitte geben Sie eine Mobilnummer", "0461 850": "keine Mobilnummer"} {
		if a := site.Post(apptest.Arno, "/betrieb/sms/test", "to", to); a.Code != 422 || !a.Has(want) {
			t.Errorf("%q: %d\n%s", to, a.Code, a.Body)
		}
	}
	if a := site.Post(apptest.Arno, "/betrieb/sms/test", "to", "0171 / 23 45 678"); a.Code != 303 {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	if sent := h.Phones.Sent(); len(sent) != 1 || sent[0].To != "+491712345678" || sent[0].Kind != sms.Test || sent[0].Ref != "" || sms.Parts(sent[0].Text) != 1 {
		t.Errorf("%+v", sent)
	}
	if a := site.Get(apptest.Arno, "/betrieb/sms"); !a.Has("Der SMS-Anbieter hat die Test-SMS angenommen") {
		t.Error(a.Body)
	}
	h.Phones.Refuse(func(sms.Message) error { return sms.NumberBlocked() })
	if a := site.Post(apptest.Arno, "/betrieb/sms/test", "to", "0171 2345678"); a.Code != 422 || !a.Has("SMS gesperrt: Von dieser Nummer kam STOPP.") || !a.Has(`value="0171 2345678"`) {
		t.Errorf("%d\n%s", a.Code, a.Body)
	}
	for range 30 {
		if a := site.Post(apptest.Arno, "/betrieb/sms/test", "to", "0171 2345678"); a.Has("zu viele Versuche") {
			return
		}
	}
	t.Error("no limit")
}

func TestOnlyTheRootSetsUpSMS(t *testing.T) {
	h, site, _ := serve(t)
	write(t, h, func(tx *store.Tx) error { // Greta is also administrator of her carrier
		_, err := tx.Exec(`INSERT INTO membership (person, unit, role, state, since) VALUES (?, ?, 1, 'confirmed', 0)`, apptest.Greta, apptest.CarrierB)
		return err
	})
	for _, person := range []int64{apptest.Greta, apptest.Hanna, apptest.Ada, apptest.Nobody} {
		if a := site.Post(person, "/betrieb/sms", seven()...); a.Code != 403 {
			t.Errorf("POST as %d: %d", person, a.Code)
		}
		if a := site.Post(person, "/betrieb/sms/test", "to", "0171 2345678"); a.Code != 403 {
			t.Errorf("test as %d: %d", person, a.Code)
		}
	}
	if a := site.Get(apptest.Greta, "/betrieb/sms"); a.Code != 403 || len(h.Phones.Sent()) != 0 {
		t.Error(a.Code, h.Phones.Sent())
	}
}

// Reports come from a machine: without a cookie, without an origin, as JSON.
func TestSevenReports(t *testing.T) {
	h := apptest.New(t)
	var told []string
	site := h.Serve(t, operation.New(h.House, operation.Wires{Texted: func(_ *store.Tx, ref, state, why string) error {
		told = append(told, strings.TrimSpace(ref+" "+state+" "+why))
		return nil
	}, Written: unwritten}))
	site.Post(apptest.Arno, "/betrieb/sms", seven()...)
	at := regexp.MustCompile(`/sms/bericht/[A-Z2-7]+`).FindString(site.Get(apptest.Arno, "/betrieb/sms").Body)
	post := func(path, body string) apptest.Answer {
		r := httptest.NewRequest("POST", apptest.Base+path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		return site.Do(apptest.Nobody, r)
	}
	write(t, h, func(tx *store.Tx) error {
		for _, q := range []string{
			`INSERT INTO sms_message (ref, number, provider, parts, price, state, at) VALUES ('5-6', '+491712345678', '771', 2, 150, 'handed', unixepoch('2026-03-02 06:00'))`,
			`INSERT INTO sms_message (ref, number, provider, parts, price, state, at) VALUES ('', '+491712345679', '772', 1, 75, 'handed', unixepoch('2026-03-02 06:01'))`,
			`INSERT INTO sms_message (ref, number, parts, price, state, reason, at) VALUES ('5-7', '+491712345670', 0, 0, 'failed', 'Tagesgrenze erreicht', unixepoch('2026-03-02 06:02'))`,
		} {
			if _, err := tx.Exec(q); err != nil {
				return err
			}
		}
		return nil
	})
	delivered := `{"data":{"msg_id":"771","status":"DELIVERED","timestamp":"2026-03-02 07:12:00.000000"},"webhook_event":"dlr","webhook_timestamp":"2026-03-02T07:12:00+01:00"}`
	for path, body := range map[string]string{"/sms/bericht/x": delivered, at + "A": delivered, strings.ToLower(at): delivered} {
		if a := post(path, body); a.Code != 404 {
			t.Errorf("%s: %d", path, a.Code)
		}
	}
	if len(told) != 0 {
		t.Fatal(told)
	}
	for range 2 {
		if a := post(at, delivered); a.Code != 204 || a.Body != "" {
			t.Errorf("%d %s", a.Code, a.Body)
		}
	}
	if a := post(at, strings.Replace(delivered, "771", "772", 1)); a.Code != 204 { // of a test
		t.Error(a.Code)
	}
	if strings.Join(told, ", ") != "5-6 delivered" {
		t.Error(told)
	}
	for _, body := range []string{"", "a=b", "{", `{"webhook_event":"dlr","data":{}}`} {
		if a := post(at, body); a.Code != 400 {
			t.Errorf("%q: %d", body, a.Code)
		}
	}
	if a := post(at, `{"webhook_event":"dlr","data":{"msg_id":"1","status":"`+strings.Repeat("x", 300_000)+`"}}`); a.Code != 413 {
		t.Error("too big:", a.Code)
	}
	if a := post(at, `{"webhook_event":"sms_mo","data":{"id":"1","sender":"491712345678","system":"49177","text":"STOPP","time":"1"}}`); a.Code != 204 {
		t.Error(a.Code)
	}
	a := site.Get(apptest.Arno, "/betrieb/sms")
	for _, s := range []string{`STOPP kam: <span class="num">1</span>`, "an &#43;491712345679:", "zugestellt.", "Heute 3 SMS, etwa 0,23 €, höchstens 300", "Tagesgrenze erreicht: Eine Nachricht"} {
		if !a.Has(s) {
			t.Errorf("no %q in\n%s", s, a.Body)
		}
	}
	if a := site.Get(apptest.Arno, "/betrieb"); !a.Has("Tagesgrenze erreicht: Eine Nachricht ging heute nicht als SMS hinaus.") {
		t.Error(a.Body)
	}
}
