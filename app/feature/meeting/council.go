package meeting

import (
	"fmt"
	"html/template"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// councilPage is the part of the page of a committee: the next meeting, and what is asked.
type councilPage struct {
	web.Page
	C       house.Council
	Sits    bool
	Leads   bool
	Next    []Meeting
	When    string // of the first of them
	Mine    Guest  // of the viewer in the first of them; the zero Guest: not invited
	Ask     bool   // the viewer can answer
	Polls   []Poll
	Waiting int // proposals, for those who lead
}

func (f feature) council(tx *store.Tx, p web.Page, c house.Council) (template.HTML, error) {
	d := councilPage{Page: p, C: c, Sits: c.Level >= committee.Inside, Leads: c.Level == committee.Leading}
	var err error
	if d.Next, err = list(tx, p.Viewer, p.Now, filter{unit: c.Unit.ID, n: 3}); err != nil {
		return "", err
	}
	if len(d.Next) > 0 {
		d.When = when(p.L(), d.Next[0], p.Now)
		if d.Mine, err = guest(tx, d.Next[0].ID, p.Viewer.ID); err != nil && fault.KindOf(err) != fault.NotFound {
			return "", err
		}
		d.Ask = d.Mine.Person != 0 && d.Next[0].State == Invited && d.Next[0].Starts.After(p.Now)
	}
	if d.Sits {
		if d.Polls, err = openPolls(tx, p.Viewer, c.Unit.ID, p.Now); err != nil {
			return "", err
		}
		all, err := proposals(tx, c.Unit.ID, true)
		if err != nil {
			return "", err
		}
		d.Waiting = len(all)
	}
	return f.pages.Part("show.html", "council", p.Lang, d)
}

// legacy is what a board leaves to the next: meetings to come, and what waits for an agenda.
func legacy(tx *store.Tx, v who.Viewer, unit int64, now time.Time) (all []house.Legacy, err error) {
	next, err := list(tx, v, now, filter{unit: unit, n: 50})
	if err != nil {
		return nil, err
	}
	for _, m := range next {
		all = append(all, house.Legacy{Kind: "date", Ref: fmt.Sprintf("meeting %d", m.ID), Title: m.Title, Note: m.Place, Path: sitzung(m.ID), Due: m.Starts})
	}
	polls, err := openPolls(tx, v, unit, now)
	if err != nil {
		return nil, err
	}
	for _, p := range polls {
		all = append(all, house.Legacy{Kind: "date", Ref: fmt.Sprintf("poll %d", p.ID), Title: "Terminfindung: " + p.Title, Path: terminfindung(p.ID), Due: p.Closes})
	}
	open, err := proposals(tx, unit, true)
	for _, p := range open {
		all = append(all, house.Legacy{Kind: "topic", Ref: fmt.Sprintf("proposal %d", p.ID), Title: p.Title, Note: p.Origin(), Path: vorschlaege(unit)})
	}
	return all, err
}
