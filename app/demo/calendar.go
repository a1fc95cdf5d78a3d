package demo

import (
	"fmt"
	"time"

	base "nestfunk/app/base/calendar"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/calendar"
)

// dates fills the calendar: what is on at the first facility and in the city, and the days on which the facility closes.
func (t *town) dates(tx *store.Tx) error {
	t.clock.set(t.ago(16, 11, 0))
	const land = "SH"
	if err := t.Settings.Set(tx, settings.Land, land); err != nil {
		return err
	}
	k := t.kitas[0]
	day := func(n int) string { return t.today.AddDate(0, 0, n).Format(time.DateOnly) }
	parents := who.Of(who.Parent)
	weekly := base.Rule{Freq: base.Weekly, Interval: 1, Count: 26, WeekStart: time.Monday}
	for _, d := range []calendar.Draft{
		{Unit: k.id, Title: "Elternabend", Place: "Turnhalle", Body: "Wir stellen das neue Team vor und wählen den Elternbeirat.", Day: day(4), Starts: 19*60 + 30, Ends: 21 * 60,
			Roles: parents, Answers: true, Places: 60, Guests: 2, Closes: 24 * 60, Remind: 24 * 60},
		{Unit: k.groups[0].id, Title: "Waldtag", Place: "Treffpunkt am Eingang", Body: "Bitte feste Schuhe und eine Trinkflasche mitgeben.", Day: day(2), Starts: 8*60 + 30, Ends: 12 * 60,
			Roles: parents, Rule: weekly},
		{Unit: k.id, Title: "Laternenumzug", Place: "Start im Hof", Day: day(11), Starts: 17 * 60, Ends: 18*60 + 30, Roles: parents, Public: true, Answers: true, Guests: 6, Remind: 24 * 60},
		{Unit: k.id, Title: "Fotograf", Day: day(8), AllDay: true, Roles: parents | who.Of(who.Staff, who.Head)},
		{Unit: k.id, Title: "Dienstbesprechung", Place: "Personalraum", Day: day(1), Starts: 16*60 + 30, Ends: 18 * 60, Roles: who.Of(who.Staff, who.Head), Rule: base.Rule{Freq: base.Weekly, Interval: 2, Count: 12, WeekStart: time.Monday}},
	} {
		if d.Guests == 0 {
			d.Guests = 1
		}
		d.Units = []int64{d.Unit}
		if _, err := calendar.Add(tx, t.House, k.head, d); err != nil {
			return fmt.Errorf("add %q: %w", d.Title, err)
		}
	}
	_, err := calendar.Add(tx, t.House, t.official, calendar.Draft{Unit: t.city, Units: []int64{t.city}, Roles: parents, Public: true, Guests: 1,
		Title: "Kita-Messe im Rathaus", Place: "Rathaus, Bürgerhalle", Day: day(18), Starts: 10 * 60, Ends: 15 * 60})
	if err != nil {
		return err
	}
	year := t.today.AddDate(0, 2, 0).Year()
	id, err := calendar.AddPlan(tx, t.House, k.head, calendar.Plan{Unit: k.id, Year: year, Allowed: 25, Notice: 8})
	if err != nil {
		return err
	}
	plan := calendar.Plan{ID: id, Unit: k.id, Year: year, Allowed: 25, Notice: 8}
	for _, c := range []calendar.Closing{
		{First: fmt.Sprintf("%d-05-15", year), Last: fmt.Sprintf("%d-05-18", year), Words: "Fortbildung"},
		{First: fmt.Sprintf("%d-07-27", year), Last: fmt.Sprintf("%d-08-14", year), Words: "Sommer"},
		{First: fmt.Sprintf("%d-12-24", year), Last: fmt.Sprintf("%d-12-31", year), Words: "Weihnachten"},
	} {
		if c.Last < t.today.Format(time.DateOnly) {
			continue
		}
		if err := calendar.Close(tx, t.House, plan, c, true, land); err != nil {
			return fmt.Errorf("close %s: %w", c.Words, err)
		}
	}
	return calendar.Publish(tx, t.House, plan)
}
