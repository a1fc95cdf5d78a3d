package bulletin

import (
	"embed"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// Wires are what the feature needs of others.
type Wires struct {
	Log house.Log
	// Answer begins what a parent answers to a council, under their own name, and returns where it goes on. about names the
	// bulletin to who keeps the answer: "bulletin 17". nil: nobody can answer.
	Answer func(tx *store.Tx, v who.Viewer, unit int64, about, body string) (path string, err error)
}

type feature struct {
	*house.House
	Wires
	pages *web.Pages
	asked *store.Keep[asked, []Council]
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := feature{h, w, web.Parse(html), &store.Keep[asked, []Council]{DB: h.DB, Most: 20_000, Tables: askedTables()}}
	keep, begin := h.Tasks.Nightly(keepKind, 3*time.Hour+40*time.Minute, web.Zone(), sweep(h))
	return house.Feature{
		Name: "bulletin",
		Nav:  []web.NavItem{{Path: "/rundbriefe", Label: "Rundbriefe", Icon: "newspaper", Right: who.Families | committee.Council | Judges, Low: true}},
		Routes: []web.Route{
			web.Get("/rundbriefe", who.Member, f.index),
			web.Post("/rundbriefe/zustimmung", who.Families, f.agree),
			web.Get("/rundbriefe/neu", committee.Council, f.newForm),
			web.Post("/rundbriefe/neu", committee.Council, f.add),
			web.Get("/rundbriefe/abmelden/:token", who.Anyone, f.leaveForm),
			web.Post("/rundbriefe/abmelden/:token", who.Anyone, f.leave),
			web.Get("/rundbrief/:id", who.Member, f.show),
			web.Get("/rundbrief/:id/bearbeiten", committee.Council, f.editForm),
			web.Post("/rundbrief/:id/bearbeiten", committee.Council, f.edit),
			web.Post("/rundbrief/:id/senden", committee.Council, f.send),
			web.Post("/rundbrief/:id/verwerfen", committee.Council, f.discard),
			web.Post("/rundbrief/:id/geoeffnet", who.Families, f.opened),
			web.Post("/rundbrief/:id/antwort", who.Families, f.answer),
			web.Get("/rundbrief/:id/melden", who.Families, f.reportForm),
			web.Post("/rundbrief/:id/melden", who.Families, f.report),
			web.Get("/rundbrief/:id/massnahme", Judges, f.judgeForm),
			web.Post("/rundbrief/:id/massnahme", Judges, f.judge),
		},
		Jobs:    []task.Job{spreadJob(h), giveJob(h), tellJob(h), keep},
		Begin:   begin,
		Export:  export,
		Erase:   eraser(h),
		Search:  []search.Source{found(h.Now)},
		Start:   f.start,
		Council: f.council,
	}
}

// most is how many bulletins a page lists.
const most = 50

// A desk is a council of the viewer's, with what it has written.
type desk struct {
	Unit      org.Unit
	Reach     Number
	Pace      Pace
	Leads     bool
	Suspended *Measure
	Measures  []Measure
	Bulletins []line
	More      int64 // the next page begins below this one; 0: there is none
}

// A line is a bulletin of a council, with what became of it.
type line struct {
	Bulletin
	Fate Fate
}

type indexPage struct {
	web.Page
	Councils []Council
	Received []Bulletin
	More     int64 // the next page begins below this one; 0: there is none
	Desks    []desk
	Reports  []Report
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "")}
	p.Title = p.L().T("Rundbriefe")
	now := f.Now()
	before, _ := strconv.ParseInt(r.URL.Query().Get("vor"), 10, 64) // 0: from the latest on
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Councils, err = councils(tx, v.ID, now); err != nil {
			return err
		}
		if p.Received, err = received(tx, v.ID, before, most+1); err != nil {
			return err
		}
		if len(p.Received) > most {
			p.Received = p.Received[:most]
			p.More = p.Received[most-1].ID
		}
		all, err := committee.Of(tx, v.ID, now)
		if err != nil {
			return err
		}
		for _, u := range all {
			d, err := f.desk(tx, u, v, before)
			if err != nil {
				return err
			}
			p.Desks = append(p.Desks, d)
		}
		p.Reports, err = waiting(tx, v, now)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// desk reads what the members of a council see of its bulletins.
func (f feature) desk(tx *store.Tx, u org.Unit, v who.Viewer, before int64) (d desk, err error) {
	d.Unit = u
	level, err := committee.LevelOf(tx, v, u.ID, f.Now())
	if err != nil {
		return d, err
	}
	d.Leads = level >= committee.Leading
	if d.Reach, _, err = counted(tx, u.ID, u.Parent, f.Now()); err != nil {
		return d, err
	}
	if d.Pace, err = pace(tx, f.House, u.ID); err != nil {
		return d, err
	}
	m, ok, err := suspended(tx, u.ID)
	if err != nil {
		return d, err
	}
	if ok {
		d.Suspended = &m
	}
	if d.Measures, err = measures(tx, u.ID); err != nil {
		return d, err
	}
	all, err := written(tx, u.ID, before, most+1)
	if err != nil {
		return d, err
	}
	if len(all) > most {
		all = all[:most]
		d.More = all[most-1].ID
	}
	for _, b := range all {
		x := line{Bulletin: b}
		if !b.Sent.IsZero() {
			if x.Fate, err = fate(tx, b); err != nil {
				return d, err
			}
		}
		d.Bulletins = append(d.Bulletins, x)
	}
	return d, nil
}

// agree takes what a parent says to a question: yes, no, or not any more.
func (f feature) agree(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "unit", "say", "back")
	if err != nil {
		return err
	}
	unit, now, l := form.ID("unit"), f.Now(), lang.Of(v.Lang)
	words := l.T("Danke! Sie bekommen ab jetzt die Rundbriefe.")
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		switch form.Get("say") {
		case "yes":
			return Agree(tx, v, unit, now)
		case "no":
			words = l.T("In Ordnung. Unter „Rundbriefe“ können Sie jederzeit zustimmen.")
			return decline(tx, v, unit, now)
		}
		words = l.T("Sie bekommen keine Rundbriefe dieses Gremiums mehr.")
		return withdraw(tx, v.ID, unit, now)
	})
	if err != nil {
		return err
	}
	back := "/rundbriefe"
	if form.Get("back") != "" {
		back = web.Own(form.Get("back"))
	}
	return web.Done(w, r, back, words)
}

type leavePage struct {
	web.Page
	Token string
	Leave leave
	Done  bool
}

func (f feature) leaveForm(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	p := leavePage{Page: web.NewPage(r, who.Viewer{}, ""), Token: web.Word(r, "token"), Done: r.URL.Query().Get("fertig") != ""}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Leave, err = leaving(tx, p.Token)
		return err
	})
	if err != nil {
		return err
	}
	p.Page = p.In(lang.Of(p.Leave.Language).Code)
	p.Title, p.Plain = p.L().T("Rundbriefe abbestellen"), true
	return f.pages.Render(w, r, "leave.html", p)
}

// leave is also called by mail programs, without a page (RFC 8058).
func (f feature) leave(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	if _, err := web.ReadForm(r, "List-Unsubscribe"); err != nil {
		return err
	}
	t := web.Word(r, "token")
	err := f.DB.Write(r.Context(), func(tx *store.Tx) error {
		x, err := leaving(tx, t)
		if err != nil {
			return err
		}
		return withdraw(tx, x.Person, x.Unit, f.Now())
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/rundbriefe/abmelden/"+t+"?fertig=1")
}

// path is the page of a bulletin.
func path(id int64) string { return fmt.Sprintf("/rundbrief/%d", id) }

// Ask is the question of a council on the page, or what the viewer has said to it.
func (p indexPage) Ask(c Council) askPart { return askPart{p.Page, c, "/rundbriefe", false} }
