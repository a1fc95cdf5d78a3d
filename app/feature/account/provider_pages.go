package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"nestfunk/app/base/dial"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/oidc"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// tripFor is how long somebody may take at the provider. A whole town hall comes from one network, and nothing can be
// guessed here: the limit only keeps the house from being used to trouble the provider.
const tripFor = 10 * time.Minute

func tripsFrom() web.Limit { return web.Limit{Name: "provider prefix", N: 600, In: 5 * time.Minute} }

const tripCookie, originCookie = "trip", "origin"

var networks = dial.Networks

// back is where a provider sends browsers. Each has its own, so that none can pass an answer off as another's.
func (f *feature) back(p Provider) string {
	return f.URL("/anmelden/anbieter/" + itoa(p.ID) + "/zurueck")
}

// openProvider reads a provider from the path.
func (f *feature) openProvider(r *http.Request) (p Provider, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	return f.getProvider(r, id)
}

func (f *feature) getProvider(r *http.Request, id int64) (p Provider, err error) {
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		p, err = provider(tx, id)
		return err
	})
	if err == nil && p.Client == "" {
		err = fault.Gone()
	}
	return p, err
}

// depart has the browser remember a trip, and returns where it goes.
func (f *feature) depart(w http.ResponseWriter, r *http.Request, p Provider, t trip) (string, error) {
	if err := f.Limits.Take(tripsFrom(), web.Prefix(r)); err != nil {
		return "", err
	}
	asked, err := f.asked(p)
	if err != nil {
		return "", err
	}
	t.Provider, t.Flow = p.ID, oidc.Flow{State: secret(24), Nonce: secret(24), Verifier: secret(48)}
	t.Began, t.Until = f.Now().Unix(), f.Now().Add(tripFor).Unix()
	wish := oidc.Wish{Anew: t.Anew}
	if p.Second {
		wish.How = p.Means
	}
	to, err := f.oidc.Begin(r.Context(), asked, f.back(p), t.Flow, wish)
	if err != nil {
		return "", f.untold(p, err)
	}
	b, err := json.Marshal(t)
	if err != nil {
		return "", err
	}
	sealed, err := f.Settings.Seal(forTrip, string(b))
	if err != nil {
		return "", err
	}
	f.cookie(w, tripCookie, sealed, int(tripFor.Seconds()))
	return to, nil
}

// untold logs what went wrong with a provider, and says what to do instead.
func (f *feature) untold(p Provider, err error) error {
	switch {
	case errors.Is(err, oidc.ErrDown):
		slog.Warn("a provider of sign-ins is down", "provider", p.ID, "err", err)
		return fault.New(fault.Invalid, "Die Anmeldung über diesen Anbieter geht gerade nicht. Bitte versuchen Sie es später noch einmal, oder nehmen Sie einen anderen Weg.")
	case errors.Is(err, oidc.ErrToken):
		slog.Warn("a provider of sign-ins was not believed", "provider", p.ID, "err", err)
		return fault.New(fault.Invalid, "Die Anmeldung über diesen Anbieter hat nicht geklappt. Bitte versuchen Sie es noch einmal, oder nehmen Sie einen anderen Weg.")
	}
	return err
}

// toProvider sends the browser to a provider. Who is signed in already proves something, so the provider looks again.
func (f *feature) toProvider(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.openProvider(r)
	if err != nil {
		return err
	}
	next := web.Own(r.URL.Query().Get("weiter"))
	to, err := f.depart(w, r, p, trip{Next: next, Anew: v.ID != 0})
	if err != nil {
		form := web.Form{}
		form.Set("weiter", next)
		return f.signinAgain(w, r, v, form, err)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

type tripPage struct {
	web.Page
	Path             string
	Code, State, Iss string
	Name, To         string // for a link
}

// fromProvider is where the provider sends the browser back. A page changes nothing when it is looked at, so it has one
// button; a script presses it. What the provider says beyond a code is not shown: anybody could have written it.
func (f *feature) fromProvider(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.openProvider(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	page := tripPage{Page: web.NewPage(r, v, "Anmelden"), Path: r.URL.Path, Code: q.Get("code"), State: q.Get("state"), Iss: q.Get("iss")}
	page.Plain = true
	if page.Code == "" || page.State == "" || len(page.Code) > 4000 || len(page.State) > 200 || len(page.Iss) > 1000 {
		slog.Info("a provider of sign-ins has let nobody in", "provider", p.ID)
		return f.signinAgain(w, r, v, web.Form{}, fault.New(fault.Invalid, "Die Anmeldung über diesen Anbieter wurde abgebrochen."))
	}
	return pages().Render(w, r, "trip.html", page)
}

// arrive ends a trip: it has the code turned into whom the provider means.
func (f *feature) arrive(w http.ResponseWriter, r *http.Request, p Provider, form web.Form) (t trip, s oidc.Subject, err error) {
	ours := f.sealed(forTrip, f.cookieValue(r, tripCookie), &t)
	f.cookie(w, tripCookie, "", -1)
	if !ours || t.State == "" || !same(t.State, form.Raw("state")) || t.Provider != p.ID || t.Until <= f.Now().Unix() {
		return trip{}, s, errTrip()
	}
	if iss := form.Raw("iss"); iss != "" && iss != p.Issuer { // RFC 9207
		return t, s, f.untold(p, fmt.Errorf("%w: another issuer has answered", oidc.ErrToken))
	}
	if err := f.Limits.Take(tripsFrom(), web.Prefix(r)); err != nil {
		return t, s, err
	}
	if err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return spend(tx, t, f.Now()) }); err != nil {
		return t, s, err
	}
	asked, err := f.asked(p)
	if err != nil {
		return t, s, err
	}
	s, err = f.oidc.Finish(r.Context(), asked, f.back(p), t.Flow, form.Raw("code"))
	return t, s, f.untold(p, err)
}

func (f *feature) finishProvider(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "code", "state", "iss")
	if err != nil {
		return err
	}
	p, err := f.openProvider(r)
	if err != nil {
		return err
	}
	t, s, err := f.arrive(w, r, p, form)
	if err != nil {
		if fault.KindOf(err) == fault.Invalid {
			if err := f.refused(r, 0); err != nil {
				return err
			}
		}
		if t.Link != 0 && v.ID != 0 {
			return f.accountAgain(w, r, v, web.Form{}, err)
		}
		again := web.Form{}
		again.Set("weiter", t.Next)
		return f.signinAgain(w, r, v, again, err)
	}
	if t.Link != 0 {
		return f.finishLink(w, r, v, p, t, s)
	}
	return f.admitBy(w, r, v, p, t, s)
}

// admitBy lets somebody in whom a provider has named.
func (f *feature) admitBy(w http.ResponseWriter, r *http.Request, v who.Viewer, p Provider, t trip, s oidc.Subject) error {
	if t.Anew && s.Proved.Unix() < t.Began-int64(who.ProofLife.Seconds()) {
		// A browser can be made to leave out that the provider is to look again, so only its own word for when counts.
		return f.signinAgain(w, r, v, web.Form{}, fault.New(fault.Invalid, "Dieser Anbieter sagt nicht, dass Sie sich dort gerade angemeldet haben. Bitte nehmen Sie einen anderen Weg."))
	}
	var id int64
	var have Ways
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if id, err = meant(tx, p.ID, s.ID); err != nil || id == 0 {
			return err
		}
		have, err = ways(tx, id)
		return err
	})
	if err != nil {
		return err
	}
	if id == 0 {
		page := tripPage{Page: web.NewPage(r, v, "Dieses Haus kennt Ihr Konto noch nicht")}
		page.Plain = true
		return pages().Again(w, r, "unknown.html", page)
	}
	from := origin{Person: id, Provider: p.ID, Subject: s.ID, Name: s.Session, Until: f.Now().Add(secondFor).Unix()}
	if !p.second(s.How) && !have.Second.Since.IsZero() {
		b, err := json.Marshal(from)
		if err != nil {
			return err
		}
		sealed, err := f.Settings.Seal(forOrigin, string(b))
		if err != nil {
			return err
		}
		half, err := f.sealTicket(forPassword, ticket{Person: id, Until: from.Until, Since: have.Password.Unix(), Next: t.Next})
		if err != nil {
			return err
		}
		f.cookie(w, originCookie, sealed, int(secondFor.Seconds()))
		f.cookie(w, secondCookie, half, int(secondFor.Seconds()))
		return web.Done(w, r, "/anmelden/zweiter-schritt")
	}
	by := web.Usual
	switch {
	case p.second(s.How):
		by = web.Strong
	case have.Two():
		by = web.Stale
	}
	if err := f.beginBy(w, r, from, s.Proved, by); err != nil {
		return err
	}
	return f.onward(w, r, id, t.Next)
}

// beginBy begins a session that ends with the sign-in at a provider.
func (f *feature) beginBy(w http.ResponseWriter, r *http.Request, from origin, proved time.Time, by web.Proof) error {
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), from.Person, "session.began", 0) })
	if err != nil {
		return err
	}
	id, err := f.Sessions.SignInBy(w, r, from.Person, proved, by)
	if err != nil {
		return err
	}
	return f.DB.Write(r.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO account_federated (session, provider, subject, name) VALUES (?, ?, ?, ?)`, id, from.Provider, from.Subject, from.Name)
		return err
	})
}

// origin is the sign-in at a provider that a browser has behind it, on its way to the second step.
func (f *feature) origin(w http.ResponseWriter, r *http.Request, person int64) (from origin, ok bool) {
	value := f.cookieValue(r, originCookie)
	if value == "" {
		return from, false
	}
	f.cookie(w, originCookie, "", -1)
	return from, f.sealed(forOrigin, value, &from) && from.Person == person && f.Now().Unix() < from.Until
}

// goodbye is called by a provider itself, without any cookie: somebody has signed out there.
func (f *feature) goodbye(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	if err := r.ParseForm(); err != nil { // other fields are none of the house's business, but not wrong
		return fault.New(fault.Malformed, "Diese Anfrage war unvollständig.")
	}
	p, err := f.openProvider(r)
	if err != nil {
		return err
	}
	if err := f.Limits.Take(tripsFrom(), web.Prefix(r)); err != nil {
		return err
	}
	asked, err := f.asked(p)
	if err != nil {
		return err
	}
	g, err := f.oidc.Goodbye(r.Context(), asked, r.PostForm.Get("logout_token"))
	if err != nil {
		slog.Warn("a farewell of a provider was not believed", "provider", p.ID, "err", err)
		return fault.New(fault.Malformed, "Diese Abmeldung gilt nicht.")
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		ended, err := farewell(tx, p.ID, g)
		for _, s := range ended {
			if err := f.log(tx, f.Now(), s.person, "session.ended", 0); err != nil {
				return err
			}
			f.tell(tx, s.person)
		}
		return err
	})
	if err == nil {
		w.WriteHeader(http.StatusOK)
	}
	return err
}
