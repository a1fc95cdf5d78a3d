package consent

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/law"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// longest is for how many letters of a text there is room.
const longest = 5000

type newPage struct {
	web.Page
	Units  []org.Unit
	Drafts []draft
	Law    law.Profile // says from which age young people decide alone
	Form   web.Form
}

func (f feature) newPage(r *http.Request, v who.Viewer) (newPage, error) {
	p := newPage{Page: web.NewPage(r, v, "Wofür brauchen Sie eine Einwilligung?").In("de"), Drafts: drafts()}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Law, err = law.Of(tx, f.Settings); err != nil {
			return err
		}
		tops, err := org.Tops(tx, v.ID, writers, f.Now())
		for _, t := range tops {
			if err != nil {
				return err
			}
			p.Units = append(p.Units, t)
			more, e := org.Below(tx, t.ID, org.Facility, f.Now())
			p.Units, err = append(p.Units, slices.DeleteFunc(more, func(u org.Unit) bool { return u.ID == t.ID })...), e
		}
		return err
	})
	return p, err
}

// newForm begins with a draft, if one is chosen.
func (f feature) newForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.newPage(r, v)
	if err != nil {
		return err
	}
	p.Form.Set("uid", uuid.Must(uuid.NewV7()).String())
	p.Form.Set("about", "child")
	p.Form.Set("alone", strconv.Itoa(p.Law.Alone))
	for _, d := range p.Drafts {
		if d.Kind != r.URL.Query().Get("art") {
			continue
		}
		p.Form.Set("kind", d.Kind)
		p.Form.Set("title", d.Title)
		p.Form.Set("words", d.Words)
		if d.Both {
			p.Form.Set("both", "1")
		}
		if d.Kind == Contacts {
			p.Form.Set("about", "person")
		}
	}
	return f.pages.Render(w, r, "new.html", p)
}

func (f feature) add(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "unit", "kind", "title", "words", "about", "both", "alone")
	if err != nil {
		return err
	}
	var id int64
	p, err := readPurpose(form)
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			if err := org.Must(tx, v, p.Unit, writers, f.Now()); err != nil {
				return err
			}
			if id, err = addPurpose(tx, form.Get("uid"), p, v.ID, f.Now()); err != nil {
				return err
			}
			return f.Log(tx, f.Now(), v.ID, "consent.asked", id)
		})
	}
	if web.Again(err) {
		p, perr := f.newPage(r, v)
		if perr != nil {
			return perr
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "new.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einwilligung/%d", id), "Die Familien finden es auf ihrer Seite „Einwilligungen“.")
}

// readPurpose reads the fields of a new purpose.
func readPurpose(form web.Form) (Purpose, error) {
	p := Purpose{Unit: form.ID("unit"), Kind: form.Get("kind"), Title: text.Clean(form.Get("title")), Words: form.Get("words"), About: form.Get("about"), Both: form.On("both")}
	var bad fault.Form
	if _, err := uuid.Parse(form.Get("uid")); err != nil {
		return p, fault.New(fault.Malformed, "Dieses Formular ist nicht vollständig.")
	}
	if !slices.ContainsFunc(drafts(), func(d draft) bool { return d.Kind == p.Kind }) {
		bad.Add("kind", "Bitte wählen Sie, worum es geht.")
	}
	if p.Title == "" || len([]rune(p.Title)) > 120 {
		bad.Add("title", "Bitte geben Sie einen Titel mit höchstens 120 Zeichen ein.")
	}
	if p.About != "child" && p.About != "person" {
		bad.Add("about", "Bitte wählen Sie, für wen gefragt wird.")
	}
	if why := checkWords(p.Words); why != "" {
		bad.Add("words", "%s", why)
	}
	n, err := strconv.Atoi(form.Get("alone"))
	if err != nil || n < 12 || n > 18 {
		bad.Add("alone", "Bitte geben Sie ein Alter von 12 bis 18 an.")
	}
	p.Alone = n
	return p, bad.Err()
}

func checkWords(s string) string {
	switch {
	case s == "":
		return "Bitte schreiben Sie, wozu genau Familien ja oder nein sagen."
	case len([]rune(s)) > longest:
		return fmt.Sprintf("Das ist zu lang: höchstens %d Zeichen.", longest)
	}
	return ""
}

// reword gives a purpose new words.
func (f feature) reword(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.alter(w, r, v, "text", "Der neue Text gilt ab jetzt.", func(tx *store.Tx, p Purpose, form web.Form) error {
		if why := checkWords(form.Get("words")); why != "" {
			return fault.At("words", "%s", why)
		}
		if form.Get("words") == p.Words {
			return fault.At("words", "Der Text ist noch derselbe.")
		}
		if err := reword(tx, p, form.Get("words"), form.On("again"), v.ID, f.Now()); err != nil {
			return err
		}
		return f.Log(tx, f.Now(), v.ID, "consent.reworded", p.ID)
	})
}

// end asks nobody any more, and has nothing hold any more.
func (f feature) end(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.alter(w, r, v, "end", "Beendet. Alle Einwilligungen dazu gelten nicht mehr.", func(tx *store.Tx, p Purpose, _ web.Form) error {
		if err := endPurpose(tx, p.ID, f.Now()); err != nil {
			return err
		}
		return f.Log(tx, f.Now(), v.ID, "consent.ended", p.ID)
	})
}

func (f feature) alter(w http.ResponseWriter, r *http.Request, v who.Viewer, sent, said string, do func(tx *store.Tx, p Purpose, form web.Form) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "words", "again")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		p, err := getPurpose(tx, id)
		if err == nil {
			err = org.Must(tx, v, p.Unit, writers, f.Now())
		}
		if err == nil && p.Ended() {
			err = fault.New(fault.Conflict, "Danach wird nicht mehr gefragt.")
		}
		if err != nil {
			return err
		}
		return do(tx, p, form)
	})
	if web.Again(err) {
		p, perr := f.showPage(r, v, id, 0)
		if perr != nil {
			return perr
		}
		p.Form, p.Sent = form.With(err), sent
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einwilligung/%d", id), said)
}
