package wiki

import (
	"time"

	"nestfunk/app/base/store"
)

// A Revision is a saved state of a page.
type Revision struct {
	ID       int64
	Page     int64
	Author   int64
	Name     string // of the author; "": the console, or ehemals im Haus
	At       time.Time
	Released time.Time // zero: never
	Releaser string    // name; "": the author alone
	Text
}

func (r *Revision) fields() []any {
	return []any{&r.ID, &r.Page, store.Null(&r.Author), &r.Name, (*store.Time)(&r.At), (*store.Time)(&r.Released), &r.Releaser, &r.Title, &r.Body}
}

// revision finds one; whoever asks has found its page first.
func revision(tx *store.Tx, id int64) (Revision, error) {
	return store.One(tx, (*Revision).fields, `
		SELECT r.id, r.page, r.author, coalesce(trim(a.given || ' ' || a.family), ''), r.at, r.released, coalesce(trim(b.given || ' ' || b.family), ''), r.title, r.body
		FROM wiki_revision r LEFT JOIN person a ON a.id = r.author LEFT JOIN person b ON b.id = r.releaser WHERE r.id = ?`, id)
}

// before is the revision of a page before another; the zero Revision if that was the first.
func before(tx *store.Tx, r Revision) (Revision, error) {
	old, err := store.One(tx, store.Value[int64], `SELECT coalesce(max(id), 0) FROM wiki_revision WHERE page = ? AND id < ?`, r.Page, r.ID)
	if err != nil || old == 0 {
		return Revision{}, err
	}
	return revision(tx, old)
}

// revisions lists those of a page without their words, latest first.
func revisions(tx *store.Tx, page int64) ([]Revision, error) {
	return store.All(tx, (*Revision).fields, `
		SELECT r.id, r.page, r.author, coalesce(trim(a.given || ' ' || a.family), ''), r.at, r.released, coalesce(trim(b.given || ' ' || b.family), ''), r.title, ''
		FROM wiki_revision r LEFT JOIN person a ON a.id = r.author LEFT JOIN person b ON b.id = r.releaser
		WHERE r.page = ? ORDER BY r.id DESC LIMIT 500`, page)
}
