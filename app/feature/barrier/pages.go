package barrier

import (
	"fmt"
	"html/template"
	"net/http"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

type formPage struct {
	web.Page
	Form web.Form
	Mine []Report
}

// form is for everybody, signed in or not.
func (f feature) form(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.prepare(r, v)
	if err != nil {
		return err
	}
	p.Form.Set("uid", uuid.Must(uuid.NewV7()).String())
	p.Form.Set("page", r.URL.Query().Get("seite"))
	return f.pages.Render(w, r, "form.html", p)
}

func (f feature) prepare(r *http.Request, v who.Viewer) (p formPage, err error) {
	p = formPage{Page: web.NewPage(r, v, "Barriere melden")}
	p.Title = p.L().T("Barriere melden")
	if v.ID == 0 {
		return p, nil
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Mine, err = by(tx, v.ID)
		return err
	})
	return p, err
}

// reports is how many reports may come from one network, where nobody is signed in, or of one person.
func reports() web.Limit { return web.Limit{Name: "barrier", N: perDay, In: day} }

func (f feature) report(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "page", "body", "mail")
	if err != nil {
		return err
	}
	p, err := f.prepare(r, v)
	if err != nil {
		return err
	}
	key := web.Prefix(r)
	if v.ID != 0 {
		key = strconv.FormatInt(v.ID, 10)
	}
	var id int64
	write := func(tx *store.Tx) error {
		var first bool
		id, first, err = add(tx, form.Get("uid"), Report{Person: v.ID, Page: form.Get("page"), Body: form.Get("body"), Mail: form.Get("mail"), Lang: p.Lang, Created: f.Now()})
		if err != nil || !first {
			return err
		}
		if err := f.log(tx, f.Now(), v.ID, "barrier.reported", id); err != nil {
			return err
		}
		return f.tell(tx, id, arrived)
	}
	if _, e := uuid.Parse(form.Get("uid")); e != nil { // a form of ours has one
		form.Set("uid", uuid.Must(uuid.NewV7()).String())
	}
	if err = f.Limits.Take(reports(), key); err == nil {
		err = f.DB.Write(r.Context(), write)
	}
	if web.Again(err) {
		p.Form = form.With(err)
		return f.pages.Again(w, r, "form.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/barriere", p.L().T("Danke. Ihre Meldung hat die Nummer %d. Sie wird gelesen und beantwortet.", id))
}

type indexPage struct {
	web.Page
	Reports []Report
	More    string // the next page; "": there is none
}

// may reports whether somebody answers reports: they are about the whole house, with addresses of those who wrote them, and
// so not for who runs a single carrier.
func (f feature) may(tx *store.Tx, v who.Viewer) (bool, error) {
	if v.May(who.Of(who.Office)) {
		return true, nil
	}
	root, err := org.Root(tx)
	if err != nil {
		return false, err
	}
	return org.Manages(tx, v.ID, root.ID, keepers, f.Now())
}

func (f feature) must(tx *store.Tx, v who.Viewer) error {
	ok, err := f.may(tx, v)
	if err == nil && !ok {
		err = fault.New(fault.Forbidden, "Gemeldete Barrieren beantworten die Verwaltung und der Betrieb des ganzen Hauses.")
	}
	return err
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Gemeldete Barrieren").In("de")}
	skip, _ := strconv.Atoi(r.URL.Query().Get("ab")) // 0: from the first
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if err := f.must(tx, v); err != nil {
			return err
		}
		p.Reports, err = list(tx, max(0, skip))
		return err
	})
	if err != nil {
		return err
	}
	if len(p.Reports) > page {
		p.Reports, p.More = p.Reports[:page], fmt.Sprintf("/barrieren?ab=%d", max(0, skip)+page)
	}
	return f.pages.Render(w, r, "index.html", p)
}

type showPage struct {
	web.Page
	Report       Report
	Said, Answer template.HTML
	Form         web.Form
}

func (f feature) look(r *http.Request, v who.Viewer, form web.Form) (p showPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = showPage{Page: web.NewPage(r, v, fmt.Sprintf("Barriere Nr. %d", id)).In("de"), Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if err := f.must(tx, v); err != nil {
			return err
		}
		p.Report, err = get(tx, id)
		return err
	})
	p.Said, p.Answer = text.HTML(p.Report.Body), text.HTML(p.Report.Answer)
	return p, err
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.look(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

func (f feature) answer(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "answer")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.must(tx, v); err != nil {
			return err
		}
		if err := answered(tx, id, v.ID, form.Get("answer"), f.Now()); err != nil {
			return err
		}
		if err := f.log(tx, f.Now(), v.ID, "barrier.answered", id); err != nil {
			return err
		}
		return f.Tasks.Add(tx, answerKind, id, "")
	})
	if web.Again(err) {
		p, e := f.look(r, v, form.With(err))
		if e != nil {
			return e
		}
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/barrieren", "Die Antwort ist gespeichert.")
}
