package account

import (
	"embed"
	"net/http"
	"net/url"
	"sync"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/oidc"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/go-webauthn/webauthn/webauthn"
)

//go:embed *.html
var files embed.FS

var pages = sync.OnceValue(func() *web.Pages { return web.Parse(files) })

type feature struct {
	*house.House
	cards  func(*store.Tx) ([]Card, error) // of the demo
	keys   *webauthn.WebAuthn              // nil: no passkeys
	hasher hasher
	log    Log
	ended  Ended
	oidc   *oidc.Client
}

// Log notes what an operator has done to a person.
type Log func(tx *store.Tx, at time.Time, operator int64, action string, person int64) error

// Ended ends what of a person opens without a session, such as the secret address of a calendar; nil: there is nothing.
type Ended func(tx *store.Tx, person int64) error

// New makes the feature. Cards are the people as whom one can look at the demo; nil for none.
func New(h *house.House, cards func(tx *store.Tx) ([]Card, error), log Log, ended Ended) house.Feature {
	if !h.Demo {
		cards = nil
	}
	if ended == nil {
		ended = func(*store.Tx, int64) error { return nil }
	}
	f := &feature{h, cards, party(h.Base), newHasher(), log, ended, &oidc.Client{Now: h.Now}}
	routes := []web.Route{
		web.Get("/anmelden", who.Anyone, f.signin),
		web.Post("/anmelden/link", who.Anyone, f.askLink),
		web.Get("/anmelden/link", who.Anyone, f.linkSent),
		web.Post("/anmelden/passwort", who.Anyone, f.signinPassword),
		web.Get("/anmelden/zweiter-schritt", who.Anyone, f.askSecond),
		web.Post("/anmelden/zweiter-schritt", who.Anyone, f.giveSecond),
		web.Post("/anmelden/passkey/start", who.Anyone, script(f.startSignin)),
		web.Post("/anmelden/passkey", who.Anyone, script(f.finishSignin)),
		web.Get("/anmelden/anbieter/:id", who.Anyone|who.Of(who.Half), f.toProvider),
		web.Get("/anmelden/anbieter/:id/zurueck", who.Anyone|who.Of(who.Half), f.fromProvider),
		web.Post("/anmelden/anbieter/:id/zurueck", who.Anyone|who.Of(who.Half), f.finishProvider),
		web.Post("/anmelden/anbieter/:id/abmelden", who.Anyone, f.goodbye),
		web.Early(web.Get("/l/:token", who.Anyone|who.Of(who.Half), f.showLink)),
		web.Early(web.Post("/l/:token", who.Anyone|who.Of(who.Half), f.useLink)),

		web.Get("/i", who.Anyone, f.invited),
		web.Post("/i", who.Anyone, f.redeem),
		web.Get("/willkommen", who.SignedIn, f.welcome),
		web.ProvedButFirst(web.Post("/willkommen/mail", who.SignedIn, f.welcomeMail)),
		web.ProvedButFirst(web.Post("/willkommen/passwort", who.SignedIn, f.welcomePassword)),
		web.Get("/einheit/:id/briefe", who.Registrars, f.letters),
		web.Proved(web.Post("/einheit/:id/briefe", who.Registrars, f.print)),

		web.Get("/konto", who.SignedIn, f.account),
		web.Post("/konto/name", who.Of(who.Admin), f.setName),
		web.Post("/konto/sprache", who.SignedIn, f.setLanguage),
		web.Post("/konto/geraet", who.SignedIn, f.endSession),
		web.Post("/konto/geraete", who.SignedIn, f.endOthers),
		web.Post("/konto/abmelden", who.Present|who.Of(who.Half), f.signout),
		web.Get("/abgemeldet", who.Anyone, f.signedOut),
		web.ProvedButFirst(web.Post("/konto/mail", who.SignedIn, f.accountMail)),
		web.Proved(web.Post("/konto/mail/entfernen", who.SignedIn, f.removeMail)),
		web.ProvedButFirst(web.Post("/konto/passwort", who.SignedIn, f.accountPassword)),
		web.Proved(web.Post("/konto/passwort/entfernen", who.SignedIn, f.removePassword)),
		web.ProvedButFirst(web.Get("/konto/zweiter-schritt", who.SignedIn|who.Of(who.Half), f.setUp)),
		web.Post("/konto/zweiter-schritt", who.SignedIn|who.Of(who.Half), f.saveSetUp), // with a ticket of the page before
		web.Proved(web.Post("/konto/zweiter-schritt/codes", who.SignedIn, f.newSpares)),
		web.Proved(web.Post("/konto/zweiter-schritt/entfernen", who.SignedIn, f.removeSecond)),
		web.ProvedButFirst(web.Post("/konto/passkey/start", who.SignedIn|who.Of(who.Half), script(f.startRegister))),
		web.Post("/konto/passkey", who.SignedIn|who.Of(who.Half), script(f.finishRegister)), // with a ceremony that startRegister has begun
		web.Proved(web.Post("/konto/passkey/entfernen", who.SignedIn, f.removePasskey)),

		web.Get("/konto/nachweis", who.SignedIn, f.prove),
		web.Proved(web.Post("/konto/nachweis", who.SignedIn, f.proved)),
		web.Post("/konto/nachweis/passkey/start", who.SignedIn|who.Of(who.Half), script(f.startSignin)),
		web.Post("/konto/nachweis/passkey", who.SignedIn|who.Of(who.Half), script(f.finishProof)),
		web.Get("/konto/zweiter-faktor", who.SignedIn|who.Of(who.Half), f.factor),
		web.Post("/konto/zweiter-faktor", who.Of(who.Half), f.showFactor),
		web.Get("/betrieb/zweiter-faktor", who.Of(who.Admin), f.lacking),
		web.Proved(web.Post("/betrieb/zweiter-faktor", who.Of(who.Admin), f.setGrace)),
		web.ProvedButFirst(web.Post("/konto/anbieter", who.SignedIn, f.link)),
		web.Proved(web.Post("/konto/anbieter/entfernen", who.SignedIn, f.unlink)),
		web.Get("/betrieb/anbieter", who.Of(who.Admin), f.providers),
		web.Proved(web.Post("/betrieb/anbieter", who.Of(who.Admin), f.saveProvider)),
		web.Proved(web.Post("/betrieb/anbieter/entfernen", who.Of(who.Admin), f.removeProvider)),

		web.Get("/wiederherstellung", who.Clerks, f.recover),
		web.Proved(web.Post("/wiederherstellung", who.Clerks, f.recoverAsk)),
		web.Proved(web.Post("/wiederherstellung/erlauben", who.Clerks, f.recoverAllow)),
		web.Post("/wiederherstellung/anhalten", who.Clerks, f.recoverStop),
		web.Post("/konto/wiederherstellung/anhalten", who.SignedIn|who.Of(who.Half), f.stopOwn),
	}
	if cards != nil { // in a normal house there is no such page
		routes = append(routes, web.Post("/anmelden/rolle", who.Anyone, f.play))
	}
	return house.Feature{
		Name:     "account",
		Routes:   routes,
		Jobs:     []task.Job{{Kind: "account.link", Run: f.sendLink}, {Kind: "account.code", Run: f.sendCode}, {Kind: "account.recovery", Run: f.sendRecovery}},
		Outbound: []house.Outbound{f.outbound()},
		Export:   export,
		Erase:    erase,

		Confirm: f.confirm,
		Half:    f.half,
	}
}

// cookie sets a cookie that only this house's own pages get.
func (f *feature) cookie(w http.ResponseWriter, name, value string, seconds int) {
	http.SetCookie(w, &http.Cookie{Name: f.cookieName(name), Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: f.Base.Scheme == "https"})
}

func (f *feature) cookieName(name string) string {
	if f.Base.Scheme == "https" {
		return "__Host-" + name
	}
	return name
}

func (f *feature) cookieValue(r *http.Request, name string) string {
	c, err := r.Cookie(f.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

type signinPage struct {
	web.Page
	Form     web.Form
	Next     string
	Cards    []Card
	Mails    bool // the house sends mails
	Passkeys bool
	Shared   bool // others use this device, too

	Providers []Provider // by whom one can sign in
}

func (f *feature) signinPage(r *http.Request, v who.Viewer, form web.Form, next string) (signinPage, error) {
	p := signinPage{Page: web.NewPage(r, v, "Anmelden"), Form: form, Next: web.Own(next), Mails: f.Mail.Configured(r.Context()), Passkeys: f.keys != nil, Shared: f.Sessions.Shared(r)}
	p.Plain = true
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Providers, err = open(tx); err != nil || f.cards == nil {
			return err
		}
		p.Cards, err = f.cards(tx)
		return err
	})
	return p, err
}

func (f *feature) signin(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	next := web.Own(r.URL.Query().Get("weiter"))
	if v.ID != 0 && f.cards == nil {
		return web.Done(w, r, next)
	}
	p, err := f.signinPage(r, v, web.Form{}, next)
	if err != nil {
		return err
	}
	return pages().Render(w, r, "signin.html", p)
}

// signinAgain shows what was wrong.
func (f *feature) signinAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, form web.Form, err error) error {
	if !web.Again(err) {
		return err
	}
	p, perr := f.signinPage(r, v, form.With(err), form.Get("weiter"))
	if perr != nil {
		return perr
	}
	return pages().Again(w, r, "signin.html", p)
}

func (f *feature) signinPassword(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "mail", "password", "weiter")
	if err != nil {
		return err
	}
	id, err := f.who(r, form)
	form.Set("password") // never shown again
	if err != nil {
		return f.signinAgain(w, r, v, form, err)
	}
	if mail, err := address("mail", form.Get("mail")); err == nil {
		f.know(w, r, mail)
	}
	return f.admit(w, r, id, form)
}

// who finds out whose address and password these are.
func (f *feature) who(r *http.Request, form web.Form) (int64, error) {
	mail, err := address("mail", form.Get("mail"))
	if err != nil {
		return 0, err
	}
	if err := f.take(r, passwordOf(), passwordFrom(), mail); err != nil {
		return 0, err
	}
	var l login
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		l, err = passwordLogin(tx, mail)
		return err
	})
	if err != nil {
		return 0, err
	}
	typed := form.Raw("password")
	if len(typed) > longest {
		typed = ""
	}
	ok, err := f.hasher.fits(r.Context(), l.Hash, typed)
	if err != nil {
		return 0, err
	}
	if !ok {
		if err := f.refused(r, l.Person); err != nil {
			return 0, err
		}
		return 0, fault.At("password", "E-Mail-Adresse und Passwort passen nicht zusammen.")
	}
	f.forget(r, passwordOf(), mail)
	return l.Person, nil
}

// enter begins a session and goes on: to a second factor first where one is to be set up soon.
func (f *feature) enter(w http.ResponseWriter, r *http.Request, id int64, next string, by web.Proof, words ...string) error {
	if err := f.begin(w, r, id, by); err != nil {
		return err
	}
	return f.onward(w, r, id, next, words...)
}

// onward leaves the sign-in behind.
func (f *feature) onward(w http.ResponseWriter, r *http.Request, id int64, next string, words ...string) error {
	var soon bool
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		v, err := org.Viewer(tx, id, f.Now())
		if err != nil {
			return err
		}
		until, err := f.grace(tx, v)
		soon = !until.IsZero() && until.Before(f.Now().Add(farOff))
		return err
	})
	if err != nil {
		return err
	}
	if next = web.Own(next); soon {
		next = "/konto/zweiter-faktor?weiter=" + url.QueryEscape(next)
	}
	return web.Done(w, r, next, words...)
}

// begin begins a session: none without a line in the record.
func (f *feature) begin(w http.ResponseWriter, r *http.Request, id int64, by web.Proof) error {
	if from, ok := f.origin(w, r, id); ok {
		return f.beginBy(w, r, from, f.Now(), by)
	}
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), id, "session.began", 0) })
	if err != nil {
		return err
	}
	return f.Sessions.SignIn(w, r, id, by)
}

// refused notes that somebody tried to sign in as a person and could not; 0: as nobody whom the house knows. A stranger
// cannot tell which of the two from how long it takes.
func (f *feature) refused(r *http.Request, person int64) error {
	return f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), person, "session.refused", 0) })
}

// play signs in as one of the demo's people.
func (f *feature) play(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	form, err := web.ReadForm(r, "person", "weiter")
	if err != nil {
		return err
	}
	var cards []Card
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		cards, err = f.cards(tx)
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range cards {
		if c.Person == form.ID("person") {
			return f.enter(w, r, c.Person, form.Get("weiter"), web.Usual)
		}
	}
	return fault.Gone()
}

// changed notes that the way somebody signs in has changed, and ends every other session.
func (f *feature) changed(tx *store.Tx, id int64, keep []byte, action string, ref int64) error {
	f.tell(tx, id)
	if err := f.log(tx, f.Now(), id, action, ref); err != nil {
		return err
	}
	return web.EndSessions(tx, id, keep)
}

// tell has the open pages of a person look who they are.
func (f *feature) tell(tx *store.Tx, id int64) {
	tx.After(func() { f.Live.Publish(live.Event{Person: id}) })
}
