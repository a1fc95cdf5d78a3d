package calendar

import (
	"crypto/rand"
	"sync"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// openEnd is until when a series of a file goes that has no end.
const openEnd = 1 // years from now

// A line is one event of a file, and what will become of it.
type line struct {
	calendar.Event
	Draft Draft
	When  string
	Words string // what is changed about it; "": nothing
	Why   string // why it is left out; "": it is taken
	Known bool   // the unit has it already
}

// bring makes drafts of the events of a file for a unit.
func bring(tx *store.Tx, h *house.House, unit int64, roles who.Right, c calendar.Calendar) (all []line, err error) {
	now := h.Now()
	for _, e := range c.Events {
		x := line{Event: e, Draft: Draft{Unit: unit, Units: []int64{unit}, Roles: roles, Title: shorten(e.Title, maxTitle), Place: shorten(e.Place, 200),
			Body: shorten(e.Text, maxBody), AllDay: e.AllDay, Rule: e.Rule, Except: e.Except, Guests: 1, Source: e.UID}}
		d := &x.Draft
		if e.AllDay {
			d.setTime(day(e.Start), day(e.End))
		} else {
			d.setTime(e.Start, e.End)
		}
		x.When = span(lang.German(), dayIf(e.AllDay, e.Start), dayIf(e.AllDay, e.End), e.AllDay, now)
		switch r := &d.Rule; {
		case !e.Instead.IsZero():
			x.Why = "Einzelne Änderungen an einer Reihe werden nicht übernommen."
		case e.Cancelled:
			x.Why = "Dieser Termin ist abgesagt."
		case r.Interval > 0 && (r.Freq < calendar.Daily || r.Hour != nil || r.Minute != nil || r.Second != nil):
			x.Why = "Termine, die mehrmals am Tag wiederkommen, kennt Nestfunk nicht."
		case r.Interval > 0:
			limit := calendar.Wall(house.Local(now)).AddDate(openEnd, 0, 0)
			if start, _ := d.starts(); start.AddDate(maxYears, 0, 0).Before(limit) {
				limit = start.AddDate(maxYears, 0, 0)
			}
			limit = midnight(limit)
			if !r.Ends() {
				r.Until, r.UntilDay = limit, true
				x.Words = "Diese Reihe hat kein Ende. Eingetragen wird sie bis zum " + lang.German().DayYear(limit) + "."
			}
		}
		if x.Why == "" {
			if err := d.check(); err != nil {
				x.Why = fault.Words(err)
				for _, words := range fault.Fields(err) {
					x.Why = words
				}
			}
		}
		if x.Why == "" && e.UID != "" {
			if x.Known, err = store.One(tx, store.Value[bool], `
				SELECT EXISTS (SELECT 1 FROM calendar_date WHERE unit = ? AND source = ?)`, unit, e.UID); err != nil {
				return nil, err
			}
		}
		all = append(all, x)
	}
	return all, nil
}

func dayIf(allDay bool, t time.Time) time.Time {
	if allDay {
		return day(t)
	}
	return t
}

func shorten(s string, n int) string {
	s = text.Clean(s)
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

// An upload is a file that somebody has looked at and not taken yet.
type upload struct {
	person   int64
	unit     int64
	roles    who.Right
	calendar calendar.Calendar
	problems []calendar.Problem
	at       time.Time
}

// Uploads are kept in memory, each for half an hour.
const (
	mostUploads = 20
	uploadLife  = 30 * time.Minute
)

type uploads struct {
	mu  sync.Mutex
	all map[string]*upload
}

func (us *uploads) put(u *upload, now time.Time) string {
	us.mu.Lock()
	defer us.mu.Unlock()
	if us.all == nil {
		us.all = map[string]*upload{}
	}
	var oldest string
	for token, x := range us.all {
		if now.Sub(x.at) > uploadLife {
			delete(us.all, token)
		} else if oldest == "" || x.at.Before(us.all[oldest].at) {
			oldest = token
		}
	}
	if len(us.all) >= mostUploads {
		delete(us.all, oldest)
	}
	u.at = now
	token := rand.Text()
	us.all[token] = u
	return token
}

// get finds an upload of a person.
func (us *uploads) get(token string, person int64, now time.Time) (*upload, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	u := us.all[token]
	if u == nil || u.person != person || now.Sub(u.at) > uploadLife {
		return nil, fault.New(fault.NotFound, "Diese Vorschau gibt es nicht mehr. Bitte lesen Sie die Datei noch einmal ein.")
	}
	return u, nil
}

func (us *uploads) drop(token string) {
	us.mu.Lock()
	defer us.mu.Unlock()
	delete(us.all, token)
}
