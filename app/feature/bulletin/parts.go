package bulletin

import (
	"html/template"
	"slices"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// asked is whose questions on the start page are kept in memory, and of which day.
type asked struct {
	person int64
	day    string
}

func askedTables() []string {
	return []string{"bulletin_agreement", "bulletin_declined", "unit", "unit_up", "membership", "guardian", "child_stay", "person"}
}

// start asks a parent, once for each council that somebody leads, whether to hear from it: one question at a time. Who
// sits in it reads what it writes anyway, and is not asked.
func (f feature) start(tx *store.Tx, p web.Page) (template.HTML, error) {
	if !p.Viewer.May(who.Families) {
		return "", nil
	}
	now := f.Now()
	open, err := f.asked.Get(tx, asked{p.Viewer.ID, house.Local(now).Format(time.DateOnly)}, func() (open []Council, err error) {
		all, err := councils(tx, p.Viewer.ID, now)
		if err != nil {
			return nil, err
		}
		mine, err := committee.Of(tx, p.Viewer.ID, now)
		for _, c := range all {
			sits := slices.ContainsFunc(mine, func(u org.Unit) bool { return u.ID == c.Unit })
			if c.Active && !c.Asked && !sits {
				open = append(open, c)
			}
		}
		return open, err
	})
	if err != nil || len(open) == 0 {
		return "", err
	}
	return f.pages.Part("index.html", "ask", p.Lang, askPart{p, open[0], "/", true})
}

// askPart is the question whether a parent wants to hear from a council.
type askPart struct {
	web.Page
	Council Council
	Back    string // where one comes back to
	Once    bool   // one can also say not to be asked any more
}

type councilPart struct {
	web.Page
	Unit   org.Unit
	Ask    *askPart // for parents; nil: the viewer is none here, or sits in it
	Inside bool
	Reach  Number
	Drafts int
	Latest []Bulletin // that the viewer may read
}

// latest is how many bulletins the page of a committee shows.
const latest = 3

// council is what stands on the page of a committee.
func (f feature) council(tx *store.Tx, p web.Page, c house.Council) (template.HTML, error) {
	if p.Viewer.ID == 0 || c.Level < committee.Around {
		return "", nil
	}
	d := councilPart{Page: p, Unit: c.Unit, Inside: c.Level >= committee.Inside}
	mine, err := council(tx, c.Unit.ID, p.Viewer, f.Now())
	switch {
	case err == nil && !d.Inside:
		d.Ask = &askPart{p, mine, p.Path, false}
	case err != nil && fault.KindOf(err) != fault.NotFound:
		return "", err
	}
	if d.Inside {
		if d.Reach, _, err = counted(tx, c.Unit.ID, c.Unit.Parent, f.Now()); err != nil {
			return "", err
		}
		all, err := written(tx, c.Unit.ID, 0, most)
		if err != nil {
			return "", err
		}
		for _, b := range all {
			if b.Sent.IsZero() {
				d.Drafts++
			} else if len(d.Latest) < latest {
				d.Latest = append(d.Latest, b)
			}
		}
	} else {
		all, err := received(tx, p.Viewer.ID, 0, most)
		if err != nil {
			return "", err
		}
		for _, b := range all {
			if b.Unit == c.Unit.ID && len(d.Latest) < latest {
				d.Latest = append(d.Latest, b)
			}
		}
	}
	if d.Ask == nil && !d.Inside && len(d.Latest) == 0 {
		return "", nil
	}
	return f.pages.Part("index.html", "council", p.Lang, d)
}
