package announcement

import (
	"cmp"
	"html/template"
	"slices"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Coverage (Erreichungsstand) counts the children of an announcement. A child
// is reached when an informed guardian has confirmed, or when somebody of the
// team has telephoned and was answered. One that would not have come on any day
// of a closure is excused.
type Coverage struct {
	Children  int
	Reached   int
	Excused   int // not reached, and absent anyway
	Delivered int // not reached; handed over or shown to at least one guardian
	Failed    int // not reached; nothing could be delivered to any guardian
	Waiting   int // not reached; still being delivered
	Nobody    int // there is no informed guardian with access to ask
}

// Open is the number of children that nobody has been reached for and somebody has to be.
func (c Coverage) Open() int { return c.Children - c.Settled() }

// Settled is the number of children for whom nobody has to be reached any more.
func (c Coverage) Settled() int { return c.Reached + c.Excused }

// Percent is the share of children reached or excused, 0 to 100, rounded down: 100 means all.
func (c Coverage) Percent() int {
	if c.Children == 0 {
		return 0
	}
	return c.Settled() * 100 / c.Children
}

// covered counts the children of an announcement whose group, as it was when
// asked, lies below a unit at which the viewer holds one of the roles.
func covered(tx *store.Tx, id int64, v who.Viewer, roles who.Right, now time.Time) (c Coverage, err error) {
	if !v.May(roles) {
		return c, nil // parents open their pages all at once, and tally finds no child that they answer for
	}
	all, err := tally(tx, id, v, roles, now)
	for _, n := range all {
		c.add(n)
	}
	return c, err
}

// A tallied is a number of children of a group in one state: those of Coverage, in their order.
type tallied struct {
	unit, facility int64
	name, within   string
	state, n       int
}

func (c *tallied) fields() []any {
	return []any{&c.unit, &c.name, &c.facility, &c.within, &c.state, &c.n}
}

func (c *Coverage) add(n tallied) {
	c.Children += n.n
	*[]*int{&c.Reached, &c.Delivered, &c.Waiting, &c.Failed, &c.Nobody, &c.Excused}[n.state] += n.n
}

// tally counts the children of covered by group and state, in one pass: for a
// city these are 100,000 children, and each look at a table tells. It asks what
// settles most first, and touches guardians by an index alone.
func tally(tx *store.Tx, id int64, v who.Viewer, roles who.Right, now time.Time) ([]tallied, error) {
	return store.All(tx, (*tallied).fields, `
		WITH x (first_day, last_day) AS MATERIALIZED (
				SELECT c.first_day, c.last_day FROM announcement n JOIN announcement_closure c ON c.announcement = n.closure WHERE n.id = ?1),
		t (unit, state, n) AS (
			SELECT a.unit, CASE
				WHEN EXISTS (SELECT 1 FROM guardian g CROSS JOIN announcement_receipt r ON r.announcement = ?1 AND r.person = g.person
					WHERE g.child = a.child AND g.state = 'confirmed' AND g.informed = 1) THEN 0
				WHEN EXISTS (SELECT 1 FROM announcement_call c WHERE c.announcement = ?1 AND c.child = a.child AND c.reached = 1) THEN 0
				WHEN EXISTS (SELECT 1 FROM x JOIN excused e ON e.child = a.child AND e.first_day <= x.first_day AND e.last_day >= x.last_day) THEN 5
				ELSE (SELECT coalesce(min(CASE d.state WHEN 'handed' THEN 1 WHEN 'delivered' THEN 1 WHEN 'waiting' THEN 2 ELSE 3 END), 4)
					FROM guardian g LEFT JOIN announcement_delivery d ON d.announcement = ?1 AND d.person = g.person
					WHERE g.child = a.child AND g.state = 'confirmed' AND g.informed = 1) END, count(*)
			FROM announcement_asked a WHERE a.announcement = ?1 AND a.gone IS NULL AND ((
				SELECT count(*) = 1 AND max(EXISTS (
					SELECT 1 FROM holding h WHERE h.person = ?2 AND h.unit = r.id AND (?3 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4))
				FROM unit r WHERE r.parent IS NULL)
				OR a.unit IN (
					SELECT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
					WHERE h.person = ?2 AND (?3 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4)) GROUP BY 1, 2)
		SELECT t.unit, u.name, coalesce(f.id, u.id), coalesce(f.name, u.name), t.state, t.n
		FROM t JOIN unit u ON u.id = t.unit LEFT JOIN unit f ON f.id = u.parent AND f.kind = 'facility'`, id, v.ID, int64(roles), now.Unix())
}

// A Part is the coverage of one facility or group.
type Part struct {
	Unit int64
	Name string
	Coverage
}

// parts breaks counts down by group or by facility, and adds them up.
func parts(counts []tallied, groups bool) (all []Part, sum Coverage) {
	at := map[int64]int{}
	for _, n := range counts {
		unit, name := n.facility, n.within
		if groups {
			unit, name = n.unit, n.name
		}
		i, ok := at[unit]
		if !ok {
			i = len(all)
			at[unit] = i
			all = append(all, Part{Unit: unit, Name: name})
		}
		all[i].add(n)
		sum.add(n)
	}
	slices.SortFunc(all, func(a, b Part) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Unit, b.Unit)) })
	return all, sum
}

// States of one child on the page of the coverage.
const (
	Reached   = "reached"
	Delivered = "delivered"
	Failed    = "failed"
	Waits     = "waiting"
	NoOne     = "nobody"
	Away      = "excused"
)

// A Row is one child on the page of the coverage, for those who may know it.
type Row struct {
	Child     int64
	Name      string
	Group     string
	State     string
	By        *Receipt  // the first; nil: no guardian has confirmed
	Guardians []Contact // who can be called; none where By is not nil
	Calls     []Call
	Care      string // state of emergency care; "": nothing asked
	Absent    bool   // on all days of the closure

	Ready template.HTML // the whole entry of the list
}

// Last is the latest call; nil if nobody has called yet.
func (r Row) Last() *Call {
	if len(r.Calls) == 0 {
		return nil
	}
	return &r.Calls[len(r.Calls)-1]
}

// A Receipt is that a guardian has confirmed.
type Receipt struct {
	child   int64
	Name    string
	At      time.Time
	Channel string // "app" or "mail"
}

// A Contact is a guardian in the list of those to call.
type Contact struct {
	child    int64
	person   int64
	Name     string
	Relation string
	Phone    string
	Access   bool  // has a confirmed access; else a letter is still open
	Ways     []Way // in the order in which they were tried
}

// A Call is a telephone call about one child.
type Call struct {
	child   int64
	Who     string
	Reached bool
	At      time.Time
}

// rows lists the children of the units where the viewer is head or staff:
// carriers and city see numbers, never names.
func rows(tx *store.Tx, id int64, v who.Viewer, now time.Time) ([]Row, error) {
	all, err := store.All(tx, func(r *Row) []any { return []any{&r.Child, &r.Name, &r.Group, &r.Care, &r.Absent} }, `
		WITH x (first_day, last_day) AS MATERIALIZED (
				SELECT c.first_day, c.last_day FROM announcement n JOIN announcement_closure c ON c.announcement = n.closure WHERE n.id = ?1),
		mine AS MATERIALIZED (
			SELECT DISTINCT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?2 AND (?3 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4)
		SELECT a.child, c.given || ' ' || c.family, u.name, coalesce(k.state, ''), EXISTS (SELECT 1 FROM x JOIN excused e ON e.child = a.child AND e.first_day <= x.first_day AND e.last_day >= x.last_day)
		FROM announcement_asked a JOIN child c ON c.id = a.child JOIN unit u ON u.id = a.unit
		JOIN announcement n ON n.id = a.announcement
		LEFT JOIN announcement_care k ON k.closure = n.closure AND k.child = a.child
		WHERE a.announcement = ?1 AND a.gone IS NULL AND a.unit IN (SELECT unit FROM mine)
		ORDER BY u.name, c.family, c.given, a.child`, id, v.ID, int64(names()), now.Unix())
	if err != nil || len(all) == 0 {
		return nil, err
	}
	at := map[int64]int{}
	for i, r := range all {
		at[r.Child] = i
	}
	receipts, err := store.All(tx, func(r *Receipt) []any { return []any{&r.child, &r.Name, (*store.Time)(&r.At), &r.Channel} }, `
		SELECT g.child, p.given || ' ' || p.family, r.at, r.channel
		FROM json_each(?2) j CROSS JOIN guardian g ON g.child = j.value AND g.informed = 1 AND g.state = 'confirmed'
		JOIN announcement_receipt r ON r.announcement = ?1 AND r.person = g.person JOIN person p ON p.id = g.person
		ORDER BY r.at, g.rank, g.id`, id, childrenOf(all))
	if err != nil {
		return nil, err
	}
	for k := range receipts {
		if r := &all[at[receipts[k].child]]; r.By == nil {
			r.By = &receipts[k]
		}
	}
	contacts, err := store.All(tx, func(c *Contact) []any {
		return []any{&c.child, &c.person, &c.Name, &c.Relation, &c.Phone, &c.Access}
	}, `
		SELECT g.child, g.person, p.given || ' ' || p.family, g.relation, g.phone, g.state = 'confirmed'
		FROM json_each(?) j CROSS JOIN guardian g ON g.child = j.value AND g.informed = 1 AND g.state IN ('invited', 'accepted', 'confirmed')
		JOIN person p ON p.id = g.person
		ORDER BY g.child, g.rank, g.id`, childrenOf(slices.DeleteFunc(slices.Clone(all), func(r Row) bool { return r.By != nil })))
	if err != nil {
		return nil, err
	}
	people := make([]int64, len(contacts))
	for i, c := range contacts {
		people[i] = c.person
	}
	tried, err := ways(tx, id, people)
	if err != nil {
		return nil, err
	}
	for _, c := range contacts {
		if c.Access {
			c.Ways = tried[c.person]
		}
		r := &all[at[c.child]]
		r.Guardians = append(r.Guardians, c)
	}
	calls, err := store.All(tx, func(c *Call) []any { return []any{&c.child, &c.Who, &c.Reached, (*store.Time)(&c.At)} }, `
		SELECT c.child, coalesce(p.given || ' ' || p.family, 'ehemals im Haus'), c.reached, c.at
		FROM announcement_call c LEFT JOIN person p ON p.id = c.caller WHERE c.announcement = ? ORDER BY c.id`, id)
	if err != nil {
		return nil, err
	}
	for _, c := range calls {
		if i, ok := at[c.child]; ok {
			all[i].Calls = append(all[i].Calls, c)
		}
	}
	for i := range all {
		all[i].State = all[i].state()
	}
	return all, nil
}

// childrenOf lists the children of rows as JSON, for json_each.
func childrenOf(rows []Row) string {
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.Child
	}
	return store.List(ids)
}

// names are the roles that may know which child is not reached.
func names() who.Right { return who.Of(who.Head, who.Staff) }

// state is that of a child, from its guardians and calls: the same rule as in covered.
func (r Row) state() string {
	access, delivered, waiting := false, false, false
	if r.By != nil || slices.ContainsFunc(r.Calls, func(c Call) bool { return c.Reached }) {
		return Reached
	}
	if r.Absent {
		return Away
	}
	for _, g := range r.Guardians {
		if !g.Access {
			continue
		}
		access = true
		for _, w := range g.Ways {
			delivered = delivered || w.State == "handed" || w.State == "delivered"
			waiting = waiting || w.State == "waiting"
		}
	}
	switch {
	case delivered:
		return Delivered
	case waiting:
		return Waits
	case access:
		return Failed
	}
	return NoOne
}

// call notes that the viewer has telephoned about a child.
func call(tx *store.Tx, id, child int64, v who.Viewer, reached bool, now time.Time) (held []int64, err error) {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM announcement_asked a JOIN unit_up p ON p.unit = a.unit JOIN holding h ON h.unit = p.above
		WHERE a.announcement = ?1 AND a.child = ?2 AND h.person = ?3 AND (?4 & (1 << h.role)) <> 0 AND h.since <= ?5 AND h.until > ?5`,
		id, child, v.ID, int64(names()), now.Unix())
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, notFound()
	}
	// A tap that came twice is one call.
	if _, err := tx.Exec(`
		INSERT INTO announcement_call (announcement, child, caller, reached, at)
		SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
			SELECT 1 FROM announcement_call WHERE announcement = ?1 AND child = ?2 AND caller = ?3 AND reached = ?4 AND at > ?5 - 10)`,
		id, child, v.ID, reached, now.Unix()); err != nil {
		return nil, err
	}
	return above(tx, id)
}
