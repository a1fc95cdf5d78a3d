package meeting

import (
	"slices"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Number is what an item is called on its agenda, whoever may see it: "3", or "3.1".
func Number(tx *store.Tx, id int64) (string, error) {
	meeting, err := store.One(tx, store.Value[int64], `SELECT meeting FROM meeting_item WHERE id = ? AND deleted IS NULL`, id)
	if err != nil {
		return "", err
	}
	i, err := item(tx, Meeting{ID: meeting, Level: committee.Inside}, id)
	return i.Number, err
}

// Reach notes that the turn of an item has come. What was never reached when a meeting ends is proposed for the next.
func Reach(tx *store.Tx, h *house.House, v who.Viewer, id int64) error {
	i, m, err := itemAt(tx, id, v, h.Now())
	if err != nil || !i.Reached.IsZero() {
		return err
	}
	if !m.Leads() {
		return fault.Gone()
	}
	if _, err := tx.Exec(`UPDATE meeting_item SET reached = ? WHERE id = ?`, h.Now().Unix(), id); err != nil {
		return err
	}
	return touch(tx, h, m.ID, m.Unit)
}

// carry proposes what was not reached for the next meeting. Where no item was ever called, nobody knows, and nothing is.
func carry(tx *store.Tx, h *house.House, meeting, unit int64) error {
	all, err := items(tx, meeting)
	if err != nil || !slices.ContainsFunc(all, func(i Item) bool { return !i.Reached.IsZero() }) {
		return err
	}
	return leave(tx, h, unit, slices.DeleteFunc(all, func(i Item) bool { return !i.Reached.IsZero() }))
}

// Settled notes that a meeting has settled what others have put on agendas: there it counts as reached, and it neither waits
// for another meeting nor stands on the agenda of one that has not begun.
func Settled(tx *store.Tx, h *house.House, unit int64, kind string, ref, in int64) error {
	now := h.Now().Unix()
	if _, err := tx.Exec(`UPDATE meeting_item SET reached = ?1 WHERE meeting = ?2 AND kind = ?3 AND ref = ?4 AND reached IS NULL AND deleted IS NULL`, now, in, kind, ref); err != nil {
		return err
	}
	type place struct{ item, meeting int64 }
	all, err := store.All(tx, func(p *place) []any { return []any{&p.item, &p.meeting} }, `
		SELECT i.id, m.id FROM meeting m JOIN meeting_item i ON i.meeting = m.id
		WHERE m.unit = ? AND m.state IN ('planned', 'invited') AND m.deleted IS NULL AND i.kind = ? AND i.ref = ? AND i.deleted IS NULL`, unit, kind, ref)
	if err != nil {
		return err
	}
	for _, p := range all {
		m, err := plain(tx, p.meeting)
		if err != nil {
			return err
		}
		m.Level = committee.Inside
		if err := removeItem(tx, h, m, p.item); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`DELETE FROM meeting_proposal WHERE unit = ? AND kind = ? AND ref = ? AND state IN ('open', 'postponed')`, unit, kind, ref)
	return err
}

// spare proposes what stood on the agenda of a meeting that is cancelled for the next.
func spare(tx *store.Tx, h *house.House, meeting, unit int64) error {
	all, err := items(tx, meeting)
	if err != nil {
		return err
	}
	return leave(tx, h, unit, all)
}

// leave proposes items for the next meeting, without those that stand on every agenda.
func leave(tx *store.Tx, h *house.House, unit int64, all []Item) error {
	for _, i := range all {
		p := Proposal{Unit: unit, Title: i.Title, Body: i.Body, Public: i.Public, Kind: i.Kind, Ref: i.Ref}
		switch i.Kind {
		case Opening, Quorum, Agenda, Approval, Tasks, Other:
			continue
		case "":
			p.Kind, p.Ref = Left, i.ID
		}
		if err := insertProposal(tx, h, p); err != nil {
			return err
		}
	}
	return nil
}

// again gives an item the files of the one that it goes on with, of the same committee. Where that is deleted there are none.
func again(tx *store.Tx, h *house.House, from, to, unit int64) error {
	own, err := store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM meeting_item i JOIN meeting m ON m.id = i.meeting WHERE i.id = ? AND m.unit = ?)`, from, unit)
	if err != nil || !own {
		return err
	}
	all, err := files.Of(tx, owner, from)
	if err != nil {
		return err
	}
	for _, x := range all {
		if _, err := files.Again(tx, x.ID, x.Person, owner, to, h.Now()); err != nil {
			return err
		}
	}
	return nil
}
