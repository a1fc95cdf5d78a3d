package account

import (
	"html/template"
	"net/http"
	"slices"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// admit lets somebody in whose password was right: at once, or after a second step. Who needs one and has none is led to
// it behind the door.
func (f *feature) admit(w http.ResponseWriter, r *http.Request, id int64, form web.Form) error {
	next := web.Own(form.Get("weiter"))
	var have Ways
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		have, err = ways(tx, id)
		return err
	})
	if err != nil {
		return err
	}
	if have.Second.Since.IsZero() {
		by := web.Usual
		if len(have.Passkeys) > 0 {
			by = web.Stale
		}
		return f.enter(w, r, id, next, by)
	}
	sealed, err := f.sealTicket(forPassword, ticket{Person: id, Until: f.Now().Add(secondFor).Unix(), Since: have.Password.Unix(), Next: next})
	if err != nil {
		return err
	}
	f.cookie(w, secondCookie, sealed, int(secondFor.Seconds()))
	return web.Done(w, r, "/anmelden/zweiter-schritt")
}

const secondCookie = "second"

type secondPage struct {
	web.Page
	Form web.Form
}

// begun is the ticket of somebody who has given the right password and not yet the second step.
func (f *feature) begun(r *http.Request) (t ticket, have Ways, ok bool, err error) {
	if t, ok = f.openTicket(forPassword, f.cookieValue(r, secondCookie)); !ok {
		return t, have, false, nil
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		have, err = ways(tx, t.Person)
		return err
	})
	return t, have, err == nil && have.Password.Unix() == t.Since && !have.Second.Since.IsZero(), err
}

func (f *feature) askSecond(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	_, _, ok, err := f.begun(r)
	if err != nil {
		return err
	}
	if !ok {
		return web.Done(w, r, "/anmelden")
	}
	p := secondPage{Page: web.NewPage(r, v, "Zweiter Schritt")}
	p.Plain = true
	return pages().Render(w, r, "second.html", p)
}

func (f *feature) giveSecond(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "code")
	if err != nil {
		return err
	}
	t, have, ok, err := f.begun(r)
	if err != nil {
		return err
	}
	if !ok {
		return web.Done(w, r, "/anmelden", say(v, "Das hat zu lange gedauert. Bitte melden Sie sich noch einmal an."))
	}
	spare, err := f.useCode(r, t.Person, form.Get("code"))
	if web.Again(err) {
		form.Set("code")
		p := secondPage{web.NewPage(r, v, "Zweiter Schritt"), form.With(err)}
		p.Plain = true
		return pages().Again(w, r, "second.html", p)
	}
	if err != nil {
		return err
	}
	f.cookie(w, secondCookie, "", -1)
	if spare {
		return f.enter(w, r, t.Person, t.Next, web.Strong, web.NewPage(r, v, "").L().T("Ausgedruckte Codes übrig: %d", have.Second.Left-1))
	}
	return f.enter(w, r, t.Person, t.Next, web.Strong)
}

// useCode uses a code of somebody up, and counts wrong ones; spare tells that it was a printed one.
func (f *feature) useCode(r *http.Request, person int64, code string) (spare bool, err error) {
	if err := f.Limits.Take(secondOf(), itoa(person)); err != nil {
		return false, err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		spare, err = f.pass(tx, person, code)
		return err
	})
	if fault.KindOf(err) == fault.Invalid {
		if err := f.refused(r, person); err != nil {
			return false, err
		}
	}
	if err == nil {
		f.Limits.Forget(secondOf(), itoa(person))
	}
	return spare, err
}

type enrolPage struct {
	web.Page
	Form   web.Form
	QR     template.HTML
	Link   template.URL // opens the app on the same phone
	Secret []string     // in groups, to be typed
	Ticket string
	Back   string
}

// showEnrol shows a new secret, or again the one of a ticket; "": none yet.
func (f *feature) showEnrol(w http.ResponseWriter, r *http.Request, v who.Viewer, have Ways, form web.Form, sealed string) error {
	p := enrolPage{Page: web.NewPage(r, v, "Codes aus einer App"), Form: form, Ticket: sealed, Back: "/konto"}
	p.Plain = true
	if v.Half {
		p.Back = "/konto/zweiter-faktor"
	}
	t, ok := f.openTicket(forSecret, sealed)
	if !ok || t.Person != v.ID {
		t = ticket{Person: v.ID, Until: f.Now().Add(enrolFor).Unix(), Secret: newSecret()}
		var err error
		if p.Ticket, err = f.sealTicket(forSecret, t); err != nil {
			return err
		}
	}
	name := v.Name()
	if len(have.Addresses) > 0 {
		name = have.Addresses[0].Shown()
	}
	key, err := f.keyOf(t.Secret, name)
	if err != nil {
		return err
	}
	p.Link = template.URL(key.URL())
	if p.QR, err = draw(key.URL()); err != nil {
		return err
	}
	for group := range slices.Chunk([]byte(key.Secret()), 4) {
		p.Secret = append(p.Secret, string(group))
	}
	if form.Words != "" {
		return pages().Again(w, r, "enrol.html", p)
	}
	return pages().Render(w, r, "enrol.html", p)
}

// setUp shows somebody who is signed in how to set the codes of an app up.
func (f *feature) setUp(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	have, err := f.adding(r, v)
	if err != nil {
		return err
	}
	if lone(v, have, f.Mail.Configured(r.Context())) {
		return web.Done(w, r, "/konto")
	}
	return f.showEnrol(w, r, v, have, web.Form{}, "")
}

// lone reports that the codes of an app would stand alone, with nothing that they follow. Whoever has to show a second
// factor before anything else sets it up first.
func lone(v who.Viewer, have Ways, mails bool) bool {
	return have.Bare(mails) && !v.Half && have.Second.Since.IsZero()
}

func (f *feature) saveSetUp(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "code", "ticket")
	if err != nil {
		return err
	}
	have, err := f.adding(r, v)
	if err != nil {
		return err
	}
	if lone(v, have, f.Mail.Configured(r.Context())) {
		return web.Done(w, r, "/konto")
	}
	sealed := form.Get("ticket")
	t, ok := f.openTicket(forSecret, sealed)
	if !ok || t.Person != v.ID { // a new one is for who proves to be the same
		return web.Done(w, r, "/konto/zweiter-schritt", say(v, "Das hat zu lange gedauert. Bitte lesen Sie das neue Bild mit der App."))
	}
	var codes []string
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if codes, err = f.enrol(tx, v.ID, t.Secret, form.Get("code")); err != nil {
			return err
		}
		return f.changed(tx, v.ID, v.Session, "second.added", 0)
	})
	if fault.KindOf(err) == fault.Invalid {
		return f.showEnrol(w, r, v, have, form.With(err), sealed)
	}
	if err != nil {
		return err
	}
	if err := f.renew(w, r, &v, web.Strong); err != nil {
		return err
	}
	v.Half = false
	return f.showSpares(w, r, v, codes, "/")
}

type sparesPage struct {
	web.Page
	Codes []string
	Next  string
}

// showSpares shows printed codes, once.
func (f *feature) showSpares(w http.ResponseWriter, r *http.Request, v who.Viewer, codes []string, next string) error {
	p := sparesPage{web.NewPage(r, v, "Ihre Codes für den Notfall"), codes, web.Own(next)}
	p.Plain = true
	return pages().Render(w, r, "spares.html", p)
}

func (f *feature) newSpares(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	var codes []string
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		n, err := factors(tx, v.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.Gone()
		}
		if codes, err = newSpares(tx, v.ID); err != nil {
			return err
		}
		return f.changed(tx, v.ID, v.Session, "second.codes", 0)
	})
	if err != nil {
		return err
	}
	return f.showSpares(w, r, v, codes, "/konto")
}

func (f *feature) removeSecond(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.remove(w, r, v, "second", "second.removed", func(tx *store.Tx, _ string) (int64, error) { return 0, dropSecond(tx, v.ID) })
}
