package calendar

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// How far a feed looks back and ahead.
const (
	feedBack  = 90 * 24 * time.Hour
	feedAhead = 400 * 24 * time.Hour
)

// feedSecret is under what the secret of a feed is sealed.
const feedSecret = "calendar.feed"

// subscribe makes the secret address of a person's feed. An older one ends.
func subscribe(tx *store.Tx, h *house.House, person int64) error {
	b := make([]byte, 24)
	_, _ = rand.Read(b) // never fails
	token := base64.RawURLEncoding.EncodeToString(b)
	sealed, err := h.Settings.Seal(feedSecret, token)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`
		INSERT INTO calendar_feed (person, hash, secret, created) VALUES (?, ?, ?, ?)
		ON CONFLICT (person) DO UPDATE SET hash = excluded.hash, secret = excluded.secret, created = excluded.created`, person, hash(token), sealed, h.Now().Unix())
	return err
}

func hash(token string) []byte {
	h := sha256.Sum256([]byte(token))
	return h[:]
}

// Unsubscribe ends the feed of a person; there may be none.
func Unsubscribe(tx *store.Tx, person int64) error {
	_, err := tx.Exec(`DELETE FROM calendar_feed WHERE person = ?`, person)
	return err
}

// feedOf is the last part of a person's address; "" where there is none, or the key file is another.
func feedOf(tx *store.Tx, h *house.House, person int64) (string, error) {
	sealed, err := store.One(tx, store.Value[string], `SELECT secret FROM calendar_feed WHERE person = ?`, person)
	if fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	return h.Settings.Open(feedSecret, sealed), err
}

// reader is whose feed an address is; NotFound where it is nobody's.
func reader(tx *store.Tx, token string) (int64, error) {
	return store.One(tx, store.Value[int64], `SELECT person FROM calendar_feed WHERE hash = ?`, hash(token))
}

// event is a date as a calendar file has it.
func event(d house.Date, base string) calendar.Event {
	e := calendar.Event{UID: d.UID, Sequence: d.Sequence, Changed: d.Changed, Start: house.Local(d.Starts), End: house.Local(d.Ends), AllDay: d.AllDay,
		Title: d.Title, Place: d.Place, Category: d.UnitName, Cancelled: d.Cancelled, Free: d.Kind != house.Event}
	if d.AllDay {
		e.Start, e.End = calendar.Wall(e.Start), calendar.Wall(e.End)
	}
	if d.Path != "" {
		e.URL = base + d.Path
	}
	if e.Changed.IsZero() {
		e.Changed = d.Starts // what is computed never changes
	}
	return e
}

// file is a date as a file of its own, a series with its rule.
func file(tx *store.Tx, t Termin, base string) (calendar.Calendar, error) {
	c := calendar.Calendar{Name: t.Title}
	all, err := series(tx, t.Date)
	if err != nil {
		return c, err
	}
	of := func(x Termin) calendar.Event {
		return event(house.Date{Kind: house.Event, Starts: x.Starts, Ends: x.Ends, AllDay: x.AllDay, Title: x.Title, Place: x.Place,
			Path: "/termin/" + itoa(x.ID), UnitName: x.UnitName, Cancelled: x.Cancelled, UID: x.UID + "@nestfunk", Sequence: x.Sequence, Changed: x.Changed}, base)
	}
	first := of(all[0])
	r := all[0].rule()
	if r.Interval == 0 {
		c.Events = []calendar.Event{first}
		return c, nil
	}
	// The series as its rule has it, and then what is otherwise.
	length := time.Duration(0)
	slots := map[int64]bool{}
	for _, x := range all {
		slots[x.Slot] = true
		if !x.Moved && length == 0 {
			length = calendar.Wall(house.Local(x.Ends)).Sub(calendar.Wall(house.Local(x.Starts)))
		}
	}
	begin := time.Unix(all[0].Slot, 0).UTC()
	first.Rule, first.Cancelled = r, false
	first.Start, first.End = begin, begin.Add(length)
	if !all[0].AllDay {
		first.Start, first.End = house.Local(calendar.In(begin, zone())), house.Local(calendar.In(begin.Add(length), zone()))
	}
	for slot := range r.All(begin, all[0].AllDay, zone()) {
		if !slots[slot.Unix()] && len(first.Except) < maxInstances {
			first.Except = append(first.Except, slot)
		}
	}
	c.Events = []calendar.Event{first}
	for _, x := range all {
		if x.Moved || x.Cancelled {
			e := of(x)
			e.Instead = time.Unix(x.Slot, 0).UTC()
			c.Events = append(c.Events, e)
		}
	}
	return c, nil
}
