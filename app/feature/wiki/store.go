package wiki

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// A Page is one of an archive, as a viewer sees it.
type Page struct {
	ID       int64
	UID      string
	Unit     int64
	UnitName string
	Kind     org.Kind // of the unit
	Parent   int64    // 0: at the top
	Access   Access
	Title    string // as readers see it; before a first release as writers do
	Shown    int64  // revision that readers see; 0: none
	Latest   int64
	Must     int64 // revision from which on it has to be read; 0: nobody has to
	Owner    int64 // 0: nobody in particular
	Review   string
	Template bool
	Purpose  string // of a house.Seed; "": any other page
	Created  time.Time
	Changed  time.Time // when what is shown was saved
	Removed  time.Time // zero: it is there
	Write    bool      // the viewer may

	html     string
	renderer int
	set      map[string]bool // levels of the viewer in the archive
}

func (p *Page) fields() []any {
	return []any{&p.ID, &p.UID, &p.Unit, &p.UnitName, &p.Kind, store.Null(&p.Parent), &p.Access, &p.Title, store.Null(&p.Shown), &p.Latest,
		store.Null(&p.Must), store.Null(&p.Owner), &p.Review, &p.Template, &p.Purpose, (*store.Time)(&p.Created), (*store.Time)(&p.Changed),
		(*store.Time)(&p.Removed), &p.Write, &p.html, &p.renderer}
}

// get finds a page that v may read. Who writes also sees what is not released or lies in the bin.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Page, error) {
	p, err := store.One(tx, (*Page).fields, `
		SELECT p.id, p.uid, p.unit, u.name, u.kind, p.parent, p.access, coalesce(s.title, l.title), p.shown, p.latest,
			p.must, p.owner, p.review, p.template, p.purpose, p.created, coalesce(s.at, l.at), p.removed, 0, p.html, p.renderer
		FROM wiki_page p JOIN unit u ON u.id = p.unit JOIN wiki_revision l ON l.id = p.latest LEFT JOIN wiki_revision s ON s.id = p.shown
		WHERE p.id = ?`, id)
	if err != nil {
		return p, err
	}
	if p.set, err = levels(tx, p.Unit, v, now); err != nil {
		return p, err
	}
	p.Write = p.set[p.Access.writers()]
	if !p.Write && !(p.Removed.IsZero() && p.Shown != 0 && p.Access.lets(p.set, v)) {
		return Page{}, fault.Gone()
	}
	return p, nil
}

// written finds a page that v may write.
func written(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Page, error) {
	p, err := get(tx, id, v, now)
	if err == nil && !p.Write {
		err = fault.New(fault.Forbidden, "Diese Seite dürfen Sie lesen, aber nicht ändern.")
	}
	return p, err
}

// levels are what v may do in the archive of a unit: the words of wiki_right.
func levels(tx *store.Tx, unit int64, v who.Viewer, now time.Time) (map[string]bool, error) {
	all, err := store.All(tx, store.Value[int], `SELECT may FROM wiki_may WHERE person = ? AND unit = ? AND since <= ?3 AND until > ?3`, v.ID, unit, now.Unix())
	set := map[string]bool{}
	for _, may := range all {
		for i, level := range [...]string{"unit", "staff", "board", "write"} {
			if may&(1<<i) != 0 {
				set[level] = true
			}
		}
	}
	return set, err
}

// archive finds a unit whose archive v may read or write, and the levels of v there.
func archive(tx *store.Tx, unit int64, v who.Viewer, now time.Time) (u org.Unit, set map[string]bool, err error) {
	if u, err = org.Get(tx, unit); err != nil {
		return u, nil, err
	}
	if set, err = levels(tx, unit, v, now); err != nil {
		return u, nil, err
	}
	if len(set) == 0 || !keeps(u.Kind) {
		nodes, err := tree(tx, unit, v, set)
		if err != nil || len(nodes) == 0 { // perhaps some of its pages are open to all
			return u, nil, cmp.Or(err, fault.Gone())
		}
	}
	return u, set, nil
}

// writable finds a unit in whose archive v may write, and the levels of v there.
func writable(tx *store.Tx, unit int64, v who.Viewer, now time.Time) (org.Unit, map[string]bool, error) {
	u, set, err := archive(tx, unit, v, now)
	if err == nil && !writes(u, set, now) {
		err = fault.New(fault.Forbidden, "In diesem Wissensspeicher dürfen Sie nicht schreiben.")
	}
	return u, set, err
}

// writes reports whether a viewer with these levels may add to the archive of a unit.
func writes(u org.Unit, set map[string]bool, now time.Time) bool {
	return set["write"] && keeps(u.Kind) && !u.Ended(now)
}

func (n *Node) fields() []any {
	return []any{&n.ID, store.Null(&n.Parent), &n.Title, &n.Access, &n.Hidden, &n.Waiting, (*store.Time)(&n.Changed), &n.Write}
}

// nodes lists pages of a unit that v may read, in their order; set are the levels of v there. page 0: all of them; else
// those above that page and directly below it.
func nodes(tx *store.Tx, unit, page int64, v who.Viewer, set map[string]bool) ([]Node, error) {
	return store.All(tx, (*Node).fields, `
		WITH RECURSIVE lv AS MATERIALIZED (SELECT value FROM json_each(?2)),
		up (id, n) AS (SELECT ?4, 0 WHERE ?4 <> 0 UNION ALL SELECT w.parent, n + 1 FROM up JOIN wiki_page w ON w.id = up.id WHERE w.parent IS NOT NULL AND n < ?5),
		these (id) AS (
			SELECT id FROM wiki_page WHERE ?4 = 0 AND unit = ?1 UNION ALL SELECT id FROM up UNION ALL SELECT id FROM wiki_page WHERE ?4 <> 0 AND parent = ?4)
		SELECT p.id, p.parent, coalesce(s.title, l.title), p.access, p.shown IS NULL, p.shown IS NOT NULL AND p.shown <> p.latest,
			coalesce(s.at, l.at), CASE p.access WHEN 'board' THEN 'board' ELSE 'write' END IN lv
		FROM these t CROSS JOIN wiki_page p ON p.id = t.id JOIN wiki_revision l ON l.id = p.latest LEFT JOIN wiki_revision s ON s.id = p.shown
		WHERE p.unit = ?1 AND p.removed IS NULL AND (CASE p.access WHEN 'board' THEN 'board' ELSE 'write' END IN lv
			OR p.shown IS NOT NULL AND (p.access = 'public' OR p.access = 'house' AND ?3 OR p.access IN lv))
		ORDER BY p.rank, p.id`, unit, store.List(slices.Collect(maps.Keys(set))), v.May(who.Member), page, mostDeep)
}

// tree lists all pages of a unit that v, with these levels there, may read, in their order.
func tree(tx *store.Tx, unit int64, v who.Viewer, set map[string]bool) ([]Node, error) {
	return nodes(tx, unit, 0, v, set)
}

// bin lists the removed pages of a unit, latest first, for those who write there.
func bin(tx *store.Tx, unit int64, board bool) ([]Node, error) {
	return store.All(tx, (*Node).fields, `
		SELECT p.id, NULL, l.title, p.access, 0, 0, p.removed, 1 FROM wiki_page p JOIN wiki_revision l ON l.id = p.latest
		WHERE p.unit = ?1 AND p.removed IS NOT NULL AND (p.access <> 'board' OR ?2) ORDER BY p.removed DESC LIMIT 100`, unit, board)
}

// An Archive is the archive of a unit in a list.
type Archive struct {
	Unit  int64
	Name  string
	Kind  org.Kind
	Pages int // that the viewer may read
	Write bool
}

func (a *Archive) fields() []any { return []any{&a.Unit, &a.Name, &a.Kind, &a.Pages, &a.Write} }

// archives lists those in which v may read a page, and those of units where v holds a role and may write.
func archives(tx *store.Tx, v who.Viewer, now time.Time) ([]Archive, error) {
	return store.All(tx, (*Archive).fields, `
		WITH lv AS MATERIALIZED (
			SELECT DISTINCT unit, level FROM wiki_right WHERE person = ?1 AND since <= ?2 AND until > ?2),
		readable (unit, n) AS (
			SELECT p.unit, count(*) FROM wiki_page p WHERE p.removed IS NULL
			AND ((p.unit, CASE p.access WHEN 'board' THEN 'board' ELSE 'write' END) IN lv
				OR p.shown IS NOT NULL AND (p.access = 'public' OR p.access = 'house' AND ?3 OR (p.unit, p.access) IN lv))
			GROUP BY p.unit)
		SELECT u.id, u.name, u.kind, coalesce(r.n, 0), (u.id, 'write') IN lv FROM unit u LEFT JOIN readable r ON r.unit = u.id
		WHERE u.kind <> 'group' AND (r.n > 0 OR (u.id, 'write') IN lv AND u.until > ?2 AND u.id IN (
			SELECT h.unit FROM holding h WHERE h.person = ?1 AND h.since <= ?2 AND h.until > ?2
			UNION SELECT g.parent FROM holding h JOIN unit g ON g.id = h.unit AND g.kind = 'group' WHERE h.person = ?1
			UNION SELECT c.id FROM holding h JOIN unit c ON c.parent = h.unit AND c.kind = 'committee' WHERE h.person = ?1 AND h.role = 7
			UNION SELECT c.id FROM holding h JOIN unit c ON c.parent = h.unit AND c.kind = 'office' WHERE h.person = ?1 AND h.role = 2))
		ORDER BY CASE u.kind WHEN 'committee' THEN 0 WHEN 'facility' THEN 1 WHEN 'carrier' THEN 2 ELSE 3 END, u.name, u.id`,
		v.ID, now.Unix(), v.May(who.Member))
}

// approves reports whether a unit wants somebody else to release what is saved.
func approves(tx *store.Tx, unit int64) (bool, error) {
	return store.One(tx, store.Value[bool], `SELECT coalesce((SELECT approve FROM wiki_archive WHERE unit = ?), 0)`, unit)
}

func setApprove(tx *store.Tx, unit int64, on bool) error {
	_, err := tx.Exec(`INSERT INTO wiki_archive (unit, approve) VALUES (?, ?) ON CONFLICT (unit) DO UPDATE SET approve = excluded.approve`, unit, on)
	return err
}

// add makes a page at the end of its place, with a first revision. release shows it to its readers at once.
func add(tx *store.Tx, unit, parent int64, access Access, t Text, author int64, release bool, now time.Time) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO wiki_page (uid, unit, parent, rank, access, created)
		VALUES (?1, ?2, nullif(?3, 0), 1 + coalesce((SELECT max(rank) FROM wiki_page WHERE unit = ?2 AND parent IS nullif(?3, 0)), 0), ?4, ?5) RETURNING id`,
		uuid.Must(uuid.NewV7()).String(), unit, parent, string(access), now.Unix())
	if err != nil {
		return 0, err
	}
	_, err = revise(tx, id, t, author, release, now)
	return id, err
}

// revise adds a revision to a page. release shows it to the readers at once.
func revise(tx *store.Tx, page int64, t Text, author int64, release bool, now time.Time) (int64, error) {
	rev, err := store.One(tx, store.Value[int64], `
		INSERT INTO wiki_revision (page, title, key, body, author, at) VALUES (?, ?, ?, ?, nullif(?, 0), ?) RETURNING id`,
		page, t.Title, key(t.Title), t.Body, author, now.Unix())
	if err != nil {
		return 0, err
	}
	// What stands below the page stays there, unless enclose says otherwise.
	if _, err := tx.Exec(`
		INSERT INTO wiki_file (revision, file)
		SELECT ?1, file FROM wiki_file WHERE revision = (SELECT latest FROM wiki_page WHERE id = ?2)`, rev, page); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`UPDATE wiki_page SET latest = ? WHERE id = ?`, rev, page); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`DELETE FROM wiki_link WHERE page = ?`, page); err != nil {
		return 0, err
	}
	for _, title := range text.Titles(t.Body) {
		if _, err := tx.Exec(`INSERT INTO wiki_link (page, title, key) VALUES (?, ?, ?)`, page, title, key(title)); err != nil {
			return 0, err
		}
	}
	if release {
		err = show(tx, page, Revision{ID: rev, Text: t}, 0, now)
	}
	return rev, err
}

// show releases a revision to the readers of its page; a template has none. releaser 0: its author alone.
func show(tx *store.Tx, page int64, r Revision, releaser int64, now time.Time) error {
	if _, err := tx.Exec(`
		UPDATE wiki_revision SET released = ?, releaser = nullif(?, 0), refused = NULL, refuser = NULL, reason = '' WHERE id = ?`, now.Unix(), releaser, r.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE wiki_page SET awaited = 0 WHERE id = ?`, page); err != nil {
		return err
	}
	if _, err := tx.Exec(`
		UPDATE wiki_page SET shown = ?1, html = ?2, renderer = ?3, must = CASE
			WHEN asks = '' THEN NULL
			WHEN must IS NULL OR EXISTS (
				SELECT 1 FROM wiki_revision r WHERE r.page = wiki_page.id AND r.again = 1 AND r.id > coalesce(shown, 0) AND r.id <= ?1) THEN ?1
			ELSE must END
		WHERE id = ?4 AND template = 0`, r.ID, string(text.Archive(r.Body)), text.ArchiveVersion, page); err != nil {
		return err
	}
	return changed(tx, page)
}

// A candidate is a page that has, or had, a title.
type candidate struct {
	id, unit int64
	access   Access
	shown    bool
}

func (c *candidate) fields() []any { return []any{&c.id, &c.unit, &c.access, &c.shown} }

// named finds the page that a title means, from the archive of a unit: first there, then above it, then anywhere that v
// may read. A present title comes before an earlier one. 0: none. sets are the levels of archives that are known already.
func named(tx *store.Tx, key string, unit int64, v who.Viewer, now time.Time, sets map[int64]map[string]bool) (int64, error) {
	all, err := store.All(tx, (*candidate).fields, `
		SELECT p.id, p.unit, p.access, p.shown IS NOT NULL AND max(r.released IS NOT NULL)
		FROM wiki_revision r JOIN wiki_page p ON p.id = r.page LEFT JOIN unit_up a ON a.unit = ?2 AND a.above = p.unit
		WHERE r.key = ?1 AND p.removed IS NULL
		GROUP BY p.id ORDER BY min(coalesce(a.depth, 99)), min(r.id <> coalesce(p.shown, p.latest)), p.id`, key, unit)
	for _, c := range all {
		if c.shown && c.access.lets(nil, v) {
			return c.id, nil
		}
		set, ok := sets[c.unit]
		if !ok {
			if set, err = levels(tx, c.unit, v, now); err != nil {
				return 0, err
			}
			sets[c.unit] = set
		}
		if set[c.access.writers()] || c.shown && c.access.lets(set, v) {
			return c.id, nil
		}
	}
	return 0, err
}

// A Dead link names a title that no page has, of those that the viewer may read.
type Dead struct {
	Page   int64
	Title  string // of the page that has the link
	Target string
}

func (d *Dead) fields() []any { return []any{&d.Page, &d.Title, &d.Target} }

// dead lists the links in an archive that lead v, who writes there, nowhere. A page that v may not read is none: else
// whoever guesses its title and links to it would learn here that there is one.
func dead(tx *store.Tx, unit int64, board bool, v who.Viewer, now time.Time) ([]Dead, error) {
	return store.All(tx, (*Dead).fields, `
		WITH lv AS MATERIALIZED (SELECT DISTINCT unit, level FROM wiki_right WHERE person = ?3 AND since <= ?4 AND until > ?4)
		SELECT p.id, r.title, l.title FROM wiki_page p JOIN wiki_link l ON l.page = p.id JOIN wiki_revision r ON r.id = p.latest
		WHERE p.unit = ?1 AND p.removed IS NULL AND (p.access <> 'board' OR ?2) AND NOT EXISTS (
			SELECT 1 FROM wiki_revision x JOIN wiki_page q ON q.id = x.page
			WHERE x.key = l.key AND q.removed IS NULL AND ((q.unit, CASE q.access WHEN 'board' THEN 'board' ELSE 'write' END) IN lv
				OR q.shown IS NOT NULL AND x.released IS NOT NULL AND (q.access IN ('house', 'public') OR (q.unit, q.access) IN lv)))
		ORDER BY r.title, l.title LIMIT 500`, unit, board, v.ID, now.Unix())
}
