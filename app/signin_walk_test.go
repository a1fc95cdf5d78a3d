package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// send fills the form that goes to an address, or the first one, and sends it.
func (p *phone) send(action string, fields ...string) {
	p.t.Helper()
	js := `(f => { `
	for i := 0; i+1 < len(fields); i += 2 {
		js += `f.elements[` + quoted(fields[i]) + `].value = ` + quoted(fields[i+1]) + `; `
	}
	at := `main form[action="` + action + `"]`
	eval[bool](p, js+`const d = f.closest("details"); if (d) d.open = true; f.requestSubmit(); return true; })(document.querySelector(`+quoted(at)+`) ?? document.querySelector("main form[method=post]"))`)
}

// A member of the team proves an address, sets a password and the second step, and comes back on other devices.
func walkSignIn(t *testing.T, c *city) {
	const mail, password = "fachkraft@kita-größe.example", "drei alte Drachen"
	p := c.phone(t).as("Fachkraft")
	p.open("/konto")
	name := eval[string](p, `document.querySelector("main b").innerText`)
	p.send("/konto/mail", "mail", mail)
	p.sees(mail + " geschickt")
	p.open(p.mailed(name, "bestätigen", "/l/"))
	p.tap("Anmelden")
	p.until(`location.pathname === "/" && !!document.body?.dataset.user`)
	p.open("/konto")
	p.send("/konto/passwort", "password", password)
	p.sees("Ihr Passwort gilt ab jetzt")

	p.open("/konto/zweiter-schritt")
	p.inspect("/konto/zweiter-schritt", 200)
	secret := eval[string](p, `new URL(document.querySelector("a[href^='otpauth:']").href).searchParams.get("secret")`)
	code, err := totp.GenerateCode(secret, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	p.send("", "code", code)
	p.sees("Ihre Codes für den Notfall")
	p.inspect("printed codes", 200)
	spare := eval[string](p, `document.querySelector("main code").innerText`)
	p.open("/konto")
	p.axe("/konto with a second step")

	// On a phone of the Kita, by password.
	q := c.phone(t)
	q.open("/anmelden")
	q.send("/anmelden/passwort", "mail", mail, "password", password)
	q.until(`location.pathname === "/anmelden/zweiter-schritt"`)
	q.inspect("/anmelden/zweiter-schritt", 200)
	q.send("/anmelden/zweiter-schritt", "code", strings.ToLower(spare))
	q.sees("Ausgedruckte Codes übrig: 9")

	// The link is asked for at one device, and the mail read at another.
	q = c.phone(t)
	q.open("/anmelden")
	q.send("/anmelden/link", "mail", mail)
	q.sees("Sagen Sie diesen Code niemandem")
	q.inspect("/anmelden/link", 200)
	shown := eval[string](q, `document.querySelector("main .code").innerText`)
	r := c.phone(t)
	r.open(r.mailed(name, "Link zum Anmelden", "/l/"))
	r.sees("sechs Ziffern")
	r.inspect("/l/ on another device", 200)
	r.send("", "code", shown)
	r.until(`location.pathname === "/" && !!document.body?.dataset.user`)
	q.open("/konto")
	if at := eval[string](q, `location.pathname`); at != "/anmelden" {
		t.Errorf("the device that asked is signed in: it is at %s", at)
	}

	a := c.phone(t).as("Betrieb")
	a.open("/betrieb/zweiter-faktor")
	a.sees("Noch ohne zweiten Faktor")
	a.inspect("/betrieb/zweiter-faktor", 200)
}
