package bulletin

import (
	"crypto/rand"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

func newUID() string { return uuid.Must(uuid.NewV7()).String() }

func (b *Bulletin) fields() []any {
	return []any{&b.ID, &b.UID, &b.Unit, &b.UnitName, &b.Place, &b.PlaceName, &b.Wide, &b.Author, &b.Title, &b.Body, (*store.Time)(&b.Changed),
		(*store.Time)(&b.Sent), &b.Went.N, &b.Went.Few, &b.Went.Least, (*store.Time)(&b.Stopped), &b.Mine}
}

// plain finds a bulletin; whoever asks has looked whether it may be seen.
func plain(tx *store.Tx, id int64, person int64) (Bulletin, error) {
	return store.One(tx, (*Bulletin).fields, `
		SELECT b.id, b.uid, b.unit, u.name, b.place, l.name, b.place = u.parent, coalesce(p.given || ' ' || p.family, 'ehemals im Haus'), b.title, b.body, b.changed,
			b.sent, coalesce(b.went, 0), b.sent IS NOT NULL AND b.went IS NULL, b.least, b.stopped,
			EXISTS (SELECT 1 FROM bulletin_recipient r WHERE r.bulletin = b.id AND r.person = ?2)
		FROM bulletin b JOIN unit u ON u.id = b.unit JOIN unit l ON l.id = b.place LEFT JOIN person p ON p.id = b.author WHERE b.id = ?1`, id, person)
}

// get finds a bulletin that the viewer may see, and how far the viewer looks into the council: its members; to whom it was
// sent; and those who look at reports, once there is one.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (b Bulletin, level committee.Level, err error) {
	if b, err = plain(tx, id, v.ID); err != nil {
		return b, 0, err
	}
	if level, err = committee.LevelOf(tx, v, b.Unit, now); err != nil || level >= committee.Inside {
		return b, level, err
	}
	if !b.Sent.IsZero() && b.Mine {
		return b, level, nil
	}
	ok, err := reported(tx, id)
	if err == nil && ok {
		ok, err = org.Manages(tx, v.ID, b.Unit, Judges, now)
	}
	if err == nil && !ok {
		err = fault.Gone()
	}
	return b, level, err
}

// received lists the bulletins that were sent to a person and may be read, the latest first: n of those before one; 0: of all.
func received(tx *store.Tx, person, before int64, n int) ([]Bulletin, error) {
	return store.All(tx, (*Bulletin).fields, `
		SELECT b.id, b.uid, b.unit, u.name, b.place, l.name, b.place = u.parent, '', b.title, b.body, b.changed, b.sent, 0, 0, 0, b.stopped, 1
		FROM bulletin_recipient r JOIN bulletin b ON b.id = r.bulletin JOIN unit u ON u.id = b.unit JOIN unit l ON l.id = b.place
		WHERE r.person = ?1 AND b.stopped IS NULL AND (?2 = 0 OR b.id < ?2) ORDER BY b.id DESC LIMIT ?3`, person, before, n)
}

// written lists the bulletins of a council, drafts first, then the latest: n of those before one; 0: of all.
func written(tx *store.Tx, unit, before int64, n int) ([]Bulletin, error) {
	return store.All(tx, (*Bulletin).fields, `
		SELECT b.id, b.uid, b.unit, u.name, b.place, l.name, b.place = u.parent, coalesce(p.given || ' ' || p.family, 'ehemals im Haus'), b.title, b.body, b.changed,
			b.sent, coalesce(b.went, 0), b.sent IS NOT NULL AND b.went IS NULL, b.least, b.stopped, 0
		FROM bulletin b JOIN unit u ON u.id = b.unit JOIN unit l ON l.id = b.place LEFT JOIN person p ON p.id = b.author
		WHERE b.unit = ?1 AND (?2 = 0 OR b.id < ?2) ORDER BY b.id DESC LIMIT ?3`, unit, before, n)
}

// Places are where the parents can be to whom a council writes: the unit for which it speaks, and where that is more than one
// facility, each of these.
func Places(tx *store.Tx, committee org.Unit, now time.Time) ([]org.Unit, error) {
	u, err := org.Get(tx, committee.Parent)
	if err != nil || u.Kind == org.Facility || u.Kind == org.Group {
		return []org.Unit{u}, err
	}
	below, err := org.Below(tx, u.ID, org.Facility, now)
	return append([]org.Unit{u}, below...), err
}

// Write keeps a draft: a new one where id is 0, and else in the place of what was there.
func Write(tx *store.Tx, v who.Viewer, id int64, d Draft, now time.Time) (int64, error) {
	u, _, err := committee.Must(tx, v, d.Unit, committee.Inside, now)
	if err != nil {
		return 0, err
	}
	if err := d.check(); err != nil {
		return 0, err
	}
	places, err := Places(tx, u, now)
	if err != nil {
		return 0, err
	}
	known := false
	for _, p := range places {
		known = known || p.ID == d.Place
	}
	if !known {
		return 0, fault.At("place", "Bitte wählen Sie, an welche Eltern Sie schreiben.")
	}
	html := text.HTML(d.Body)
	if id == 0 {
		seed := make([]byte, 32)
		_, _ = rand.Read(seed) // never fails
		if id, err = store.One(tx, store.Value[int64], `
			INSERT INTO bulletin (uid, unit, place, author, title, body, html, renderer, seed, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id`,
			d.UID, d.Unit, d.Place, v.ID, d.Title, d.Body, string(html), text.Version, seed, now.Unix()); err != nil {
			return 0, err
		}
		return id, search.Changed(tx, foundKind, id)
	}
	n, err := tx.Exec(`
		UPDATE bulletin SET place = ?, title = ?, body = ?, html = ?, renderer = ?, changed = ?, author = ? WHERE id = ? AND unit = ? AND sent IS NULL`,
		d.Place, d.Title, d.Body, string(html), text.Version, now.Unix(), v.ID, id, d.Unit)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Dieser Rundbrief ist inzwischen gesendet. Was gesendet ist, ändert sich nicht mehr.")
	}
	if err != nil {
		return 0, err
	}
	return id, search.Changed(tx, foundKind, id)
}

// made finds what the form of a uid has made; 0: nothing yet. That of another council is not found.
func made(tx *store.Tx, uid string, unit int64) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM bulletin WHERE uid = ? AND unit = ?`, uid, unit)
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	return id, err
}

// discard removes a draft.
func discard(tx *store.Tx, id int64) error {
	n, err := tx.Exec(`DELETE FROM bulletin WHERE id = ? AND sent IS NULL`, id)
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Dieser Rundbrief ist inzwischen gesendet.")
	}
	if err != nil {
		return err
	}
	return search.Changed(tx, foundKind, id)
}

// shown is the HTML of a bulletin.
func shown(tx *store.Tx, b Bulletin) (string, error) {
	type kept struct {
		html     string
		renderer int
	}
	k, err := store.One(tx, func(k *kept) []any { return []any{&k.html, &k.renderer} }, `SELECT html, renderer FROM bulletin WHERE id = ?`, b.ID)
	if err == nil && k.renderer != text.Version {
		k.html = string(text.HTML(b.Body))
	}
	return k.html, err
}
