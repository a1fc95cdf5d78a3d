package announcement

import (
	"crypto/rand"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

func (a *Announcement) fields() []any {
	return []any{&a.ID, &a.Unit, &a.UnitName, &a.Author, &a.Kind, &a.Title, &a.Body, &a.HTML, &a.Roles, &a.Confirm,
		(*store.Time)(&a.ConfirmBy), (*store.Time)(&a.Published), (*store.Time)(&a.Expires), &a.Frozen,
		store.Null(&a.Closure), store.Null(&a.Replaced), &a.Pressing, (*store.Time)(&a.Confirmed), &a.Meant}
}

// recent is how far back feed looks at first: years of a house must not make today's page slower.
const recent = 90 * 24 * time.Hour

// feed lists what the viewer may see, newest first, before a time and id; n at the most.
func feed(tx *store.Tx, v who.Viewer, now, before time.Time, beforeID int64, n int) ([]Announcement, error) {
	from := before
	if now.Before(from) {
		from = now
	}
	all, err := since(tx, v, now, before, beforeID, n, from.Add(-recent).Unix())
	if err == nil && len(all) < n {
		all, err = since(tx, v, now, before, beforeID, n, 0)
	}
	return all, err
}

func since(tx *store.Tx, v who.Viewer, now, before time.Time, beforeID int64, n int, after int64) ([]Announcement, error) {
	return store.All(tx, (*Announcement).fields, `
		WITH u AS MATERIALIZED (
			SELECT DISTINCT unit, own, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2),
		top AS MATERIALIZED (
			SELECT t.published, t.announcement, max((t.roles & u.own) <> 0) AS meant
			FROM u CROSS JOIN announcement_audience t ON t.unit = u.unit
			WHERE t.published > ?6 AND (t.published, t.announcement) < (?3, ?4) AND (t.roles & u.mask) <> 0
			GROUP BY t.announcement
			ORDER BY t.published DESC, t.announcement DESC LIMIT ?5)
		SELECT a.id, a.unit, s.name, coalesce(p.given || ' ' || p.family, 'ehemals im Haus'), a.kind, a.title, a.body, a.html, a.roles,
			a.confirm, a.confirm_by, a.published, a.expires, a.frozen, a.closure, a.replaced, a.urgent, r.at, top.meant
		FROM top CROSS JOIN announcement a ON a.id = top.announcement
		JOIN unit s ON s.id = a.unit LEFT JOIN person p ON p.id = a.author
		LEFT JOIN announcement_receipt r ON r.announcement = a.id AND r.person = ?1
		ORDER BY top.published DESC, top.announcement DESC`, v.ID, now.Unix(), before.Unix(), beforeID, n, after)
}

// get finds an announcement that the viewer may see.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Announcement, error) {
	return store.One(tx, (*Announcement).fields, `
		SELECT a.id, a.unit, s.name, coalesce(p.given || ' ' || p.family, 'ehemals im Haus'), a.kind, a.title, a.body, a.html, a.roles,
			a.confirm, a.confirm_by, a.published, a.expires, a.frozen, a.closure, a.replaced, a.urgent, r.at, EXISTS (
				SELECT 1 FROM reach u CROSS JOIN announcement_audience t ON t.unit = u.unit AND t.announcement = a.id
				WHERE u.person = ?2 AND u.since <= ?3 AND u.until > ?3 AND (t.roles & u.own) <> 0)
		FROM announcement a JOIN unit s ON s.id = a.unit LEFT JOIN person p ON p.id = a.author
		LEFT JOIN announcement_receipt r ON r.announcement = a.id AND r.person = ?2
		WHERE a.id = ?1 AND EXISTS (
			SELECT 1 FROM reach u CROSS JOIN announcement_audience t ON t.unit = u.unit AND t.announcement = a.id
			WHERE u.person = ?2 AND u.since <= ?3 AND u.until > ?3 AND (t.roles & u.mask) <> 0)`, id, v.ID, now.Unix())
}

// plain finds an announcement for the house itself: workers, and people whose right was checked otherwise.
func plain(tx *store.Tx, id int64) (Announcement, error) {
	return store.One(tx, (*Announcement).fields, `
		SELECT a.id, a.unit, s.name, coalesce(p.given || ' ' || p.family, 'ehemals im Haus'), a.kind, a.title, a.body, a.html, a.roles,
			a.confirm, a.confirm_by, a.published, a.expires, a.frozen, a.closure, a.replaced, a.urgent, NULL, 1
		FROM announcement a JOIN unit s ON s.id = a.unit LEFT JOIN person p ON p.id = a.author WHERE a.id = ?`, id)
}

// units lists to which units an announcement went.
func units(tx *store.Tx, id int64) ([]org.Unit, error) {
	ids, err := store.All(tx, store.Value[int64], `SELECT unit FROM announcement_audience WHERE announcement = ? ORDER BY unit`, id)
	if err != nil {
		return nil, err
	}
	all := make([]org.Unit, len(ids))
	for i, u := range ids {
		if all[i], err = org.Get(tx, u); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// Publish tells an audience something. The viewer must hold a role of the team
// at or above every unit that is addressed, and at the one that sends it.
// It writes few rows however many people are meant: the rest is the outbox's.
func Publish(tx *store.Tx, h *house.House, v who.Viewer, d Draft) (int64, error) {
	now := h.Now()
	d.Units = slices.Compact(slices.Sorted(slices.Values(d.Units)))
	if err := d.check(now); err != nil {
		return 0, err
	}
	for _, u := range append(d.Units, d.Unit) {
		if err := org.Must(tx, v, u, who.Team, now); err != nil {
			return 0, err
		}
	}
	if d.kind == "" {
		d.kind = News
	}
	if err := d.climb(tx, h); err != nil {
		return 0, err
	}
	if uuid.Validate(d.UID) != nil {
		d.UID = newUID()
	}
	token := make([]byte, 32)
	_, _ = rand.Read(token) // never fails
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO announcement (uid, unit, author, kind, title, body, html, renderer, roles, confirm, confirm_by, published, expires, token, closure, urgent, ladder)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?) RETURNING id`,
		d.UID, d.Unit, v.ID, d.kind, d.Title, d.Body, string(text.HTML(d.Body)), text.Version, int64(d.Roles),
		d.Confirm, store.Seconds(d.ConfirmBy), now.Unix(), store.Seconds(d.Expires), token, d.closure, d.urgent, d.ladder.String())
	if err != nil {
		return 0, err
	}
	if d.began {
		if _, err := tx.Exec(`UPDATE announcement SET closure = id WHERE id = ?`, id); err != nil {
			return 0, err
		}
	}
	for _, u := range d.Units {
		if _, err := tx.Exec(`
			INSERT INTO announcement_audience (unit, published, announcement, roles) VALUES (?, ?, ?, ?)`,
			u, now.Unix(), id, int64(d.Roles)); err != nil {
			return 0, err
		}
	}
	if err := files.Attach(tx, v.ID, d.Files, owner, id); err != nil {
		return 0, err
	}
	if d.Confirm { // who wrote it knows it
		if _, err := tx.Exec(`
			INSERT INTO announcement_receipt (announcement, person, at, channel) VALUES (?, ?, ?, 'app')`, id, v.ID, now.Unix()); err != nil {
			return 0, err
		}
	}
	if err := search.Changed(tx, foundKind, id); err != nil {
		return 0, err
	}
	if err := h.Tasks.Add(tx, askKind, id, ""); err != nil {
		return 0, err
	}
	if err := d.schedule(tx, h, id); err != nil {
		return 0, err
	}
	above, err := above(tx, id)
	if err != nil {
		return 0, err
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: d.Units, Held: above}) })
	return id, nil
}

func newUID() string { return uuid.Must(uuid.NewV7()).String() }

// sent finds what the viewer has already published with a form; 0: nothing. A
// connection may break after the deed and before the answer.
func sent(tx *store.Tx, uid string, v who.Viewer) (int64, error) {
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM announcement WHERE uid = ? AND author = ?`, uid, v.ID)
	if fault.KindOf(err) == fault.NotFound {
		return 0, nil
	}
	return id, err
}

// above lists the units of an announcement's audience and all above them: where its coverage is looked at.
func above(tx *store.Tx, id int64) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT DISTINCT p.above FROM announcement_audience t JOIN unit_up p ON p.unit = t.unit WHERE t.announcement = ?`, id)
}

// Confirm notes that a person has read an announcement that the person may
// see; the first time counts. Channel is over which one the person came.
func Confirm(tx *store.Tx, h *house.House, id int64, v who.Viewer, channel string) error {
	if _, err := get(tx, id, v, h.Now()); err != nil {
		return err
	}
	if err := proved(tx, id, v.ID, channel, h.Now()); err != nil {
		return err
	}
	return confirm(tx, h, id, v.ID, channel)
}

func confirm(tx *store.Tx, h *house.House, id, person int64, channel string) error {
	n, err := tx.Exec(`
		INSERT INTO announcement_receipt (announcement, person, at, channel) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id, person, h.Now().Unix(), channel)
	if err != nil || n == 0 {
		return err
	}
	if err := calm(tx, h, id, person); err != nil {
		return err
	}
	held, err := above(tx, id)
	if err != nil {
		return err
	}
	tx.After(func() { h.Live.Publish(live.Event{Held: held, Person: person}) })
	return nil
}

// askedSince is how far back a confirmation is still asked for.
func askedSince(now time.Time) int64 { return now.AddDate(0, -2, 0).Unix() }

// unconfirmed counts what waits for a person's confirmation.
func unconfirmed(tx *store.Tx, person int64, now time.Time) (int, error) {
	return store.One(tx, store.Value[int], `
		WITH u AS MATERIALIZED (
			SELECT DISTINCT unit, own FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2)
		SELECT count(DISTINCT a.id)
		FROM u CROSS JOIN announcement_audience t ON t.unit = u.unit AND t.published > ?3 JOIN announcement a ON a.id = t.announcement
		WHERE (t.roles & u.own) <> 0 AND a.confirm = 1 AND a.replaced IS NULL AND (a.expires IS NULL OR a.expires > ?2)
			AND NOT EXISTS (SELECT 1 FROM announcement_receipt r WHERE r.announcement = a.id AND r.person = ?1)`,
		person, now.Unix(), askedSince(now))
}

// concerned lists, for announcements since a time, which of the viewer's children they concern.
func concerned(tx *store.Tx, v who.Viewer, now, since time.Time) (map[int64][]int64, error) {
	type pair struct{ announcement, child int64 }
	all, err := store.All(tx, func(p *pair) []any { return []any{&p.announcement, &p.child} }, `
		SELECT t.announcement, g.child
		FROM guardian g JOIN child_stay s ON s.child = g.child JOIN unit_up p ON p.unit = s.unit
		JOIN announcement_audience t ON t.unit = p.above AND t.published >= ?3
		WHERE g.person = ?1 AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2
			AND s.since <= ?2 AND s.until > ?2 AND (t.roles & 64) <> 0
		ORDER BY t.announcement, g.child`, v.ID, now.Unix(), since.Unix())
	m := map[int64][]int64{}
	for _, p := range all {
		m[p.announcement] = append(m[p.announcement], p.child)
	}
	return m, err
}

// senders lists the units for which the viewer may announce, the highest first.
func senders(tx *store.Tx, v who.Viewer, now time.Time) ([]org.Unit, error) {
	var all []org.Unit
	for _, id := range v.Units(who.Team) {
		u, err := org.Get(tx, id)
		if err != nil {
			return nil, err
		}
		if !u.Ended(now) {
			all = append(all, u)
		}
	}
	return all, nil
}

// erase keeps the announcements, which are the house's, without their author,
// and the receipts of a child's coverage as they are counted.
func erase(tx *store.Tx, s house.Subject) error {
	wrote, err := store.All(tx, store.Value[int64], `SELECT id FROM announcement WHERE author = ?`, s.Person)
	if err != nil {
		return err
	}
	if err := search.Changed(tx, foundKind, wrote...); err != nil {
		return err
	}
	for _, q := range []func() (int64, error){
		func() (int64, error) { return tx.Exec(`DELETE FROM announcement_receipt WHERE person = ?`, s.Person) },
		func() (int64, error) { return tx.Exec(`DELETE FROM announcement_delivery WHERE person = ?`, s.Person) },
		func() (int64, error) {
			return tx.Exec(`UPDATE announcement SET author = NULL WHERE author = ?`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE announcement_call SET caller = NULL WHERE caller = ?`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE announcement_event SET person = NULL WHERE person = ?`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE announcement_care SET person = NULL WHERE person = ?`, s.Person)
		},
		func() (int64, error) { return tx.Exec(`DELETE FROM announcement_asked WHERE child = ?`, s.Child) },
		func() (int64, error) { return tx.Exec(`DELETE FROM announcement_call WHERE child = ?`, s.Child) },
		func() (int64, error) { return tx.Exec(`DELETE FROM announcement_care WHERE child = ?`, s.Child) },
	} {
		if _, err := q(); err != nil {
			return err
		}
	}
	return nil
}

// exported is what the feature knows of a person or a child.
type exported struct {
	Announcements []string `json:"announcements,omitempty"` // titles of what the person wrote
	Receipts      []string `json:"receipts,omitempty"`      // what the person confirmed, when and how
	Deliveries    []string `json:"deliveries,omitempty"`    // what was sent to the person
	Calls         []string `json:"calls,omitempty"`         // calls about the child, or by the person
	Care          []string `json:"care,omitempty"`          // emergency care asked for the child
	Asked         []string `json:"asked,omitempty"`         // announcements that concerned the child
	Closures      []string `json:"closures,omitempty"`      // what the person did about closures
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Announcements, err = store.All(tx, store.Value[string], `
		SELECT datetime(published, 'unixepoch') || 'Z ' || title FROM announcement WHERE author = ? ORDER BY published`, s.Person); err != nil {
		return nil, err
	}
	if e.Receipts, err = store.All(tx, store.Value[string], `
		SELECT datetime(r.at, 'unixepoch') || 'Z ' || r.channel || ': ' || a.title
		FROM announcement_receipt r JOIN announcement a ON a.id = r.announcement WHERE r.person = ? ORDER BY r.at`, s.Person); err != nil {
		return nil, err
	}
	if e.Deliveries, err = store.All(tx, store.Value[string], `
		SELECT datetime(d.at, 'unixepoch') || 'Z ' || d.channel || ' ' || d.state || ' ' || d.address || ': ' || a.title
		FROM announcement_delivery d JOIN announcement a ON a.id = d.announcement WHERE d.person = ? ORDER BY d.at`, s.Person); err != nil {
		return nil, err
	}
	if e.Calls, err = store.All(tx, store.Value[string], `
		SELECT datetime(c.at, 'unixepoch') || 'Z ' || CASE c.reached WHEN 1 THEN 'erreicht' ELSE 'nicht erreicht' END || ': ' || a.title
		FROM announcement_call c JOIN announcement a ON a.id = c.announcement WHERE c.child = ? OR c.caller = ? ORDER BY c.at`, s.Child, s.Person); err != nil {
		return nil, err
	}
	if e.Care, err = store.All(tx, store.Value[string], `
		SELECT datetime(c.at, 'unixepoch') || 'Z ' || c.state || ': ' || a.title
		FROM announcement_care c JOIN announcement a ON a.id = c.closure WHERE c.child = ? OR c.person = ? ORDER BY c.at`, s.Child, s.Person); err != nil {
		return nil, err
	}
	if e.Asked, err = store.All(tx, store.Value[string], `
		SELECT datetime(q.asked, 'unixepoch') || 'Z ' || a.title
		FROM announcement_asked q JOIN announcement a ON a.id = q.announcement WHERE q.child = ? ORDER BY q.asked`, s.Child); err != nil {
		return nil, err
	}
	e.Closures, err = store.All(tx, store.Value[string], `
		SELECT datetime(x.at, 'unixepoch') || 'Z ' || x.kind || ': ' || a.title
		FROM announcement_event x JOIN announcement a ON a.id = x.announcement WHERE x.person = ? ORDER BY x.id`, s.Person)
	return e, err
}

// notFound is what the wrong closure, child or announcement answers.
func notFound() error { return fault.Gone() }
