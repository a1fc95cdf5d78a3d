package resolution

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

// latest is how many resolutions the page of a committee shows.
const latest = 3

type councilPart struct {
	web.Page
	Council  house.Council
	Running  []Circular // for members
	Latest   []row
	Lead     bool
	Circular bool // one can begin one
}

// council is what stands on the page of a committee; "": there is nothing to read, and nothing to do.
func (f feature) council(tx *store.Tx, p web.Page, c house.Council) (template.HTML, error) {
	d := councilPart{Page: p, Council: c, Lead: c.Level == committee.Leading}
	d.Circular = d.Lead && c.Rules.Circular && f.wires.Vote != nil
	inside := c.Level >= committee.Inside
	all, err := in(tx, c.Unit.ID, inside, Choice{Most: latest}, p.Now)
	if err != nil {
		return "", err
	}
	for _, x := range all {
		d.Latest = append(d.Latest, row{Resolution: x, Words: x.Words(p.L(), p.Now, inside), Holds: true})
	}
	if inside {
		if d.Running, err = running(tx, f.wires.Vote, c.Unit.ID, p.Viewer.ID); err != nil {
			return "", err
		}
	}
	if !inside && len(d.Latest) == 0 {
		return "", nil
	}
	return f.pages.Part("index.html", "council", p.Lang, d)
}

// running are the circular resolutions of a committee on which the vote is not over.
func running(tx *store.Tx, vote *Vote, unit, viewer int64) (all []Circular, err error) {
	list, err := circulars(tx, unit, 0, viewer, 20)
	if err != nil {
		return nil, err
	}
	for _, c := range list {
		if c.State != Running {
			continue
		}
		if _, err := vote.see(tx, &c); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// legacy is what a board leaves to the next: what holds, and what is being voted on.
func legacy(now func() time.Time, vote *Vote) func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) {
	return func(tx *store.Tx, v who.Viewer, unit int64) (all []house.Legacy, err error) {
		level, err := committee.LevelOf(tx, v, unit, now())
		if err != nil || level < committee.Inside {
			return nil, err
		}
		list, err := running(tx, vote, unit, v.ID)
		if err != nil {
			return nil, err
		}
		for _, c := range list {
			all = append(all, house.Legacy{Kind: "deadline", Ref: fmt.Sprintf("circular %d", c.ID), Title: "Umlaufbeschluss: " + c.Title,
				Note: "Die Abstimmung läuft.", Path: fmt.Sprintf("/umlaufbeschluss/%d", c.ID), Due: c.Closes})
		}
		hold, err := in(tx, unit, true, Choice{Most: whole}, now())
		for _, x := range hold {
			l := house.Legacy{Kind: "resolution", Ref: fmt.Sprintf("resolution %d", x.ID), Title: x.Name() + " " + x.Title, Path: fmt.Sprintf("/beschluss/%d", x.ID)}
			if x.Until != "" {
				l.Note, l.Due = x.Words(lang.German(), now(), true), dayOf(x.Until)
			}
			all = append(all, l)
		}
		return all, err
	}
}
