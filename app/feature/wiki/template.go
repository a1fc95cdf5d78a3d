package wiki

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// A Template (Vorlage) is a page that others begin with. No reader sees it: nothing of it is shown. So it is in no tree,
// no search and no export but those of its writers.
type Template struct {
	Page     int64
	Title    string
	UnitName string
	Revision int64 // what is offered: the last that was released
}

func (t *Template) fields() []any { return []any{&t.Page, &t.Title, &t.UnitName, &t.Revision} }

// templatesFor lists the templates of a unit and of those above it that v may read, the nearest first.
func templatesFor(tx *store.Tx, unit int64, v who.Viewer, now time.Time) ([]Template, error) {
	return store.All(tx, (*Template).fields, `
		WITH lv AS MATERIALIZED (SELECT DISTINCT unit, level FROM wiki_right WHERE person = ?2 AND since <= ?3 AND until > ?3)
		SELECT p.id, r.title, u.name, r.id
		FROM unit_up a JOIN wiki_page p ON p.unit = a.above AND p.template = 1 AND p.removed IS NULL JOIN unit u ON u.id = p.unit
		JOIN wiki_revision r ON r.id = (SELECT max(x.id) FROM wiki_revision x WHERE x.page = p.id AND x.released IS NOT NULL)
		WHERE a.unit = ?1 AND (p.access IN ('house', 'public') OR (p.unit, p.access) IN lv
			OR (p.unit, CASE p.access WHEN 'board' THEN 'board' ELSE 'write' END) IN lv)
		ORDER BY a.depth, r.title, p.id`, unit, v.ID, now.Unix())
}

// templatesOf are the templates among the pages of a unit.
func templatesOf(tx *store.Tx, unit int64) (map[int64]bool, error) {
	all, err := store.All(tx, store.Value[int64], `SELECT id FROM wiki_page WHERE unit = ? AND template = 1`, unit)
	set := map[int64]bool{}
	for _, id := range all {
		set[id] = true
	}
	return set, err
}

// offersOf are the revisions that the templates of a unit offer: of each the last that was released.
func offersOf(tx *store.Tx, unit int64) (map[int64]int64, error) {
	type offered struct{ page, revision int64 }
	all, err := store.All(tx, func(o *offered) []any { return []any{&o.page, &o.revision} }, `
		SELECT p.id, max(r.id) FROM wiki_page p JOIN wiki_revision r ON r.page = p.id AND r.released IS NOT NULL
		WHERE p.unit = ? AND p.template = 1 GROUP BY p.id`, unit)
	of := map[int64]int64{}
	for _, o := range all {
		of[o.page] = o.revision
	}
	return of, err
}

// offer makes a page a template, which no reader sees, or a page again, with what was released last.
func offer(tx *store.Tx, p Page, on bool) error {
	if on == p.Template {
		return nil
	}
	if err := changed(tx, p.ID); err != nil {
		return err
	}
	if on {
		_, err := tx.Exec(`UPDATE wiki_page SET template = 1, shown = NULL, must = NULL, html = '', renderer = 0 WHERE id = ?`, p.ID)
		return err
	}
	rev, err := store.One(tx, store.Value[int64], `SELECT coalesce(max(id), 0) FROM wiki_revision WHERE page = ? AND released IS NOT NULL`, p.ID)
	if err != nil {
		return err
	}
	if rev == 0 {
		_, err := tx.Exec(`UPDATE wiki_page SET template = 0 WHERE id = ?`, p.ID)
		return err
	}
	r, err := revision(tx, rev)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`
		UPDATE wiki_page SET template = 0, shown = ?1, html = ?2, renderer = ?3, must = CASE WHEN asks = '' THEN NULL ELSE ?1 END WHERE id = ?4`,
		rev, string(text.Archive(r.Body)), text.ArchiveVersion, p.ID)
	return err
}

// begun is the text with which a page begins that is made from a template.
func begun(tx *store.Tx, unit, page int64, v who.Viewer, now time.Time) (Text, error) {
	all, err := templatesFor(tx, unit, v, now)
	if err != nil {
		return Text{}, err
	}
	for _, t := range all {
		if t.Page == page {
			r, err := revision(tx, t.Revision)
			return r.Text, err
		}
	}
	return Text{}, fault.New(fault.NotFound, "Diese Vorlage gibt es hier nicht.")
}
