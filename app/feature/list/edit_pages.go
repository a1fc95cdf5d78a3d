package list

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
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

// A shift is what was typed about one line.
type shift struct {
	ID                                     int64 // of a line that there is; 0: a new one
	Title, Day, Starts, Ends, Room, Places string
	Held                                   int
}

// shiftFields are the fields of one line, each of which occurs once a line.
func shiftFields() []string {
	return []string{"line_id", "line_title", "line_day", "line_starts", "line_ends", "line_room", "line_places"}
}

// newFields are those of the form for a new list.
func newFields() []string {
	return append(shiftFields(), "uid", "unit", "audience", "role", "kind", "title", "body", "per", "most", "names", "day", "closes_day", "closes_time", "remind",
		"lines", "slot_day", "slot_starts", "slot_ends", "slot_length", "slot_break", "slot_room", "slot_places", "go")
}

// shifts reads the lines of a form as they were typed.
func shifts(form web.Form) (all []shift) {
	at := func(name string, i int) string {
		if v := form.Values[name]; i < len(v) {
			return text.Line(v[i])
		}
		return ""
	}
	for i := range form.Values["line_title"] {
		id, _ := strconv.ParseInt(at("line_id", i), 10, 64) // 0: a new one
		all = append(all, shift{ID: id, Title: at("line_title", i), Day: at("line_day", i), Starts: at("line_starts", i), Ends: at("line_ends", i),
			Room: at("line_room", i), Places: at("line_places", i)})
	}
	return all
}

// blank is a line in which nothing was typed.
func (s shift) blank() bool {
	return s.ID == 0 && s.Title == "" && s.Day == "" && s.Starts == "" && s.Ends == "" && s.Room == ""
}

// line reads one line; n is its number for people.
func (s shift) line(n int, f *fault.Form) (l Line) {
	l = Line{ID: s.ID, Title: s.Title, Room: s.Room, Places: 1}
	if s.Places != "" {
		l.Places, _ = strconv.Atoi(s.Places) // 0, which is refused, where it is no number
	}
	if s.Day == "" && s.Starts == "" && s.Ends == "" {
		return l
	}
	from, ok1 := minute(s.Starts)
	to, ok2 := minute(s.Ends)
	if at(s.Day, 0).IsZero() || !ok1 || !ok2 {
		f.Add("lines", "Zeile %d: Bitte geben Sie Tag, Anfang und Ende an.", n)
		return l
	}
	if to < from {
		to += 24 * 60 // until after midnight
	}
	l.Starts, l.Ends = at(s.Day, from), at(s.Day, to)
	return l
}

// minute reads a time of the day.
func minute(s string) (int, bool) {
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
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

// closing is until when one can put oneself down; zero: not told.
func closing(form web.Form, f *fault.Form) time.Time {
	day := form.Get("closes_day")
	if day == "" {
		return time.Time{}
	}
	m := 24*60 - 1 // the whole day
	if s := form.Get("closes_time"); s != "" {
		var ok bool
		if m, ok = minute(s); !ok {
			f.Add("closes", "Bitte geben Sie eine Uhrzeit an.")
		}
	}
	t := at(day, m)
	if t.IsZero() {
		f.Add("closes", "Bitte geben Sie einen Tag an, den es gibt.")
	}
	return t
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
		if len(us) == 0 {
			return fault.Gone()
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

type editPage struct {
	web.Page
	It     List
	Form   web.Form
	Shifts []shift
	Timed  bool // lines have times
}

func (f feature) editPage(r *http.Request, v who.Viewer, form web.Form) (p editPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = editPage{Page: web.NewPage(r, v, "Liste ändern"), Form: form, Shifts: shifts(form)}
	fresh := form.Values == nil
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = edited(tx, id, v, f.Now()); err != nil {
			return err
		}
		all, err := lines(tx, id)
		for _, l := range all {
			if fresh {
				p.Shifts = append(p.Shifts, typed(l))
			}
		}
		for i, s := range p.Shifts {
			for _, l := range all {
				if l.ID == s.ID {
					p.Shifts[i].Held = l.Held
				}
			}
		}
		return err
	})
	if fresh {
		p.Form.Set("title", p.It.Title)
		p.Form.Set("body", p.It.Body)
		if t := p.It.Closes; !t.IsZero() {
			p.Form.Set("closes_day", house.Local(t).Format(time.DateOnly))
			p.Form.Set("closes_time", house.Local(t).Format("15:04"))
		}
		p.Form.Set("day", p.It.Day)
		if p.It.Names {
			p.Form.Set("names", "1")
		}
		if p.It.Remind {
			p.Form.Set("remind", "1")
		}
	}
	p.Timed = p.It.Kind != Bring
	for range 2 {
		if len(p.Shifts) < maxLines {
			p.Shifts = append(p.Shifts, shift{})
		}
	}
	return p, err
}

// typed is a line as its form shows it.
func typed(l Line) shift {
	s := shift{ID: l.ID, Title: l.Title, Room: l.Room, Places: strconv.Itoa(l.Places), Held: l.Held}
	if !l.Starts.IsZero() {
		from, to := house.Local(l.Starts), house.Local(l.Ends)
		s.Day, s.Starts, s.Ends = from.Format(time.DateOnly), from.Format("15:04"), to.Format("15:04")
	}
	return s
}

func (f feature) editForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.editPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "edit.html", p)
}

func (f feature) edit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, append(shiftFields(), "title", "body", "names", "day", "closes_day", "closes_time", "remind", "gone")...)
	if err != nil {
		return err
	}
	var wrong fault.Form
	d := Draft{Title: text.Line(form.Get("title")), Body: form.Get("body"), Names: form.On("names"), Remind: form.On("remind"), Day: form.Get("day"),
		Closes: closing(form, &wrong)}
	if d.Day != "" && at(d.Day, 0).IsZero() {
		wrong.Add("day", "Bitte geben Sie einen Tag an, den es gibt.")
	}
	gone := form.IDs("gone")
	for i, s := range shifts(form) {
		if !s.blank() && !slices.Contains(gone, s.ID) {
			d.Lines = append(d.Lines, s.line(i+1, &wrong))
		}
	}
	if err = wrong.Err(); err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			l, err := edited(tx, id, v, f.Now())
			if err != nil {
				return err
			}
			return change(tx, f.House, v, l, d, gone)
		})
	}
	if web.Again(err) {
		p, e := f.editPage(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "edit.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/liste/%d", id), "Die Liste ist geändert.")
}

// shut closes a list by hand, or opens it again.
func (f feature) shut(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, []string{"open"}, func(tx *store.Tx, l List, form web.Form) (string, error) {
		if _, err := edited(tx, l.ID, v, f.Now()); err != nil {
			return "", err
		}
		words := "Die Liste ist geschlossen. Niemand kann sich mehr ein- oder austragen."
		if form.On("open") {
			words = "Die Liste ist wieder offen."
		}
		return words, closeList(tx, f.House, v, l, form.On("open"))
	})
}

func (f feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		l, err := edited(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		return drop(tx, f.House, l)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, "/listen", "Die Liste ist entfernt.")
}
