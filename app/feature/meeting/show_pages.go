package meeting

import (
	"fmt"
	"html/template"
	"net/http"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/files"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A point is an item as the page of a meeting shows it.
type point struct {
	Item
	HTML  template.HTML
	Files []files.File
	Tasks []Carried
}

type showPage struct {
	web.Page
	It      Meeting
	When    string
	HTML    template.HTML
	Points  []point
	Guests  []Guest // for members
	Yes     int
	No      int
	Maybe   int
	Silent  int
	Voters  int // who vote, as it stands
	Mine    Guest
	Ask     bool // the viewer can answer
	Form    web.Form
	Floor   template.HTML
	Minutes template.HTML
	Public  bool // anybody may read it
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.look(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

// look prepares the page of a meeting, with what was typed into one of its forms.
func (f feature) look(r *http.Request, v who.Viewer, form web.Form) (p showPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = showPage{Page: web.NewPage(r, v, ""), Form: form}
	if v.ID != 0 {
		p.Live = "/strom"
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		if p.It, err = Get(tx, id, v, now); err != nil {
			return err
		}
		rules, err := committee.RulesOf(tx, p.It.Unit)
		if err != nil {
			return err
		}
		p.Public = rules.Public && p.It.Public && !p.It.Invited.IsZero()
		if p.Points, err = f.points(tx, p.It); err != nil {
			return err
		}
		if p.It.Sits() {
			if err := p.count(tx); err != nil {
				return err
			}
		}
		for _, part := range []struct {
			make func(tx *store.Tx, p web.Page, meeting int64) (template.HTML, error)
			to   *template.HTML
		}{{f.wires.Floor, &p.Floor}, {f.wires.Minutes, &p.Minutes}} {
			if part.make == nil {
				continue
			}
			if *part.to, err = part.make(tx, p.Page, id); err != nil {
				return err
			}
		}
		return nil
	})
	p.Title, p.HTML, p.When = p.It.Title, text.HTML(p.It.Body), when(p.L(), p.It, f.Now())
	return p, err
}

// count fills in who comes.
func (p *showPage) count(tx *store.Tx) error {
	all, err := guests(tx, p.It)
	if err != nil {
		return err
	}
	voters, err := Entitled(tx, p.It.ID)
	p.Voters = len(voters)
	for _, g := range all {
		if !g.Released.IsZero() {
			continue
		}
		p.Guests = append(p.Guests, g)
		if g.Person == p.Viewer.ID {
			p.Mine = g
		}
		switch g.Answer {
		case Yes:
			p.Yes++
		case No:
			p.No++
		case Maybe:
			p.Maybe++
		default:
			p.Silent++
		}
	}
	p.Ask = p.Mine.Person != 0 && p.It.State == Invited && p.It.Starts.After(p.Now)
	return err
}

// points are the items of a meeting with all that belongs to them.
func (f feature) points(tx *store.Tx, m Meeting) (list []point, err error) {
	all, err := ItemsOf(tx, m)
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		x := point{Item: i, HTML: text.HTML(i.Body)}
		if x.Files, err = files.Of(tx, owner, i.ID); err != nil {
			return nil, err
		}
		if i.Kind == Tasks && m.Sits() && (m.Open() || m.State == Running) && f.wires.Open != nil {
			if x.Tasks, err = f.wires.Open(tx, m.Unit); err != nil {
				return nil, err
			}
		}
		list = append(list, x)
	}
	return list, nil
}

// reply notes whether the viewer comes.
func (f feature) reply(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	l := lang.Of(v.Lang)
	return f.change(w, r, v, []string{"answer", "note"}, func(tx *store.Tx, m Meeting, form web.Form) (string, error) {
		words := map[string]string{Yes: l.T("Danke, Sie haben zugesagt."), No: l.T("Sie haben abgesagt."), Maybe: l.T("Danke. Bitte entscheiden Sie sich noch.")}
		answer := form.Get("answer")
		return words[answer], reply(tx, f.House, m, v, answer, form.Get("note"))
	})
}

// cancel calls a meeting off.
func (f feature) cancel(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, []string{"reason"}, func(tx *store.Tx, m Meeting, form web.Form) (string, error) {
		m, err := led(tx, m.ID, v, f.Now())
		if err != nil {
			return "", err
		}
		if err := cancel(tx, f.House, m, form.Get("reason")); err != nil {
			return "", err
		}
		return "Die Sitzung ist abgesagt.", f.log(tx, f.Now(), v.ID, "meeting.cancelled", m.ID)
	})
}

// remove deletes a meeting.
func (f feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var m Meeting
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if m, err = led(tx, id, v, f.Now()); err != nil {
			return err
		}
		if err := remove(tx, f.House, m); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "meeting.removed", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/sitzungen?gremium=%d", m.Unit), "Die Sitzung ist gelöscht.")
}

// change reads a form of the page of a meeting, and lets do carry it out. What went wrong is said on that page, with what was
// typed.
func (f feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer, known []string,
	do func(tx *store.Tx, m Meeting, form web.Form) (words string, err error)) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	var words string
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		m, err := Get(tx, id, v, f.Now())
		if err == nil {
			words, err = do(tx, m, form)
		}
		return err
	})
	if web.Again(err) {
		p, e := f.look(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, sitzung(id), words)
}
