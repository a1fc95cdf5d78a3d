package account

import (
	"net/http"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/oidc"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// An offered provider is one as its operator sees it.
type offered struct {
	Provider
	Back, Goodbye string // what the provider has to be told
	Lost          bool   // its secret cannot be read any more
	Stored        bool   // there is one
}

type providersPage struct {
	web.Page
	All  []offered
	Form web.Form
	Edit offered // the zero one: a new one
	Sure offered // to be removed, once that is confirmed; the zero one: none
}

// providersPage reads the providers; edit is the one whose form is shown, 0: of a new one. It is the operator's page, and German.
func (f *feature) providersPage(r *http.Request, v who.Viewer, edit int64) (p providersPage, err error) {
	p.Page = web.NewPage(r, v, "Anmelden mit anderen Konten").In(lang.German().Code)
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := f.needHouse(tx, v); err != nil {
			return err
		}
		all, err := providers(tx)
		for _, x := range all {
			p.All = append(p.All, offered{x, f.back(x), f.URL("/anmelden/anbieter/" + itoa(x.ID) + "/abmelden"), f.lost(x), x.sealed != ""})
		}
		return err
	})
	for _, x := range p.All {
		if x.ID == edit {
			p.Edit = x
		}
	}
	if err == nil && edit != 0 && p.Edit.ID == 0 {
		err = fault.Gone()
	}
	return p, err
}

// needHouse lets in whoever runs the whole house.
func (f *feature) needHouse(tx *store.Tx, v who.Viewer) error {
	ok, err := operates(tx, v)
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "Diese Einstellungen gelten für das ganze Haus. Ändern kann sie nur der Betrieb des ganzen Hauses.")
	}
	return err
}

func (f *feature) providers(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	typed := web.Form{}
	typed.Set("id", r.URL.Query().Get("id"))
	p, err := f.providersPage(r, v, typed.ID("id"))
	if err != nil {
		return err
	}
	e := p.Edit
	for name, value := range map[string]string{"name": e.Name, "issuer": e.Issuer, "client": e.Client, "means": e.Means, "inside": e.Inside} {
		p.Form.Set(name, value)
	}
	if e.Second {
		p.Form.Set("second", "1")
	}
	return pages().Render(w, r, "providers.html", p)
}

// saveProvider keeps a provider after it has answered: one that does not would only be found out by those whom it keeps out.
func (f *feature) saveProvider(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "id", "name", "issuer", "client", "secret", "nosecret", "second", "means", "inside")
	if err != nil {
		return err
	}
	id := form.ID("id")
	var p Provider
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := f.needHouse(tx, v); err != nil || id == 0 {
			return err
		}
		p, err = provider(tx, id)
		return err
	})
	if err != nil {
		return err
	}
	p, err = f.readProvider(form, p)
	form.Set("secret") // never shown again
	var asked oidc.Provider
	if err == nil {
		asked, err = f.asked(p)
	}
	if err == nil {
		err = f.oidc.Try(r.Context(), asked)
	}
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			if p.ID, err = putProvider(tx, p); err != nil {
				return err
			}
			return f.log(tx, f.Now(), v.ID, "provider.saved", p.ID)
		})
	}
	if web.Again(err) {
		page, perr := f.providersPage(r, v, id)
		if perr != nil {
			return perr
		}
		page.Form = form.With(err)
		return pages().Again(w, r, "providers.html", page)
	}
	if err != nil {
		return err
	}
	said := "Gespeichert. Der Anbieter antwortet."
	if p.Client == "" {
		said = "Gespeichert. Tragen Sie beim Anbieter jetzt die Adressen ein, die bei ihm stehen, und danach hier die Kennung, die er vergibt."
	}
	return web.Done(w, r, "/betrieb/anbieter", said)
}

func (f *feature) removeProvider(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "provider", "sure")
	if err != nil {
		return err
	}
	id := form.ID("provider")
	page, err := f.providersPage(r, v, id)
	if err != nil {
		return err
	}
	if page.Edit.People > 0 && !form.On("sure") {
		page.Sure, page.Edit = page.Edit, offered{}
		return pages().Again(w, r, "providers.html", page)
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := dropProvider(tx, id); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "provider.removed", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/betrieb/anbieter", "Entfernt.")
}

// outbound is the providers of sign-ins.
func (f *feature) outbound() house.Outbound {
	return house.Outbound{Title: "Anbieter für die Anmeldung (OpenID Connect)", Where: "/betrieb/anbieter", Dials: "app/base/oidc",
		Why:  "Damit sich Menschen mit dem Konto ihrer Stadt oder ihres Trägers anmelden. Der Anbieter erfährt, wer sich wann hier anmeldet; er bekommt nichts aus dem Haus.",
		When: "wenn sich jemand dort anmeldet, und etwa einmal in der Stunde für seine Schlüssel",
		State: func(tx *store.Tx) (string, bool, error) {
			all, err := store.All(tx, store.Value[string], `SELECT issuer FROM account_provider ORDER BY name`)
			return strings.Join(all, ", "), len(all) > 0, err
		}}
}
