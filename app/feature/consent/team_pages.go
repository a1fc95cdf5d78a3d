package consent

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type showPage struct {
	web.Page
	It       Purpose
	Groups   []org.Unit // whose children the viewer may read
	Group    org.Unit   // the one that is shown; zero: none
	Rows     []line
	Yes, All int
	Writes   bool
	Reads    bool
	Form     web.Form
	Sent     string
}

// A line is a child, or a guardian, in the list of a group.
type line struct {
	Standing
	Name   string
	Grown  bool
	Givers []person.Guardian
	Scans  map[int64][]int64 // files by answer
}

// mine are the groups below the purpose's unit whose names the viewer reads.
func mine(tx *store.Tx, v who.Viewer, p Purpose, now time.Time) ([]org.Unit, error) {
	tops, err := org.Tops(tx, v.ID, readers, now)
	if err != nil {
		return nil, err
	}
	below, err := org.Below(tx, p.Unit, org.Group, now)
	if err != nil {
		return nil, err
	}
	var all []org.Unit
	for _, t := range tops {
		groups, err := org.Below(tx, t.ID, org.Group, now)
		if err != nil {
			return nil, err
		}
		for _, g := range groups {
			if slices.ContainsFunc(below, func(b org.Unit) bool { return b.ID == g.ID }) {
				all = append(all, g)
			}
		}
	}
	return all, nil
}

func (f feature) showPage(r *http.Request, v who.Viewer, id, group int64) (showPage, error) {
	p := showPage{Page: web.NewPage(r, v, "").In("de")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.It, err = getPurpose(tx, id); err != nil {
			return err
		}
		p.Title = p.It.Title
		if p.Groups, err = mine(tx, v, p.It, f.Now()); err != nil {
			return err
		}
		if p.Writes, err = org.Manages(tx, v.ID, p.It.Unit, writers, f.Now()); err != nil {
			return err
		}
		if len(p.Groups) == 0 {
			if !p.Writes {
				return fault.Gone()
			}
			return f.numbers(tx, &p)
		}
		p.Reads, p.Group = true, p.Groups[0]
		if i := slices.IndexFunc(p.Groups, func(g org.Unit) bool { return g.ID == group }); i >= 0 {
			p.Group = p.Groups[i]
		} else if group != 0 {
			return fault.Gone()
		}
		return f.rows(tx, &p)
	})
	return p, err
}

// numbers are all that an office reads.
func (f feature) numbers(tx *store.Tx, p *showPage) error {
	kids, err := person.ChildrenIn(tx, p.It.Unit, f.Now())
	if err != nil || p.It.Adult() {
		return err
	}
	for _, c := range kids {
		s, err := stands(tx, p.It, c, f.Now())
		if err != nil {
			return err
		}
		if p.All++; s.State == Given {
			p.Yes++
		}
	}
	return nil
}

// rows are the children of the group, or the guardians who are asked for themselves.
func (f feature) rows(tx *store.Tx, p *showPage) error {
	kids, err := person.ChildrenIn(tx, p.Group.ID, f.Now())
	if err != nil {
		return err
	}
	gs, err := person.GuardiansIn(tx, p.Group.ID, f.Now())
	if err != nil {
		return err
	}
	var ids []int64
	var seen []int64
	for _, c := range kids {
		givers := []person.Guardian{}
		for _, g := range gs {
			if g.Child == c.ID && g.Decides && g.State == org.Confirmed {
				givers = append(givers, g)
			}
		}
		if !p.It.Adult() {
			s, err := stands(tx, p.It, c, f.Now())
			if err != nil {
				return err
			}
			p.Rows = append(p.Rows, line{Standing: s, Name: c.Name(), Grown: grown(c.Born, p.It.Alone, f.Now()), Givers: givers})
			continue
		}
		for _, g := range givers {
			if slices.Contains(seen, g.Person) {
				continue
			}
			s, err := standsFor(tx, p.It, g.Person, f.Now())
			if err != nil {
				return err
			}
			seen, p.Rows = append(seen, g.Person), append(p.Rows, line{Standing: s, Name: g.Name() + " (" + c.Name() + ")", Givers: []person.Guardian{g}})
		}
	}
	for _, l := range p.Rows {
		if p.All++; l.State == Given {
			p.Yes++
		}
		for _, a := range l.Answers {
			ids = append(ids, a.ID)
		}
	}
	scans, err := files.IDs(tx, owner, ids)
	for i := range p.Rows {
		p.Rows[i].Scans = scans
	}
	return err
}

// show is the list of a group: who has agreed, on screen and on paper.
func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	group, _ := strconv.ParseInt(r.URL.Query().Get("gruppe"), 10, 64)
	p, err := f.showPage(r, v, id, group)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

// paper keeps what was signed on paper, with its scan.
func (f feature) paper(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := f.Files.Form(r, v.ID, 3, "child", "giver", "yes", "day", "group")
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.enter(tx, v, id, form) })
	}
	if web.Again(err) {
		p, perr := f.showPage(r, v, id, form.ID("group"))
		if perr != nil {
			return perr
		}
		p.Form, p.Sent = form.With(err), "paper"
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einwilligung/%d?gruppe=%d", id, form.ID("group")), "Eingetragen.")
}

func (f feature) enter(tx *store.Tx, v who.Viewer, id int64, form web.Form) error {
	p, err := getPurpose(tx, id)
	if err != nil {
		return err
	}
	now := f.Now()
	c, err := person.GetChild(tx, form.ID("child"), now)
	if err != nil {
		return err
	}
	groups, err := mine(tx, v, p, now)
	if err != nil {
		return err
	}
	if p.Ended() || !slices.ContainsFunc(groups, func(g org.Unit) bool { return g.ID == c.Group }) {
		return fault.Gone()
	}
	day, err := time.ParseInLocation(time.DateOnly, form.Get("day"), web.Zone())
	switch {
	case err != nil:
		return fault.At("day", "Bitte geben Sie an, wann unterschrieben wurde.")
	case day.After(now) || day.Before(now.AddDate(-1, 0, 0)):
		return fault.At("day", "Dieser Tag liegt in der Zukunft oder länger als ein Jahr zurück.")
	case len(form.IDs("file")) == 0:
		return fault.At("file", "Bitte fügen Sie den Zettel als Bild oder PDF an.")
	}
	version, err := versionAt(tx, p.ID, day.AddDate(0, 0, 1))
	if err != nil {
		return err
	}
	if version < p.Least {
		return fault.At("day", "Unterschrieben wurde ein früherer Text. Der neue braucht eine neue Unterschrift.")
	}
	a := answer{Child: c.ID, Giver: form.ID("giver"), Yes: form.Get("yes") == "1", Channel: "paper", Version: version, At: day, Until: yearEnd(day)}
	all, err := deciders(tx, c.ID, now)
	if err != nil {
		return err
	}
	alone := !p.Adult() && grown(c.Born, p.Alone, now)
	switch {
	case alone && a.Giver != 0:
		return fault.At("giver", "Ab %d entscheidet der junge Mensch allein.", p.Alone)
	case !alone && !slices.Contains(all, a.Giver):
		return fault.At("giver", "Bitte wählen Sie, wer unterschrieben hat.")
	}
	if !a.Until.After(now) {
		return fault.At("day", "Diese Unterschrift galt bis zum Ende des letzten Kita-Jahres.")
	}
	if p.Adult() {
		a.Child = 0
	}
	made, err := say(tx, p, a, v.ID, now)
	if err != nil {
		return err
	}
	if err := files.Attach(tx, v.ID, form.IDs("file"), owner, made); err != nil {
		return err
	}
	if err := f.Log(tx, now, v.ID, "consent.entered", made); err != nil {
		return err
	}
	f.change(tx, a.Giver)
	return f.follow(tx, p, a)
}

// sees is nil for the team of the child and for whoever has signed. The other custodian does not get it: a paper tells where
// somebody lives, and one may be hidden from the other.
func sees(tx *store.Tx, v who.Viewer, x files.File, now time.Time) error {
	a, err := store.One(tx, func(a *[3]int64) []any { return []any{&a[0], &a[1], &a[2]} }, `
		SELECT purpose, coalesce(child, 0), coalesce(giver, 0) FROM consent WHERE id = ?`, x.Ref)
	if err != nil {
		return err
	}
	if v.ID != 0 && a[2] == v.ID {
		return nil
	}
	group := int64(0)
	if a[1] != 0 {
		c, err := person.GetChild(tx, a[1], now)
		if err != nil {
			return err
		}
		if group = c.Group; group == 0 {
			group = c.Facility
		}
		return org.Must(tx, v, group, readers, now)
	}
	p, err := getPurpose(tx, a[0]) // an adult's own
	if err != nil {
		return err
	}
	return org.Must(tx, v, p.Unit, readers, now)
}
