package room

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/law"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type openPage struct {
	web.Page
	Form   web.Form
	Places []org.Unit // where the viewer may open a room
	Unit   org.Unit   // the one that is chosen
	Units  []org.Unit // for whom it can be: the unit and those below
	Roles  []audience
	Keeps  []choice
	Youth  bool // the place can have a youth room
	Law    law.Profile
	Room   Room // that is changed; zero: a new one
}

// reachable lists for whom a room of a unit can be: itself with all below, and what lies below as far as the facilities;
// of a facility its groups.
func reachable(tx *store.Tx, u org.Unit, now time.Time) ([]org.Unit, error) {
	all := []org.Unit{u}
	kinds := map[org.Kind][]org.Kind{org.City: {org.Carrier, org.Facility}, org.Carrier: {org.Facility}, org.Facility: {org.Group}}
	for _, k := range kinds[u.Kind] {
		below, err := org.Below(tx, u.ID, k, now)
		if err != nil {
			return nil, err
		}
		all = append(all, below...)
	}
	return all, nil
}

func (f *feature) openForm(r *http.Request, v who.Viewer, form web.Form) (p openPage, err error) {
	p = openPage{Page: web.NewPage(r, v, "Raum öffnen").In("de"), Form: form, Roles: audiences(), Keeps: keeps()}
	fresh := form.Values == nil
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Law, err = law.Of(tx, f.Settings); err != nil {
			return err
		}
		if p.Places, err = places(tx, v, f.Now()); err != nil {
			return err
		}
		want := form.ID("unit")
		if want == 0 {
			want, _ = strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: the first
		}
		i := max(0, slices.IndexFunc(p.Places, func(u org.Unit) bool { return u.ID == want }))
		p.Unit, p.Youth = p.Places[i], p.Places[i].Kind == org.Facility
		p.Roles = slices.DeleteFunc(p.Roles, func(a audience) bool {
			parents := p.Unit.Kind == org.Facility || p.Unit.Kind == org.Group // are among themselves only where a facility opens a room
			return p.Unit.Kind == org.Committee && a.Code != "council" || a.Code == "parent" && !parents
		})
		p.Units, err = reachable(tx, p.Unit, f.Now())
		return err
	})
	if fresh && err == nil {
		p.Form.Set("audience", strconv.FormatInt(p.Unit.ID, 10))
		p.Form.Set("role", p.Roles[0].Code)
		p.Form.Set("keep", "365")
		p.Form.Set("kind", "open")
		p.Form.Set("consent", "1")
	}
	return p, err
}

func (f *feature) form(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.openForm(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "open.html", p)
}

// planOf is what a form says of a room.
func planOf(form web.Form) Plan {
	p := Plan{Unit: form.ID("unit"), Units: form.IDs("audience"), Roles: rolesOf(func(c string) bool { return form.Has("role", c) }),
		Youth: form.Get("kind") == "youth", Name: form.Get("name"), About: form.Get("about"), Review: form.On("review"), Consent: form.On("consent"),
		Hours: form.Get("hours"), Keep: int(form.ID("keep"))}
	return p
}

func (f *feature) open(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "unit", "kind", "audience", "role", "name", "about", "review", "consent", "hours", "keep", "go")
	if err != nil {
		return err
	}
	if form.Get("go") == "place" { // without script: the units of another place
		p, err := f.openForm(r, v, form)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, "open.html", p)
	}
	var id int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if id, err = Open(tx, f.House, v, planOf(form)); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "room.opened", id)
	})
	if web.Again(err) {
		p, e := f.openForm(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "open.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, Room{ID: id}.Path(), "Der Raum ist geöffnet.")
}

// settingsPage is the form for a room that there is.
func (f *feature) settingsPage(r *http.Request, v who.Viewer, id int64) (p openPage, err error) {
	p = openPage{Page: web.NewPage(r, v, "Einstellungen").In("de"), Keeps: keeps()}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Room, err = moderated(tx, id, v, f.Now()); err != nil {
			return err
		}
		p.Youth = p.Room.Youth
		p.Law, err = law.Of(tx, f.Settings)
		return err
	})
	return p, err
}

func (f *feature) settings(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.settingsPage(r, v, id)
	if err != nil {
		return err
	}
	on := func(name string, is bool) {
		if is {
			p.Form.Set(name, "1")
		}
	}
	p.Form.Set("name", p.Room.Name)
	p.Form.Set("about", p.Room.About)
	p.Form.Set("hours", p.Room.Hours)
	p.Form.Set("keep", fmt.Sprint(p.Room.Keep))
	on("review", p.Room.Review)
	on("consent", p.Room.Consent)
	return f.pages.Render(w, r, "settings.html", p)
}

func (f *feature) arrange(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, form, err := read(r, "name", "about", "review", "consent", "hours", "keep")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		in, err := moderated(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		if err := arrange(tx, in, planOf(form)); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "room.changed", id)
	})
	if web.Again(err) {
		p, e := f.settingsPage(r, v, id)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "settings.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, Room{ID: id}.Path(), "Gespeichert.")
}

// end closes the room, or opens it again.
func (f *feature) end(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, form, err := read(r, "on")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		in, err := moderated(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		if in.Closed.IsZero() == !form.On("on") {
			return nil
		}
		if err := end(tx, id, form.On("on"), f.Now()); err != nil {
			return err
		}
		if form.On("on") {
			return f.log(tx, f.Now(), v.ID, "room.closed", id)
		}
		return f.log(tx, f.Now(), v.ID, "room.reopened", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, Room{ID: id}.Path(), "Gespeichert.")
}

type leavePage struct {
	web.Page
	Room Room
}

func (f *feature) leaving(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := leavePage{Page: web.NewPage(r, v, "Raum verlassen")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		p.Room, err = Get(tx, id, v, f.Now())
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "leave.html", p)
}

// leave takes the viewer out of a room. A young person whose last room it was is forgotten, and signed out.
func (f *feature) leave(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, form, err := read(r, "what")
	if err != nil {
		return err
	}
	words := form.Get("what") == "delete"
	var in Room
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if in, err = Get(tx, id, v, f.Now()); err != nil {
			return err
		}
		if in.Alias != "" {
			return f.dismiss(tx, id, v.ID, words)
		}
		return Leave(tx, f.House, id, v.ID, words)
	})
	if err != nil {
		return err
	}
	if in.Alias != "" {
		return web.Done(w, r, "/jugend", "Sie haben den Raum verlassen.")
	}
	return web.Done(w, r, "/raeume", "Sie haben den Raum verlassen.")
}
