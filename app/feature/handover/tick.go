package handover

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// What a board does with a thing.
const (
	Give   = "give"   // the leaving board ticks it off
	Ungive = "ungive" // ... and takes that back
	Note   = "note"   // ... adds what one has to know
	Reply  = "reply"  // ... answers a question
	Take   = "take"   // the coming board accepts it
	Untake = "untake"
	Ask    = "ask" // the coming board asks back
)

// side is whose deed it is; "": there is no such deed.
func side(deed string) Side {
	switch deed {
	case Give, Ungive, Note, Reply:
		return Leaving
	case Take, Untake, Ask:
		return Coming
	}
	return ""
}

// tick does one thing with one item, and touches no other: two boards work on a record at the same time. What is so already
// stays so.
func tick(tx *store.Tx, h Handover, s seat, v who.Viewer, item int64, deed, words string, now time.Time) error {
	by := side(deed)
	if by == "" {
		return fault.New(fault.Malformed, "Das gibt es bei einer Übergabe nicht.")
	}
	if !s.in(by) {
		return fault.New(fault.Forbidden, "Das kann nur der andere Vorstand tun.")
	}
	if h.Signed(by) != nil && deed != Reply || h.Signed(Coming) != nil {
		return fault.New(fault.Conflict, "Ihr Vorstand hat diese Übergabe schon unterschrieben. Sie bleibt, wie sie ist.")
	}
	type state struct{ given, taken time.Time }
	x, err := store.One(tx, func(x *state) []any { return []any{(*store.Time)(&x.given), (*store.Time)(&x.taken)} }, `
		SELECT given, taken FROM handover_item WHERE id = ? AND handover = ?`, item, h.ID)
	if err != nil {
		return err
	}
	accepted := fault.New(fault.Conflict, "Der kommende Vorstand hat diesen Punkt schon angenommen.")
	switch deed {
	case Give:
		_, err = tx.Exec(`UPDATE handover_item SET given = ?, giver = ? WHERE id = ? AND given IS NULL`, now.Unix(), v.ID, item)
	case Ungive:
		if !x.taken.IsZero() {
			return accepted
		}
		_, err = tx.Exec(`UPDATE handover_item SET given = NULL, giver = NULL WHERE id = ?`, item)
	case Note:
		if !x.taken.IsZero() {
			return accepted
		}
		if words, err = said("words", words, false); err != nil {
			return err
		}
		if _, err = tx.Exec(`UPDATE handover_item SET words = ? WHERE id = ?`, words, item); err == nil {
			err = search.Changed(tx, foundKind, h.ID)
		}
	case Take:
		if x.given.IsZero() && now.Before(h.Changes) {
			return fault.New(fault.Conflict, "Der abgebende Vorstand hat diesen Punkt noch nicht abgehakt.")
		}
		_, err = tx.Exec(`UPDATE handover_item SET taken = ?, taker = ? WHERE id = ? AND taken IS NULL`, now.Unix(), v.ID, item)
	case Untake:
		_, err = tx.Exec(`UPDATE handover_item SET taken = NULL, taker = NULL WHERE id = ?`, item)
	case Ask, Reply:
		if words, err = said("words", words, true); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT INTO handover_question (item, side, person, words, at) VALUES (?, ?, ?, ?, ?)`, item, by, v.ID, words, now.Unix())
	}
	return err
}

// giveAll ticks off all things of a kind; "": of those that stand under none of the headings.
func giveAll(tx *store.Tx, h Handover, s seat, v who.Viewer, kind string, now time.Time) error {
	all, err := items(tx, h.ID)
	if err != nil {
		return err
	}
	for _, g := range grouped(all) {
		for _, x := range g.Items {
			if g.Kind != kind || !x.Given.IsZero() {
				continue
			}
			if err := tick(tx, h, s, v, x.ID, Give, "", now); err != nil {
				return err
			}
		}
	}
	return nil
}

// add puts what is new since the beginning into a record, while the leaving board has not signed it.
func add(tx *store.Tx, w Wires, h Handover, s seat, v who.Viewer) error {
	if !s.Leaving {
		return fault.New(fault.Forbidden, "Das kann nur der andere Vorstand tun.")
	}
	if len(h.Signatures) > 0 {
		return fault.New(fault.Conflict, "Ihr Vorstand hat diese Übergabe schon unterschrieben. Sie bleibt, wie sie ist.")
	}
	all, err := w.Legacy(tx, v, h.Unit)
	if err != nil {
		return err
	}
	if err := list(tx, h.ID, all, true); err != nil {
		return err
	}
	return search.Changed(tx, foundKind, h.ID)
}

// sign signs for a board. Who signs a second time has signed once.
func sign(tx *store.Tx, k *house.House, w Wires, h Handover, s seat, v who.Viewer, by Side) error {
	if by != Leaving && by != Coming {
		return fault.New(fault.Malformed, "Diesen Vorstand gibt es nicht.")
	}
	if !s.in(by) {
		return fault.New(fault.Forbidden, "Hier unterschreibt der andere Vorstand.")
	}
	if h.Signed(by) != nil {
		return nil
	}
	now := k.Now()
	if by == Coming && h.Signed(Leaving) == nil && now.Before(h.Changes) {
		return fault.New(fault.Conflict, "Zuerst unterschreibt der abgebende Vorstand.")
	}
	all, err := items(tx, h.ID)
	if err != nil {
		return err
	}
	if err := settled(by, all); err != nil {
		return err
	}
	text := canonical(h, by, all, now)
	if _, err := tx.Exec(`INSERT INTO handover_signature (handover, side, person, at, text, hash) VALUES (?, ?, ?, ?, ?, ?)`,
		h.ID, by, v.ID, now.Unix(), text, hashOf(text)); err != nil {
		return err
	}
	if by == Leaving {
		if err := tellBoard(tx, k, signed, h.ID, h.Unit, h.Changes, v.ID); err != nil {
			return err
		}
	}
	return w.Log(tx, now, v.ID, "handover.signed", h.ID)
}
