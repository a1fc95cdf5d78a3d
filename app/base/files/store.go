package files

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"

	"github.com/google/uuid"
)

func (f *File) fields() []any {
	return []any{&f.ID, &f.UID, &f.Owner, &f.Ref, &f.Name, &f.Type, &f.Size, &f.Hash, &f.Width, &f.Height, store.Null(&f.Person), (*store.Time)(&f.At)}
}

// Get finds a file, whoever may see it: the feature that it is attached to knows that.
func Get(tx *store.Tx, id int64) (File, error) {
	return store.One(tx, (*File).fields, `
		SELECT id, uid, owner, ref, name, type, size, hash, width, height, person, at FROM file WHERE id = ?`, id)
}

// Of lists what is attached to something, in the order of attaching.
func Of(tx *store.Tx, owner string, ref int64) ([]File, error) {
	return store.All(tx, (*File).fields, `
		SELECT id, uid, owner, ref, name, type, size, hash, width, height, person, at FROM file
		WHERE owner = ? AND ref = ? ORDER BY id`, owner, ref)
}

// With lists what has a content, by its hash, in the order in which it came.
func With(tx *store.Tx, hash []byte) ([]File, error) {
	return store.All(tx, (*File).fields, `
		SELECT id, uid, owner, ref, name, type, size, hash, width, height, person, at FROM file WHERE hash = ? ORDER BY id`, hash)
}

// Drafts finds those of some files that a person has put into the house and not attached to anything yet.
func Drafts(tx *store.Tx, person int64, ids []int64) ([]File, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	return store.All(tx, (*File).fields, `
		SELECT id, uid, owner, ref, name, type, size, hash, width, height, person, at FROM file
		WHERE id IN (SELECT value FROM json_each(?)) AND owner = '' AND person = ? ORDER BY id`, store.List(ids), person)
}

// Renew has the day anew within which somebody has to attach files: they stand in a text that is still being written.
func Renew(tx *store.Tx, person int64, ids []int64, now time.Time) error {
	_, err := tx.Exec(`UPDATE file SET at = ? WHERE id IN (SELECT value FROM json_each(?)) AND owner = '' AND person = ?`, now.Unix(), store.List(ids), person)
	return err
}

// Attach gives files that a person has put into the house their place. One that is not the person's own, that is
// attached already or that has gone meanwhile is a Conflict.
func Attach(tx *store.Tx, person int64, ids []int64, owner string, ref int64) error {
	for _, id := range ids {
		n, err := tx.Exec(`UPDATE file SET owner = ?, ref = ? WHERE id = ? AND owner = '' AND person IS nullif(?, 0)`, owner, ref, id, person)
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "Eine der Dateien ist nicht mehr da; was nicht gesendet wird, wird nur einen Tag aufgehoben. Bitte fügen Sie sie noch einmal an.")
		}
	}
	return search.Changed(tx, FoundKind, ids...)
}

// Again puts a file to another place as well, with the same content; person is who does so, 0: the console.
func Again(tx *store.Tx, id, person int64, owner string, ref int64, now time.Time) (int64, error) {
	again, err := store.One(tx, store.Value[int64], `
		INSERT INTO file (uid, owner, ref, name, type, size, hash, width, height, person, at, text)
		SELECT ?2, ?3, ?4, name, type, size, hash, width, height, nullif(?5, 0), ?6, text FROM file WHERE id = ?1 RETURNING id`,
		id, uuid.Must(uuid.NewV7()).String(), owner, ref, person, now.Unix())
	if err != nil {
		return 0, err
	}
	return again, search.Changed(tx, FoundKind, again)
}

// Remove takes a file away from where it is attached. Its content goes with the next sweep, unless others have it.
func Remove(tx *store.Tx, owner string, ref, id int64) error {
	n, err := tx.Exec(`DELETE FROM file WHERE id = ? AND owner = ? AND ref = ?`, id, owner, ref)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	if err != nil {
		return err
	}
	return search.Changed(tx, FoundKind, id)
}

// IDs lists what is attached to some things of an owner: the ids of the files by those of the things.
func IDs(tx *store.Tx, owner string, refs []int64) (map[int64][]int64, error) {
	type row struct{ ref, id int64 }
	all, err := store.All(tx, func(r *row) []any { return []any{&r.ref, &r.id} }, `
		SELECT f.ref, f.id FROM json_each(?) j CROSS JOIN file f ON f.owner = ? AND f.ref = j.value ORDER BY f.id`, store.List(refs), owner)
	by := map[int64][]int64{}
	for _, r := range all {
		by[r.ref] = append(by[r.ref], r.id)
	}
	return by, err
}

// Text is the text of a file for the search. Ready is false while it has not been read yet; "" where there is none.
func Text(tx *store.Tx, id int64) (text string, ready bool, err error) {
	type row struct {
		text  string
		ready bool
	}
	r, err := store.One(tx, func(r *row) []any { return []any{&r.text, &r.ready} }, `
		SELECT coalesce(text, ''), text IS NOT NULL FROM file WHERE id = ?`, id)
	return r.text, r.ready, err
}

func insert(tx *store.Tx, x File) (int64, error) {
	return store.One(tx, store.Value[int64], `
		INSERT INTO file (uid, owner, ref, name, type, size, hash, width, height, person, at, text)
		VALUES (?1, '', 0, ?2, ?3, ?4, ?5, ?6, ?7, nullif(?8, 0), ?9, CASE WHEN ?10 THEN NULL ELSE '' END) RETURNING id`,
		x.UID, x.Name, x.Type, x.Size, x.Hash, x.Width, x.Height, x.Person, x.At.Unix(), readable(x.Type))
}

// used counts the bytes that a person has put into the house within 24 hours.
func used(tx *store.Tx, person int64, now time.Time) (int64, error) {
	return store.One(tx, store.Value[int64], `
		SELECT coalesce(sum(size), 0) FROM file WHERE person = ? AND at > ?`, person, now.Add(-24*time.Hour).Unix())
}

// Put are the files that a person has put into the house.
func Put(tx *store.Tx, person int64) ([]File, error) {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM file WHERE person = ? ORDER BY id`, person)
	var all []File
	for _, id := range ids {
		if err != nil {
			return nil, err
		}
		var x File
		x, err = Get(tx, id)
		all = append(all, x)
	}
	return all, err
}

// Forget forgets who has put files into the house. What is attached belongs to what it is attached to, and stays.
func Forget(tx *store.Tx, person int64) error {
	if _, err := tx.Exec(`DELETE FROM file WHERE person = ? AND owner = ''`, person); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE file SET person = NULL WHERE person = ?`, person)
	return err
}
