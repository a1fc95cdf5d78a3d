package announcement

import (
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type formPage struct {
	web.Page
	Form      web.Form
	Senders   []choice
	Units     []choice // which may be addressed under the sender
	Sender    int64
	Roles     []roleChoice
	Templates []Template
	Mail      bool // a mail server is set up
	Files     []files.File
	MaxSize   int // MB of a file
	Extras    []template.HTML
}

// A choice is a unit in a form.
type choice struct {
	org.Unit
	Depth int
	Words string // kind, or facility of a group
}

// addressable lists what a sender may address: itself with all below, and single units below.
func addressable(tx *store.Tx, u org.Unit, now time.Time) ([]choice, error) {
	all := []choice{{Unit: u, Words: "mit allem darunter"}}
	kinds := []org.Kind{org.Group}
	switch u.Kind {
	case org.City:
		kinds = []org.Kind{org.Carrier}
	case org.Carrier:
		kinds = []org.Kind{org.Facility}
	case org.Group, org.Committee, org.Office:
		return all, nil
	}
	for _, k := range kinds {
		below, err := org.Below(tx, u.ID, k, now)
		if err != nil {
			return nil, err
		}
		for _, b := range below {
			all = append(all, choice{Unit: b, Depth: 1, Words: k.Word()})
		}
	}
	return all, nil
}

// nearest is the first of the units at or above one; NotFound: none is.
func nearest(tx *store.Tx, all []org.Unit, unit int64) (int64, error) {
	ids := make([]int64, len(all))
	for i, u := range all {
		ids[i] = u.ID
	}
	return store.One(tx, store.Value[int64], `
		SELECT p.above FROM json_each(?1) j JOIN unit_up p ON p.unit = ?2 AND p.above = j.value ORDER BY p.depth LIMIT 1`, store.List(ids), unit)
}

func (f feature) newForm(r *http.Request, v who.Viewer, form web.Form) (p formPage, err error) {
	fresh := form.Values == nil
	about := int64(0) // the unit that what it begins with is of; 0: it begins empty
	var begun house.Seed
	if fresh {
		form.Set("file", strings.Split(r.URL.Query().Get("datei"), ",")...)
	}
	p = formPage{Page: web.NewPage(r, v, "Neue Mitteilung"), Form: form, Roles: audience(), Mail: f.Mail.Configured(r.Context())}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		us, err := senders(tx, v, f.Now())
		if err != nil {
			return err
		}
		for _, u := range us {
			p.Senders = append(p.Senders, choice{Unit: u, Words: u.Kind.Word()})
		}
		if p.Sender = form.ID("unit"); p.Sender == 0 {
			p.Sender, _ = strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: the first
		}
		if ref := r.URL.Query().Get("aus"); fresh && ref != "" && f.Begun != nil {
			if about, begun, err = f.Begun(tx, v, ref); err != nil {
				return err
			}
			if p.Sender, err = nearest(tx, us, about); err != nil {
				return err
			}
		}
		i := max(0, slices.IndexFunc(us, func(u org.Unit) bool { return u.ID == p.Sender }))
		if len(us) == 0 {
			return notFound()
		}
		p.Sender = us[i].ID
		if p.Units, err = addressable(tx, us[i], f.Now()); err != nil {
			return err
		}
		if p.Templates, err = templatesOf(tx, v, News, f.Now()); err != nil {
			return err
		}
		if p.Files, err = drafted(tx, v, form); err != nil {
			return err
		}
		p.MaxSize, _, err = files.Sizes(tx, f.Settings)
		return err
	})
	if err != nil {
		return p, err
	}
	p.Extras, err = f.forms(p.Page, form)
	if fresh {
		p.Form.Set("uid", newUID())
		p.Form.Set("role", "parent")
		p.Form.Set("audience", strconv.FormatInt(p.Sender, 10))
		if about != 0 {
			p.Form.Set("audience", strconv.FormatInt(about, 10))
			p.Form.Set("title", begun.Title)
			p.Form.Set("body", begun.Body)
		}
		id, _ := strconv.ParseInt(r.URL.Query().Get("vorlage"), 10, 64) // 0: none
		for _, t := range p.Templates {
			if t.ID == id {
				p.Form.Set("title", t.Title)
				p.Form.Set("body", t.Body)
			}
		}
	}
	return p, err
}

func (f feature) form(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.newForm(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "new.html", p)
}

func (f feature) publish(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := f.readForm(r, v, f.fields("uid", "unit", "audience", "role", "title", "body", "confirm", "confirm_by_day", "confirm_by_time", "expires", "go")...)
	if err != nil && !web.Again(err) {
		return err
	}
	if err == nil && form.Get("go") == "sender" { // without script: the units of another sender
		p, err := f.newForm(r, v, form)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, "new.html", p)
	}
	d := Draft{Unit: form.ID("unit"), Units: form.IDs("audience"), Roles: rolesOf(func(c string) bool { return form.Has("role", c) }),
		Title: text.Line(form.Get("title")), Body: form.Get("body"), Confirm: form.On("confirm"), UID: form.Get("uid"), Files: form.IDs("file")}
	var id int64
	if err == nil {
		err = readTimes(form, &d)
	}
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			if id, err = sent(tx, d.UID, v); id != 0 || err != nil {
				return err
			}
			if id, err = Publish(tx, f.House, v, d); err != nil {
				return err
			}
			return f.attach(tx, id, form)
		})
	}
	if web.Again(err) {
		p, e := f.newForm(r, v, form.With(err))
		if e != nil {
			return e
		}
		return f.pages.Again(w, r, "new.html", p)
	}
	if err != nil {
		return err
	}
	if d.Confirm {
		return web.Done(w, r, fmt.Sprintf("/mitteilung/%d/stand", id), "Ihre Mitteilung ist veröffentlicht.")
	}
	return web.Done(w, r, fmt.Sprintf("/mitteilung/%d", id), "Ihre Mitteilung ist veröffentlicht.")
}

// readTimes reads the days of an announcement's form.
func readTimes(form web.Form, d *Draft) error {
	var wrong fault.Form
	if s := form.Get("expires"); s != "" {
		if _, err := day(s); err != nil {
			wrong.Add("expires", "Bitte geben Sie einen Tag an.")
		}
		d.Expires = at(s, 24*60)
	}
	if s := form.Get("confirm_by_day"); s != "" && d.Confirm {
		min := 18 * 60
		if t := form.Get("confirm_by_time"); t != "" {
			if m := minutes(form, &wrong, "confirm_by_time"); m != nil {
				min = *m
			}
		}
		if _, err := day(s); err != nil {
			wrong.Add("confirm_by", "Bitte geben Sie einen Tag an.")
		}
		d.ConfirmBy = at(s, min)
	}
	return wrong.Err()
}
