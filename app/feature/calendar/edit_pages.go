package calendar

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// page begins a page of the team: in German.
func page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

type editPage struct {
	web.Page
	Form    web.Form
	Of      Termin // the zero Termin: a new one
	Scope   string
	Only    bool // one instance: only its time and place
	Action  string
	Units   []unitChoice // whose it may be
	Unit    int64
	Aims    []unitChoice // for whom it may be
	Roles   []roleChoice
	Repeats []choice
	Closes  []choice
	Reminds []choice
	Repeat  string // in words, of a rule that is none of the choices; "": it is one
	Council bool   // a committee's: for its members
}

type unitChoice struct {
	org.Unit
	Words string
}

// prepare fills what the form offers.
func (f feature) prepare(tx *store.Tx, p *editPage, v who.Viewer) error {
	now := f.Now()
	all, err := places(tx, v, now)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fault.New(fault.Forbidden, "Sie können zurzeit für keine Einheit Termine anlegen.")
	}
	for _, u := range all {
		p.Units = append(p.Units, unitChoice{u, u.Kind.Word()})
	}
	i := max(0, slices.IndexFunc(all, func(u org.Unit) bool { return u.ID == p.Unit }))
	u := all[i]
	if p.Of.ID != 0 {
		if u, err = org.Get(tx, p.Of.Unit); err != nil {
			return err
		}
	}
	p.Unit, p.Council = u.ID, u.Kind == org.Committee
	team, err := org.Manages(tx, v.ID, u.ID, who.Team, now)
	if err != nil {
		return err
	}
	p.Roles, p.Repeats = audience(), repeats()
	p.Closes, p.Reminds = before("bis der Termin beginnt"), before("nicht erinnern")
	if !team {
		p.Aims, p.Roles = []unitChoice{{u, "für die Mitglieder"}}, []roleChoice{audience()[3]}
		return nil
	}
	p.Aims = []unitChoice{{u, "mit allem darunter"}}
	kind := map[org.Kind]org.Kind{org.City: org.Carrier, org.Carrier: org.Facility, org.Facility: org.Group}[u.Kind]
	if kind == "" {
		return nil
	}
	below, err := org.Below(tx, u.ID, kind, now)
	for _, b := range below {
		p.Aims = append(p.Aims, unitChoice{b, b.Kind.Word()})
	}
	return err
}

func (f feature) newForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := editPage{Page: page(r, v, "Neuer Termin"), Action: "/termine/neu"}
	p.Unit, _ = strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: the first
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return f.prepare(tx, &p, v) })
	if err != nil {
		return err
	}
	role := "parent"
	if p.Council {
		role = "council"
	}
	dayOf := r.URL.Query().Get("tag")
	if _, ok := calendar.Day(dayOf); !ok {
		dayOf = house.Local(f.Now()).AddDate(0, 0, 1).Format(time.DateOnly)
	}
	for name, value := range map[string]string{"uid": newUID(), "role": role, "audience": itoa(p.Unit), "day": dayOf, "starts": "16:00", "ends": "17:00",
		"guests": "1", "closes": "0", "remind": "1440", "unit": itoa(p.Unit)} {
		p.Form.Set(name, value)
	}
	return f.pages.Render(w, r, "edit.html", p)
}

func (f feature) add(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, fields()...)
	if err != nil {
		return err
	}
	var id int64
	d, err := read(form)
	again := form.Get("go") == "unit" // without script: the audience of another unit
	if err == nil && !again {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			if id, err = sent(tx, d.UID, v); id != 0 || err != nil {
				return err
			}
			id, err = Add(tx, f.House, v, d)
			return err
		})
	}
	if again || web.Again(err) {
		p := editPage{Page: page(r, v, "Neuer Termin"), Action: "/termine/neu", Form: form, Unit: form.ID("unit")}
		if e := f.DB.Read(r.Context(), func(tx *store.Tx) error { return f.prepare(tx, &p, v) }); e != nil {
			return e
		}
		if again {
			p.Form.Set("audience", itoa(p.Unit))
			return f.pages.Render(w, r, "edit.html", p)
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "edit.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/termin/%d", id), "Der Termin steht im Kalender.")
}

// editOf prepares the form of a date that exists.
func (f feature) editOf(r *http.Request, v who.Viewer, form web.Form) (p editPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = editPage{Page: page(r, v, "Termin ändern"), Action: fmt.Sprintf("/termin/%d/bearbeiten", id), Form: form, Scope: r.URL.Query().Get("umfang")}
	if form.Values != nil {
		p.Scope = form.Get("umfang")
	}
	var d Draft
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Of, err = written(tx, id, v, f.Now()); err != nil {
			return err
		}
		if err := open(p.Of); err != nil {
			return err
		}
		if p.Of.Rule == "" {
			p.Scope = whole
		}
		t := p.Of
		if p.Scope == whole && p.Of.Rule != "" {
			all, err := series(tx, p.Of.Date)
			if err != nil {
				return err
			}
			p.Of = all[0]
			t = all[0]
			t.Starts, t.Ends = slotTime(t)
		}
		if d, err = draftOf(tx, t); err != nil {
			return err
		}
		return f.prepare(tx, &p, v)
	})
	p.Only = p.Scope == one
	first, _ := calendar.Day(d.Day)
	repeat := repeatOf(d.Rule, first)
	if repeat == "own" {
		p.Repeat = Words(d.Rule, lang.German())
	}
	if err != nil || form.Values != nil {
		return p, err
	}
	set := p.Form.Set
	set("title", d.Title)
	set("day", d.Day)
	if d.LastDay != d.Day {
		set("last_day", d.LastDay)
	}
	if d.AllDay {
		set("all_day", "1")
	} else {
		set("starts", clockOf(d.Starts))
		set("ends", clockOf(d.Ends%(24*60)))
	}
	set("repeat", repeat)
	if !d.Rule.Until.IsZero() {
		set("until", d.Rule.Until.Format(time.DateOnly))
	}
	set("place", d.Place)
	set("link", d.Link)
	set("body", d.Body)
	var aims, roles []string
	for _, u := range d.Units {
		aims = append(aims, itoa(u))
	}
	for _, c := range audience() {
		if d.Roles&c.Roles == c.Roles {
			roles = append(roles, c.Code)
		}
	}
	set("audience", aims...)
	set("role", roles...)
	for name, on := range map[string]bool{"public": d.Public, "answers": d.Answers} {
		if on {
			set(name, "1")
		}
	}
	if d.Places > 0 {
		set("places", strconv.Itoa(d.Places))
	}
	set("guests", strconv.Itoa(d.Guests))
	set("closes", strconv.Itoa(d.Closes))
	set("remind", strconv.Itoa(d.Remind))
	return p, nil
}

// slotTime is when an instance would be if it had not been moved.
func slotTime(t Termin) (starts, ends time.Time) {
	length := calendar.Wall(house.Local(t.Ends)).Sub(calendar.Wall(house.Local(t.Starts)))
	wall := time.Unix(t.Slot, 0).UTC()
	return calendar.In(wall, zone()), calendar.In(wall.Add(length), zone())
}

func (f feature) editForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.editOf(r, v, web.Form{})
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
	form, err := web.ReadForm(r, fields()...)
	if err != nil {
		return err
	}
	scope := form.Get("umfang")
	d, err := read(form)
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			t, err := written(tx, id, v, f.Now())
			if err != nil {
				return err
			}
			if scope == one && t.Rule != "" {
				d.AllDay = t.AllDay
				return move(tx, f.House, v, t, d)
			}
			if form.Get("repeat") == "own" {
				until := d.Rule.Until
				d.Rule = t.rule()
				if s, ok := calendar.Day(form.Get("until")); ok {
					until = s
				}
				d.Rule.Until, d.Rule.UntilDay, d.Rule.Count = until, true, 0
			}
			return rewrite(tx, f.House, v, t, d, scope)
		})
	}
	if web.Again(err) {
		p, e := f.editOf(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "edit.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/termin/%d", id), "Der Termin ist geändert. Wer zugesagt hat, wird benachrichtigt.")
}

func (f feature) cancel(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "umfang", "reason")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		t, err := written(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		if len(form.Get("reason")) > 500 {
			return fault.At("reason", "Bitte kürzen Sie den Grund.")
		}
		scope := form.Get("umfang")
		if t.Rule == "" || scope != following && scope != whole {
			scope = one
		}
		return cancel(tx, f.House, t, scope, form.Get("reason"))
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
	return web.Done(w, r, fmt.Sprintf("/termin/%d", id), "Der Termin ist abgesagt. Wer zugesagt hat, wird benachrichtigt.")
}
