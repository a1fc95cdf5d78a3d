package account

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// A device is a signed-in browser, as the account's owner sees it.
type device struct {
	web.Session
	ID   string // hex
	Here bool   // the browser that asks
}

type accountPage struct {
	web.Page
	Form      web.Form
	Languages []*lang.Lang
	Places    []Place
	Wait      string // what somebody without any role waits for; "": nothing
	Devices   []device
	Ways      Ways
	Mails     bool
	Passkeys  bool
	Recovery  Recovery // that others have asked for; the zero value: none
	Team      bool     // works with groups, perhaps at a tablet
	Operator  bool     // may give itself a name: there is nobody above who would
	Sure      sure     // to be confirmed; the zero value: nothing

	Providers []Provider // to which one could be linked
}

// sure is a change that would leave no way in.
type sure struct{ Action, Field, Value, Words string }

// Given and Family are the viewer's name: as it was typed, or as it is.
func (p accountPage) Given() string { return p.typed("given", p.Viewer.Given) }

// Family is the other half.
func (p accountPage) Family() string { return p.typed("family", p.Viewer.Family) }

func (p accountPage) typed(name, stored string) string {
	if p.Form.Err("family") != "" {
		return p.Form.Raw(name)
	}
	return stored
}

func (f *feature) accountPage(r *http.Request, v who.Viewer, form web.Form) (accountPage, error) {
	p := accountPage{Page: web.NewPage(r, v, "Ihr Konto"), Form: form, Languages: lang.All(), Mails: f.Mail.Configured(r.Context()), Passkeys: f.keys != nil}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Ways, err = ways(tx, v.ID); err != nil {
			return err
		}
		if p.Providers, err = linkable(tx, p.Ways); err != nil {
			return err
		}
		if p.Places, err = places(tx, v.ID, f.Now()); err != nil {
			return err
		}
		if p.Recovery, err = recovering(tx, v.ID, f.Now()); err != nil {
			return err
		}
		if p.Operator, err = operates(tx, v); err != nil {
			return err
		}
		sessions, err := web.SessionsOf(tx, v.ID, f.Now())
		for _, s := range sessions {
			if f.Sessions.Over(s, v.Roles()) {
				continue
			}
			p.Devices = append(p.Devices, device{s, hex.EncodeToString(s.ID), string(s.ID) == string(v.Session)})
		}
		return err
	})
	p.Team = v.May(who.Of(who.Head, who.Staff))
	if v.Roles() == who.Of(who.Waiting) {
		p.Wait = wait(p.Places)
	}
	if len(p.Ways.Addresses) == 0 && p.Form.Get("mail") == "" && err == nil {
		err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
			mail, err := contact(tx, v.ID)
			p.Form.Set("mail", mail)
			return err
		})
	}
	return p, err
}

func (f *feature) account(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.accountPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return pages().Render(w, r, "account.html", p)
}

func (f *feature) accountAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, form web.Form, err error) error {
	if !web.Again(err) {
		return err
	}
	p, perr := f.accountPage(r, v, form.With(err))
	if perr != nil {
		return perr
	}
	return pages().Again(w, r, "account.html", p)
}

// setName has whoever runs the house say how it is called. All others got their name from a unit, which corrects it.
func (f *feature) setName(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "given", "family")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		ok, err := operates(tx, v)
		if err != nil {
			return err
		}
		if !ok {
			return fault.New(fault.Forbidden, "Ihren Namen hat Ihre Einrichtung eingetragen. Sie berichtigt ihn auch.")
		}
		given, family := text.Clean(form.Get("given")), text.Clean(form.Get("family"))
		if len(given) > 200 || len(family) > 200 {
			return fault.At("family", "Dieser Name ist zu lang.")
		}
		return person.Rename(tx, v.ID, given, family, v.ID, f.Now())
	})
	if err != nil {
		return f.accountAgain(w, r, v, form, err)
	}
	return web.Done(w, r, "/konto", say(v, "Gespeichert."))
}

func (f *feature) setLanguage(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "language")
	if err != nil {
		return err
	}
	code := form.Get("language")
	if lang.Of(code).Code != code {
		return f.accountAgain(w, r, v, form, fault.At("language", "Diese Sprache spricht das Haus noch nicht."))
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return person.SetLanguage(tx, v.ID, code) })
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto", lang.Of(code).T("Gespeichert."))
}

// endSession signs another browser out.
func (f *feature) endSession(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "session")
	if err != nil {
		return err
	}
	id, err := hex.DecodeString(form.Get("session"))
	if err != nil {
		return fault.Gone()
	}
	if string(id) == string(v.Session) {
		return f.signout(w, r, v)
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		f.tell(tx, v.ID)
		if err := web.EndSession(tx, v.ID, id); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "device.ended", 0)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto", say(v, "Das Gerät ist abgemeldet."))
}

func (f *feature) endOthers(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.ended(tx, v.ID); err != nil {
			return err
		}
		return f.changed(tx, v.ID, v.Session, "device.ended", 0)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto", say(v, "Alle anderen Geräte sind abgemeldet."))
}

func (f *feature) signout(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if err := f.Sessions.SignOut(w, r); err != nil {
		return err
	}
	if !v.Young() {
		err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), v.ID, "session.ended", 0) })
		if err != nil {
			return err
		}
	}
	f.Live.Publish(live.Event{Person: v.ID}) // the other pages of this browser
	if v.Young() {
		return web.Done(w, r, "/abgemeldet?jugend=1")
	}
	return web.Done(w, r, "/abgemeldet")
}

type signedOutPage struct {
	web.Page
	Young bool // who has left was here under an alias
}

func (f *feature) signedOut(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := signedOutPage{web.NewPage(r, v, "Abgemeldet"), r.URL.Query().Has("jugend")}
	p.Plain, p.Help = true, p.Young
	return pages().Render(w, r, "signedout.html", p)
}

// again shows a form once more.
type again func(http.ResponseWriter, *http.Request, who.Viewer, web.Form, error) error

func (f *feature) accountMail(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.setMail(w, r, v, "/konto", "/konto", f.accountAgain)
}

// setMail has a link sent with which the viewer proves an address. Next is where the link leads in the end, back where
// the browser goes now.
func (f *feature) setMail(w http.ResponseWriter, r *http.Request, v who.Viewer, next, back string, show again) error {
	form, err := web.ReadForm(r, "mail")
	if err != nil {
		return err
	}
	mail, err := f.linkAllowed(r, form.Get("mail"))
	if err != nil {
		return show(w, r, v, form, err)
	}
	mark := f.browser(w, r)
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		return f.orderLink(tx, v.ID, order{Mail: mail, Browser: hex.EncodeToString(hash(mark)), Next: next})
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, back, say(v, sent, Address{Mail: mail}.Shown()))
}

const sent = "Wir haben einen Link an %s geschickt. Wenn Sie ihn in diesem Browser öffnen, können Sie sich ab dann mit dieser Adresse anmelden."

// say words something in the viewer's language.
func say(v who.Viewer, german string, args ...any) string { return lang.Of(v.Lang).T(german, args...) }

func (f *feature) accountPassword(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.setPassword(w, r, v, "/konto", "/konto", f.accountAgain)
}

// setPassword keeps a password. Its name is an address; who has none proves one, or, in a house that sends no mails,
// just names one.
func (f *feature) setPassword(w http.ResponseWriter, r *http.Request, v who.Viewer, next, back string, show again) error {
	form, err := web.ReadForm(r, "mail", "password")
	if err != nil {
		return err
	}
	typed := form.Raw("password")
	form.Set("password") // never shown again
	var have Ways
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		have, err = ways(tx, v.ID)
		return err
	})
	if err != nil {
		return err
	}
	mails := f.Mail.Configured(r.Context())
	mail := ""
	if len(have.Addresses) == 0 {
		if mails {
			mail, err = f.linkAllowed(r, form.Get("mail"))
		} else {
			mail, err = address("mail", form.Get("mail"))
		}
	} else {
		mail = have.Addresses[0].Mail
	}
	if err == nil {
		err = password(typed, mail)
	}
	if err != nil {
		return show(w, r, v, form, err)
	}
	phc, err := f.hasher.hash(r.Context(), typed)
	if err != nil {
		return err
	}
	mark := ""
	if len(have.Addresses) == 0 && mails {
		mark = f.browser(w, r)
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := setPassword(tx, v.ID, phc, f.Now()); err != nil {
			return err
		}
		if mark != "" {
			err = f.orderLink(tx, v.ID, order{Mail: mail, Browser: hex.EncodeToString(hash(mark)), Next: next})
		} else if len(have.Addresses) == 0 {
			err = claim(tx, v.ID, mail)
		}
		if err != nil {
			return err
		}
		return f.changed(tx, v.ID, v.Session, "password.set", 0)
	})
	if err != nil {
		return show(w, r, v, form, err)
	}
	words := say(v, "Ihr Passwort gilt ab jetzt. Sie melden sich mit %s an.", Address{Mail: mail}.Shown())
	if mark != "" {
		words = say(v, sent, Address{Mail: mail}.Shown())
	}
	return web.Done(w, r, back, words)
}

// errLast marks a removal that nobody has confirmed.
var errLast = errors.New("the last way to sign in")

func lastWay() error {
	return fmt.Errorf("%w (%w)", fault.New(fault.Conflict, "Danach können Sie sich auf keinem anderen Gerät mehr anmelden und brauchen einen neuen Brief von Ihrer Einrichtung."), errLast)
}

// remove takes one way of signing in away. The last goes only after a warning. Drop returns what the record names with the action.
func (f *feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer, field, action string, drop func(tx *store.Tx, value string) (ref int64, err error)) error {
	form, err := web.ReadForm(r, field, "sure")
	if err != nil {
		return err
	}
	mails := f.Mail.Configured(r.Context())
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		before, err := ways(tx, v.ID)
		if err != nil {
			return err
		}
		had, err := factors(tx, v.ID)
		if err != nil {
			return err
		}
		ref, err := drop(tx, form.Get(field))
		if err != nil {
			return err
		}
		if err := dropSpares(tx, v.ID); err != nil {
			return err
		}
		after, err := ways(tx, v.ID)
		if err != nil {
			return err
		}
		if err := f.keepFactor(tx, v, had > 0); err != nil {
			return err
		}
		if after.Bare(mails) && !before.Bare(mails) && !form.On("sure") {
			return lastWay()
		}
		return f.changed(tx, v.ID, v.Session, action, ref)
	})
	if errors.Is(err, errLast) {
		p, perr := f.accountPage(r, v, web.Form{})
		if perr != nil {
			return perr
		}
		p.Sure = sure{r.URL.Path, field, form.Get(field), fault.Words(err)}
		return pages().Again(w, r, "account.html", p)
	}
	if err != nil {
		return f.accountAgain(w, r, v, form, err)
	}
	return web.Done(w, r, "/konto", say(v, "Entfernt. Alle anderen Geräte sind abgemeldet."))
}

func (f *feature) removeMail(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.remove(w, r, v, "mail", "address.removed", func(tx *store.Tx, mail string) (int64, error) { return 0, dropAddress(tx, v.ID, mail) })
}

func (f *feature) removePassword(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.remove(w, r, v, "password", "password.removed", func(tx *store.Tx, _ string) (int64, error) { return 0, dropPassword(tx, v.ID) })
}

func (f *feature) removePasskey(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.remove(w, r, v, "passkey", "passkey.removed", func(tx *store.Tx, id string) (int64, error) {
		b, err := hex.DecodeString(id)
		if err != nil {
			return 0, fault.Gone()
		}
		return 0, dropPasskey(tx, v.ID, b)
	})
}
