package operation

import (
	"cmp"
	"io"
	"net/http"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type smsPage struct {
	web.Page
	Form, Test                web.Form
	KeyStored, PasswordStored bool // is stored, and never shown
	Ready                     bool
	Address                   string // that seven.io reports to; "": there is no need for one
	Day                       smsDay
	Stops                     int       // numbers that have sent STOPP
	Last                      sms.Trace // of the last test; its State is "" where there was none
}

// smsDay is what went out today.
type smsDay struct {
	Spent sms.Cost
	Limit string // "": not set
	Left  int    // messages that the limit kept back
}

func (f *feature) smsDay(tx *store.Tx) (d smsDay, err error) {
	if d.Spent, err = sms.Spent(tx, f.Now()); err != nil {
		return d, err
	}
	if d.Left, err = sms.Left(tx, f.Now()); err != nil {
		return d, err
	}
	d.Limit, err = f.Settings.Get(tx, settings.SMSLimit)
	return d, err
}

// smsPage reads the settings as they are stored.
func (f *feature) smsPage(r *http.Request, v who.Viewer) (smsPage, error) {
	p := smsPage{Page: f.page(r, v, "SMS")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		now, err := pick(tx, f.Settings, settings.SMSDriver, settings.SMSHost, settings.SMSPort, settings.SMSSecurity, settings.SMSUser,
			settings.SMSFrom, settings.SMSPrice, settings.SMSLimit)
		if err != nil {
			return err
		}
		fill(&p.Form, now, map[string]string{"driver": settings.SMSDriver, "host": settings.SMSHost, "port": settings.SMSPort,
			"security": settings.SMSSecurity, "user": settings.SMSUser, "from": settings.SMSFrom}, "tls")
		p.Form.Set("price", cents(now[settings.SMSPrice]))
		p.Form.Set("limit", cmp.Or(now[settings.SMSLimit], usualLimit))
		if p.KeyStored, err = f.stored(tx, settings.SMSKey); err != nil {
			return err
		}
		if p.PasswordStored, err = f.stored(tx, settings.SMSPassword); err != nil {
			return err
		}
		if p.Ready, err = sms.Ready(tx, f.Settings); err != nil {
			return err
		}
		token, err := f.Settings.Secret(tx, settings.SMSToken)
		if err != nil {
			return err
		}
		if token != "" && now[settings.SMSDriver] == sms.Seven {
			p.Address = f.URL("/sms/bericht/" + token)
		}
		if p.Day, err = f.smsDay(tx); err != nil {
			return err
		}
		if p.Stops, err = sms.Stops(tx); err != nil {
			return err
		}
		p.Last, err = sms.LastTest(tx)
		return err
	})
	return p, err
}

func (f *feature) sms(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.smsPage(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "sms.html", p)
}

// smsAgain shows the page once more, with the form that was wrong.
func (f *feature) smsAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, put func(p *smsPage)) error {
	p, err := f.smsPage(r, v)
	if err != nil {
		return err
	}
	put(&p)
	return f.pages.Again(w, r, "sms.html", p)
}

func (f *feature) saveSMS(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "driver", "key", "host", "port", "security", "user", "password", "from", "price", "limit")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		if err := f.setSMS(tx, form); err != nil {
			return err
		}
		return Log(tx, f.Now(), v.ID, "sms.changed", 0)
	})
	if web.Again(err) {
		return f.smsAgain(w, r, v, func(p *smsPage) { p.Form = form.With(err) })
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/sms", "Gespeichert.")
}

func (f *feature) testSMS(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "to")
	if err != nil {
		return err
	}
	err = f.sendTestSMS(r, v, form)
	if web.Again(err) {
		return f.smsAgain(w, r, v, func(p *smsPage) { p.Test = form.With(err) })
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/sms", "Der SMS-Anbieter hat die Test-SMS angenommen. Bitte sehen Sie auf dem Handy nach.")
}

func (f *feature) sendTestSMS(r *http.Request, v who.Viewer, form web.Form) error {
	to := sms.Number(form.Get("to"))
	switch {
	case to == "":
		return fault.At("to", "Bitte geben Sie eine Mobilnummer wie 0171 2345678 ein, eine ausländische mit + und Landesvorwahl.")
	case !sms.Mobile(to):
		return fault.At("to", "Das ist keine Mobilnummer. Eine SMS käme dort nicht an.")
	}
	if err := f.allowTest(r, v); err != nil {
		return err
	}
	err := f.SMS.Send(r.Context(), sms.Message{To: to, Kind: sms.Test, Language: "de",
		Text: "Diese SMS wurde in Nestfunk auf der Seite Betrieb ausgelöst. Wenn Sie sie lesen, funktioniert der SMS-Versand."})
	if err != nil {
		return explained(err)
	}
	return f.DB.Write(r.Context(), func(tx *store.Tx) error { return Log(tx, f.Now(), v.ID, "sms.tested", 0) })
}

// smsReport takes what seven.io tells. It comes from a machine: without a session, as JSON, with a token in its address.
// A 429 has it come again, any other refusal is final.
func (f *feature) smsReport(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		ok, err := sms.Expected(tx, f.Settings, web.Word(r, "token"))
		if err == nil && !ok {
			err = fault.Gone()
		}
		return err
	})
	if err != nil {
		return err
	}
	body, err := io.ReadAll(r.Body) // web limits it
	if err != nil {
		return fault.New(fault.Malformed, "Diese Anfrage war unvollständig.")
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return sms.Reported(tx, f.Now(), body, f.texted) })
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
