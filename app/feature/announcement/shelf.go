package announcement

import (
	"cmp"
	"slices"
	"time"

	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A shelf keeps in memory what start pages are made of and what hardly ever
// changes: what was sent to a unit, the words, and whom a person's roles reach.
// What is asked of the database for each page is what the reader has confirmed.
// Every answer is that of feed and ask in store.go, which remain for what the
// shelf does not hold.
type shelf struct {
	sent   store.Keep[int64, []entry]      // by unit, newest first
	words  store.Keep[int64, Announcement] // by id
	facts  store.Keep[int64, Closure]      // by the closure's first announcement
	grasps store.Keep[int64, []grasp]      // by person
	places store.Keep[int64, []place]      // by person
	with   store.Keep[int64, []files.File] // by announcement
	above  store.Keep[int64, []int64]      // units, by a unit below or the same
}

// latest is how many announcements to one unit are kept.
const latest = 40

// An entry is that something was sent to a unit.
type entry struct {
	announcement, published int64
	roles                   int64 // set of roles
}

// A grasp is a row of the view reach, with its term.
type grasp struct {
	unit         int64
	own, mask    int64 // sets of roles; -1: all
	since, until int64
}

// A place is where a child of somebody who is told about it is looked after, with the term of both.
type place struct {
	kid
	unit         int64
	since, until int64
}

// widest is the number of units that a shelf keeps of one person: an office reaches all of a city.
const widest = 200

func newShelf(db *store.DB) *shelf {
	rights := []string{"membership", "guardian", "child", "child_stay", "unit", "unit_up"}
	return &shelf{
		sent:   store.Keep[int64, []entry]{DB: db, Tables: []string{"announcement_audience", "announcement"}, Most: 10_000},
		words:  store.Keep[int64, Announcement]{DB: db, Tables: []string{"announcement", "unit", "person"}, Most: 5_000},
		facts:  store.Keep[int64, Closure]{DB: db, Tables: []string{"announcement_closure", "announcement_audience", "unit"}, Most: 5_000},
		grasps: store.Keep[int64, []grasp]{DB: db, Tables: rights, Most: 20_000},
		places: store.Keep[int64, []place]{DB: db, Tables: rights, Most: 20_000},
		with:   store.Keep[int64, []files.File]{DB: db, Tables: []string{"file"}, Most: 5_000},
		above:  store.Keep[int64, []int64]{DB: db, Tables: []string{"unit", "unit_up"}, Most: 10_000},
	}
}

// reach lists what the viewer's roles reach at a time; nil where that is too much to keep.
func (s *shelf) reach(tx *store.Tx, v who.Viewer, now time.Time) ([]grasp, error) {
	if v.May(who.Of(who.Admin, who.Office, who.Auditor)) {
		return nil, nil
	}
	all, err := s.grasps.Get(tx, v.ID, func() ([]grasp, error) {
		return store.All(tx, func(g *grasp) []any { return []any{&g.unit, &g.own, &g.mask, &g.since, &g.until} }, `
			SELECT DISTINCT unit, own, mask, since, until FROM reach WHERE person = ? LIMIT ?`, v.ID, widest+1)
	})
	if err != nil || len(all) > widest {
		return nil, err
	}
	at := now.Unix()
	current := make([]grasp, 0, len(all))
	for _, g := range all {
		if g.since <= at && g.until > at {
			current = append(current, g)
		}
	}
	return current, nil
}

// at lists what was sent to a unit. Whole is false where there was more.
func (s *shelf) at(tx *store.Tx, unit int64) (all []entry, whole bool, err error) {
	all, err = s.sent.Get(tx, unit, func() ([]entry, error) {
		return store.All(tx, func(e *entry) []any { return []any{&e.announcement, &e.published, &e.roles} }, `
			SELECT announcement, published, roles FROM announcement_audience WHERE unit = ?
			ORDER BY published DESC, announcement DESC LIMIT ?`, unit, latest)
	})
	return all, len(all) < latest, err
}

// seen is an announcement that somebody may see.
type seen struct {
	entry
	meant bool
}

// newest lists the n newest that the viewer may see, as feed does. Ok is false where the shelf cannot tell.
func (s *shelf) newest(tx *store.Tx, reach []grasp, n int) (all []seen, ok bool, err error) {
	var edge entry // the newest that may be missing
	at := map[int64]int{}
	for _, g := range reach {
		list, whole, err := s.at(tx, g.unit)
		if err != nil {
			return nil, false, err
		}
		if !whole && newer(list[len(list)-1], edge) < 0 {
			edge = list[len(list)-1]
		}
		for _, e := range list {
			if e.roles&g.mask == 0 {
				continue
			}
			i, ok := at[e.announcement]
			if !ok {
				i = len(all)
				at[e.announcement] = i
				all = append(all, seen{entry: e})
			}
			all[i].meant = all[i].meant || e.roles&g.own != 0
		}
	}
	slices.SortFunc(all, func(a, b seen) int { return newer(a.entry, b.entry) })
	if len(all) > n {
		all = all[:n]
	}
	ok = edge.announcement == 0 || len(all) == n && newer(all[n-1].entry, edge) < 0
	return all, ok, nil
}

// last is newest for those who reach more than is kept: it asks whether they may see what was sent last to anybody in
// the house, instead of what was sent last to every place they reach. Ok is false where that is not a whole page.
func last(tx *store.Tx, v who.Viewer, now time.Time, n int) (all []seen, ok bool, err error) {
	all, err = store.All(tx, func(s *seen) []any { return []any{&s.announcement, &s.published, &s.meant} }, `
		WITH t AS MATERIALIZED (
			SELECT unit, announcement, published, roles FROM announcement_audience ORDER BY published DESC, announcement DESC LIMIT ?3)
		SELECT t.announcement, t.published, max((t.roles & u.own) <> 0)
		FROM reach u JOIN t ON t.unit = u.unit
		WHERE u.person = ?1 AND u.since <= ?2 AND u.until > ?2 AND u.unit IN (SELECT unit FROM t) AND (t.roles & u.mask) <> 0
		GROUP BY 1, 2 ORDER BY 2 DESC, 1 DESC`, v.ID, now.Unix(), 2*n)
	if len(all) <= n { // of the very last one a further unit may be missing
		return nil, false, err
	}
	return all[:n], true, err
}

// newer orders as the database does.
func newer(a, b entry) int {
	return cmp.Or(cmp.Compare(b.published, a.published), cmp.Compare(b.announcement, a.announcement))
}

// feed is the first page of feed.
func (s *shelf) feed(tx *store.Tx, v who.Viewer, now time.Time, n int) ([]Announcement, error) {
	reach, err := s.reach(tx, v, now)
	if err != nil {
		return nil, err
	}
	var all []seen
	var ok bool
	if reach == nil {
		all, ok, err = last(tx, v, now, n)
	} else {
		all, ok, err = s.newest(tx, reach, n)
	}
	if err != nil {
		return nil, err
	}
	if !ok {
		return feed(tx, v, now, endOfTime, 1<<62, n)
	}
	ids := make([]int64, len(all))
	for i, e := range all {
		ids[i] = e.announcement
	}
	confirmed, err := receiptsOf(tx, v.ID, ids)
	if err != nil {
		return nil, err
	}
	page := make([]Announcement, len(all))
	for i, e := range all {
		a, err := s.words.Get(tx, e.announcement, func() (Announcement, error) { return plain(tx, e.announcement) })
		if err != nil {
			return nil, err
		}
		a.Meant, a.Confirmed = e.meant, confirmed[a.ID]
		page[i] = a
	}
	return page, nil
}

// endOfTime is later than every announcement.
var endOfTime = time.Unix(1<<40, 0)

// receiptsOf tells which of some announcements a person has confirmed, and when.
func receiptsOf(tx *store.Tx, person int64, ids []int64) (map[int64]time.Time, error) {
	type receipt struct {
		id int64
		at time.Time
	}
	all, err := store.All(tx, func(r *receipt) []any { return []any{&r.id, (*store.Time)(&r.at)} }, `
		SELECT r.announcement, r.at FROM json_each(?) j CROSS JOIN announcement_receipt r ON r.announcement = j.value AND r.person = ?`, store.List(ids), person)
	m := make(map[int64]time.Time, len(all))
	for _, r := range all {
		m[r.id] = r.at
	}
	return m, err
}

// ask counts what waits for the viewer's confirmation.
func (s *shelf) ask(tx *store.Tx, v who.Viewer, now time.Time) (int, error) {
	if !v.May(addressed()) {
		return 0, nil // an office reaches every unit of a city: do not look at them for nothing
	}
	reach, err := s.reach(tx, v, now)
	if err != nil {
		return 0, err
	}
	if reach == nil {
		return unconfirmed(tx, v.ID, now)
	}
	from := askedSince(now)
	var ids []int64
	for _, g := range reach {
		list, whole, err := s.at(tx, g.unit)
		if err != nil {
			return 0, err
		}
		if !whole && list[len(list)-1].published > from {
			return unconfirmed(tx, v.ID, now)
		}
		for _, e := range list {
			if e.published <= from {
				break
			}
			if e.roles&g.own == 0 || slices.Contains(ids, e.announcement) {
				continue
			}
			a, err := s.words.Get(tx, e.announcement, func() (Announcement, error) { return plain(tx, e.announcement) })
			if err != nil {
				return 0, err
			}
			if a.Confirm && a.Replaced == 0 && !a.Over(now) {
				ids = append(ids, a.ID)
			}
		}
	}
	if len(ids) == 0 {
		return 0, nil
	}
	confirmed, err := receiptsOf(tx, v.ID, ids)
	return len(ids) - len(confirmed), err
}

// closure is closureOf. Its Groups must not be changed.
func (s *shelf) closure(tx *store.Tx, id int64) (Closure, error) {
	return s.facts.Get(tx, id, func() (Closure, error) { return closureOf(tx, id) })
}

// files is attached.
func (s *shelf) files(tx *store.Tx, id int64) ([]files.File, error) {
	return s.with.Get(tx, id, func() ([]files.File, error) { return attached(tx, id) })
}

// kids lists the children of whom the viewer is told, and their groups.
func (s *shelf) kids(tx *store.Tx, v who.Viewer, now time.Time) ([]place, error) {
	all, err := s.places.Get(tx, v.ID, func() ([]place, error) {
		return store.All(tx, func(p *place) []any {
			return []any{&p.ID, &p.Name, &p.Group, &p.Place, &p.unit, &p.since, &p.until}
		}, `
			SELECT c.id, c.given, u.name, f.name, s.unit, max(g.since, s.since), min(g.until, s.until)
			FROM guardian g JOIN child c ON c.id = g.child JOIN child_stay s ON s.child = c.id JOIN unit u ON u.id = s.unit JOIN unit f ON f.id = c.facility
			WHERE g.person = ? AND g.informed = 1 AND g.state = 'confirmed' ORDER BY c.born, c.given, c.id`, v.ID)
	})
	at := now.Unix()
	current := make([]place, 0, len(all))
	for _, p := range all {
		if p.since <= at && p.until > at {
			current = append(current, p)
		}
	}
	return current, err
}

// concerned is concerned for announcements since a time, if the shelf can tell.
func (s *shelf) concerned(tx *store.Tx, v who.Viewer, kids []place, now, since time.Time) (map[int64][]int64, error) {
	m := map[int64][]int64{}
	for _, k := range kids {
		above, err := s.above.Get(tx, k.unit, func() ([]int64, error) {
			return store.All(tx, store.Value[int64], `SELECT above FROM unit_up WHERE unit = ?`, k.unit)
		})
		if err != nil {
			return nil, err
		}
		for _, u := range above {
			list, whole, err := s.at(tx, u)
			if err != nil {
				return nil, err
			}
			if !whole && list[len(list)-1].published >= since.Unix() {
				return concerned(tx, v, now, since)
			}
			for _, e := range list {
				if e.roles&(1<<who.Parent) != 0 && e.published >= since.Unix() && !slices.Contains(m[e.announcement], k.ID) {
					m[e.announcement] = append(m[e.announcement], k.ID)
				}
			}
		}
	}
	return m, nil
}
