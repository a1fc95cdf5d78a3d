package account

import (
	"net/http"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type lettersPage struct {
	web.Page
	Form      web.Form
	Unit      org.Unit
	Guardians []recipient
	Members   []recipient
	Until     time.Time // how long letters of today will hold
}

// Ticked reports whether a box is set: as it was sent, or as proposed.
func (p lettersPage) Ticked(r recipient) bool {
	if p.Form.Words != "" {
		return p.Form.Has(r.Box(), itoa(r.ID()))
	}
	return r.Wants(p.Now)
}

func (f *feature) lettersPage(r *http.Request, v who.Viewer, unit int64, form web.Form) (lettersPage, error) {
	p := lettersPage{Page: web.NewPage(r, v, "Briefe"), Form: form, Until: f.Now().Add(letterFor)}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Unit, err = f.unit(tx, v, unit); err != nil {
			return err
		}
		p.Guardians, p.Members, err = recipients(tx, v, p.Unit, f.Now())
		return err
	})
	return p, err
}

// unit is a unit whose letters the viewer may print.
func (f *feature) unit(tx *store.Tx, v who.Viewer, id int64) (org.Unit, error) {
	if err := org.Must(tx, v, id, who.Registrars, f.Now()); err != nil {
		return org.Unit{}, err
	}
	return org.Get(tx, id)
}

// letters shows who has a letter and who needs one.
func (f *feature) letters(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.lettersPage(r, v, id, web.Form{})
	if err != nil {
		return err
	}
	return pages().Render(w, r, "letters.html", p)
}

type printPage struct {
	web.Page
	Unit    org.Unit
	Letters []letter
}

// print makes letters and shows them at once, without a redirect: the codes are stored hashed, so this is the only time.
func (f *feature) print(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "guardian", "membership")
	if err != nil {
		return err
	}
	p := printPage{Page: web.NewPage(r, v, "Briefe drucken")}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if p.Unit, err = f.unit(tx, v, id); err != nil {
			return err
		}
		p.Letters, err = write(tx, f.House, v, p.Unit, form.IDs("guardian"), form.IDs("membership"))
		for _, l := range p.Letters {
			if err == nil {
				err = f.log(tx, f.Now(), v.ID, "letter.printed", l.Person)
			}
		}
		return err
	})
	if web.Again(err) {
		again, perr := f.lettersPage(r, v, id, form.With(err))
		if perr != nil {
			return perr
		}
		return pages().Again(w, r, "letters.html", again)
	}
	if err != nil {
		return err
	}
	p.Plain = true
	return pages().Render(w, r, "print.html", p)
}
