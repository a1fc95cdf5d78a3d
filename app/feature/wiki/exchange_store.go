package wiki

import (
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"

	"time"
)

// known is what the archive of a unit holds, as an import looks for it.
type known struct {
	byUID  map[string]int64
	byPath map[string]int64
	byKey  map[string][]int64
	nodes  map[int64]knownPage
}

type knownPage struct {
	id, parent int64
	uid, title string
	access     Access
	removed    bool
}

func (k *knownPage) fields() []any {
	return []any{&k.id, store.Null(&k.parent), &k.uid, &k.title, &k.access, &k.removed}
}

// knownOf reads the archive of a unit.
func knownOf(tx *store.Tx, unit int64) (*known, error) {
	k := &known{map[string]int64{}, map[string]int64{}, map[string][]int64{}, map[int64]knownPage{}}
	all, err := store.All(tx, (*knownPage).fields, `
		SELECT p.id, p.parent, p.uid, r.title, p.access, p.removed IS NOT NULL FROM wiki_page p JOIN wiki_revision r ON r.id = p.latest
		WHERE p.unit = ? ORDER BY p.id`, unit)
	if err != nil {
		return nil, err
	}
	for _, n := range all {
		k.nodes[n.id], k.byUID[n.uid] = n, n.id
		k.byKey[key(n.title)] = append(k.byKey[key(n.title)], n.id)
	}
	type place struct {
		path string
		page int64
	}
	paths, err := store.All(tx, func(p *place) []any { return []any{&p.path, &p.page} }, `
		SELECT s.path, s.page FROM wiki_page p JOIN wiki_source s ON s.page = p.id AND s.file IS NULL WHERE p.unit = ?`, unit)
	for _, p := range paths {
		k.byPath[p.path] = p.page
	}
	return k, err
}

// deep counts the levels of a page in the archive, from 1.
func (k *known) deep(id int64) (n int) {
	for ; id != 0 && n <= mostDeep; n++ {
		id = k.nodes[id].parent
	}
	return n
}

// heldBy finds the files of a page by the hashes of what they were made of, or of what they are.
func heldBy(tx *store.Tx, page int64) (map[string]int64, error) {
	held := map[string]int64{}
	if page == 0 {
		return held, nil
	}
	type row struct {
		hash []byte
		file int64
	}
	all, err := store.All(tx, func(r *row) []any { return []any{&r.hash, &r.file} }, `
		SELECT hash, file FROM wiki_source WHERE page = ?1 AND file IS NOT NULL
		UNION ALL SELECT hash, id FROM file WHERE owner = 'wiki' AND ref = ?1 ORDER BY 2 DESC`, page)
	for _, r := range all {
		held[string(r.hash)] = r.file
	}
	return held, err
}

// unchanged reports whether a page says already what the import would make it say, or said it when it was read in last:
// then what people have made of it since is newer.
func unchanged(tx *store.Tx, page int64, t Text, hash []byte) (bool, error) {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM wiki_page p JOIN wiki_revision r ON r.id = p.latest
		WHERE p.id = ?1 AND (r.title = ?2 AND r.body = ?3 OR EXISTS (SELECT 1 FROM wiki_source WHERE page = ?1 AND file IS NULL AND hash = ?4))`,
		page, t.Title, t.Body, hash)
	return n > 0, err
}

// write writes a page that is ready. A page that a second import has made meanwhile is not made again.
func (m *importer) write(tx *store.Tx, x *incoming, parent int64, now time.Time) error {
	if x.id == 0 {
		// CROSS JOIN: in this order, by the path. Else SQLite looks through all pages of the unit, for each that is new.
		twin, err := store.One(tx, store.Value[int64], `
			SELECT coalesce(max(p.id), 0) FROM wiki_source s CROSS JOIN wiki_page p ON p.id = s.page WHERE s.path = ? AND s.file IS NULL AND p.unit = ?`, x.Path, m.unit.ID)
		if err != nil {
			return err
		}
		if twin != 0 {
			return fault.New(fault.Conflict, "Gerade liest jemand anderes dasselbe ein. Bitte versuchen Sie es gleich noch einmal.")
		}
		if x.id, err = m.make(tx, x, parent, now); err != nil {
			return err
		}
	} else if err := m.there(tx, x.id); err != nil {
		return err
	} else if x.changed() {
		if err := m.revise(tx, x, now); err != nil {
			return err
		}
	}
	var fresh, below []int64
	for _, f := range x.files {
		if f.id == 0 {
			continue
		}
		if !f.held {
			fresh = append(fresh, f.id)
		}
		if f.below && !(x.same && f.held) { // else somebody has taken it away since
			below = append(below, f.id)
		}
		if err := setSource(tx, x.id, f.Path, f.hash, f.id); err != nil {
			return err
		}
	}
	if err := files.Attach(tx, m.Person, fresh, owner, x.id); err != nil {
		return err
	}
	if len(below) > 0 {
		latest, err := store.One(tx, store.Value[int64], `SELECT latest FROM wiki_page WHERE id = ?`, x.id)
		if err != nil {
			return err
		}
		was, err := enclosed(tx, x.id, latest)
		if err != nil {
			return err
		}
		if err := enclose(tx, x.id, latest, append(below, numbers(was)...)); err != nil {
			return err
		}
	}
	return setSource(tx, x.id, x.Path, x.hash, 0)
}

// there says why a page can no longer be written that was found as the import began.
func (m *importer) there(tx *store.Tx, page int64) error {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM wiki_page WHERE id = ? AND unit = ? AND removed IS NULL AND (access <> 'board' OR ?)`, page, m.unit.ID, m.Board)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Gerade hat jemand anderes eine der Seiten verschoben oder entfernt. Bitte versuchen Sie es noch einmal.")
	}
	return err
}

// revise gives a page that is there a new revision: with what people have made of its words since, if only a file has come.
func (m *importer) revise(tx *store.Tx, x *incoming, now time.Time) error {
	t := x.text
	if x.same {
		p, err := store.One(tx, store.Value[int64], `SELECT latest FROM wiki_page WHERE id = ?`, x.id)
		if err != nil {
			return err
		}
		r, err := revision(tx, p)
		if err != nil {
			return err
		}
		t = r.Text
	}
	_, err := revise(tx, x.id, t, m.Person, m.Release, now)
	return err
}

// make makes the page with what its bundle says of it.
func (m *importer) make(tx *store.Tx, x *incoming, parent int64, now time.Time) (int64, error) {
	if parent != 0 { // it may have gone since the import began
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM wiki_page WHERE id = ? AND unit = ? AND removed IS NULL`, parent, m.unit.ID)
		if err != nil {
			return 0, err
		}
		if n == 0 {
			parent = 0
		}
	}
	id, err := add(tx, m.unit.ID, parent, x.access, x.text, m.Person, m.Release && !x.Draft, now)
	if err != nil {
		return 0, err
	}
	_, err = tx.Exec(`
		UPDATE wiki_page SET review = ?2,
			purpose = CASE WHEN EXISTS (SELECT 1 FROM wiki_page WHERE unit = ?4 AND purpose = ?5) OR NOT EXISTS (
				SELECT 1 FROM unit WHERE id = ?4 AND kind = 'city' AND parent IS NULL) THEN '' ELSE ?5 END,
			uid = CASE WHEN ?3 = '' OR EXISTS (SELECT 1 FROM wiki_page WHERE uid = ?3) THEN uid ELSE ?3 END
		WHERE id = ?1`, id, x.Review, x.UID, m.unit.ID, x.Purpose)
	if err != nil {
		return 0, err
	}
	return id, offer(tx, Page{ID: id}, x.Template)
}

// setSource notes where a page, or a file of it, came from. file 0: the page itself.
func setSource(tx *store.Tx, page int64, path string, hash []byte, file int64) error {
	_, err := tx.Exec(`
		INSERT INTO wiki_source (page, path, hash, file) VALUES (?, ?, ?, nullif(?, 0))
		ON CONFLICT (page, path) DO UPDATE SET hash = excluded.hash, file = excluded.file
		WHERE hash <> excluded.hash OR file IS NOT excluded.file`, page, path, hash, file)
	return err
}

// Into finds the unit whose archive an import means, by its number or exact name. "" is the city's, which is made in an
// empty house.
func Into(tx *store.Tx, name, city string, now time.Time) (org.Unit, error) {
	if name == "" {
		u, err := org.Root(tx)
		if fault.KindOf(err) != fault.NotFound {
			return u, err
		}
		id, err := org.Add(tx, org.Unit{Kind: org.City, Name: city}, now)
		if err != nil {
			return u, err
		}
		return org.Get(tx, id)
	}
	all, err := store.All(tx, store.Value[int64], `
		SELECT id FROM unit WHERE kind <> 'group' AND until > ?3 AND (name = ?1 OR id = ?2) ORDER BY id = ?2 DESC, id LIMIT 2`, name, number(name), now.Unix())
	switch {
	case err != nil:
		return org.Unit{}, err
	case len(all) == 0:
		return org.Unit{}, fault.New(fault.NotFound, "Eine Einheit „%s“ gibt es nicht, oder sie hat keinen Wissensspeicher. Nötig ist der genaue Name oder die Nummer aus der Adresse ihrer Seite.", name)
	case len(all) == 2 && all[0] != number(name):
		return org.Unit{}, fault.New(fault.Conflict, "Mehrere Einheiten heißen „%s“. Bitte geben Sie die Nummer aus der Adresse ihrer Seite an.", name)
	}
	return org.Get(tx, all[0])
}

func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0
	}
	return n
}
