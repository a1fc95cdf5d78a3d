package oparl

import (
	"net/http"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

const mostMeetings = 500 // in the calendar of a committee

// feed is the calendar of a public committee: its meetings as the interface publishes them, whoever asks.
func (f *feature) feed(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var c calendar.Calendar
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		u, _, err := committee.Must(tx, who.Viewer{}, id, committee.Open, f.Now())
		if err != nil {
			return err
		}
		c.Name = u.Name
		all, err := f.meetings(tx, u)
		for _, x := range all {
			if e, ok := event(f.at, x); ok {
				c.Events = append(c.Events, e)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=600")
	_, err = w.Write(c.Write(web.Zone()))
	return err
}

// meetings are those of a committee as they are published: of the house, or read in.
func (f *feature) meetings(tx *store.Tx, u org.Unit) (all []oparl.Item, err error) {
	q := query{N: mostMeetings, Created: always(), Modified: always()}
	read, err := store.One(tx, (*row).fields, `
		SELECT id, uid, source, type, body, parent, place, unit, name, starts, json, hash, made, changed, deleted
		FROM oparl_object WHERE unit = ? AND deleted = 0`, u.ID)
	if err == nil {
		return f.imported(oparl.Meeting, read.body, read.source).list(tx, q)
	}
	if fault.KindOf(err) != fault.NotFound {
		return nil, err
	}
	above, err := org.Path(tx, u.ID)
	if err != nil || len(above) == 0 {
		return nil, err
	}
	e, err := f.edition(tx, above[0])
	if err != nil {
		return nil, err
	}
	return e.shelf(oparl.Meeting, u.UID).list(tx, q)
}

// event is a meeting as a calendar has it; false for one that says no time.
func event(at oparl.Addresses, x oparl.Item) (calendar.Event, bool) {
	o := x.Object
	e := calendar.Event{UID: x.UID + "@nestfunk", Changed: x.Modified, Title: o.Text("name"), Place: placeOf(o), URL: o.Text("web"), Cancelled: o.Get("cancelled") == true,
		Start: stamp(o.Text("start")), End: stamp(o.Text("end"))}
	if e.URL == "" {
		e.URL = at.Of(oparl.Meeting, x.UID)
	}
	if e.Title == "" {
		e.Title = "Sitzung"
	}
	if e.Cancelled {
		e.Title = "Abgesagt: " + e.Title
	}
	if !e.End.After(e.Start) {
		e.End = e.Start.Add(2 * time.Hour) // as long as most are, where nobody says more
	}
	return e, !e.Start.IsZero()
}
