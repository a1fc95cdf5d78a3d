package calendar

import (
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

// openHolidays is the database from which ics.tools makes its files; its licence wants to be named where the data are
// shown.
const openHolidays = "Contains information from Open Holidays API, which is made available under the Open Database License (ODbL). Via ics.tools."

// A vacation is a span of days on which schools are closed.
type vacation struct{ Name, First, Last string }

func (x *vacation) fields() []any { return []any{&x.Name, &x.First, &x.Last} }

// vacations lists those of a Land that touch a span of days.
func vacations(tx *store.Tx, land, first, last string) ([]vacation, error) {
	return store.All(tx, (*vacation).fields, `
		SELECT name, first_day, last_day FROM calendar_vacation WHERE land = ? AND first_day <= ? AND last_day >= ? ORDER BY first_day, name`, land, last, first)
}

// setVacations replaces those of a Land.
func setVacations(tx *store.Tx, land string, all []vacation) error {
	if _, err := tx.Exec(`DELETE FROM calendar_vacation WHERE land = ?`, land); err != nil {
		return err
	}
	for _, x := range all {
		if _, err := tx.Exec(`
			INSERT INTO calendar_vacation (land, first_day, last_day, name) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, land, x.First, x.Last, x.Name); err != nil {
			return err
		}
	}
	return nil
}

// readVacations takes the school holidays out of a calendar file.
func readVacations(file []byte) (all []vacation, problems []calendar.Problem, err error) {
	c, problems, err := calendar.Read(file, zone())
	if err != nil {
		return nil, nil, err
	}
	for _, e := range c.Events {
		switch {
		case !e.AllDay || e.Rule.Interval > 0:
			problems = append(problems, calendar.Problem{Line: e.Line, Words: "„" + e.Title + "“ dauert nicht ganze Tage und gehört wohl nicht zu den Ferien."})
		case e.End.Sub(e.Start) > 100*24*time.Hour:
			problems = append(problems, calendar.Problem{Line: e.Line, Words: "„" + e.Title + "“ dauert länger als hundert Tage."})
		default:
			all = append(all, vacation{e.Title, e.Start.Format(time.DateOnly), e.End.AddDate(0, 0, -1).Format(time.DateOnly)})
		}
	}
	if len(all) == 0 {
		return nil, problems, fault.At("file", "In dieser Datei stehen keine Ferien.")
	}
	return all, problems, nil
}

// land is that of the house; the zero Land where nobody has said it.
func (f feature) land(tx *store.Tx) (calendar.Land, error) {
	code, err := f.Settings.Get(tx, settings.Land)
	l, _ := calendar.LandOf(code)
	return l, err
}

// holidays lists public and school holidays between two moments. Nobody has told the Land: those of all Länder.
func (f feature) holidays(tx *store.Tx, from, to time.Time) ([]house.Date, error) {
	land, err := f.land(tx)
	if err != nil {
		return nil, err
	}
	var all []house.Date
	first, last := house.Local(from), house.Local(to.Add(-1))
	for year := first.Year(); year <= last.Year(); year++ {
		for _, h := range calendar.Holidays(land.Code, year) {
			d := house.Date{Kind: house.Holiday, AllDay: true, Title: h.Name, UID: "feiertag-" + h.Day.Format(time.DateOnly) + "-" + land.Code + "@nestfunk"}
			d.Starts, d.Ends = day(h.Day), day(h.Day.AddDate(0, 0, 1))
			if d.Ends.After(from) && d.Starts.Before(to) {
				all = append(all, d)
			}
		}
	}
	list, err := vacations(tx, land.Code, first.Format(time.DateOnly), last.Format(time.DateOnly))
	for _, x := range list {
		all = append(all, house.Date{Kind: house.Vacation, AllDay: true, Title: x.Name, Starts: dayOf(x.First), Ends: after(x.Last),
			UID: "ferien-" + x.First + "-" + land.Code + "@nestfunk"})
	}
	return all, err
}

// day is the midnight of a day given as a wall time.
func day(wall time.Time) time.Time { return calendar.In(wall, zone()) }

// dayOf is the midnight with which a day of the database begins.
func dayOf(s string) time.Time {
	t, _ := calendar.Day(s) // the database holds no other
	return day(t)
}

// after is the midnight with which a day of the database ends.
func after(s string) time.Time {
	t, _ := calendar.Day(s)
	return day(t.AddDate(0, 0, 1))
}

// isFree reports whether a facility is closed on a day anyway: a weekend, or a public holiday of the Land.
func isFree(land string, d time.Time) bool {
	return d.Weekday() == time.Saturday || d.Weekday() == time.Sunday || calendar.IsHoliday(land, d)
}

// source names where the school holidays come from; "" where none are known.
func (f feature) source(tx *store.Tx) (string, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM calendar_vacation`)
	if err != nil || n == 0 {
		return "", err
	}
	s, err := f.Settings.Get(tx, settings.HolidaySource)
	if s == "" {
		s = openHolidays
	}
	return s, err
}
