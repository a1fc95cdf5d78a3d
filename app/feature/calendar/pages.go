package calendar

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

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

// Dates lists what the calendar of a viewer shows between two moments: the dates of all features.
type Dates func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error)

type feature struct {
	*house.House
	pages   *web.Pages
	dates   Dates
	log     house.Log
	uploads *uploads
	tags    *store.Keep[somebody, string] // of feeds as they were last made
}

// New makes the feature. dates collects from all features, this one among them.
func New(h *house.House, dates Dates, log house.Log) house.Feature {
	f := feature{h, web.Parse(html), dates, log, &uploads{}, &store.Keep[somebody, string]{DB: h.DB, Most: 20_000, Tables: tables()}}
	admin := who.Of(who.Admin)
	return house.Feature{
		Name: "calendar",
		Nav:  []web.NavItem{{Path: "/termine", Label: "Termine", Icon: "calendar-days", Right: who.Member}},
		Routes: []web.Route{
			web.Get("/termine", who.Anyone, f.month),
			web.Get("/termine.ics", who.Anyone, f.publicFeed),
			web.Get("/termine/neu", Writers, f.newForm),
			web.Post("/termine/neu", Writers, f.add),
			web.Get("/termine/einlesen", Writers, f.uploadForm),
			web.Upload("/termine/einlesen", Writers, f.upload),
			web.Get("/termine/vorschau/:token", Writers, f.preview),
			web.Post("/termine/vorschau/:token", Writers, f.take),
			web.Get("/termin/:id", who.Anyone, f.show),
			web.Get("/termin/:id/datei", who.Anyone, f.file),
			web.Post("/termin/:id/antwort", who.Member, f.answer),
			web.Get("/termin/:id/antworten", Writers, f.answers),
			web.Proved(web.Get("/termin/:id/antworten.csv", Writers, f.answersCSV)),
			web.Get("/termin/:id/bearbeiten", Writers, f.editForm),
			web.Post("/termin/:id/bearbeiten", Writers, f.edit),
			web.Post("/termin/:id/absagen", Writers, f.cancel),
			web.Get("/konto/kalender", who.Member, f.subscription),
			web.Post("/konto/kalender", who.Member, f.subscribe),
			web.Post("/konto/kalender/beenden", who.Member, f.unsubscribe),
			web.Get("/kalender/:token", who.Anyone, f.feed),
			web.Get("/schliesstage", who.Member, f.plans),
			web.Post("/schliesstage", who.Leaders, f.addPlan),
			web.Get("/schliessplan/:id", who.Member, f.plan),
			web.Post("/schliessplan/:id", who.Leaders, f.savePlan),
			web.Post("/schliessplan/:id/tag", who.Leaders, f.addClosing),
			web.Post("/schliessplan/:id/entfernen", who.Leaders, f.removeClosing),
			web.Post("/schliessplan/:id/veroeffentlichen", who.Leaders, f.publishPlan),
			web.Get("/betrieb/kalender", admin, f.operate),
			web.Post("/betrieb/kalender", admin, f.saveLand),
			web.Upload("/betrieb/kalender/ferien", admin, f.takeVacations),
		},
		Jobs:   []task.Job{remindJob(h), tellJob(h)},
		Export: export,
		Erase:  eraser(h),
		Search: []search.Source{found(h.Now)},
		Legacy: legacy(h.Now),
		Dates:  f.own,
		Beside: next(h, f.pages, dates),
	}
}

type showPage struct {
	web.Page
	It     Termin
	HTML   template.HTML
	Span   string
	Repeat string // in words; "": once
	More   []Termin
	Kids   []kid
	Ask    bool   // the viewer is asked, and can answer now
	Closed string // why nobody can answer any more; "": one can
	Mine   Answer
	Count  Tally
	Free   int // -1: as many as want
	Form   web.Form
	Writes bool
	People []int // of an answer
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.look(r, v)
	if err != nil {
		return err
	}
	if v.ID != 0 {
		web.KeepOffline(w, v)
	}
	return f.pages.Render(w, r, "show.html", p)
}

// look prepares the page of an instance.
func (f feature) look(r *http.Request, v who.Viewer) (p showPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = showPage{Page: web.NewPage(r, v, "")}
	now := f.Now()
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = get(tx, id, v, now); err != nil {
			return err
		}
		if p.Writes, err = may(tx, v, p.It.Unit, now); err != nil {
			return err
		}
		if p.It.Rule != "" {
			all, err := series(tx, p.It.Date)
			if err != nil {
				return err
			}
			for _, x := range all {
				if x.Ends.After(now) && x.ID != id && len(p.More) < 5 {
					p.More = append(p.More, x)
				}
			}
		}
		if p.Kids, err = concerned(tx, v, p.It, now); err != nil || !p.It.Answers {
			return err
		}
		if p.Count, err = tally(tx, id); err != nil || v.ID == 0 {
			return err
		}
		p.Mine, err = answerOf(tx, id, v.ID)
		return err
	})
	if err != nil {
		return p, err
	}
	p.Title, p.HTML, p.Span = p.It.Title, text.HTML(p.It.Body), span(p.L(), p.It.Starts, p.It.Ends, p.It.AllDay, now)
	p.Repeat, p.Free = Words(p.It.rule(), p.L()), p.Count.Free(p.It.Places)
	if p.It.Answers && v.May(who.Member) {
		if err := p.It.askable(p.L(), now); err != nil {
			p.Closed = err.Error()
		} else {
			p.Ask = true
		}
	}
	for i := range p.It.Guests {
		p.People = append(p.People, i+1)
	}
	p.Live = stream(v)
	return p, nil
}

// stream is that of a page; nobody's page has none.
func stream(v who.Viewer) string {
	if v.ID == 0 {
		return ""
	}
	return "/strom"
}

// SpanOf says when another one of the series is.
func (p showPage) SpanOf(t Termin) string { return span(p.L(), t.Starts, t.Ends, t.AllDay, p.Now) }

func (f feature) answer(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "state", "people")
	if err != nil {
		return err
	}
	people, err := strconv.Atoi(form.Get("people"))
	if err != nil {
		people = 1
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		t, err := get(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		return answer(tx, f.House, t, v, form.Get("state"), people)
	})
	if web.Again(err) {
		p, e := f.look(r, v)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/termin/%d", id))
}

// file is a date as a calendar file.
func (f feature) file(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var b []byte
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		t, err := get(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		c, err := file(tx, t, f.Base.String())
		b = c.Write(zone())
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Disposition", fmt.Sprintf(`attachment; filename="termin-%d.ics"`, id))
	return calendarFile(w, b)
}

func calendarFile(w http.ResponseWriter, b []byte) error {
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	_, err := w.Write(b)
	return err
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// unitOf is one that a page is narrowed to; the zero Unit for 0 or one that is not there.
func unitOf(tx *store.Tx, id int64) org.Unit {
	if id == 0 {
		return org.Unit{}
	}
	u, err := org.Get(tx, id)
	if err != nil {
		return org.Unit{} // the page shows all
	}
	return u
}
