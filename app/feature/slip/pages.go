package slip

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// An Announcement is what a slip needs to know of its own.
type Announcement struct {
	Title    string
	UnitName string
	Expires  time.Time // zero: valid for good
	Meant    bool      // the viewer is one of those who are told; else one who may look
}

// About finds an announcement that the viewer may see; NotFound: none.
type About func(tx *store.Tx, id int64, v who.Viewer) (Announcement, error)

// Confirm notes that the viewer has read an announcement, where that wants to be known.
type Confirm func(tx *store.Tx, id int64, v who.Viewer) error

// Parts are what slips add to announcements.
type Parts struct {
	Fields []string                                                        // of the form
	Form   func(p web.Page, form web.Form) (template.HTML, error)          // part of the form
	Attach func(tx *store.Tx, id int64, form web.Form) error               // what was asked there, to a new announcement
	Has    func(tx *store.Tx, id int64) (bool, error)                      // an announcement asks something
	Page   func(tx *store.Tx, p web.Page, id int64) (template.HTML, error) // part of an announcement's page; "": none
}

type feature struct {
	*house.House
	pages   *web.Pages
	about   About
	confirm Confirm
	asks    *store.Keep[int64, bool] // by announcement
}

// New makes the feature, and what it adds to announcements.
func New(h *house.House, about About, confirm Confirm) (house.Feature, Parts) {
	f := feature{h, web.Parse(html), about, confirm, &store.Keep[int64, bool]{DB: h.DB, Most: 20_000, Tables: []string{"slip"}}}
	keep, begin := h.Tasks.Nightly(keepKind, 3*time.Hour+30*time.Minute, web.Zone(), sweep(h))
	return house.Feature{
			Name: "slip",
			Routes: []web.Route{
				web.Get("/rueckmeldung/:id", who.Team, f.result),
				web.Proved(web.Get("/rueckmeldung/:id/tabelle", who.Team, f.table)),
				web.Post("/rueckmeldung/:id/erinnern", who.Team, f.remind),
				web.Post("/rueckmeldung/:id/antwort", who.Member, f.answer),
			},
			Jobs:   []task.Job{remindJob(h), tellJob(h, about), keep},
			Begin:  begin,
			Export: export,
			Erase:  eraser(h),
		}, Parts{
			Fields: fields(), Form: f.form, Attach: f.attach, Page: f.part,
			Has: func(tx *store.Tx, id int64) (bool, error) {
				return f.asks.Get(tx, id, func() (bool, error) { return has(tx, id) })
			},
		}
}

// find is the slip of an announcement that the viewer may see. One without a deadline ends with its announcement.
func find(tx *store.Tx, about About, id int64, v who.Viewer) (a Announcement, s Slip, err error) {
	if a, err = about(tx, id, v); err != nil {
		return a, s, err
	}
	if s, err = Of(tx, id); s.Deadline.IsZero() {
		s.Deadline = a.Expires
	}
	return a, s, err
}

// A sheet to fill in: for one child, or for oneself.
type form struct {
	Child   int64
	Name    string // of the child; "": for oneself
	Of      int    // how many have to answer, where that is more than one
	Given   int    // of them
	Mine    *Answer
	Theirs  *Answer // of somebody else, where one answer is enough
	Divided bool
	Typed   web.Form // what was typed, or what was said before
	Open    bool     // it is shown at once
}

// ID is that of the part of the page.
func (f form) ID() string { return "slip-" + strconv.FormatInt(f.Child, 10) }

type partPage struct {
	web.Page
	It    Slip
	About Announcement
	Shut  string // why nobody can answer any more; "": one can
	Forms []form
	Sum   *Sum // for those who may see numbers
}

// part is what stands on the page of an announcement; "": it asks nothing.
func (f feature) part(tx *store.Tx, p web.Page, id int64) (template.HTML, error) {
	ok, err := f.asks.Get(tx, id, func() (bool, error) { return has(tx, id) })
	if err != nil || !ok {
		return "", err
	}
	d, err := f.look(tx, p, id)
	if err != nil {
		return "", err
	}
	if len(d.Forms) == 0 && d.Sum == nil || !d.It.Cleared.IsZero() {
		return "", nil
	}
	return f.pages.Part("show.html", "slip", p.Lang, d)
}

// look reads a slip as its viewer sees it.
func (f feature) look(tx *store.Tx, p web.Page, id int64) (d partPage, err error) {
	v, now := p.Viewer, f.Now()
	d = partPage{Page: p}
	if d.About, d.It, err = find(tx, f.about, id, v); err != nil {
		return d, err
	}
	if err := d.It.open(p.L(), now); err != nil {
		d.Shut = err.Error()
	}
	given, err := answers(tx, id, v.ID)
	if err != nil {
		return d, err
	}
	all := []kid{}
	if d.It.Per == PerChild {
		if all, err = kids(tx, id, v, now); err != nil {
			return d, err
		}
	} else if d.About.Meant {
		all = append(all, kid{})
	}
	for _, k := range all {
		d.Forms = append(d.Forms, d.It.formOf(k, v, given))
	}
	if !v.May(who.Team) {
		return d, nil
	}
	list, err := rows(tx, d.It, v, now)
	if n := sum(list); n.All > 0 {
		d.Sum = &n
	}
	return d, err
}

// formOf is the form for a child, filled with what was said before.
func (s Slip) formOf(k kid, v who.Viewer, given []Answer) form {
	x := form{Child: k.ID, Name: k.Name}
	if s.Both && k.Deciders > 1 {
		x.Of = k.Deciders
	}
	var first *Answer
	for _, a := range given {
		if a.Child != k.ID || k.ID == 0 && a.Person != v.ID {
			continue
		}
		a.Values = s.ordered(a.Values)
		x.Given++
		switch {
		case a.Person == v.ID:
			x.Mine = &a
		case !s.Both:
			x.Theirs = &a
		}
		if first != nil && !first.Values.same(a.Values, s.Questions) {
			x.Divided = true
		}
		first = &a
	}
	last := x.Mine
	if last == nil {
		last = x.Theirs
	}
	x.Typed.Set("signed", "")
	if last != nil {
		for q, all := range last.Values {
			x.Typed.Set(Question{ID: q}.Field(), all...)
		}
	}
	x.Open = last == nil
	return x
}

func (f feature) answer(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	known := []string{"uid", "child", "signed", "drawing"}
	var s Slip
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		_, s, err = find(tx, f.about, id, v)
		return err
	})
	if err != nil {
		return err
	}
	for _, q := range s.Questions {
		known = append(known, q.Field())
	}
	typed, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	child := typed.ID("child")
	values, err := s.read(lang.Of(v.Lang), func(name string) []string { return typed.Values[name] })
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			a, s, err := find(tx, f.about, id, v)
			if err != nil {
				return err
			}
			if err := mayAnswer(tx, s, v, a.Meant, child, f.Now()); err != nil {
				return err
			}
			if err := answer(tx, f.House, s, v, child, values, Signature{text.Line(typed.Get("signed")), typed.Get("drawing")}); err != nil {
				return err
			}
			return f.confirm(tx, id, v)
		})
	}
	if web.Again(err) {
		return f.again(w, r, v, id, child, typed.With(err))
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/mitteilung/%d", id), lang.Of(v.Lang).T("Danke für Ihre Antwort!"))
}

// again shows the form once more, on a page of its own, with what was typed.
func (f feature) again(w http.ResponseWriter, r *http.Request, v who.Viewer, id, child int64, typed web.Form) error {
	var d partPage
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		d, err = f.look(tx, web.NewPage(r, v, ""), id)
		return err
	})
	if err != nil {
		return err
	}
	d.Title, d.Sum = d.About.Title, nil
	for i := range d.Forms {
		if d.Forms[i].Child == child {
			d.Forms[i].Typed, d.Forms[i].Open = typed, true
		}
	}
	return f.pages.Again(w, r, "show.html", d)
}
