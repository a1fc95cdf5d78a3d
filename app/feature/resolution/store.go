package resolution

import (
	"errors"
	"time"

	"github.com/google/uuid"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

func newUID() string { return uuid.Must(uuid.NewV7()).String() }

func (r *Resolution) fields() []any {
	return []any{&r.ID, &r.UID, &r.Unit, &r.UnitName, &r.Year, &r.Number, &r.Late, &r.Title, &r.Wording, &r.Public, store.Null(&r.Meeting), store.Null(&r.Item),
		&r.Place, &r.Counted, &r.Tally.Yes, &r.Tally.No, &r.Tally.Abstain, &r.Tally.Invalid, &r.Tally.Present, (*store.Time)(&r.Decided), store.Null(&r.Until),
		store.Null(&r.By.ID), &r.By.Fate, &r.Reason, &r.By.Year, &r.By.Number, &r.By.Public, (*store.Time)(&r.By.Decided), (*store.Time)(&r.Changed), (*store.Time)(&r.Deleted)}
}

// find is a resolution, whoever asks.
func find(tx *store.Tx, id int64) (Resolution, error) {
	return store.One(tx, (*Resolution).fields, `
		SELECT r.id, r.uid, r.unit, u.name, r.year, r.number, r.late, r.title, r.wording, r.public, r.meeting, r.item, r.place,
			r.yes IS NOT NULL, coalesce(r.yes, 0), coalesce(r.no, 0), coalesce(r.abstain, 0), coalesce(r.invalid, 0), coalesce(r.present, 0), r.decided, r.until,
			r.successor, r.fate, r.reason, coalesce(b.year, 0), coalesce(b.number, 0), coalesce(b.public, 0), b.decided, r.changed, r.deleted
		FROM resolution r JOIN unit u ON u.id = r.unit LEFT JOIN resolution b ON b.id = r.successor WHERE r.id = ?`, id)
}

// get is a resolution that the viewer may read, and how far they may look into its committee.
func get(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Resolution, committee.Level, error) {
	r, err := find(tx, id)
	if err != nil {
		return r, committee.None, err
	}
	level, err := committee.LevelOf(tx, v, r.Unit, now)
	if err == nil && (level < r.level() || !r.Deleted.IsZero()) {
		err = fault.Gone()
	}
	return r, level, err
}

// numbered finds a resolution of a committee by its name, such as "2026-07".
func numbered(tx *store.Tx, unit int64, s string) (int64, error) {
	year, number, _ := readName(s) // 0, 0: there is no such resolution
	return store.One(tx, store.Value[int64], `SELECT id FROM resolution WHERE unit = ? AND year = ? AND number = ? AND deleted IS NULL`, unit, year, number)
}

// A Choice is what one looks for in a book.
type Choice struct {
	All   bool     // also what is not in force any more
	Words []string // all of which must be in it
	Year  int      // only this and earlier years; 0: any
	Below int      // of that year, only numbers below this; 0: all
	Most  int
}

// in lists the resolutions of a committee, the newest first; inside: also those that only members read.
func in(tx *store.Tx, unit int64, inside bool, c Choice, now time.Time) ([]Resolution, error) {
	return store.All(tx, (*Resolution).fields, `
		SELECT r.id, r.uid, r.unit, u.name, r.year, r.number, r.late, r.title, r.wording, r.public, r.meeting, r.item, r.place,
			r.yes IS NOT NULL, coalesce(r.yes, 0), coalesce(r.no, 0), coalesce(r.abstain, 0), coalesce(r.invalid, 0), coalesce(r.present, 0), r.decided, r.until,
			r.successor, r.fate, r.reason, coalesce(b.year, 0), coalesce(b.number, 0), coalesce(b.public, 0), b.decided, r.changed, r.deleted
		FROM resolution r JOIN unit u ON u.id = r.unit LEFT JOIN resolution b ON b.id = r.successor
		WHERE r.unit = ?1 AND (r.public = 1 OR ?2)
			AND (?3 OR r.deleted IS NULL AND coalesce(r.until >= ?4, 1) AND coalesce(b.decided > ?5, 1))
			AND (?6 = 0 OR r.year < ?6 OR r.year = ?6 AND (?7 = 0 OR r.number < ?7))
			AND NOT EXISTS (SELECT 1 FROM json_each(?8) w WHERE instr(lower(printf('%d-%02d ', r.year, r.number) || r.title || ' ' || r.wording), lower(w.value)) = 0)
		ORDER BY r.year DESC, r.number DESC LIMIT ?9`,
		unit, inside, c.All, today(now), now.Unix(), c.Year, c.Below, store.List(c.Words), c.Most)
}

// ended lists what a resolution has replaced or repealed, the oldest first.
func ended(tx *store.Tx, id int64) ([]Resolution, error) {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM resolution WHERE successor = ? AND deleted IS NULL ORDER BY year, number`, id)
	var all []Resolution
	for _, id := range ids {
		r, err := find(tx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, err
}

// Take puts a decision into the book of its committee. The next number of the year is given in the same transaction: there
// is one writer, so none is left out and none is given twice. A decision that is there already is returned as it is.
//
// What it was to end and has ended meanwhile stays as it is: the first end counts, and the decision holds all the same.
func Take(tx *store.Tx, h *house.House, d Decision) (id int64, number string, err error) {
	if id, number, err = made(tx, d.Origin); id != 0 || err != nil {
		return id, number, err
	}
	if d.Origin == "" {
		return 0, "", errors.New("a decision comes from something")
	}
	if d.Title = text.Line(d.Title); d.Title == "" {
		d.Title = text.Plain(d.Wording, 120)
	}
	d.Wording, d.Place = text.Clean(d.Wording), text.Line(d.Place)
	if err := d.check(); err != nil {
		return 0, "", err
	}
	if id, err = put(tx, d, house.Local(d.At).Year(), 0, false, h.Now()); err != nil {
		return 0, "", err
	}
	for fate, old := range map[string]int64{Replaced: d.Replaces, Repealed: d.Repeals} {
		if old == 0 {
			continue
		}
		switch err := end(tx, old, id, fate, text.Line(d.Reason), h.Now()); {
		case fault.KindOf(err) == fault.Conflict: // another has ended it meanwhile
		case err != nil:
			return 0, "", err
		}
	}
	tell(tx, h, d.Unit)
	_, number, err = made(tx, d.Origin)
	return id, number, err
}

// made finds what was made of something; 0: nothing yet.
func made(tx *store.Tx, origin string) (id int64, number string, err error) {
	r, err := store.One(tx, func(r *Resolution) []any { return []any{&r.ID, &r.Year, &r.Number} }, `SELECT id, year, number FROM resolution WHERE origin = ?`, origin)
	if fault.KindOf(err) == fault.NotFound {
		return 0, "", nil
	}
	return r.ID, r.Name(), err
}

// put writes a decision down, with a number or (0) with the next one of its year.
func put(tx *store.Tx, d Decision, year, number int, late bool, now time.Time) (int64, error) {
	counted := d.Tally != committee.Tally{}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO resolution (uid, origin, unit, year, number, late, title, wording, public, meeting, item, place, yes, no, abstain, invalid, present,
			decided, until, fate, reason, created, changed)
		SELECT ?1, ?2, ?3, ?4, iif(?5 = 0, (SELECT coalesce(max(number), 0) + 1 FROM resolution WHERE unit = ?3 AND year = ?4), ?5), ?6, ?7, ?8, ?9,
			nullif(?10, 0), nullif(?11, 0), ?12, iif(?13, ?14, NULL), iif(?13, ?15, NULL), iif(?13, ?16, NULL), iif(?13, ?17, NULL), iif(?13, ?18, NULL),
			?19, nullif(?20, ''), '', '', ?21, ?21
		RETURNING id`,
		newUID(), d.Origin, d.Unit, year, number, late, d.Title, d.Wording, d.Public, d.Meeting, d.Item, d.Place,
		counted, d.Tally.Yes, d.Tally.No, d.Tally.Abstain, d.Tally.Invalid, d.Tally.Present, d.At.Unix(), d.Until, now.Unix())
	if err != nil {
		return 0, err
	}
	return id, search.Changed(tx, foundKind, id)
}

// end has a later resolution end an earlier one of the same committee.
func end(tx *store.Tx, old, by int64, fate, reason string, now time.Time) error {
	o, err := find(tx, old)
	if err != nil {
		return err
	}
	b, err := find(tx, by)
	switch {
	case err != nil:
		return err
	case o.Unit != b.Unit || !o.Deleted.IsZero() || !b.Deleted.IsZero():
		return fault.Gone()
	case o.ID == b.ID:
		return fault.At("by", "Ein Beschluss kann sich nicht selbst beenden.")
	case o.By.ID != 0:
		return fault.New(fault.Conflict, "Dieser Beschluss ist schon durch %s beendet.", o.By.Name())
	case b.Decided.Before(o.Decided):
		return fault.At("by", "Der Beschluss %s ist älter als dieser. Nur ein späterer Beschluss kann ihn beenden.", b.Name())
	}
	round, err := store.One(tx, store.Value[bool], `
		WITH RECURSIVE chain (id) AS (SELECT ?2 UNION SELECT r.successor FROM chain JOIN resolution r ON r.id = chain.id WHERE r.successor IS NOT NULL)
		SELECT EXISTS (SELECT 1 FROM chain WHERE id = ?1)`, old, by)
	if err != nil {
		return err
	}
	if round {
		return fault.At("by", "Das wäre ein Kreis: %s ist selbst schon durch diesen Beschluss beendet.", b.Name())
	}
	if _, err := tx.Exec(`UPDATE resolution SET successor = ?, fate = ?, reason = ?, changed = ? WHERE id = ?`, by, fate, reason, now.Unix(), old); err != nil {
		return err
	}
	return search.Changed(tx, foundKind, old)
}

// tell has open pages look again.
func tell(tx *store.Tx, h *house.House, unit int64) {
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{unit}}) })
}
