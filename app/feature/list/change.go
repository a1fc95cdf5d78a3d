package list

import (
	"slices"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// change writes a list anew: its words, and its lines, of which some are gone. A line cannot have fewer places than are
// taken. Who stood on one that is gone is told.
func change(tx *store.Tx, h *house.House, v who.Viewer, l List, d Draft, gone []int64) error {
	var f fault.Form
	checkWords(&f, d.Title, d.Body)
	checkLines(&f, d.Lines)
	if len(d.Lines) == 0 {
		f.Add("lines", "Bitte geben Sie mindestens eine Zeile ein.")
	}
	had, err := lines(tx, l.ID)
	if err != nil {
		return err
	}
	at := map[int64]Line{}
	for _, z := range had {
		at[z.ID] = z
	}
	for i, z := range d.Lines {
		switch old, ok := at[z.ID]; {
		case z.ID != 0 && !ok:
			return fault.New(fault.Conflict, "Diese Liste hat inzwischen jemand anderes geändert. Bitte laden Sie die Seite neu.")
		case z.Places < old.Held:
			f.Add("lines", "Zeile %d: Hier sind schon %d Plätze vergeben.", i+1, old.Held)
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE list SET title = ?, body = ?, names = ?, day = nullif(?, ''), closes = ?, remind = ?, changed = ? WHERE id = ?`,
		d.Title, d.Body, d.Names, d.Day, store.Seconds(d.Closes), d.Remind, h.Now().Unix(), l.ID); err != nil {
		return err
	}
	for _, id := range gone {
		if !slices.ContainsFunc(had, func(z Line) bool { return z.ID == id }) {
			continue
		}
		if err := toldOf(tx, h, l, id, removed); err != nil {
			return err
		}
		if _, err := tx.Exec(`DELETE FROM list_line WHERE id = ?`, id); err != nil {
			return err
		}
	}
	for i, z := range d.Lines {
		if z.ID == 0 {
			if err := addLine(tx, l.ID, i, z); err != nil {
				return err
			}
			continue
		}
		if _, err := tx.Exec(`UPDATE list_line SET rank = ?, title = ?, room = ?, starts = ?, ends = ?, places = ? WHERE id = ?`,
			i, z.Title, z.Room, store.Seconds(z.Starts), store.Seconds(z.Ends), z.Places, z.ID); err != nil {
			return err
		}
		if old := at[z.ID]; !z.Starts.Equal(old.Starts) || z.Room != old.Room {
			if err := toldOf(tx, h, l, z.ID, altered); err != nil {
				return err
			}
		}
		if err := moveUp(tx, h, z.ID, 0); err != nil {
			return err
		}
	}
	if err := search.Changed(tx, foundKind, l.ID); err != nil {
		return err
	}
	tell(tx, h, l, v)
	return remindNext(tx, h, l.ID)
}

// toldOf has those told who stand on a line.
func toldOf(tx *store.Tx, h *house.House, l List, line int64, what string) error {
	people, err := store.All(tx, store.Value[int64], `SELECT DISTINCT person FROM list_entry WHERE line = ? AND person IS NOT NULL ORDER BY person`, line)
	if err != nil {
		return err
	}
	for _, p := range people {
		if err := tellOne(tx, h, what, l.ID, line, p); err != nil {
			return err
		}
	}
	return nil
}

func closeList(tx *store.Tx, h *house.House, v who.Viewer, l List, open bool) error {
	_, err := tx.Exec(`UPDATE list SET closed = iif(?1, NULL, ?2), closes = iif(?1 AND closes <= ?2, NULL, closes), changed = ?2 WHERE id = ?3`,
		open, h.Now().Unix(), l.ID)
	tell(tx, h, l, v)
	return err
}

// drop removes a list on which nobody stands any more. Where somebody does, they would come and find nothing.
func drop(tx *store.Tx, h *house.House, l List) error {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM list_line z JOIN list_entry e ON e.line = z.id
		WHERE z.list = ?1 AND iif(z.starts IS NULL, ?3, z.starts > ?2)`, l.ID, h.Now().Unix(), l.Open(h.Now()))
	if err != nil {
		return err
	}
	if n > 0 {
		return fault.New(fault.Conflict, "Auf dieser Liste steht noch jemand. Bitte streichen Sie zuerst die Einträge.")
	}
	if _, err := tx.Exec(`DELETE FROM list WHERE id = ?`, l.ID); err != nil {
		return err
	}
	if err := search.Changed(tx, foundKind, l.ID); err != nil {
		return err
	}
	return h.Tasks.Cancel(tx, remindKind, l.ID)
}
