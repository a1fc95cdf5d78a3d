package consent

import (
	"html/template"
	"slices"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A day is whose open questions are kept in memory, and of which day: answers and terms end at midnight.
type day struct {
	person int64
	date   string
}

func askedTables() []string {
	return []string{"consent_purpose", "consent_text", "consent", "guardian", "child", "child_stay", "unit", "unit_up"}
}

// An asked is a question that waits for the answer of a parent.
type asked struct {
	Purpose Purpose
	Child   person.Child // zero: for the parent itself
	Half    bool         // another has signed
}

type startPart struct {
	web.Page
	Asked []asked
}

// start asks a parent on the start page for the answers that are missing: where nobody has said anything, and where its
// own signature is all that is left. Whoever has nothing to answer sees nothing.
func (f feature) start(tx *store.Tx, p web.Page) (template.HTML, error) {
	if !p.Viewer.May(who.Families) {
		return "", nil
	}
	now := f.Now()
	all, err := f.open.Get(tx, day{p.Viewer.ID, house.Local(now).Format(time.DateOnly)}, func() ([]asked, error) {
		kids, own, err := f.standings(tx, p.Viewer.ID)
		if err != nil {
			return nil, err
		}
		var all []asked
		for _, k := range kids {
			for _, s := range k.All {
				if s.waitsFor(p.Viewer.ID) {
					all = append(all, asked{s.Purpose, s.Child, s.State == Half})
				}
			}
		}
		for _, s := range own {
			if s.State == Open {
				all = append(all, asked{Purpose: s.Purpose})
			}
		}
		return all, nil
	})
	if err != nil || len(all) == 0 {
		return "", err
	}
	return f.pages.Part("index.html", "start", p.Lang, startPart{p, all})
}

// waitsFor reports whether the answer of somebody who decides for the child is missing.
func (s Standing) waitsFor(person int64) bool {
	return s.State == Open || slices.Contains(s.Missing, person)
}
