package list

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// unit is one in a form.
type unit struct {
	org.Unit
	Words string // what it is
}

type newPage struct {
	web.Page
	Form    web.Form
	Senders []unit
	Sender  int64
	Council bool // the viewer makes it as the parents' council
	Units   []unit
	Circles []org.Circle
	Shifts  []shift
}

// newFields are those of the form for a new list.
func newFields() []string {
	return append(shiftFields(), "uid", "unit", "audience", "role", "kind", "title", "body", "per", "most", "names", "day", "closes_day", "closes_time", "remind",
		"lines", "slot_day", "slot_starts", "slot_ends", "slot_length", "slot_break", "slot_room", "slot_places", "go")
}

// readDraft reads a new list from its form.
func readDraft(form web.Form) (Draft, error) {
	var f fault.Form
	d := Draft{UID: form.Get("uid"), Unit: form.ID("unit"), Units: form.IDs("audience"), Roles: org.Addressed(func(c string) bool { return form.Has("role", c) }),
		Kind: form.Get("kind"), Title: text.Line(form.Get("title")), Body: form.Get("body"), Per: form.Get("per"), Names: form.On("names"), Remind: form.On("remind")}
	if s := form.Get("most"); s != "" {
		if d.Most = int(form.ID("most")); d.Most == 0 {
			d.Most = -1
		}
	} else if d.Kind == Slot {
		d.Most = 1 // each has one talk
	}
	d.Closes = closing(form, &f)
	switch d.Kind {
	case Bring:
		d.Lines = ReadLines(form.Raw("lines"))
		if d.Day = form.Get("day"); d.Day != "" && at(d.Day, 0).IsZero() {
			f.Add("day", "Bitte geben Sie einen Tag an, den es gibt.")
		}
	case Shift:
		for i, s := range shifts(form) {
			if !s.blank() {
				d.Lines = append(d.Lines, s.line(i+1, &f))
			}
		}
	case Slot:
		d.Lines = readSlots(form, &f)
	}
	return d, f.Err()
}

func readSlots(form web.Form, f *fault.Form) []Line {
	from, ok1 := minute(form.Get("slot_starts"))
	to, ok2 := minute(form.Get("slot_ends"))
	day, length, pause := form.Get("slot_day"), int(form.ID("slot_length")), int(form.ID("slot_break"))
	places := 1
	if s := form.Get("slot_places"); s != "" {
		places = int(form.ID("slot_places"))
	}
	switch {
	case at(day, 0).IsZero():
		f.Add("slot_day", "Bitte geben Sie einen Tag an, den es gibt.")
	case !ok1 || !ok2 || to <= from:
		f.Add("slot_starts", "Bitte geben Sie an, von wann bis wann die Gespräche sind.")
	case length < 1 || length > 24*60:
		f.Add("slot_length", "Bitte geben Sie an, wie viele Minuten ein Gespräch dauert.")
	case pause < 0 || pause > 24*60:
		f.Add("slot_break", "Bitte geben Sie 0 oder mehr Minuten an.")
	case from+length > to:
		f.Add("slot_length", "In dieser Zeit hat kein einziges Gespräch Platz.")
	}
	return Slots(day, from, to, length, pause, text.Line(form.Get("slot_room")), places)
}

// newPage prepares the form for a new list.
func (f feature) newPage(r *http.Request, v who.Viewer, form web.Form) (p newPage, err error) {
	p = newPage{Page: web.NewPage(r, v, "Neue Liste"), Form: form, Circles: org.Circles(), Shifts: shifts(form)}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		us, council, err := makers(tx, v, f.Now())
		if err != nil {
			return err
		}
		for _, u := range us {
			p.Senders = append(p.Senders, unit{u, u.Kind.Word()})
		}
		if p.Sender = form.ID("unit"); p.Sender == 0 {
			p.Sender, _ = strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: the first
		}
		i := max(0, slices.IndexFunc(us, func(u org.Unit) bool { return u.ID == p.Sender }))
		p.Sender, p.Council = us[i].ID, council[us[i].ID]
		if p.Council {
			p.Circles = slices.DeleteFunc(p.Circles, func(c org.Circle) bool { return c.Code != "parent" && c.Code != "council" })
		}
		all, err := org.Addressable(tx, us[i], f.Now())
		for _, u := range all {
			words := u.Kind.Word()
			if u.ID == p.Sender {
				words = "mit allem darunter"
			}
			p.Units = append(p.Units, unit{u, words})
		}
		return err
	})
	if form.Values == nil {
		p.Form.Set("uid", newUID())
		p.Form.Set("role", "parent")
		p.Form.Set("kind", Bring)
		p.Form.Set("per", PerPerson)
		p.Form.Set("remind", "1")
		p.Form.Set("slot_length", "20")
		p.Form.Set("slot_break", "5")
	}
	if len(p.Form.IDs("audience")) == 0 || form.Get("go") == "unit" {
		p.Form.Set("audience", strconv.FormatInt(p.Sender, 10))
	}
	for range 3 {
		if len(p.Shifts) < maxLines && (len(p.Shifts) < 3 || form.Get("go") == "more") {
			p.Shifts = append(p.Shifts, shift{Places: "2"})
		}
	}
	return p, err
}

func (f feature) newForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.newPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "new.html", p)
}

func (f feature) add(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, newFields()...)
	if err != nil {
		return err
	}
	if g := form.Get("go"); g == "unit" || g == "more" { // another unit, or more lines: nothing is sent yet
		p, err := f.newPage(r, v, form)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, "new.html", p)
	}
	var id int64
	d, err := readDraft(form)
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			if id, err = made(tx, d.UID, v); id != 0 || err != nil {
				return err
			}
			id, err = Add(tx, f.House, v, d)
			return err
		})
	}
	if web.Again(err) {
		p, e := f.newPage(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "new.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/liste/%d", id), "Die Liste steht bereit.")
}
