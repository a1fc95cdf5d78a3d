package calendar

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// reading is costly: a file of thousands of events.
func reading() web.Limit { return web.Limit{Name: "calendar", N: 30, In: time.Hour} }

const mostBytes = 4 << 20 // of a calendar file

// upFile reads the file of a form.
func upFile(r *http.Request) ([]byte, error) {
	file, _, err := r.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) {
		return nil, fault.At("file", "Bitte wählen Sie eine Datei.")
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, mostBytes+1))
	if err == nil && len(b) > mostBytes {
		err = fault.At("file", "Diese Datei ist zu groß. Ein Kalender darf höchstens 4 MB haben.")
	}
	return b, err
}

// atFile puts what is wrong with a file beside the field.
func atFile(form web.Form, err error) web.Form {
	form = form.With(err)
	if form.Wrong == nil {
		form.Wrong = map[string]string{"file": form.Words}
	}
	return form
}

type uploadPage struct {
	web.Page
	editPage
	Form web.Form
}

func (f feature) uploadOf(r *http.Request, v who.Viewer, form web.Form) (p uploadPage, err error) {
	p = uploadPage{Page: page(r, v, "Kalender einlesen"), Form: form}
	p.Unit = form.ID("unit")
	if form.Values == nil {
		p.Form.Set("role", "parent")
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error { return f.prepare(tx, &p.editPage, v) })
	if len(p.Roles) == 1 {
		p.Form.Set("role", p.Roles[0].Code)
	}
	return p, err
}

func (f feature) uploadForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.uploadOf(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "upload.html", p)
}

func (f feature) upload(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "unit", "role")
	token := ""
	if err == nil {
		token, err = f.readUpload(r, v, form)
	}
	if web.Again(err) {
		p, e := f.uploadOf(r, v, form)
		if e != nil {
			return e
		}
		p.Form = atFile(p.Form, err)
		return f.pages.Again(w, r, "upload.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, "/termine/vorschau/"+token)
}

func (f feature) readUpload(r *http.Request, v who.Viewer, form web.Form) (string, error) {
	u := &upload{person: v.ID, unit: form.ID("unit"), roles: rolesOf(func(c string) bool { return form.Has("role", c) })}
	if u.roles == 0 {
		return "", fault.At("role", "Bitte wählen Sie, wer die Termine sieht.")
	}
	if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return must(tx, v, u.unit, f.Now()) }); err != nil {
		return "", err
	}
	b, err := upFile(r)
	if err != nil {
		return "", err
	}
	if err := f.Limits.Take(reading(), strconv.FormatInt(v.ID, 10)); err != nil {
		return "", err
	}
	if u.calendar, u.problems, err = calendar.Read(b, zone()); err != nil {
		return "", err
	}
	return f.uploads.put(u, f.Now()), nil
}

type previewPage struct {
	web.Page
	Token    string
	UnitName string
	Lines    []line
	Problems []calendar.Problem
	New      int
	Known    int
	Left     int // out
}

func (f feature) previewOf(r *http.Request, v who.Viewer) (p previewPage, u *upload, err error) {
	p = previewPage{Page: page(r, v, "Kalender einlesen"), Token: web.Word(r, "token")}
	if u, err = f.uploads.get(p.Token, v.ID, f.Now()); err != nil {
		return p, nil, err
	}
	p.Problems = u.problems
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if err := must(tx, v, u.unit, f.Now()); err != nil {
			return err
		}
		p.UnitName = unitOf(tx, u.unit).Name
		p.Lines, err = bring(tx, f.House, u.unit, u.roles, u.calendar)
		return err
	})
	for _, x := range p.Lines {
		switch {
		case x.Why != "":
			p.Left++
		case x.Known:
			p.Known++
		default:
			p.New++
		}
	}
	return p, u, err
}

// Repeat says how an event comes back.
func (x line) Repeat() string { return Words(x.Draft.Rule, lang.German()) }

func (f feature) preview(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, _, err := f.previewOf(r, v)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "preview.html", p)
}

// take puts what was previewed into the calendar. What is there already stays as it is.
func (f feature) take(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	p, u, err := f.previewOf(r, v)
	if err != nil {
		return err
	}
	n := 0
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		n = 0
		lines, err := bring(tx, f.House, u.unit, u.roles, u.calendar)
		if err != nil {
			return err
		}
		for _, x := range lines {
			if x.Why != "" || x.Known {
				continue
			}
			if _, err := Add(tx, f.House, v, x.Draft); err != nil {
				return err
			}
			n++
		}
		return f.log(tx, f.Now(), v.ID, "calendar.imported", u.unit)
	})
	if err != nil {
		return err
	}
	f.uploads.drop(p.Token)
	return web.Done(w, r, "/termine", fmt.Sprintf("Eingetragen: %d.", n))
}

// landPage is for the operator: the Land, and its school holidays.
type landPage struct {
	web.Page
	Form   web.Form
	Lands  []calendar.Land
	Source string // of what is there; "": nothing is
	First  string // of the school holidays that are known
	Last   string
	Count  int
	Usual  string
}

func (f feature) landOf(r *http.Request, v who.Viewer, form web.Form) (p landPage, err error) {
	p = landPage{Page: page(r, v, "Ferien und Feiertage"), Form: form, Lands: calendar.Lands(), Usual: openHolidays}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		land, err := f.land(tx)
		if err != nil {
			return err
		}
		if form.Values == nil {
			p.Form.Set("land", land.Code)
		}
		if p.Source, err = f.source(tx); err != nil {
			return err
		}
		all, err := vacations(tx, land.Code, "", "9999")
		if p.Count = len(all); p.Count > 0 {
			p.First, p.Last = all[0].First, slices.MaxFunc(all, func(a, b vacation) int {
				if a.Last < b.Last {
					return -1
				}
				return 1
			}).Last
		}
		return err
	})
	return p, err
}

// DayOf is a day of the database in words.
func (p landPage) DayOf(s string) string { return p.L().DayYear(dayOf(s)) }

func (f feature) operate(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.landOf(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "land.html", p)
}
