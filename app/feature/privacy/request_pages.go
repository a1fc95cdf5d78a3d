package privacy

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"nestfunk/app/base/audit"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/law"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type requestsPage struct {
	web.Page
	Law             law.Profile
	Waiting, Closed []row
}

// A row is a request in the list; the name is there as long as somebody may read it.
type row struct {
	request
	Name string
}

// requests lists what waits, and what was done; of the latter there are numbers only.
func (f *feature) requests(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := requestsPage{Page: web.NewPage(r, v, "Löschungen").In("de")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		all, err := requests(tx)
		if err != nil {
			return err
		}
		if p.Law, err = law.Of(tx, f.Settings); err != nil {
			return err
		}
		whole, err := wholeHouse(tx, v)
		if err != nil {
			return err
		}
		for _, q := range all {
			l := row{request: q}
			switch _, x, err := f.look(tx, v, q.ID); {
			case err == nil:
				l.Name = x.Name
			case fault.KindOf(err) != fault.NotFound && fault.KindOf(err) != fault.Forbidden:
				return err
			case !whole:
				continue
			}
			if q.Running() {
				p.Waiting = append(p.Waiting, l)
			} else {
				p.Closed = append(p.Closed, l)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "requests.html", p)
}

type requestPage struct {
	web.Page
	It      request
	Subject subject
	Path    string // of the subject
	Plan    plan   // as it would be now; of one that is closed as it was
	Changed bool   // since it was passed on
	Block   string // why nobody can confirm it now; "": nothing
	Not     string // why the viewer cannot; "": it can
	Proved  bool
	Form    web.Form
	Sent    string
}

func (f *feature) requestPage(r *http.Request, v who.Viewer, id int64) (requestPage, error) {
	p := requestPage{Page: web.NewPage(r, v, "Löschung").In("de"), Proved: v.Proved(f.Now())}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.It, p.Subject, err = f.look(tx, v, id); err != nil || !p.It.Running() {
			return err
		}
		err = p.It.second(tx, v, f.Now())
		if err != nil && fault.KindOf(err) != fault.Internal {
			p.Not, err = fault.Words(err), nil
		}
		return err
	})
	if err != nil {
		return p, err
	}
	p.Plan = p.It.Plan()
	if !p.It.Running() {
		return p, nil
	}
	p.Path = path(p.It.Subject)
	if why := p.Subject.erasable(v); why != nil {
		p.Block = fault.Words(why)
	} else if p.Plan, err = f.planOf(r.Context(), p.Subject); err != nil {
		return p, err
	}
	p.Changed = p.Block == "" && p.It.State == isChecked && p.Plan.json() != p.It.Numbers
	return p, nil
}

// planOf makes the dry run: everything is done, counted and taken back.
func (f *feature) planOf(ctx context.Context, x subject) (p plan, err error) {
	err = f.DB.Write(ctx, func(tx *store.Tx) error { return f.dry(tx, x.subjects(), &p) })
	if errors.Is(err, errDry) {
		err = nil
	}
	return p, err
}

func (f *feature) request(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.requestPage(r, v, id)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "request.html", p)
}

// change runs do on a request, and shows its page again with what is wrong.
func (f *feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer, said string, do func(tx *store.Tx, id int64, form web.Form) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "sure", "reason", "do")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return do(tx, id, form) })
	switch {
	case web.Again(err):
		p, perr := f.requestPage(r, v, id)
		if perr != nil {
			return perr
		}
		p.Sent, p.Form = form.Get("do"), form.With(err)
		return f.pages.Again(w, r, "request.html", p)
	case err != nil:
		return err
	}
	return web.Done(w, r, "/loeschungen", said)
}

// pass is for the first of two people.
func (f *feature) pass(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.requestPage(r, v, id)
	if err != nil {
		return err
	}
	return f.change(w, r, v, "Vorgelegt. Jetzt muss eine zweite Person freigeben.", func(tx *store.Tx, id int64, _ web.Form) error {
		q, x, err := f.look(tx, v, id)
		if err != nil {
			return err
		}
		if !q.Running() {
			return errClosed()
		}
		if err := x.erasable(v); err != nil {
			return err
		}
		if err := audit.Seasoned(tx, v.ID, who.Clerks, f.Now()); err != nil {
			return err
		}
		if err := pass(tx, q, v, p.Plan, f.Now()); err != nil {
			return err
		}
		if err := f.log(tx, f.Now(), v.ID, "erasure.checked", id); err != nil {
			return err
		}
		return f.tellClerks(tx, q.Subject, next, id, v.ID)
	})
}

// confirmed is for the second.
func (f *feature) confirmed(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Gelöscht.", func(tx *store.Tx, id int64, form web.Form) error { return f.confirm(tx, v, id, form.On("sure")) })
}

// refuse ends a request with a reason, which whoever asked is told.
func (f *feature) refuse(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Abgelehnt.", func(tx *store.Tx, id int64, form web.Form) error {
		q, x, err := f.look(tx, v, id)
		if err != nil {
			return err
		}
		reason := strings.TrimSpace(form.Get("reason"))
		switch {
		case !q.Running() || x.Name == "":
			return errClosed()
		case q.Subject.Person == v.ID:
			return fault.New(fault.Forbidden, "Über die eigene Löschung entscheiden andere.")
		case reason == "":
			return fault.At("reason", "Bitte schreiben Sie, warum nicht gelöscht wird. Wer es verlangt hat, liest es.")
		case len([]rune(reason)) > longest:
			return fault.At("reason", "Das ist zu lang: höchstens %d Zeichen.", longest)
		}
		if err := closeRequest(tx, id, isRefused, reason, "", v.ID, f.Now()); err != nil {
			return err
		}
		if err := f.log(tx, f.Now(), v.ID, "erasure.refused", id); err != nil {
			return err
		}
		if q.Origin == byDesk {
			return nil
		}
		return f.tell(tx, q.Asker, told, id)
	})
}

// desk takes a request down for somebody who has asked by word or by letter.
func (f *feature) desk(of func(int64) house.Subject) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		form, err := web.ReadForm(r, "words")
		if err != nil {
			return err
		}
		s := of(id)
		var made int64
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			x, err := find(tx, v, s, f.Now())
			if err == nil {
				err = x.whole()
			}
			if err == nil && x.Gone {
				err = x.erasable(v)
			}
			if err == nil && s.Person == v.ID {
				err = fault.New(fault.Conflict, "Für sich selbst verlangen Sie das auf der Seite „Ihre Daten“.")
			}
			if err == nil {
				made, err = ask(tx, s, byDesk, v.ID, form.Get("words"), f.Now())
			}
			if err == nil {
				err = f.log(tx, f.Now(), v.ID, "erasure.asked", made)
			}
			return err
		})
		switch {
		case web.Again(err):
			return f.again(w, r, v, s, "erase", form, err)
		case err != nil:
			return err
		}
		return web.Done(w, r, requestPath(made), "Aufgenommen. Prüfen Sie hier, was gelöscht wird, und legen Sie es einer zweiten Person vor.")
	}
}

func askLimit() web.Limit { return web.Limit{Name: "erasure asked", N: 5, In: 24 * time.Hour} }

// askOwn is a person's own request: for itself, or for a child for whom it decides.
func (f *feature) askOwn(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "child", "words")
	if err != nil {
		return err
	}
	s, origin := house.Subject{Person: v.ID}, bySelf
	if id := form.ID("child"); id != 0 {
		s, origin = house.Subject{Child: id}, byGuardian
	}
	err = f.Limits.Take(askLimit(), fmt.Sprint(v.ID))
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			if s.Child != 0 {
				kids, err := wards(tx, v.ID, f.Now())
				if err != nil {
					return err
				}
				if !has(kids, s.Child) {
					return fault.Gone()
				}
			}
			id, err := ask(tx, s, origin, v.ID, form.Get("words"), f.Now())
			if err != nil {
				return err
			}
			if err := f.log(tx, f.Now(), v.ID, "erasure.asked", id); err != nil {
				return err
			}
			return f.tellClerks(tx, s, asked, id, 0)
		})
	}
	if web.Again(err) {
		p, perr := f.minePage(r, v)
		if perr != nil {
			return perr
		}
		p.Form, p.Sent = form.With(err), "erase"
		return f.pages.Again(w, r, "mine.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto/daten")
}

// takeBack withdraws one's own request.
func (f *feature) takeBack(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "request")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := withdraw(tx, form.ID("request"), v.ID, f.Now()); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "erasure.withdrawn", form.ID("request"))
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto/daten")
}
