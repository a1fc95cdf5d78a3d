package wiki

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// legacy is what the archive of a committee leaves to the next board: its pages and their files, what has to be looked at
// within a year, and what nobody has released.
func legacy(now func() time.Time) func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) {
	return func(tx *store.Tx, v who.Viewer, unit int64) (all []house.Legacy, _ error) {
		_, set, err := archive(tx, unit, v, now())
		if fault.KindOf(err) == fault.NotFound {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		nodes, err := tree(tx, unit, v, set)
		if err != nil {
			return nil, err
		}
		offers, err := offersOf(tx, unit)
		if err != nil {
			return nil, err
		}
		reviews, err := reviewsOf(tx, unit)
		if err != nil {
			return nil, err
		}
		year := house.Local(now()).AddDate(1, 0, 0)
		for _, n := range nodes {
			path := fmt.Sprintf("/seite/%d", n.ID)
			switch {
			case n.Hidden && offers[n.ID] == 0:
				all = append(all, house.Legacy{Kind: "missing", Ref: fmt.Sprintf("release %d", n.ID), Title: n.Title, Note: "Diese Seite hat noch niemand freigegeben.", Path: path})
				continue
			case n.Waiting && !n.Hidden:
				all = append(all, house.Legacy{Kind: "missing", Ref: fmt.Sprintf("release %d", n.ID), Title: n.Title, Note: "Eine neuere Fassung wartet auf die Freigabe.", Path: path})
			}
			all = append(all, house.Legacy{Kind: "page", Ref: fmt.Sprintf("page %d", n.ID), Title: n.Title, Note: "Stand: " + lang.German().DayYear(house.Local(n.Changed)), Path: path})
			if due := reviews[n.ID]; !due.IsZero() && due.Before(year) {
				all = append(all, house.Legacy{Kind: "deadline", Ref: fmt.Sprintf("review %d", n.ID), Title: "Seite prüfen: " + n.Title, Path: path, Due: due})
			}
			list, err := shownFiles(tx, n.ID, offers[n.ID])
			if err != nil {
				return nil, err
			}
			for _, x := range list {
				all = append(all, house.Legacy{Kind: "file", Ref: fmt.Sprintf("file %d", x.ID), Title: x.Name, Note: "Auf der Seite „" + n.Title + "“", Path: fmt.Sprintf("/datei/%d", x.ID)})
			}
		}
		return all, nil
	}
}

// reviewsOf are the days on which pages of an archive have to be looked at.
func reviewsOf(tx *store.Tx, unit int64) (map[int64]time.Time, error) {
	type planned struct {
		page int64
		day  string
	}
	all, err := store.All(tx, func(p *planned) []any { return []any{&p.page, &p.day} }, `
		SELECT id, review FROM wiki_page WHERE unit = ? AND review <> '' AND removed IS NULL`, unit)
	of := map[int64]time.Time{}
	for _, p := range all {
		if t, err := time.ParseInLocation(time.DateOnly, p.day, web.Zone()); err == nil {
			of[p.page] = t
		}
	}
	return of, err
}

// Left is the text and the files of what legacy calls "page 17", as its reader may see it; nothing for what is no page.
func Left(now func() time.Time) func(tx *store.Tx, v who.Viewer, ref string) (body string, list []files.File, err error) {
	return func(tx *store.Tx, v who.Viewer, ref string) (string, []files.File, error) {
		id, ok := strings.CutPrefix(ref, "page ")
		if !ok {
			return "", nil, nil
		}
		p, err := get(tx, number(id), v, now())
		if err != nil {
			return "", nil, err
		}
		offers, err := offersOf(tx, p.Unit)
		if err != nil {
			return "", nil, err
		}
		rev, err := revision(tx, cmp.Or(p.Shown, offers[p.ID]))
		if err != nil {
			return "", nil, err
		}
		list, err := shownFiles(tx, p.ID, offers[p.ID])
		return rev.Body, list, err
	}
}
