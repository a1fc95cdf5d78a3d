package consent

import (
	"embed"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

const owner = "consent" // of the papers that are attached to an answer

// Who may do what. An office asks for consent and reads numbers, never names.
const (
	readers = 1<<who.Staff | 1<<who.Head | 1<<who.Manager
	writers = 1<<who.Head | 1<<who.Manager | 1<<who.Office
)

// An Elsewhere is a consent that is given and changed on another page of the house.
type Elsewhere struct {
	Title string // of what; a name stands as it is
	What  string // German words of the catalogue: what it is about
	Yes   bool
	Path  string
}

// Wires are what the feature needs of others.
type Wires struct {
	Log house.Log
	// Others lists what the viewer has agreed to elsewhere, or may.
	Others func(tx *store.Tx, v who.Viewer, now time.Time) ([]Elsewhere, error)
}

type feature struct {
	*house.House
	Wires
	pages *web.Pages
	open  *store.Keep[day, []asked]
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := feature{h, w, web.Parse(html), &store.Keep[day, []asked]{DB: h.DB, Most: 20_000, Tables: askedTables()}}
	keep, begin := h.Tasks.Nightly(keepKind, 3*time.Hour+50*time.Minute, web.Zone(), sweep(h))
	return house.Feature{
		Name: "consent",
		Nav:  []web.NavItem{{Path: "/einwilligungen", Label: "Einwilligungen", Icon: "circle-check", Right: who.Families | who.Team, Low: true}},
		Routes: []web.Route{
			web.Get("/einwilligungen", who.Families|who.Team, f.index),
			web.Post("/einwilligungen", who.Families, f.answer),
			web.Get("/einwilligungen/neu", writers, f.newForm),
			web.Post("/einwilligungen/neu", writers, f.add),
			web.Get("/einwilligung/:id", who.Team, f.show),
			web.Post("/einwilligung/:id/text", writers, f.reword),
			web.Post("/einwilligung/:id/beenden", writers, f.end),
			web.Files("/einwilligung/:id/papier", readers, f.paper),
		},
		Jobs:   []task.Job{tellJob(h), keep},
		Begin:  begin,
		Start:  f.start,
		Export: export,
		Erase:  erase,
		Sees:   func(tx *store.Tx, v who.Viewer, x files.File) error { return sees(tx, v, x, h.Now()) },
		Papers: papers,
	}
}

type indexPage struct {
	web.Page
	Kids     []kid
	Own      []Standing  // of the viewer itself
	Others   []Elsewhere // given on other pages
	Family   bool
	Team     bool
	Writes   bool
	Purposes []Purpose // that the viewer looks after
}

// A kid is a child with all that is asked for it.
type kid struct {
	person.Child
	All []Standing
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Einwilligungen"), Family: v.May(who.Families), Team: v.May(who.Team), Writes: v.May(writers)}
	p.Title = p.L().T("Einwilligungen")
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Family {
			if err := f.family(tx, &p); err != nil {
				return err
			}
		}
		if p.Team {
			p.Purposes, err = purposesOf(tx, v, who.Team, f.Now())
		}
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// family fills in what a parent is asked.
func (f feature) family(tx *store.Tx, p *indexPage) (err error) {
	if p.Kids, p.Own, err = f.standings(tx, p.Viewer.ID); err != nil {
		return err
	}
	p.Others, err = f.Others(tx, p.Viewer, f.Now())
	return err
}

// standings are how it stands with all that a parent is asked: for each child, and for itself.
func (f feature) standings(tx *store.Tx, id int64) (all []kid, own []Standing, err error) {
	kids, err := wards(tx, id, f.Now())
	if err != nil {
		return nil, nil, err
	}
	for _, c := range kids {
		purposes, err := purposesFor(tx, c.Group)
		if err != nil {
			return nil, nil, err
		}
		k := kid{Child: c}
		for _, x := range purposes {
			if x.Adult() {
				if slices.ContainsFunc(own, func(s Standing) bool { return s.Purpose.ID == x.ID }) {
					continue
				}
				s, err := standsFor(tx, x, id, f.Now())
				if err != nil {
					return nil, nil, err
				}
				own = append(own, s)
				continue
			}
			s, err := stands(tx, x, c, f.Now())
			if err != nil {
				return nil, nil, err
			}
			for _, a := range s.Answers {
				if a.Giver == id {
					s.Own = a
				}
			}
			k.All = append(k.All, s)
		}
		all = append(all, k)
	}
	return all, own, nil
}

// wards are the children in a group for whom a person decides.
func wards(tx *store.Tx, id int64, now time.Time) ([]person.Child, error) {
	kids, err := person.ChildrenOf(tx, id, now)
	if err != nil {
		return nil, err
	}
	var wrong error
	kids = slices.DeleteFunc(kids, func(c person.Child) bool {
		all, err := deciders(tx, c.ID, now)
		if err != nil {
			wrong = err
		}
		return !slices.Contains(all, id)
	})
	return kids, wrong
}

// answer keeps what a parent says: yes, or no, which also takes a yes back.
func (f feature) answer(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "purpose", "version", "child", "yes")
	if err != nil {
		return err
	}
	now := web.Written(r, f.Now())
	yes := form.Get("yes") == "1"
	if !yes && form.Get("yes") != "0" {
		return fault.New(fault.Malformed, "Bitte antworten Sie mit ja oder nein.")
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		p, err := getPurpose(tx, form.ID("purpose"))
		if err != nil {
			return err
		}
		a := answer{Giver: v.ID, Child: form.ID("child"), Yes: yes, Channel: "page", Version: p.Version, At: now, Until: yearEnd(now)}
		if err := f.asked(tx, v, p, a.Child); err != nil {
			return err
		}
		if n, _ := strconv.Atoi(form.Get("version")); n != p.Version && yes { // a no counts, whatever was read
			return fault.New(fault.Conflict, "Der Text hat sich gerade geändert. Bitte lesen Sie ihn noch einmal.")
		}
		id, err := say(tx, p, a, 0, f.Now())
		if err != nil {
			return err
		}
		if err := f.noted(tx, v.ID, yes, id); err != nil {
			return err
		}
		f.change(tx, v.ID)
		return f.follow(tx, p, a)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/einwilligungen")
}

func (f feature) noted(tx *store.Tx, by int64, yes bool, id int64) error {
	if yes {
		return f.Log(tx, f.Now(), by, "consent.given", id)
	}
	return f.Log(tx, f.Now(), by, "consent.refused", id)
}

// change has the open pages of somebody look again.
func (f feature) change(tx *store.Tx, person int64) {
	tx.After(func() { f.Live.Publish(live.Event{Person: person}) })
}

// follow has all who decide look again, and the others told, where one signature is there and another is missing.
func (f feature) follow(tx *store.Tx, p Purpose, a answer) error {
	if a.Child == 0 {
		return nil
	}
	all, err := deciders(tx, a.Child, f.Now())
	if err != nil {
		return err
	}
	for _, d := range all {
		f.change(tx, d)
	}
	if !a.Yes {
		return nil
	}
	c, err := person.GetChild(tx, a.Child, f.Now())
	if err != nil {
		return err
	}
	s, err := stands(tx, p, c, f.Now())
	if err != nil {
		return err
	}
	for _, d := range s.Missing {
		if err := tell(tx, f.House, d, p.ID, a.Child); err != nil {
			return err
		}
	}
	return nil
}

// asked is nil where the viewer is asked for a purpose: for a child that it decides for, or child 0 for itself.
func (f feature) asked(tx *store.Tx, v who.Viewer, p Purpose, child int64) error {
	kids, err := wards(tx, v.ID, f.Now())
	if err != nil {
		return err
	}
	for _, c := range kids {
		if p.Adult() != (child == 0) || child != 0 && c.ID != child {
			continue
		}
		all, err := purposesFor(tx, c.Group)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(all, func(x Purpose) bool { return x.ID == p.ID }) {
			continue
		}
		if child != 0 && grown(c.Born, p.Alone, f.Now()) {
			return fault.New(fault.Conflict, "Das entscheidet Ihr Kind jetzt allein.")
		}
		return nil
	}
	return fault.Gone()
}
