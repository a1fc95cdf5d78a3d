package meeting

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type editPage struct {
	web.Page
	Form   web.Form
	Of     Meeting // the zero Meeting: a new one
	Units  []org.Unit
	Unit   int64
	Action string
}

func editFields() []string {
	return []string{"uid", "unit", "title", "day", "starts", "ends", "place", "online", "body", "public"}
}

// draft is what a form says of a meeting.
func draft(form web.Form) Draft {
	return Draft{UID: form.Get("uid"), Unit: form.ID("unit"), Title: form.Get("title"), Day: form.Get("day"), Starts: clock(form.Get("starts")),
		Ends: clock(form.Get("ends")), Place: form.Get("place"), Online: form.Get("online"), Body: form.Get("body"), Public: form.On("public")}
}

// ledUnits are the committees that the viewer leads; a fault where there are none.
func ledUnits(tx *store.Tx, v who.Viewer, least committee.Level, now time.Time) (all []org.Unit, err error) {
	sits, err := committee.Of(tx, v.ID, now)
	if err != nil {
		return nil, err
	}
	for _, u := range sits {
		level, err := committee.LevelOf(tx, v, u.ID, now)
		if err != nil {
			return nil, err
		}
		if level >= least {
			all = append(all, u)
		}
	}
	if len(all) == 0 {
		err = fault.New(fault.Forbidden, "Das können nur Vorsitz, Stellvertretung und Schriftführung eines Gremiums.")
	}
	return all, err
}

// chosen is the unit that a form or the address names of some, or the first.
func chosen(r *http.Request, form web.Form, all []org.Unit) int64 {
	id := form.ID("unit")
	if id == 0 {
		id, _ = strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: the first
	}
	i := max(0, slices.IndexFunc(all, func(u org.Unit) bool { return u.ID == id }))
	return all[i].ID
}

// newPage prepares the form of a new meeting.
func (f feature) newPage(r *http.Request, v who.Viewer, form web.Form) (p editPage, err error) {
	p = editPage{Page: page(r, v, "Neue Sitzung"), Form: form, Action: "/sitzungen/neu"}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Units, err = ledUnits(tx, v, committee.Leading, f.Now()); err != nil {
			return err
		}
		p.Unit = chosen(r, form, p.Units)
		return nil
	})
	if form.Values == nil {
		p.Form.Set("uid", newUID())
		p.Form.Set("title", "Sitzung")
		p.Form.Set("public", "1")
	}
	return p, err
}

func (f feature) newForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.newPage(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "edit.html", p)
}

func (f feature) add(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, editFields()...)
	if err != nil {
		return err
	}
	var id int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if id, err = Add(tx, f.House, v, draft(form)); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "meeting.made", id)
	})
	if web.Again(err) {
		p, e := f.newPage(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "edit.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, sitzung(id)+"/tagesordnung", "Die Sitzung ist geplant. Jetzt die Tagesordnung.")
}

// editPage prepares the form of a meeting that there is.
func (f feature) editPage(r *http.Request, v who.Viewer, form web.Form) (p editPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = editPage{Page: page(r, v, "Sitzung ändern"), Form: form, Action: sitzung(id) + "/bearbeiten"}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Of, err = led(tx, id, v, f.Now()); err != nil {
			return err
		}
		return p.Of.open()
	})
	if err == nil && form.Values == nil {
		s, e := house.Local(p.Of.Starts), house.Local(p.Of.Ends)
		p.Form.Set("day", s.Format(time.DateOnly))
		p.Form.Set("starts", s.Format("15:04"))
		p.Form.Set("ends", e.Format("15:04"))
		if e.Hour()+e.Minute() == 0 {
			p.Form.Set("ends", "23:59")
		}
		for name, value := range map[string]string{"title": p.Of.Title, "place": p.Of.Place, "online": p.Of.Online, "body": p.Of.Body} {
			p.Form.Set(name, value)
		}
		if p.Of.Public {
			p.Form.Set("public", "1")
		}
	}
	return p, err
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
	form, err := web.ReadForm(r, editFields()...)
	if err != nil {
		return err
	}
	words := "Gespeichert."
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		m, err := led(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		if m.State == Invited {
			words = "Gespeichert. Die Eingeladenen wissen es noch nicht: Bitte teilen Sie ihnen die Änderung mit."
		}
		return edit(tx, f.House, m, draft(form))
	})
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
	return web.Done(w, r, sitzung(id), words)
}

type invitePage struct {
	web.Page
	It      Meeting
	When    string
	Form    web.Form
	Points  []Item
	People  []committee.Seat // who is written to
	Rules   committee.Rules
	Last    time.Time // the last day on which an invitation is in time
	Late    bool
	Again   bool // they were invited before
	Mails   bool // there is a mail server
	Without []string
}

// inviting prepares the page on which those who lead see what they send before they do.
func (f feature) inviting(r *http.Request, v who.Viewer, form web.Form) (p invitePage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = invitePage{Page: page(r, v, "Einladen"), Form: form, Mails: f.Mail.Configured(r.Context())}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, err = led(tx, id, v, f.Now()); err != nil {
			return err
		}
		if err := p.It.open(); err != nil {
			return err
		}
		if p.Points, err = items(tx, id); err != nil {
			return err
		}
		seats, err := committee.Seats(tx, p.It.Unit, p.It.Starts)
		if err != nil {
			return err
		}
		p.People = slices.DeleteFunc(seats, func(s committee.Seat) bool { return !s.Office.Votes() })
		if p.Rules, err = committee.RulesOf(tx, p.It.Unit); err != nil {
			return err
		}
		called, err := store.One(tx, store.Value[int64], `SELECT coalesce(called, 0) FROM meeting WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if p.Late, p.Last, err = late(tx, f.House, p.It); err != nil {
			return err
		}
		p.Late = p.Late && called != p.It.Starts.Unix()
		p.Without, err = unreachable(tx, p.People, f.Now())
		return err
	})
	p.Again = p.It.State == Invited
	if p.Again {
		p.Title = "Änderung mitteilen"
	}
	p.When = when(p.L(), p.It, f.Now())
	return p, err
}

func (f feature) inviteForm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.inviting(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "invite.html", p)
}

func (f feature) invite(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "late")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		m, err := led(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		if err := call(tx, f.House, m, form.On("late")); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "meeting.invited", id)
	})
	if web.Again(err) {
		p, e := f.inviting(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "invite.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, sitzung(id), "Die Einladung geht hinaus, mit einem Eintrag für den Kalender.")
}
