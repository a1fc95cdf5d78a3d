package minutes

import (
	"bytes"
	"encoding/hex"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Approve makes the function that notes that a meeting has approved minutes: those that were sent last. From then on they
// never change. It is refused for minutes that were never sent, while an objection waits for an answer, and for a meeting
// that is another committee's, has not begun or was not later.
func Approve(h *house.House, w Wires) func(tx *store.Tx, v who.Viewer, id, in int64) error {
	f := feature{House: h, wires: w, log: w.Log}
	return f.approve
}

func (f *feature) approve(tx *store.Tx, v who.Viewer, id, in int64) error {
	now := f.Now()
	m, err := led(tx, id, v, now)
	if err == nil {
		err = m.open()
	}
	if err != nil {
		return err
	}
	if m.State == Draft {
		return fault.New(fault.Conflict, "Dieses Protokoll wurde noch nicht versandt. Genehmigt wird nur, was die Mitglieder lesen konnten.")
	}
	n, err := waiting(tx, id)
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "Bitte beantworten Sie zuerst alle Einwände.")
	}
	r, err := f.record(tx, in, 0, v)
	if fault.KindOf(err) == fault.NotFound || err == nil && r.Unit != m.Unit {
		err = fault.At("meeting", "Bitte wählen Sie die Sitzung, in der das Protokoll genehmigt wurde.")
	}
	if err != nil {
		return err
	}
	if in == m.Meeting || r.Began.IsZero() || !r.Began.After(m.Held) {
		return fault.At("meeting", "Ein Protokoll wird in einer späteren Sitzung genehmigt, und erst, wenn diese begonnen hat.")
	}
	rev, err := latest(tx, id)
	if err != nil {
		return err
	}
	c, err := read(rev.Content)
	if err != nil {
		return err
	}
	m.State, m.Approved, m.Place, m.Session = Approved, now, in, placed(r)
	s := m.seal(rev)
	if _, err := tx.Exec(`
		UPDATE minutes SET state = 'approved', approved = ?2, place = ?3, session = ?4, approver = ?5, hash = ?6, shown = ?7, writer = NULL, changed = ?2 WHERE id = ?1`,
		id, now.Unix(), in, m.Session, v.ID, seal(c, s), seal(c.public(), s)); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM minutes_aside WHERE minutes = ?`, id); err != nil { // nothing can take them in any more
		return err
	}
	if f.wires.Settled != nil {
		if err := f.wires.Settled(tx, m.Unit, id, in); err != nil {
			return err
		}
	}
	if err := f.members(tx, m.Unit, id, v.ID, newsApproved); err != nil {
		return err
	}
	return f.done(tx, m, v, "minutes.approved")
}

// seal is what is fixed together with a revision.
func (m Minutes) seal(r Revision) Seal {
	return Seal{UID: m.UID, Revision: r.Number, Approved: m.Approved, Place: m.Session}
}

// verified reads the revision that counts. intact: approved minutes still fit their hashes, and so does what the house
// lists of them; others have none. Where the content cannot be read at all, it is empty.
func verified(tx *store.Tx, m Minutes) (c Content, r Revision, intact bool, err error) {
	if r, err = latest(tx, m.ID); err != nil {
		if fault.KindOf(err) == fault.NotFound && m.State == Approved {
			return c, r, false, nil
		}
		return c, r, false, err
	}
	c, wrong := read(r.Content)
	if wrong != nil {
		return Content{}, r, false, nil
	}
	if m.State != Approved {
		return c, r, true, nil
	}
	s, rec := m.seal(r), c.Record
	intact = bytes.Equal(seal(c, s), m.Hash) && bytes.Equal(seal(c.public(), s), m.Shown) &&
		rec.Unit == m.Unit && rec.Title == m.Title && rec.Held().Unix() == m.Held.Unix() && rec.Public == m.Public
	return c, r, intact, nil
}

// Print is a hash as people compare it: in groups.
func Print(hash []byte) string {
	s := hex.EncodeToString(hash)
	var b bytes.Buffer
	for i := 0; i < len(s); i += 8 {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(s[i:min(i+8, len(s))])
	}
	return b.String()
}

// notes lists the corrections that stand beside approved minutes.
func notes(tx *store.Tx, id int64, whole bool) ([]Note, error) {
	all, err := store.All(tx, func(n *Note) []any { return []any{&n.Item, &n.Public, &n.Body, &n.Name, (*store.Time)(&n.At)} }, `
		SELECT n.item, n.public, n.body, coalesce(p.given || ' ' || p.family, ''), n.at
		FROM minutes_note n LEFT JOIN person p ON p.id = n.person WHERE n.minutes = ?1 AND (?2 OR n.public = 1) ORDER BY n.id`, id, whole)
	for i := range all {
		all[i].Name = nameOr(all[i].Name)
	}
	return all, err
}

// note puts a correction beside approved minutes. One about an item that is not public is not public, whatever is asked for.
func (f *feature) note(tx *store.Tx, id int64, v who.Viewer, item int64, body string, public bool) error {
	m, err := led(tx, id, v, f.Now())
	if err != nil {
		return err
	}
	if m.State != Approved {
		return fault.New(fault.Conflict, "Dieses Protokoll ist noch nicht genehmigt. Ändern Sie den Text.")
	}
	if body, err = words("body", body); err != nil {
		return err
	}
	c, _, _, err := verified(tx, m)
	if err != nil {
		return err
	}
	i, ok := c.Record.item(item)
	if !ok {
		return fault.At("item", "Bitte wählen Sie einen Punkt.")
	}
	if _, err := tx.Exec(`INSERT INTO minutes_note (minutes, item, public, body, person, at) VALUES (?, ?, ?, ?, ?, ?)`, id, item, public && i.Public, body, v.ID, f.Now().Unix()); err != nil {
		return err
	}
	if err := f.members(tx, m.Unit, id, v.ID, newsNoted); err != nil {
		return err
	}
	return f.done(tx, m, v, "minutes.noted")
}
