package account

import (
	"net/http"
	"net/url"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// The fields of a proof; no form of the house has any like them.
const proofWay, proofSecret, proofKept = "proof.way", "proof.secret", "proof.kept"

type confirmPage struct {
	web.Page
	Form   web.Form
	Action string // where the form goes
	Kept   string // what was sent, sealed
	Can    Proofs
	Mailed bool // a code is on its way
	Back   string

	Elsewhere []Identity // providers that can say it
}

// confirm is the house's web.Confirm.
func (f *feature) confirm(w http.ResponseWriter, r *http.Request, v who.Viewer, want web.Freshness) (who.Viewer, bool, error) {
	if r.Method != http.MethodPost {
		ok, err := f.goesOn(r, v, want)
		if err != nil || ok {
			return v, ok, err
		}
		return v, false, web.Done(w, r, "/konto/nachweis?weiter="+url.QueryEscape(r.URL.RequestURI()))
	}
	proof, err := web.Cut(r, proofWay, proofSecret, proofKept)
	if err != nil {
		return v, false, err
	}
	if sealed := proof.Get(proofKept); sealed != "" {
		t, ok := f.openTicket(forForm, sealed)
		if !ok || t.Person != v.ID || t.Path != r.URL.Path {
			return v, false, fault.New(fault.Conflict, "Das hat zu lange gedauert. Bitte füllen Sie das Formular noch einmal aus.")
		}
		r.PostForm, r.Form = t.Form, t.Form
	}
	if ok, err := f.goesOn(r, v, want); err != nil || ok {
		return v, ok, err
	}
	if r.Header.Get("Sec-Fetch-Dest") == "empty" { // a script asks, which can show no page
		return v, false, answer(w, http.StatusForbidden, map[string]string{"to": "/konto/nachweis?weiter=" + url.QueryEscape(back(r))})
	}
	way, p := proof.Get(proofWay), confirmPage{Action: r.URL.Path}
	switch way {
	case "":
	case "mail":
		err = f.orderCode(r, v)
		p.Mailed = err == nil
	default:
		if err = f.proveNow(w, r, &v, way, proof.Raw(proofSecret)); err == nil {
			return v, true, nil
		}
		p.Mailed = way == "mailed"
	}
	if err != nil && !web.Again(err) {
		return v, false, err
	}
	if err != nil {
		p.Form = p.Form.With(err)
	}
	if p.Kept, err = f.sealTicket(forForm, ticket{Person: v.ID, Until: f.Now().Add(formKept).Unix(), Path: r.URL.Path, Form: r.PostForm}); err != nil {
		return v, false, err
	}
	return v, false, f.askProof(w, r, v, p)
}

// goesOn reports whether no proof is missing: there is one, or the viewer has nothing yet to prove anything with and
// wants the first way to sign in. Half a session is looked at by adding.
func (f *feature) goesOn(r *http.Request, v who.Viewer, want web.Freshness) (bool, error) {
	if want == web.FirstWay && v.Half || v.Proved(f.Now()) {
		return true, nil
	}
	if want != web.FirstWay {
		return false, nil
	}
	bare := false
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		have, err := ways(tx, v.ID)
		bare = have.Bare(f.Mail.Configured(r.Context()))
		return err
	})
	return bare, err
}

// proveNow checks a proof and gives the session its new id.
func (f *feature) proveNow(w http.ResponseWriter, r *http.Request, v *who.Viewer, way, typed string) error {
	var have Ways
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		have, err = ways(tx, v.ID)
		return err
	})
	if err != nil {
		return err
	}
	by, err := f.check(r, *v, have, way, typed)
	if err != nil {
		return err
	}
	return f.renew(w, r, v, by)
}

// renew notes a proof and gives the session its new id.
func (f *feature) renew(w http.ResponseWriter, r *http.Request, v *who.Viewer, by web.Proof) error {
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), v.ID, "session.proved", 0) })
	if err != nil || v.Session == nil {
		return err
	}
	if v.Session, err = f.Sessions.Renew(w, r, by); err != nil {
		return err
	}
	v.Fresh = f.Now().Unix()
	return nil
}

// orderCode has a code mailed.
func (f *feature) orderCode(r *http.Request, v who.Viewer) error {
	if err := f.Limits.Take(proofMailOf(), itoa(v.ID)); err != nil {
		return err
	}
	return f.DB.Write(r.Context(), func(tx *store.Tx) error {
		have, err := ways(tx, v.ID)
		if err != nil {
			return err
		}
		if !f.proofs(r.Context(), have).Mail {
			return fault.New(fault.Invalid, "Bitte wählen Sie einen der Wege auf dieser Seite.")
		}
		return f.mailCode(tx, v)
	})
}

// askProof shows the page that asks for a proof.
func (f *feature) askProof(w http.ResponseWriter, r *http.Request, v who.Viewer, p confirmPage) error {
	p.Page, p.Back = web.NewPage(r, v, "Bitte bestätigen Sie, dass Sie es sind"), back(r)
	p.Plain = true
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		have, err := ways(tx, v.ID)
		if p.Can = f.proofs(r.Context(), have); !have.Two() {
			p.Elsewhere = have.Elsewhere
		}
		return err
	})
	if err != nil {
		return err
	}
	if r.Method == http.MethodPost {
		return pages().Again(w, r, "confirm.html", p)
	}
	return pages().Render(w, r, "confirm.html", p)
}

// back is the page from which a form came.
func back(r *http.Request) string {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host != r.Host || u.Path == r.URL.Path {
		return "/konto"
	}
	return web.Own(u.RequestURI())
}

// prove asks for a proof before a page that wants one.
func (f *feature) prove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	next := web.Own(r.URL.Query().Get("weiter"))
	if v.Proved(f.Now()) {
		return web.Done(w, r, next)
	}
	kept, err := f.sealTicket(forForm, ticket{Person: v.ID, Until: f.Now().Add(formKept).Unix(), Path: "/konto/nachweis", Form: url.Values{"weiter": {next}}})
	if err != nil {
		return err
	}
	return f.askProof(w, r, v, confirmPage{Action: "/konto/nachweis", Kept: kept})
}

// proved goes on to the page that wanted a proof.
func (f *feature) proved(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	form, err := web.ReadForm(r, "weiter")
	if err != nil {
		return err
	}
	return web.Done(w, r, web.Own(form.Get("weiter")))
}
