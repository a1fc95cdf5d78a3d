package assignment

import (
	"fmt"
	"html/template"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// next is how many tasks the page of a committee shows.
const next = 5

type councilPart struct {
	web.Page
	Council house.Council
	All     []row
	More    int // that are not shown
}

// council is what stands on the page of a committee; "" for whoever does not sit in it.
func (f feature) council(tx *store.Tx, p web.Page, c house.Council) (template.HTML, error) {
	if c.Level < committee.Inside {
		return "", nil
	}
	all, err := Open(tx, c.Unit.ID, p.Now)
	if err != nil {
		return "", err
	}
	d := councilPart{Page: p, Council: c, More: max(0, len(all)-next)}
	for _, a := range all[:min(next, len(all))] {
		d.All = append(d.All, rowOf(a, p.Viewer, c.Level, p.Now))
	}
	return f.pages.Part("index.html", "council", "de", d)
}

// legacy is what a board leaves to the next: all that is open.
func legacy(now func() time.Time) func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) {
	return func(tx *store.Tx, v who.Viewer, unit int64) (all []house.Legacy, err error) {
		level, err := committee.LevelOf(tx, v, unit, now())
		if err != nil || level < committee.Inside {
			return nil, err
		}
		list, err := Open(tx, unit, now())
		for _, a := range list {
			l := house.Legacy{Kind: "task", Ref: fmt.Sprintf("assignment %d", a.ID), Title: a.Title, Path: fmt.Sprintf("/aufgabe/%d", a.ID), Due: a.Day(), Note: a.words()}
			if a.Late(now()) {
				l.Note += ", überfällig seit " + lang.German().DayYear(a.Day())
			}
			all = append(all, l)
		}
		return all, err
	}
}

// words says who has taken a task on.
func (a Assignment) words() string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Was != "":
		return "ohne Zuständige (war: " + a.Was + ")"
	}
	return "ohne Zuständige"
}

// dates are the days on which the viewer's open tasks are due.
func dates(tx *store.Tx, v who.Viewer, from, to, now time.Time) ([]house.Date, error) {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT id FROM assignment WHERE owner = ? AND state = 'open' AND due >= ? AND due <= ? ORDER BY due, id`,
		v.ID, house.Local(from).Format(time.DateOnly), house.Local(to.Add(-1)).Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	mine, err := read(tx, ids, now)
	var all []house.Date
	for _, a := range mine {
		if a.Owner != v.ID { // the term is over
			continue
		}
		all = append(all, house.Date{Kind: house.Event, Starts: a.Day(), Ends: a.DueAt(), AllDay: true, Title: lang.Of(v.Lang).T("Aufgabe: %s", a.Title),
			Path: fmt.Sprintf("/aufgabe/%d", a.ID), Unit: a.Unit, UnitName: a.UnitName, UID: "aufgabe-" + a.UID + "@nestfunk", Changed: a.Changed})
	}
	return all, err
}
