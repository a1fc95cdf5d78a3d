package absence

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// Wires are what the feature needs of others.
type Wires struct {
	Log   house.Log
	Care  func(tx *store.Tx, child int64, firstDay, lastDay string) error // has looked at again what depends on whether a child comes
	Tell  Tell                                                            // nil: it never can
	Shut  Shut                                                            // nil: on no day but weekends
	Dates Dates                                                           // nil: lists do not tell that it is closed
}

// Shut tells who was closed on a day as had been known long before: everybody, or some facilities.
type Shut func(tx *store.Tx, day string) (everybody bool, facilities []int64, err error)

type feature struct {
	*house.House
	pages *web.Pages
	wires Wires
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	if w.Tell == nil {
		w.Tell = func(*store.Tx, Notice) (bool, error) { return false, nil }
	}
	if w.Shut == nil {
		w.Shut = func(*store.Tx, string) (bool, []int64, error) { return false, nil, nil }
	}
	f := feature{h, web.Parse(html), w}
	// at half past four clocks have changed
	night, begin := h.Tasks.Nightly(nightKind, 4*time.Hour+30*time.Minute, web.Zone(), nightly(h, w.Shut))
	return house.Feature{
		Name: "absence",
		Nav: []web.NavItem{
			{Path: "/abwesenheit", Label: "Abwesenheit", Icon: "calendar-x", Right: who.Families},
			{Path: "/tageslisten", Label: "Tageslisten", Icon: "list-checks", Right: who.Team},
		},
		Routes: []web.Route{
			web.Get("/abwesenheit", who.Families, f.own),
			web.Post("/abwesenheit", who.Families, f.excuse),
			web.Get("/abwesenheit/:id", who.Families|names(), f.shown),
			web.Post("/abwesenheit/:id", who.Families|names(), f.changed),
			web.Post("/abwesenheit/:id/zurueck", who.Families|names(), f.takenBack),
			web.Get("/tageslisten", who.Team, f.rolls),
			web.Get("/tagesliste/:id", names(), f.roll),
			web.Post("/tagesliste/:id", names(), f.tap),
			web.Get("/anwesenheit/:id", names(), f.day),
			web.Post("/anwesenheit/:id", names(), f.correct),
			web.Post("/anwesenheit/:id/abmelden", names(), f.phoned),
			web.Get("/abwesenheiten", who.Team, f.counts),
			web.Get("/abwesenheiten.csv", who.Team, f.countsCSV),
			web.Get("/einheit/:id/abwesenheit", ruling(), f.ruleForm),
			web.Post("/einheit/:id/abwesenheit", ruling(), f.setRule),
		},
		Jobs:   []task.Job{lateJob(h), night},
		Begin:  begin,
		Start:  f.start,
		Export: export,
		Erase:  erase,
	}
}

// A kid is a child on the page of its family.
type kid struct {
	Ward
	Rule     Rule
	Absences []Absence
	Late     bool // for today it is too late to be in time
	Quick    string
	Form     web.Form
}

// Out reports whether the child is absent today.
func (k kid) Out(now time.Time) bool {
	for _, a := range k.Absences {
		if a.Now(now) {
			return true
		}
	}
	return false
}

type ownPage struct {
	web.Page
	Kids     []kid
	Reasons  []Reason
	Today    string
	Furthest string
	Note     int
}

func (f feature) ownPage(r *http.Request, v who.Viewer) (p ownPage, err error) {
	now := f.Now()
	p = ownPage{Page: web.NewPage(r, v, "Abwesenheit"), Reasons: reasons(), Today: today(now), Furthest: plus(today(now), ahead), Note: maxNote}
	p.Live = "/strom"
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		all, err := wards(tx, v, now)
		if err != nil {
			return err
		}
		for _, w := range all {
			k := kid{Ward: w, Quick: uid("")}
			if k.Rule, err = ruleOf(tx, w.Facility); err != nil {
				return err
			}
			if k.Absences, err = of(tx, w.ID, p.Today); err != nil {
				return err
			}
			k.Late = minute(now) > k.Rule.Latest
			k.Form.Set("uid", uid(""))
			k.Form.Set("first_day", p.Today)
			k.Form.Set("last_day", p.Today)
			p.Kids = append(p.Kids, k)
		}
		return nil
	})
	return p, err
}

func (f feature) own(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.ownPage(r, v)
	if err != nil {
		return err
	}
	if r.URL.RawQuery == "" {
		web.KeepOffline(w, v)
	}
	return f.pages.Render(w, r, "own.html", p)
}

// draftOf reads the fields of an absence.
func draftOf(r *http.Request, form web.Form, now time.Time) Draft {
	return Draft{UID: form.Get("uid"), FirstDay: form.Get("first_day"), LastDay: form.Get("last_day"), Reason: Reason(form.Get("reason")),
		Note: oneLine(form.Get("note")), At: web.Written(r, now)}
}

// said confirms an absence in words that a person may rely on.
func said(l *lang.Lang, a Absence, now time.Time) string {
	return a.Words(l, now) + " " + l.T("Die Gruppe sieht es sofort.")
}

func (f feature) excuse(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "uid", "child", "first_day", "last_day", "reason", "note")
	if err != nil {
		return err
	}
	var a Absence
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		a, err = f.enter(tx, form.ID("child"), v, draftOf(r, form, f.Now()))
		return err
	})
	if web.Again(err) {
		p, e := f.ownPage(r, v)
		if e != nil {
			return e
		}
		for i, k := range p.Kids {
			if k.ID == form.ID("child") {
				p.Kids[i].Form = form.With(err)
			}
		}
		return f.pages.Again(w, r, "own.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/abwesenheit", said(lang.Of(v.Lang), a, f.Now()))
}

type showPage struct {
	web.Page
	It       Absence
	Ward     Ward
	Mine     bool // the viewer may change it
	Events   []Event
	Form     web.Form
	Reasons  []Reason
	Furthest string
	Note     int
}

func (f feature) showPage(r *http.Request, v who.Viewer, id int64) (p showPage, err error) {
	now := f.Now()
	p = showPage{Page: web.NewPage(r, v, "Abwesenheit"), Reasons: reasons(), Furthest: plus(today(now), ahead), Note: maxNote}
	p.Live = "/strom"
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.It, p.Ward, err = get(tx, id, v, now); err != nil {
			return err
		}
		rule, err := ruleOf(tx, p.Ward.Facility)
		if err != nil {
			return err
		}
		p.Mine = p.Ward.Decides && (rule.Active || p.Ward.Team) && !p.It.Over(now)
		p.Events, err = history(tx, id)
		return err
	})
	p.Form.Set("first_day", p.It.FirstDay)
	p.Form.Set("last_day", p.It.LastDay)
	p.Form.Set("reason", string(p.It.Reason))
	p.Form.Set("note", p.It.Note)
	return p, err
}

// Back is where the page of an absence leads back to.
func (p showPage) Back() string { return backTo(p.Ward) }

func backTo(w Ward) string {
	if w.Team {
		return fmt.Sprintf("/anwesenheit/%d", w.ID)
	}
	return "/abwesenheit"
}

func (f feature) shown(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.showPage(r, v, id)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

func (f feature) changed(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.settled(w, r, v, []string{"first_day", "last_day", "reason", "note"}, func(tx *store.Tx, id int64, form web.Form) (Absence, error) {
		return f.change(tx, id, v, draftOf(r, form, f.Now()))
	})
}

func (f feature) takenBack(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.settled(w, r, v, nil, func(tx *store.Tx, id int64, _ web.Form) (Absence, error) {
		return f.takeBack(tx, id, v, web.Written(r, f.Now()))
	})
}

// settled carries a form of the page of an absence out.
func (f feature) settled(w http.ResponseWriter, r *http.Request, v who.Viewer, fields []string, do func(*store.Tx, int64, web.Form) (Absence, error)) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, fields...)
	if err != nil {
		return err
	}
	var a Absence
	var of Ward
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if a, err = do(tx, id, form); err != nil {
			return err
		}
		of, err = either(tx, a.Child, v, f.Now())
		return err
	})
	if web.Again(err) {
		p, e := f.showPage(r, v, id)
		if e != nil {
			return e
		}
		if fields == nil {
			form = p.Form
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	l := lang.Of(v.Lang)
	words := said(l, a, f.Now())
	if a.Over(f.Now()) {
		words = l.T("%s kommt wieder.", a.Name) + " " + l.T("Die Gruppe sieht es sofort.")
	}
	return web.Done(w, r, backTo(of), words)
}

type startPart struct {
	web.Page
	Away []Absence
}

// start is what stands on the start page: who of one's children is excused, and the one tap to excuse another.
func (f feature) start(tx *store.Tx, p web.Page) (template.HTML, error) {
	if !p.Viewer.May(who.Families) {
		return "", nil
	}
	all, err := store.All(tx, (*Absence).fields, `
		SELECT a.id, a.child, c.given, a.first_day, a.last_day, a.reason, a.note, a.late, a.withdrawn
		FROM guardian g JOIN absence a ON a.child = g.child AND a.last_day >= ?3 JOIN child c ON c.id = a.child
		WHERE g.person = ?1 AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2 AND a.withdrawn IS NULL
		AND EXISTS (SELECT 1 FROM child_stay s WHERE s.child = a.child AND s.since <= ?2 AND s.until > ?2)
		ORDER BY a.first_day, a.id`, p.Viewer.ID, p.Now.Unix(), today(p.Now))
	if err != nil {
		return "", err
	}
	return f.pages.Part("own.html", "start", p.Lang, startPart{p, all})
}

// Ahead lists the pages that a viewer needs without a connection.
func Ahead(_ *store.Tx, v who.Viewer, now time.Time) (paths []string, _ error) {
	if v.May(who.Families) {
		paths = append(paths, "/abwesenheit#"+v.Lang+today(now))
	}
	for _, u := range v.Units(names()) {
		paths = append(paths, fmt.Sprintf("/tagesliste/%d#%d", u, now.Unix()/600)) // lists change; a device asks every ten minutes at most
	}
	return paths, nil
}
