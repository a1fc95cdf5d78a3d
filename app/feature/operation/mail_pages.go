package operation

import (
	"cmp"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type mailPage struct {
	web.Page
	Server, Bounce, Test, Look web.Form
	Stored, BounceStored       bool // a password is stored; it is never shown
	Ready, BounceReady         bool
	Visit                      visit
}

func plain(s string) bool { return !strings.ContainsFunc(s, unicode.IsControl) }

// mailPage reads the settings as they are stored.
func (f *feature) mailPage(r *http.Request, v who.Viewer) (mailPage, error) {
	p := mailPage{Page: f.page(r, v, "Mail"), Visit: f.lastVisit()}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		now, err := pick(tx, f.Settings, settings.MailHost, settings.MailPort, settings.MailSecurity, settings.MailUser, settings.MailFrom,
			settings.MailReply, settings.MailDetails, settings.BounceHost, settings.BouncePort, settings.BounceSecurity, settings.BounceUser)
		if err != nil {
			return err
		}
		fill(&p.Server, now, map[string]string{"host": settings.MailHost, "port": settings.MailPort, "security": settings.MailSecurity,
			"user": settings.MailUser, "from": settings.MailFrom, "reply": settings.MailReply, "details": settings.MailDetails}, "starttls")
		fill(&p.Bounce, now, map[string]string{"host": settings.BounceHost, "port": settings.BouncePort,
			"security": settings.BounceSecurity, "user": settings.BounceUser}, "tls")
		p.BounceReady = now[settings.BounceHost] != ""
		if p.Stored, err = f.stored(tx, settings.MailPassword); err != nil {
			return err
		}
		if p.BounceStored, err = f.stored(tx, settings.BouncePassword); err != nil {
			return err
		}
		p.Ready, err = mail.Ready(tx, f.Settings)
		return err
	})
	return p, err
}

func fill(form *web.Form, now, names map[string]string, security string) {
	for field, name := range names {
		form.Set(field, now[name])
	}
	if form.Get("security") == "" {
		form.Set("security", security)
	}
}

func (f *feature) stored(tx *store.Tx, name string) (bool, error) {
	secret, err := f.Settings.Secret(tx, name)
	return secret != "", err
}

func (f *feature) mail(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.mailPage(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "mail.html", p)
}

// mailAgain shows the page once more, with the form that was wrong.
func (f *feature) mailAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, put func(p *mailPage)) error {
	p, err := f.mailPage(r, v)
	if err != nil {
		return err
	}
	put(&p)
	return f.pages.Again(w, r, "mail.html", p)
}

func (f *feature) saveMail(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "host", "port", "security", "user", "password", "from", "reply", "details")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		if err := f.setMail(tx, form); err != nil {
			return err
		}
		return Log(tx, f.Now(), v.ID, "mail.changed", 0)
	})
	if web.Again(err) {
		return f.mailAgain(w, r, v, func(p *mailPage) { p.Server = form.With(err) })
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/mail", "Gespeichert.")
}

// setMail stores the mail server; without a host there is none, and what belongs to it is removed.
func (f *feature) setMail(tx *store.Tx, form web.Form) error {
	var s server
	var wrong fault.Form
	given := form.Get("host") != ""
	if given {
		host, err := f.Settings.Get(tx, settings.MailHost)
		if err != nil {
			return err
		}
		keep, err := f.stored(tx, settings.MailPassword)
		if err != nil {
			return err
		}
		s = readServer(form, &wrong, host, keep)
	}
	from, reply := readAddress(form, &wrong, "from", given), readAddress(form, &wrong, "reply", false)
	if err := wrong.Err(); err != nil {
		return err
	}
	if err := put(tx, f.Settings, map[string]string{settings.MailHost: s.host, settings.MailPort: s.port, settings.MailSecurity: s.security,
		settings.MailUser: s.user, settings.MailFrom: from, settings.MailReply: reply, settings.MailDetails: tick(form, "details")}); err != nil {
		return err
	}
	return f.setPassword(tx, settings.MailPassword, s)
}

// setPassword keeps the stored password if none was typed, and removes it where nobody signs in.
func (f *feature) setPassword(tx *store.Tx, name string, s server) error {
	if s.password == "" && s.user != "" {
		return nil
	}
	if s.user == "" {
		s.password = ""
	}
	return f.Settings.SetSecret(tx, name, s.password)
}

func (f *feature) saveBounces(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "host", "port", "security", "user", "password")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		if err := f.setBounces(tx, form); err != nil {
			return err
		}
		return Log(tx, f.Now(), v.ID, "bounce.changed", 0)
	})
	if web.Again(err) {
		return f.mailAgain(w, r, v, func(p *mailPage) { p.Bounce = form.With(err) })
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/mail", "Gespeichert.")
}

func (f *feature) setBounces(tx *store.Tx, form web.Form) error {
	var s server
	if form.Get("host") != "" {
		host, err := f.Settings.Get(tx, settings.BounceHost)
		if err != nil {
			return err
		}
		keep, err := f.stored(tx, settings.BouncePassword)
		if err != nil {
			return err
		}
		var wrong fault.Form
		s = readServer(form, &wrong, host, keep)
		if s.user == "" {
			wrong.Add("user", "Bitte geben Sie den Benutzernamen des Postfachs ein.")
		}
		if s.password == "" && !keep {
			wrong.Add("password", "Bitte geben Sie das Passwort des Postfachs ein.")
		}
		if err := wrong.Err(); err != nil {
			return err
		}
		if err := f.nextVisit(tx, time.Minute); err != nil {
			return err
		}
	}
	if err := put(tx, f.Settings, map[string]string{settings.BounceHost: s.host, settings.BouncePort: s.port,
		settings.BounceSecurity: s.security, settings.BounceUser: s.user}); err != nil {
		return err
	}
	return f.setPassword(tx, settings.BouncePassword, s)
}

// tests are limited, since each keeps a connection to another server open for a while.
func tests() web.Limit { return web.Limit{Name: "operation test", N: 20, In: time.Hour} }

func (f *feature) allowTest(r *http.Request, v who.Viewer) error {
	if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return needRoot(tx, v) }); err != nil {
		return err
	}
	return f.Limits.Take(tests(), strconv.FormatInt(v.ID, 10))
}

// explained shows what a server said to whoever set it up.
func explained(err error) error {
	if words := cmp.Or(mail.Words(err), sms.Words(err)); words != "" {
		return fault.New(fault.Invalid, "%s", words)
	}
	return err
}

func (f *feature) testMail(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "to")
	if err != nil {
		return err
	}
	err = f.sendTest(r, v, form)
	if web.Again(err) {
		return f.mailAgain(w, r, v, func(p *mailPage) { p.Test = form.With(err) })
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/mail", "Der Mailserver hat die Testmail angenommen. Bitte sehen Sie im Postfach nach, auch unter Spam.")
}

func (f *feature) sendTest(r *http.Request, v who.Viewer, form web.Form) error {
	var wrong fault.Form
	to := readAddress(form, &wrong, "to", true)
	if err := wrong.Err(); err != nil {
		return err
	}
	if err := f.allowTest(r, v); err != nil {
		return err
	}
	err := f.Mail.Send(r.Context(), mail.Message{To: to, Kind: mail.Test, Language: "de", Subject: "Testmail von Nestfunk",
		Text: "Diese Mail wurde auf der Seite „Betrieb“ ausgelöst.\nWenn Sie sie lesen, funktioniert der Mailversand.\n\n" + f.URL("/betrieb/mail") + "\n"})
	if err != nil {
		return explained(err)
	}
	return f.DB.Write(r.Context(), func(tx *store.Tx) error { return Log(tx, f.Now(), v.ID, "mail.tested", 0) })
}

func (f *feature) testBounces(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r)
	if err != nil {
		return err
	}
	n := 0
	if err = f.allowTest(r, v); err == nil {
		n, err = f.look(r.Context())
		err = explained(err)
	}
	if web.Again(err) {
		return f.mailAgain(w, r, v, func(p *mailPage) { p.Look = form.With(err) })
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/mail", fmt.Sprintf("Das Postfach lässt sich lesen. Neue Rückläufer: %d.", n))
}
