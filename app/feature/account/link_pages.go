package account

import (
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

const askCookie, ceremonyCookie = "ask", "ceremony"

// browser is the mark of the browser that asks for a link. It gets one if it has none.
func (f *feature) browser(w http.ResponseWriter, r *http.Request) string {
	value := f.cookieValue(r, askCookie)
	if len(value) != len(secret(16)) {
		value = secret(16)
	}
	f.cookie(w, askCookie, value, int(2*mailFor.Seconds()))
	return value
}

func (f *feature) askLink(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "mail", "weiter")
	if err != nil {
		return err
	}
	mail, err := f.linkAllowed(r, form.Get("mail"))
	if err != nil {
		return f.signinAgain(w, r, v, form, err)
	}
	mark := f.browser(w, r)
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		return f.orderLink(tx, 0, order{Mail: mail, Browser: hex.EncodeToString(hash(mark)), Next: web.Own(form.Get("weiter"))})
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/anmelden/link")
}

// linkAllowed checks an address to which a link is to go, and counts the try: for unknown ones just the same.
func (f *feature) linkAllowed(r *http.Request, typed string) (string, error) {
	if !f.Mail.Configured(r.Context()) {
		return "", fault.At("mail", "Dieses Haus verschickt noch keine Mails. Bitte nehmen Sie einen anderen Weg.")
	}
	mail, err := address("mail", typed)
	if err != nil {
		return "", err
	}
	return mail, f.take(r, linkToAddress(), linkFromPrefix(), mail)
}

type sentPage struct {
	web.Page
	Code string // six digits in two groups, for another browser; "": this one has asked for nothing
}

func (f *feature) linkSent(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := sentPage{Page: web.NewPage(r, v, "Sehen Sie in Ihre Mails")}
	p.Plain = true
	if mark := f.cookieValue(r, askCookie); mark != "" {
		code := f.code(hash(mark))
		p.Code = code[:3] + " " + code[3:]
	}
	return pages().Render(w, r, "sent.html", p)
}

type linkPage struct {
	web.Page
	Form      web.Form
	Next      string
	Elsewhere bool // another browser has asked: the code comes first
}

func (f *feature) linkPage(r *http.Request, v who.Viewer, form web.Form, next string, elsewhere bool) linkPage {
	p := linkPage{web.NewPage(r, v, "Anmelden"), form, web.Own(next), elsewhere}
	p.Plain = true
	return p
}

// showLink has only a button, and a field for the code: mail scanners open links, and must not use them up.
func (f *feature) showLink(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if fresh, err := f.isNew(r); err != nil || fresh {
		if err != nil {
			return err
		}
		return f.setup(w, r, v)
	}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		_, err := openLink(tx, web.Word(r, "token"), hash(f.cookieValue(r, askCookie)), f.Now())
		return err
	})
	if err != nil && !errors.Is(err, errElsewhere) {
		return err
	}
	return pages().Render(w, r, "link.html", f.linkPage(r, v, web.Form{}, r.URL.Query().Get("weiter"), err != nil))
}

// useLink signs in the browser in hand, never the one that asked: so a code that somebody is talked into typing opens
// nothing for whoever has told it.
func (f *feature) useLink(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if fresh, err := f.isNew(r); err != nil || fresh {
		if err != nil {
			return err
		}
		return f.found(w, r, v)
	}
	form, err := web.ReadForm(r, append(setupFields(), "weiter", "code")...) // of the questions that a second click sends again
	if err != nil {
		return err
	}
	token := web.Word(r, "token")
	var l link
	var have Ways
	var keep []byte // who is signed in already has only proved an address
	if v.ID != 0 {
		keep = v.Session
	}
	var missed error // what is wrong with the code; the count of tries is kept all the same
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		l, err = openLink(tx, token, hash(f.cookieValue(r, askCookie)), f.Now())
		if errors.Is(err, errElsewhere) {
			if missed = f.readLinkCode(form.Get("code"), l); missed != nil {
				return missLink(tx, token)
			}
			err = nil
		}
		if err != nil {
			return err
		}
		if have, err = ways(tx, l.Person); err != nil {
			return err
		}
		if err := redeemLink(tx, token, l, f.Now()); err != nil || l.proved {
			return err
		}
		if v.ID != l.Person {
			keep = nil
		}
		return f.changed(tx, l.Person, keep, "address.added", 0) // a new way to sign in
	})
	if err == nil && missed != nil {
		if err = f.refused(r, l.Person); err == nil {
			err = missed
		}
	}
	if web.Again(err) && missed != nil {
		return pages().Again(w, r, "link.html", f.linkPage(r, v, form.With(err), form.Get("weiter"), true))
	}
	if err != nil {
		return err
	}
	f.know(w, r, l.Mail)
	switch {
	case v.ID == l.Person && !l.proved: // as signed in as before
		return web.Done(w, r, web.Own(form.Get("weiter")))
	case l.Mail == "": // whoever works on the machine itself can do anything
		return f.enter(w, r, l.Person, form.Get("weiter"), web.Strong)
	case have.Two():
		return f.enter(w, r, l.Person, form.Get("weiter"), web.Stale)
	}
	return f.enter(w, r, l.Person, form.Get("weiter"), web.Usual)
}

// readLinkCode compares what was typed with the code of the browser that asked for the link.
func (f *feature) readLinkCode(typed string, l link) error {
	if same(strings.ReplaceAll(typed, " ", ""), f.code(l.Browser)) {
		return nil
	}
	if l.wrong+1 >= codeTries {
		return fault.New(fault.NotFound, "Das waren zu viele falsche Codes. Bitte fordern Sie auf der Seite „Anmelden“ einen neuen Link an.")
	}
	return fault.At("code", "Dieser Code stimmt nicht. Er steht auf der Seite, auf der Sie den Link angefordert haben.")
}
