package calendar

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type monthPage struct {
	web.Page
	sheet
	Name     string // "März 2026"
	This     string // 2026-03
	Prev     string
	Next     string
	Weekdays []weekday
	Kids     []kid
	Only     int64 // the page shows one child only; 0: all
	Units    []choice
	Unit     int64 // the page shows one unit only; 0: all
	Land     string
	Source   string // of the school holidays; "": none are known
	Writes   bool
	Plans    bool
	Agenda   bool // a list instead of the table
}

type weekday struct{ Short, Long string }

// agendaDays is how far the list looks ahead.
const agendaDays = 90

func (f feature) month(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := monthPage{Page: web.NewPage(r, v, "Termine"), Writes: v.May(Writers), Plans: v.May(who.Member)}
	p.Live = stream(v)
	now := house.Local(f.Now())
	today := midnight(calendar.Wall(now))
	q := r.URL.Query()
	month := time.Date(today.Year(), today.Month(), 1, 0, 0, 0, 0, time.UTC)
	if m, err := time.Parse("2006-01", q.Get("monat")); err == nil && m.Year() >= 2000 && m.Year() <= 2100 {
		month = m
	}
	p.Only, _ = strconv.ParseInt(q.Get("kind"), 10, 64)    // 0: all
	p.Unit, _ = strconv.ParseInt(q.Get("einheit"), 10, 64) // 0: all
	p.Agenda = q.Get("ansicht") == "liste"
	from, to := spanOf(month)
	if p.Agenda {
		from, to = today, today.AddDate(0, 0, agendaDays)
	}
	var all []house.Date
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if all, err = f.shown(tx, v, p.Unit, day(from), day(to)); err != nil {
			return err
		}
		if p.Kids, err = kidsOf(tx, v, f.Now()); err != nil {
			return err
		}
		if p.Source, err = f.source(tx); err != nil {
			return err
		}
		land, err := f.land(tx)
		p.Land = land.Name
		return err
	})
	if err != nil {
		return err
	}
	p.Name, p.This = p.L().Month(month), month.Format("2006-01")
	p.Prev, p.Next = month.AddDate(0, -1, 0).Format("2006-01"), month.AddDate(0, 1, 0).Format("2006-01")
	for i := range 7 {
		d := time.Weekday((i + 1) % 7)
		p.Weekdays = append(p.Weekdays, weekday{p.L().ShortWeekday(d), p.L().Weekday(d)})
	}
	entries := p.narrow(sorted(all), f.Now())
	if p.Agenda {
		p.Days = agenda(entries, today)
	} else {
		p.sheet = lay(p.L(), entries, month, today)
	}
	if r.URL.RawQuery == "" && v.ID != 0 {
		web.KeepOffline(w, v)
	}
	return f.pages.Render(w, r, "month.html", p)
}

// shown is what the viewer's calendar shows; nobody's shows what is public.
func (f feature) shown(tx *store.Tx, v who.Viewer, unit int64, from, to time.Time) ([]house.Date, error) {
	if v.May(who.Member) {
		return f.dates(tx, v, from, to)
	}
	public, err := publicDates(tx, unit, from, to)
	if err != nil {
		return nil, err
	}
	free, err := f.holidays(tx, from, to)
	return append(public, free...), err
}

// narrow makes the entries of a page, of the child and the unit that were chosen, and lists the units to choose from.
func (p *monthPage) narrow(all []house.Date, now time.Time) (list []entry) {
	for _, d := range all {
		e := entry{Date: d, Kids: concerns(p.Kids, d), When: whenOf(p.L(), d, now)}
		if d.Unit != 0 && !slices.ContainsFunc(p.Units, func(c choice) bool { return c.Value == itoa(d.Unit) }) {
			p.Units = append(p.Units, choice{itoa(d.Unit), d.UnitName})
		}
		switch {
		case p.Only != 0 && (len(d.Units) > 0 || d.Child != 0) && !slices.ContainsFunc(e.Kids, func(k kid) bool { return k.ID == p.Only }):
		case p.Unit != 0 && d.Unit != 0 && d.Unit != p.Unit && !slices.Contains(d.Units, p.Unit):
		default:
			list = append(list, e)
		}
	}
	slices.SortFunc(p.Units, func(a, b choice) int {
		if a.Label < b.Label {
			return -1
		}
		return 1
	})
	if len(p.Kids) < 2 {
		for i := range list {
			list[i].Kids = nil // whose else
		}
	}
	return list
}

// agenda lists days on which something begins, or goes on from before the first.
func agenda(all []entry, first time.Time) (days []cell) {
	for _, e := range all {
		d := midnight(calendar.Wall(house.Local(e.Starts)))
		if d.Before(first) {
			d = first
		}
		i := slices.IndexFunc(days, func(c cell) bool { return c.Day.Equal(d) })
		if i < 0 {
			i = len(days)
			days = append(days, cell{Day: d, Today: d.Equal(first)})
		}
		days[i].All = append(days[i].All, e)
	}
	return days
}

// At is the query of another view of the page: with the same child and unit.
func (p monthPage) At(month string, only, unit int64) string {
	s := "?monat=" + month
	if p.Agenda {
		s = "?ansicht=liste"
	}
	if only != 0 {
		s += "&kind=" + itoa(only)
	}
	if unit != 0 {
		s += "&einheit=" + itoa(unit)
	}
	return s
}

// Day is a day of the page in words.
func (p monthPage) Day(c cell) string { return p.L().Day(c.Day) }
