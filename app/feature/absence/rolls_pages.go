package absence

import (
	"net/http"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type rollsPage struct {
	web.Page
	Named  bool    // the viewer may know children somewhere
	Lists  []Total // units whose lists the viewer works with
	Places []Total // facilities of which the viewer knows numbers only
}

// rolls leads to the lists of today; whoever leads from above sees numbers.
func (f feature) rolls(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	now := f.Now()
	p := rollsPage{Page: web.NewPage(r, v, "Tageslisten"), Named: v.May(names())}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		all, err := totals(tx, v, who.Team, now)
		if err != nil {
			return err
		}
		shut, err := f.shut(tx, v, now)
		if err != nil {
			return err
		}
		for _, t := range all {
			named, err := org.Manages(tx, v.ID, t.ID, names(), now)
			if err != nil {
				return err
			}
			if t.Kind == org.Facility {
				if t.Rules, err = org.Manages(tx, v.ID, t.ID, ruling(), now); err != nil {
					return err
				}
			}
			if named {
				here, err := shutAt(tx, shut, t.ID)
				if err != nil {
					return err
				}
				t.Shut = len(here) > 0
				p.Lists = append(p.Lists, t)
				continue
			}
			leads := t.Kind == org.Facility
			if leads && p.Named { // the facility above one's own group
				if leads, err = org.Manages(tx, v.ID, t.ID, who.Of(who.Manager, who.Office), now); err != nil {
					return err
				}
			}
			if leads {
				p.Places = append(p.Places, t)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if p.Named {
		p.Live = "/strom"
	}
	return f.pages.Render(w, r, "rolls.html", p)
}

// Few reports whether a place is so small that numbers could betray a child.
func (t Total) Few() bool { return t.Children < few }
