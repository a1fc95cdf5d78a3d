package incident

import (
	"embed"
	"fmt"
	"net/http"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/law"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sheet"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// readers answer for incidents. Who audits reads numbers, and no names.
const readers = 1<<who.Admin | 1<<who.Auditor

type feature struct {
	*house.House
	log   house.Log
	pages *web.Pages
}

// New makes the feature.
func New(h *house.House, log house.Log) house.Feature {
	f := feature{h, log, web.Parse(html)}
	return house.Feature{
		Name: "incident",
		Routes: []web.Route{
			web.Get("/betrieb/vorfall", readers, f.index),
			web.Post("/betrieb/vorfall", readers, f.begin),
			web.Get("/betrieb/vorfall/:id", readers, f.show),
			web.Post("/betrieb/vorfall/:id", readers, f.save),
			web.Post("/betrieb/vorfall/:id/schritt", readers, f.step),
			web.Post("/betrieb/vorfall/:id/ende", readers, f.end),
			web.Get("/betrieb/vorfall/:id/betroffene", readers, f.affected),
			web.Post("/betrieb/vorfall/:id/betroffene", readers, f.take),
			web.Get("/betrieb/vorfall/:id/meldung", readers, f.paper("notice.html", "Meldung an die Aufsicht")),
			web.Get("/betrieb/vorfall/:id/brief", readers, f.paper("letter.html", "Brief an Betroffene")),
			web.Get("/betrieb/vorfall/:id/bericht", readers, f.paper("report.html", "Abschlussbericht")),
		},
		Jobs:   jobs(h),
		Export: export,
		Erase:  erase,
	}
}

// local is a moment as a form wants it.
func local(t time.Time) string { return house.Local(t).Format("2006-01-02T15:04") }

type indexPage struct {
	web.Page
	All  []Incident
	Form web.Form
}

func (f feature) indexPage(r *http.Request, v who.Viewer) (indexPage, error) {
	p := indexPage{Page: web.NewPage(r, v, "Datenschutz-Vorfälle").In("de")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if err := need(tx, v); err != nil {
			return err
		}
		p.All, err = list(tx)
		return err
	})
	return p, err
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.indexPage(r, v)
	if err != nil {
		return err
	}
	p.Form.Set("noticed", local(f.Now()))
	return f.pages.Render(w, r, "index.html", p)
}

// begin opens an incident: from now on nothing of the record goes.
func (f feature) begin(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "title", "finder", "noticed")
	if err != nil {
		return err
	}
	i := Incident{Title: text.Clean(form.Get("title")), Finder: text.Clean(form.Get("finder"))}
	var bad fault.Form
	if i.Title == "" || len([]rune(i.Title)) > 200 {
		bad.Add("title", "Bitte schreiben Sie in einer Zeile, was geschehen ist.")
	}
	if i.Finder == "" || len([]rune(i.Finder)) > 200 {
		bad.Add("finder", "Bitte schreiben Sie, wer es bemerkt hat.")
	}
	if i.Noticed, err = moment(form, "noticed"); err != nil {
		bad.Add("noticed", "%s", "Bitte geben Sie Tag und Uhrzeit an.")
	} else if i.Noticed.After(f.Now()) {
		bad.Add("noticed", "Das liegt in der Zukunft.")
	}
	i.From, i.To = i.Noticed.Add(-24*time.Hour), f.Now()
	if err = bad.Err(); err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			if err := need(tx, v); err != nil {
				return err
			}
			if i.ID, err = add(tx, i, v.ID, f.Now()); err != nil {
				return err
			}
			if err := wind(tx, f.House, i); err != nil {
				return err
			}
			return f.log(tx, f.Now(), v.ID, "incident.opened", i.ID)
		})
	}
	if web.Again(err) {
		p, perr := f.indexPage(r, v)
		if perr != nil {
			return perr
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "index.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, i.Path(), "Der Vorfall ist eröffnet. Protokolle werden ab jetzt aufgehoben.")
}

type showPage struct {
	web.Page
	It         Incident
	Law        law.Profile
	House      string
	Controller string // name and address, in lines; "": nobody has written it
	Officer    string
	Counts     []Count
	People     []Affected
	Named      bool
	Proved     bool
	Form       web.Form
	Sent       string
}

// Lines are those of a text.
func (p showPage) Lines(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }

func (f feature) page(r *http.Request, v who.Viewer, title string) (showPage, error) {
	p := showPage{Page: web.NewPage(r, v, title).In("de"), Named: v.May(who.Of(who.Admin)), Proved: v.Proved(f.Now())}
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if err := need(tx, v); err != nil {
			return err
		}
		if p.It, err = get(tx, id); err != nil {
			return err
		}
		if p.Law, err = law.Of(tx, f.Settings); err != nil {
			return err
		}
		root, err := org.Root(tx)
		if err != nil {
			return err
		}
		p.House = root.Name
		for name, into := range map[string]*string{settings.HouseName: &p.House, settings.LawOfficer: &p.Officer, settings.LawAuthority: &p.Law.Authority} {
			s, err := f.Settings.Get(tx, name)
			if err != nil {
				return err
			}
			if s != "" {
				*into = s
			}
		}
		if p.Controller, err = f.Settings.Controller(tx); err != nil {
			return err
		}
		if p.People, err = affected(tx, p.It); err != nil {
			return err
		}
		p.Counts = counts(p.People)
		return nil
	})
	if !p.Named {
		for i := range p.People {
			p.People[i].Name = ""
		}
	}
	if title == "" {
		p.Title = p.It.Title
	}
	i := p.It
	for name, s := range map[string]string{"from": local(i.From), "to": local(i.To), "scope": i.Scope, "suspects": i.SuspectWords(), "what": i.What, "effects": i.Effects,
		"measures": i.Measures, "at": local(f.Now()), "report": i.Report} {
		p.Form.Set(name, s)
	}
	return p, err
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.page(r, v, "")
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

// paper is a page to be printed, with what the house knows filled in.
func (f feature) paper(name, title string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		p, err := f.page(r, v, title)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, name, p)
	}
}

// alter runs do on an incident that has not ended.
func (f feature) alter(w http.ResponseWriter, r *http.Request, v who.Viewer, sent, said string, known []string, do func(tx *store.Tx, i Incident, form web.Form) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := need(tx, v); err != nil {
			return err
		}
		i, err := get(tx, id)
		if err != nil {
			return err
		}
		if !i.Runs() {
			return fault.New(fault.Conflict, "Dieser Vorfall ist abgeschlossen.")
		}
		return do(tx, i, form)
	})
	if web.Again(err) {
		p, perr := f.page(r, v, "")
		if perr != nil {
			return perr
		}
		for name, values := range form.Values {
			p.Form.Set(name, values...)
		}
		p.Sent, p.Form = sent, p.Form.With(err)
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/betrieb/vorfall/%d", id), said)
}

// save keeps what is known.
func (f feature) save(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.alter(w, r, v, "facts", "Gespeichert.", []string{"from", "to", "scope", "suspects", "what", "effects", "measures"}, func(tx *store.Tx, i Incident, form web.Form) error {
		if err := i.facts(form, f.Now()); err != nil {
			return err
		}
		if err := save(tx, i); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "incident.changed", i.ID)
	})
}

// step notes that the authority or those affected were told, or why the authority is not.
func (f feature) step(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.alter(w, r, v, "step", "Festgehalten.", []string{"do", "at", "why"}, func(tx *store.Tx, i Incident, form web.Form) error {
		if form.Get("do") == "waived" {
			why := strings.TrimSpace(form.Get("why"))
			if why == "" || len([]rune(why)) > longest {
				return fault.At("why", "Bitte schreiben Sie, warum für niemanden ein Risiko besteht.")
			}
			if err := noteWaived(tx, i.ID, why); err != nil {
				return err
			}
			return f.log(tx, f.Now(), v.ID, "incident.waived", i.ID)
		}
		at, err := moment(form, "at")
		if err != nil {
			return err
		}
		if at.After(f.Now()) || at.Before(i.Noticed.Truncate(time.Minute)) {
			return fault.At("at", "Das liegt in der Zukunft oder vor dem Vorfall.")
		}
		switch form.Get("do") {
		case "reported":
			if err := noteReported(tx, i.ID, at); err != nil {
				return err
			}
			return f.log(tx, f.Now(), v.ID, "incident.reported", i.ID)
		case "told":
			if err := noteTold(tx, i.ID, at); err != nil {
				return err
			}
			return f.log(tx, f.Now(), v.ID, "incident.told", i.ID)
		}
		return fault.New(fault.Malformed, "Dieses Formular ist nicht vollständig.")
	})
}

// end closes an incident with a report. The record is let go of again as always.
func (f feature) end(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.alter(w, r, v, "end", "Abgeschlossen. Protokolle werden wieder nach ihren Fristen gelöscht.", []string{"report"}, func(tx *store.Tx, i Incident, form web.Form) error {
		report := strings.TrimSpace(form.Get("report"))
		if report == "" || len([]rune(report)) > longest {
			return fault.At("report", "Bitte schreiben Sie, was war und was sich dadurch ändert.")
		}
		if !i.Settled() {
			return fault.At("report", "Halten Sie vorher fest, wann gemeldet wurde oder warum nicht.")
		}
		if err := thaw(tx, i.ID, report, v.ID, f.Now()); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "incident.closed", i.ID)
	})
}

func (f feature) affected(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.page(r, v, "Betroffene")
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "affected.html", p)
}

// take gives the list out as a table; that leaves a row.
func (f feature) take(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	p, err := f.page(r, v, "Betroffene")
	if err != nil {
		return err
	}
	if !p.Proved {
		return web.Done(w, r, "/konto/nachweis?weiter="+p.It.Path()+"/betroffene")
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return f.log(tx, f.Now(), v.ID, "incident.exported", p.It.ID) })
	if err != nil {
		return err
	}
	t := sheet.Table{Name: fmt.Sprintf("Betroffene Vorfall %d", p.It.ID), Head: []string{"Art", "Nummer", "Name", "Wie", "Zuerst (UTC)"}}
	for _, a := range p.People {
		kind, at := "Person", ""
		if a.Child != 0 {
			kind = "Kind"
		}
		if !a.At.IsZero() {
			at = a.At.UTC().Format(time.RFC3339)
		}
		t.Rows = append(t.Rows, []any{kind, a.Number(), a.Name, a.Words(), at})
	}
	return t.SendCSV(w)
}
