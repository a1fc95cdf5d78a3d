package reachability

import (
	"embed"
	"fmt"
	"net/http"
	"slices"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var files embed.FS

// A Drill tells when the families of those whom a viewer leads were last drilled (zero: never), and whether it is time
// again.
type Drill func(tx *store.Tx, v who.Viewer, now time.Time) (last time.Time, due bool, err error)

type feature struct {
	*house.House
	pages *web.Pages
	drill Drill
}

// New makes the feature.
func New(h *house.House, drill Drill) house.Feature {
	f := feature{h, web.Parse(files), drill}
	return house.Feature{
		Name: "reachability",
		Routes: []web.Route{
			web.Get("/konto/wege", who.SignedIn, f.mine),
			web.Post("/konto/wege", who.SignedIn, f.setWish),
			web.Get("/erreichbarkeit", who.Team, f.families),
		},
		Nav:    []web.NavItem{{Path: "/erreichbarkeit", Label: "Erreichbarkeit", Icon: "radio-tower", Right: who.Team}},
		Export: func(tx *store.Tx, s house.Subject) (any, error) { return channel.Export(tx, s.Person) },
		Erase:  func(tx *store.Tx, s house.Subject) error { return channel.Erase(tx, s.Person) },
	}
}

type minePage struct {
	web.Page
	Form web.Form
	Ways []Way
}

func (f feature) minePage(r *http.Request, v who.Viewer, form web.Form) (minePage, error) {
	p := minePage{Page: web.NewPage(r, v, "Wie wir Sie erreichen"), Form: form}
	texts := f.SMS.Configured(r.Context())
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Ways, err = waysOf(tx, v.ID, texts, f.Now()); err != nil || form.Values != nil {
			return err
		}
		w, err := channel.WishOf(tx, v.ID)
		if w.Push {
			p.Form.Set("push", "1")
		}
		p.Form.Set("mail", w.Mail)
		if w.QuietFrom != w.QuietUntil {
			p.Form.Set("quiet", "1")
		} else { // what the fields offer when they are shown
			w.QuietFrom, w.QuietUntil = channel.Usual().QuietFrom, channel.Usual().QuietUntil
		}
		p.Form.Set("quiet_from", clock(w.QuietFrom))
		p.Form.Set("quiet_until", clock(w.QuietUntil))
		return err
	})
	return p, err
}

func clock(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

func (f feature) mine(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.minePage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "mine.html", p)
}

func (f feature) setWish(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "push", "mail", "quiet", "quiet_from", "quiet_until")
	if err != nil {
		return err
	}
	wish, err := readWish(form)
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return channel.SetWish(tx, v.ID, wish) })
	}
	if web.Again(err) {
		p, e := f.minePage(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "mine.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/konto/wege", "Gespeichert.")
}

func readWish(form web.Form) (channel.Wish, error) {
	var wrong fault.Form
	w := channel.Wish{Push: form.On("push"), Mail: form.Get("mail")}
	if !slices.Contains([]string{channel.Now, channel.Digest, channel.Never}, w.Mail) {
		wrong.Add("mail", "Bitte wählen Sie, wann Sie Mails bekommen möchten.")
	}
	if form.On("quiet") {
		minute := func(name string) int {
			t, err := time.Parse("15:04", form.Get(name))
			if err != nil {
				wrong.Add(name, "Bitte geben Sie eine Uhrzeit an, zum Beispiel 20:00.")
			}
			return t.Hour()*60 + t.Minute()
		}
		w.QuietFrom, w.QuietUntil = minute("quiet_from"), minute("quiet_until")
		if wrong.Err() == nil && w.QuietFrom == w.QuietUntil {
			wrong.Add("quiet_until", "Beginn und Ende der Ruhezeit sind gleich.")
		}
	}
	return w, wrong.Err()
}

type familiesPage struct {
	web.Page
	Named   bool // the viewer may know families
	Counts  Counts
	Parts   []Part
	Gaps    []gap     // the families that do not ring, the worst first; for those who may know them
	Drills  bool      // the viewer may set off a drill
	Drilled time.Time // zero: never
	Due     bool      // it is time for the next
}

// A gap is the families of one class.
type gap struct {
	Words    string
	Open     bool // shown at once: somebody has to do something
	Families []Family
}

// names are the roles that may know which family cannot be reached.
func names() who.Right { return who.Of(who.Head, who.Staff) }

func (f feature) families(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := familiesPage{Page: web.NewPage(r, v, "Erreichbarkeit"), Named: v.May(names()), Drills: v.May(who.Leaders)}
	var all []Family
	texts := f.SMS.Configured(r.Context())
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		roles := who.Team
		if p.Named {
			roles = names()
		}
		if p.Drills {
			if p.Drilled, p.Due, err = f.drill(tx, v, f.Now()); err != nil {
				return err
			}
		}
		all, err = families(tx, v, roles, texts, f.Now())
		return err
	})
	if err != nil {
		return err
	}
	name := func(f Family) string { return f.Facility }
	if p.Named {
		name = func(f Family) string { return f.Group }
	}
	p.Parts, p.Counts = parts(all, name)
	if p.Named {
		p.Gaps = gaps(all)
	}
	return f.pages.Render(w, r, "families.html", p)
}

func gaps(all []Family) (list []gap) {
	for _, c := range []struct{ class, words string }{{Nothing, "Gar nicht erreichbar"}, {PhoneOnly, "Nur noch am Telefon"}, {MailOnly, "Nur noch per Mail"}} {
		g := gap{Words: c.words, Open: c.class != MailOnly}
		for _, f := range all {
			if f.Class() == c.class {
				g.Families = append(g.Families, f)
			}
		}
		if g.Families != nil {
			list = append(list, g)
		}
	}
	return list
}
