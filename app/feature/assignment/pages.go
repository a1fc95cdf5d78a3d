package assignment

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

type feature struct {
	*house.House
	pages *web.Pages
	log   house.Log
}

// New makes the feature.
func New(h *house.House, log house.Log) house.Feature {
	f := feature{h, web.Parse(html), log}
	night, begin := h.Tasks.Nightly(nightKind, 6*time.Hour+40*time.Minute, web.Zone(), remind(h))
	return house.Feature{
		Name: "assignment",
		Nav:  []web.NavItem{{Path: "/aufgaben", Label: "Aufgaben", Icon: "circle-check", Right: committee.Council, Low: true}},
		Routes: []web.Route{
			web.Get("/aufgaben", committee.Council, f.index),
			web.Get("/aufgaben/neu", committee.Council, f.newForm),
			web.Post("/aufgaben/neu", committee.Council, f.add),
			web.Get("/aufgabe/:id", committee.Council, f.show),
			web.Post("/aufgabe/:id", committee.Council, f.edit),
			web.Post("/aufgabe/:id/uebernehmen", committee.Council, f.take),
			web.Post("/aufgabe/:id/erledigt", committee.Council, f.done),
			web.Post("/aufgabe/:id/fallenlassen", committee.Council, f.drop),
			web.Post("/aufgabe/:id/wieder", committee.Council, f.again),
			web.Post("/aufgabe/:id/notiz", committee.Council, f.note),
		},
		Jobs:    []task.Job{tellJob(h), night},
		Begin:   begin,
		Export:  export,
		Erase:   eraser(h),
		Search:  []search.Source{found(h.Now)},
		Council: f.council,
		Legacy:  legacy(h.Now),
		Dates: func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error) {
			return dates(tx, v, from, to, h.Now())
		},
	}
}

// page begins a page of those who work in a committee: in German.
func page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

// A row is a task as its viewer sees it.
type row struct {
	Assignment
	Who  string // has taken it on
	Over bool   // its day is
	Mine bool
	Do   bool // the viewer may say that it is done
	Take bool // ... take it on
	Edit bool
}

func rowOf(a Assignment, v who.Viewer, level committee.Level, now time.Time) row {
	pending := a.State == Pending
	return row{Assignment: a, Who: a.words(), Over: a.Late(now), Mine: a.Owner == v.ID, Do: a.mayDo(v, level),
		Take: pending && a.Owner == 0, Edit: pending && a.mayEdit(v, level)}
}

// A desk is the tasks of one committee.
type desk struct {
	Unit org.Unit
	All  []row
	Done []row // that have come to an end lately
}

// perPage is how many tasks that have come to an end a page shows; lately, how many stand below the open ones.
const (
	perPage = 50
	lately  = 5
)

type indexPage struct {
	web.Page
	Mine  []row
	Desks []desk
	Past  *desk // what has come to an end in one committee, where that was chosen
	More  string
}

// index lists the viewer's tasks and those of their committees, or (?erledigt=UNIT) what has come to an end in one.
func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: page(r, v, "Aufgaben")}
	p.Live = "/strom"
	unit, _ := strconv.ParseInt(r.URL.Query().Get("erledigt"), 10, 64) // 0: the open ones
	after, _ := strconv.Atoi(r.URL.Query().Get("ab"))                  // 0: from the first
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if unit != 0 {
			return f.past(tx, &p, v, unit, max(0, after))
		}
		units, err := committee.Of(tx, v.ID, p.Now)
		if err != nil {
			return err
		}
		for _, u := range units {
			d := desk{Unit: u}
			level, err := committee.LevelOf(tx, v, u.ID, p.Now)
			if err != nil {
				return err
			}
			all, err := Open(tx, u.ID, p.Now)
			if err != nil {
				return err
			}
			for _, a := range all {
				x := rowOf(a, v, level, p.Now)
				if x.Mine {
					p.Mine = append(p.Mine, x)
				} else {
					d.All = append(d.All, x)
				}
			}
			if all, err = past(tx, u.ID, lately, 0, p.Now); err != nil {
				return err
			}
			for _, a := range all {
				d.Done = append(d.Done, rowOf(a, v, level, p.Now))
			}
			p.Desks = append(p.Desks, d)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// past fills the page with what has come to an end in one committee.
func (f feature) past(tx *store.Tx, p *indexPage, v who.Viewer, unit int64, after int) error {
	u, level, err := committee.Must(tx, v, unit, committee.Inside, p.Now)
	if err != nil {
		return err
	}
	p.Past = &desk{Unit: u}
	all, err := past(tx, unit, perPage+1, after, p.Now)
	if len(all) > perPage {
		all = all[:perPage]
		p.More = fmt.Sprintf("/aufgaben?erledigt=%d&ab=%d", unit, after+perPage)
	}
	for _, a := range all {
		p.Past.Done = append(p.Past.Done, rowOf(a, v, level, p.Now))
	}
	return err
}

// fields of the form of a task.
func fields() []string { return []string{"uid", "unit", "title", "body", "owner", "due"} }

func draft(form web.Form) Draft {
	return Draft{UID: form.Get("uid"), Unit: form.ID("unit"), Owner: form.ID("owner"), Title: form.Get("title"), Body: form.Get("body"), Due: form.Get("due")}
}

type newPage struct {
	web.Page
	Form  web.Form
	Unit  org.Unit
	Seats []committee.Seat
}

func (f feature) prepare(r *http.Request, v who.Viewer, unit int64, form web.Form) (p newPage, err error) {
	p = newPage{Page: page(r, v, "Neue Aufgabe"), Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if unit == 0 { // the first of the viewer's
			all, err := committee.Of(tx, v.ID, p.Now)
			if err != nil {
				return err
			}
			if len(all) == 0 {
				return fault.Gone()
			}
			unit = all[0].ID
		}
		if p.Unit, _, err = committee.Must(tx, v, unit, committee.Inside, p.Now); err != nil {
			return err
		}
		p.Seats, err = committee.Seats(tx, unit, p.Now)
		return err
	})
	return p, err
}

func (f feature) newForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	unit, _ := strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: the first
	p, err := f.prepare(r, v, unit, web.Form{})
	if err != nil {
		return err
	}
	p.Form.Set("uid", newUID())
	return f.pages.Render(w, r, "new.html", p)
}

func (f feature) add(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, fields()...)
	if err != nil {
		return err
	}
	d := draft(form)
	var id int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if id, err = Add(tx, f.House, v, d); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "task.added", id)
	})
	if web.Again(err) {
		p, e := f.prepare(r, v, d.Unit, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "new.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/aufgabe/%d", id), "Die Aufgabe steht auf der Liste.")
}

type showPage struct {
	web.Page
	It    row
	HTML  template.HTML
	Notes []noteRow
	Seats []committee.Seat
	Form  web.Form
}

type noteRow struct {
	Note
	HTML template.HTML
}

func (f feature) look(r *http.Request, v who.Viewer, form web.Form) (p showPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = showPage{Page: page(r, v, ""), Form: form}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		a, level, err := get(tx, id, v, p.Now)
		if err != nil {
			return err
		}
		p.It = rowOf(a, v, level, p.Now)
		said, err := notes(tx, id)
		for _, n := range said {
			p.Notes = append(p.Notes, noteRow{n, text.HTML(n.Body)})
		}
		if err == nil && p.It.Edit {
			p.Seats, err = committee.Seats(tx, a.Unit, p.Now)
		}
		return err
	})
	p.Title, p.Live, p.HTML = p.It.Title, "/strom", text.HTML(p.It.Body)
	if _, ok := form.Values["title"]; !ok { // it is not what was sent
		p.Form.Set("title", p.It.Title)
		p.Form.Set("body", p.It.Body)
		p.Form.Set("due", p.It.Due)
		p.Form.Set("owner", strconv.FormatInt(p.It.Owner, 10))
	}
	return p, err
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.look(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}
