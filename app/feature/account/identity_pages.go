package account

import (
	"net/http"

	"nestfunk/app/base/oidc"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// link begins to link somebody who is signed in to an account at a provider. It needs a proof like every new way to sign
// in, and shows a page with a link: a form may not lead to another house.
func (f *feature) link(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "provider", "weiter")
	if err != nil {
		return err
	}
	p, err := f.getProvider(r, form.ID("provider"))
	if err != nil {
		return err
	}
	to, err := f.depart(w, r, p, trip{Next: web.Own(form.Get("weiter")), Link: v.ID, Anew: true})
	if err != nil {
		return f.accountAgain(w, r, v, web.Form{}, err)
	}
	page := tripPage{Page: web.NewPage(r, v, "Konto verbinden"), Name: p.Name, To: to}
	page.Plain = true
	return pages().Render(w, r, "leave.html", page)
}

func (f *feature) finishLink(w http.ResponseWriter, r *http.Request, v who.Viewer, p Provider, t trip, s oidc.Subject) error {
	if v.ID != t.Link { // somebody else is signed in by now, or nobody
		return f.signinAgain(w, r, v, web.Form{}, errTrip())
	}
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := identify(tx, v.ID, p.ID, s.ID, f.Now()); err != nil {
			return err
		}
		return f.changed(tx, v.ID, v.Session, "identity.linked", p.ID)
	})
	if err != nil {
		return f.accountAgain(w, r, v, web.Form{}, err)
	}
	return web.Done(w, r, t.Next, say(v, "Verbunden. Ab jetzt können Sie sich auch so anmelden."))
}

func (f *feature) unlink(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.remove(w, r, v, "provider", "identity.removed", func(tx *store.Tx, typed string) (int64, error) {
		form := web.Form{}
		form.Set("provider", typed)
		id := form.ID("provider")
		return id, dropIdentity(tx, v.ID, id)
	})
}
