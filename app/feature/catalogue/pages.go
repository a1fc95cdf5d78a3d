package catalogue

import (
	"context"
	"embed"
	"encoding/json"
	"html/template"
	"net/http"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/law"
	"nestfunk/app/base/org"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// A Sweep lets go of what is over by its own time, and says of which class it was and how much.
type Sweep func(tx *store.Tx, now time.Time) (retention.Class, int, error)

// Wires are what the feature needs of others.
type Wires struct {
	Log    house.Log
	Sweeps []Sweep // what others have let go each night
}

type feature struct {
	*house.House
	Wires
	pages *web.Pages
}

// A Part is what the feature puts onto the public page of data protection.
type Part func(tx *store.Tx) (template.HTML, error)

// New makes the feature, and its part of the public page.
func New(h *house.House, w Wires) (house.Feature, Part) {
	f := &feature{h, w, web.Parse(html)}
	night, plan := h.Tasks.Nightly(nightKind, 5*time.Hour+10*time.Minute, web.Zone(), f.night)
	readers := who.Of(who.Admin, who.Office, who.Auditor)
	return house.Feature{
		Name: "catalogue",
		Routes: []web.Route{
			web.Get("/verzeichnis", readers, f.index),
			web.Get("/verzeichnis.json", readers, f.file),
			web.Get("/verzeichnis/fristen", readers, f.rules),
			web.Get("/verzeichnis/geloescht", readers, f.gone),
			web.Get("/verzeichnis/angaben", who.Of(who.Admin), f.form),
			web.Post("/verzeichnis/angaben", who.Of(who.Admin), f.save),
			web.Get("/datenschutz/fassungen", who.Anyone, f.editions),
			web.Get("/datenschutz/fassung/:id", who.Anyone, f.edition),
		},
		Jobs: []task.Job{night},
		Begin: func(ctx context.Context) error {
			if err := h.DB.Write(ctx, f.keep); err != nil {
				return err
			}
			return plan(ctx)
		},
	}, f.part
}

// page begins a page for those who answer for data protection: in German, as the law is.
func (f *feature) page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

type indexPage struct {
	web.Page
	Record Record
	Admin  bool // may change what the operator says
}

// now is the record as it is now.
func (f *feature) now(r *http.Request) (x Record, err error) {
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		root, err := org.Root(tx)
		if err != nil {
			return err
		}
		x, _, err = record(tx, f.Settings, f.Catalogue, root.Name)
		return err
	})
	return x, err
}

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: f.page(r, v, "Verzeichnis der Verarbeitungstätigkeiten"), Admin: v.May(who.Of(who.Admin))}
	var err error
	if p.Record, err = f.now(r); err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// file hands out the record for other programs. There are no personal data in it.
func (f *feature) file(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	x, err := f.now(r)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="verzeichnis-`+house.Local(f.Now()).Format(time.DateOnly)+`.json"`)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(x)
}

type rulesPage struct {
	web.Page
	Rules []retention.Rule
}

func (f *feature) rules(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := rulesPage{Page: f.page(r, v, "Löschfristen")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Rules, err = retention.Rules(tx, f.Settings)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "rules.html", p)
}

type gonePage struct {
	web.Page
	Nights []night
}

func (f *feature) gone(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := gonePage{Page: f.page(r, v, "Was gelöscht wurde")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		rules, err := retention.Rules(tx, f.Settings)
		if err != nil {
			return err
		}
		runs, err := retention.Runs(tx, house.Local(f.Now()).AddDate(0, 0, -shown).Format(time.DateOnly))
		p.Nights = nights(runs, rules)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "gone.html", p)
}

type formPage struct {
	web.Page
	Form     web.Form
	Profiles []law.Profile
}

// fields are the settings of the form.
func fields() map[string]string {
	return map[string]string{"profile": settings.LawProfile, "controller": settings.LawController, "officer": settings.LawOfficer,
		"authority": settings.LawAuthority, "processors": settings.LawProcessors, "words": settings.LawWords}
}

func (f *feature) form(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := formPage{Page: f.page(r, v, "Angaben zum Datenschutz"), Profiles: law.Profiles()}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := needRoot(tx, v); err != nil {
			return err
		}
		for field, name := range fields() {
			value, err := f.Settings.Get(tx, name)
			if err != nil {
				return err
			}
			p.Form.Set(field, value)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if p.Form.Get("profile") == "" {
		p.Form.Set("profile", p.Profiles[0].Key)
	}
	return f.pages.Render(w, r, "form.html", p)
}

// most is how long a text of the operator's may be, in characters.
const most = 10_000

func (f *feature) save(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "profile", "controller", "officer", "authority", "processors", "words")
	if err != nil {
		return err
	}
	var wrong fault.Form
	ok := false
	for _, p := range law.Profiles() {
		ok = ok || p.Key == form.Get("profile")
	}
	if !ok {
		wrong.Add("profile", "Bitte wählen Sie, welches Recht für das Haus gilt.")
	}
	for field := range fields() {
		if len([]rune(form.Get(field))) > most {
			wrong.Add(field, "Bitte kürzen Sie das auf %d Zeichen.", most)
		}
	}
	if err = wrong.Err(); err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			if err := needRoot(tx, v); err != nil {
				return err
			}
			for field, name := range fields() {
				if err := f.Settings.Set(tx, name, strings.ReplaceAll(form.Get(field), "\r\n", "\n")); err != nil {
					return err
				}
			}
			if err := f.keep(tx); err != nil {
				return err
			}
			return f.Log(tx, f.Now(), v.ID, "law.changed", 0)
		})
	}
	if web.Again(err) {
		return f.pages.Again(w, r, "form.html", formPage{f.page(r, v, "Angaben zum Datenschutz"), form.With(err), law.Profiles()})
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/verzeichnis", "Gespeichert.")
}

// needRoot is a fault for whoever does not run the whole house.
func needRoot(tx *store.Tx, v who.Viewer) error {
	root, err := org.Root(tx)
	if err != nil {
		return err
	}
	for _, id := range v.Units(who.Of(who.Admin)) {
		if id == root.ID {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "Diese Angaben gelten für das ganze Haus. Ändern kann sie nur der Betrieb des ganzen Hauses.")
}
