package account

import (
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// admit lets somebody in whose password was right: at once, or after a second step. A team member without one is led
// to set it up, and after a grace comes in by password no more; unless there is no other way, when it is set up first.
func (f *feature) admit(w http.ResponseWriter, r *http.Request, v who.Viewer, id int64, form web.Form) error {
	next := web.Own(form.Get("weiter"))
	var have Ways
	var team bool
	var until time.Time
	err := f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if have, err = ways(tx, id); err != nil || !have.Second.Since.IsZero() {
			return err
		}
		p, err := org.Viewer(tx, id, f.Now())
		if team = careful(p); err != nil || !team {
			return err
		}
		until, err = due(tx, id, f.Now())
		return err
	})
	if err != nil {
		return err
	}
	late := team && !f.Now().Before(until)
	since := have.Password.Unix()
	have.Password = time.Time{} // which other ways are there?
	switch {
	case late && !have.Bare(f.Mail.Configured(r.Context())):
		return f.signinAgain(w, r, v, form, fault.New(fault.Invalid, "Ihr Passwort allein reicht nicht mehr. Bitte melden Sie sich mit einem Passkey oder einem Link per E-Mail an, und richten Sie in Ihrem Konto den zweiten Schritt ein."))
	case late || !have.Second.Since.IsZero():
		sealed, err := f.sealTicket(forPassword, ticket{Person: id, Until: f.Now().Add(secondFor).Unix(), Since: since, Next: next})
		if err != nil {
			return err
		}
		f.cookie(w, secondCookie, sealed, int(secondFor.Seconds()))
		return web.Done(w, r, "/anmelden/zweiter-schritt")
	case team && v.ID != id: // who only proves something has been led there before
		return f.enter(w, r, id, "/konto/zweiter-schritt")
	}
	return f.enter(w, r, id, next)
}

const secondCookie = "second"

type secondPage struct {
	web.Page
	Form web.Form
}

// half is the ticket of somebody who has given the right password and not yet the second step.
func (f *feature) half(r *http.Request) (t ticket, have Ways, ok bool, err error) {
	if t, ok = f.openTicket(forPassword, f.cookieValue(r, secondCookie)); !ok {
		return t, have, false, nil
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		have, err = ways(tx, t.Person)
		return err
	})
	return t, have, err == nil && have.Password.Unix() == t.Since, err
}

func (f *feature) askSecond(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	t, have, ok, err := f.half(r)
	if err != nil {
		return err
	}
	if !ok {
		return web.Done(w, r, "/anmelden")
	}
	if have.Second.Since.IsZero() {
		return f.showEnrol(w, r, v, t.Person, have, web.Form{}, "")
	}
	p := secondPage{Page: web.NewPage(r, v, "Zweiter Schritt")}
	p.Plain = true
	return pages().Render(w, r, "second.html", p)
}

func (f *feature) giveSecond(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "code", "ticket")
	if err != nil {
		return err
	}
	t, have, ok, err := f.half(r)
	if err != nil {
		return err
	}
	if !ok {
		return web.Done(w, r, "/anmelden", say(v, "Das hat zu lange gedauert. Bitte melden Sie sich noch einmal an."))
	}
	if have.Second.Since.IsZero() {
		return f.finishEnrol(w, r, v, t.Person, have, form, t.Next)
	}
	spare := false
	if err = f.Limits.Take(secondOf(), itoa(t.Person)); err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			spare, err = f.pass(tx, t.Person, form.Get("code"))
			return err
		})
	}
	if fault.KindOf(err) == fault.Invalid {
		if err := f.refused(r, t.Person); err != nil {
			return err
		}
	}
	if web.Again(err) {
		form.Set("code")
		p := secondPage{web.NewPage(r, v, "Zweiter Schritt"), form.With(err)}
		p.Plain = true
		return pages().Again(w, r, "second.html", p)
	}
	if err != nil {
		return err
	}
	f.Limits.Forget(secondOf(), itoa(t.Person))
	f.cookie(w, secondCookie, "", -1)
	if spare {
		return f.enter(w, r, t.Person, t.Next, web.NewPage(r, v, "").L().T("Ausgedruckte Codes übrig: %d", have.Second.Left-1))
	}
	return f.enter(w, r, t.Person, t.Next)
}

type enrolPage struct {
	web.Page
	Form     web.Form
	QR       template.HTML
	Link     template.URL // opens the app on the same phone
	Secret   []string     // in groups, to be typed
	Ticket   string
	Later    time.Time // until when it can be put off; zero: not, or nobody is asked to
	Passkeys bool
}

// showEnrol shows a new secret, or again the one of a ticket; "": none yet.
func (f *feature) showEnrol(w http.ResponseWriter, r *http.Request, v who.Viewer, person int64, have Ways, form web.Form, sealed string) error {
	p := enrolPage{Page: web.NewPage(r, v, "Zweiter Schritt nach dem Passwort"), Form: form, Ticket: sealed, Passkeys: f.keys != nil && v.ID != 0}
	p.Plain = true
	t, ok := f.openTicket(forSecret, sealed)
	if !ok || t.Person != person {
		t = ticket{Person: person, Until: f.Now().Add(enrolFor).Unix(), Secret: newSecret()}
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
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Later, err = deferral(tx, person)
		return err
	})
	if err != nil {
		return err
	}
	if v.ID == 0 || !f.Now().Before(p.Later) {
		p.Later = time.Time{}
	}
	if form.Words != "" {
		return pages().Again(w, r, "enrol.html", p)
	}
	return pages().Render(w, r, "enrol.html", p)
}

// setUp shows somebody who is signed in how to set the second step up.
func (f *feature) setUp(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	var have Ways
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if have, err = ways(tx, v.ID); err != nil || have.Password.IsZero() {
			return err
		}
		return f.mayChange(tx, r, v)
	})
	if fault.KindOf(err) == fault.SignIn {
		return web.Done(w, r, "/konto/nachweis?weiter=/konto/zweiter-schritt")
	}
	if err != nil {
		return err
	}
	if have.Password.IsZero() || !have.Second.Since.IsZero() {
		return web.Done(w, r, "/konto")
	}
	return f.showEnrol(w, r, v, v.ID, have, web.Form{}, "")
}

func (f *feature) saveSetUp(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "code", "ticket")
	if err != nil {
		return err
	}
	var have Ways
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		have, err = ways(tx, v.ID)
		return err
	})
	if err != nil {
		return err
	}
	if have.Password.IsZero() {
		return web.Done(w, r, "/konto")
	}
	return f.finishEnrol(w, r, v, v.ID, have, form, "/")
}

// finishEnrol keeps the secret of a ticket. The ticket was given to somebody who had just proved who it is, so that is
// not asked again after fetching the phone.
func (f *feature) finishEnrol(w http.ResponseWriter, r *http.Request, v who.Viewer, person int64, have Ways, form web.Form, next string) error {
	sealed := form.Get("ticket")
	t, ok := f.openTicket(forSecret, sealed)
	if !ok || t.Person != person {
		return f.showEnrol(w, r, v, person, have, form.With(fault.New(fault.Invalid, "Das hat zu lange gedauert. Bitte lesen Sie das neue Bild mit der App.")), "")
	}
	var codes []string
	err := f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if codes, err = f.enrol(tx, person, t.Secret, form.Get("code")); err != nil {
			return err
		}
		return f.changed(tx, person, v.Session)
	})
	if fault.KindOf(err) == fault.Invalid {
		return f.showEnrol(w, r, v, person, have, form.With(err), sealed)
	}
	if err != nil {
		return err
	}
	if v.ID != person {
		f.cookie(w, secondCookie, "", -1)
		if err := f.begin(w, r, person); err != nil {
			return err
		}
	}
	return f.showSpares(w, r, v, codes, next)
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
		if err := f.mayChange(tx, r, v); err != nil {
			return err
		}
		s, err := second(tx, v.ID)
		if err != nil {
			return err
		}
		if s.Since.IsZero() {
			return fault.Gone()
		}
		if codes, err = newSpares(tx, v.ID); err != nil {
			return err
		}
		return f.changed(tx, v.ID, v.Session)
	})
	if err != nil {
		return proofOr(w, r, v, web.Form{}, f.accountAgain, err)
	}
	return f.showSpares(w, r, v, codes, "/konto")
}

func (f *feature) removeSecond(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.remove(w, r, v, "second", func(tx *store.Tx, _ string) error { return dropSecond(tx, v.ID) })
}

type resetPage struct {
	web.Page
	Query string
	Found []protected
	More  bool // there are more than are shown
}

// resets lists people whose second step the operator can take away: who has lost the phone and the printed codes. It is
// the operator's page, and German.
func (f *feature) resets(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := resetPage{Page: web.NewPage(r, v, "Zweiter Schritt").In(lang.German().Code), Query: strings.TrimSpace(r.URL.Query().Get("q"))}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Found, err = protecteds(tx, v.ID, 0, p.Query, f.Now())
		return err
	})
	if err != nil {
		return err
	}
	p.More = len(p.Found) == mostFound
	return pages().Render(w, r, "reset.html", p)
}

// reset takes a second step away. The password stays, so it must be somebody whom the operator knows.
func (f *feature) reset(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "person")
	if err != nil {
		return err
	}
	var found []protected
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.mayChange(tx, r, v); err != nil {
			return err
		}
		id := form.ID("person")
		if id == 0 {
			return fault.Gone()
		}
		if found, err = protecteds(tx, v.ID, id, "", f.Now()); err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.Gone()
		}
		if err := dropSecond(tx, id); err != nil {
			return err
		}
		if err := f.log(tx, f.Now(), v.ID, "second.reset", id); err != nil {
			return err
		}
		return f.changed(tx, id, nil)
	})
	if fault.KindOf(err) == fault.SignIn {
		return web.Done(w, r, "/konto/nachweis?weiter=/betrieb/zweiter-schritt")
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/zweiter-schritt", "Der zweite Schritt von "+found[0].Name+" ist zurückgesetzt.")
}
