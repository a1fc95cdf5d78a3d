package absence

import (
	"context"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

const nightKind = "absence.night" // count the days that are over, and forget what is too old

const recount = 14 // days that are counted again each night, since they may have been corrected

// nightly counts and forgets.
func nightly(h *house.House, shut Shut) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		day := today(h.Now())
		for i := recount; i > 0; i-- {
			d := plus(day, -i)
			if weekend(d) {
				continue
			}
			if err := count(ctx, h.DB, d, shut); err != nil {
				return err
			}
		}
		return forget(ctx, h)
	}
}

// forget removes what is older than its purpose: notes and names of those who picked up, reasons, and after the years that
// the facility has set the rows themselves. The numbers of the days stay. It goes facility by facility, so that nobody else
// waits for it.
func forget(ctx context.Context, h *house.House) error {
	if err := h.DB.Write(ctx, func(tx *store.Tx) error { return forgetWords(tx, h.Now()) }); err != nil {
		return err
	}
	type facility struct {
		id    int64
		years int
	}
	var all []facility
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = store.All(tx, func(o *facility) []any { return []any{&o.id, &o.years} }, `
			SELECT DISTINCT c.facility, coalesce(r.years, ?) FROM child c LEFT JOIN absence_rule r ON r.facility = c.facility`, usual().Years)
		return err
	})
	for _, o := range all {
		if err == nil {
			err = h.DB.Write(ctx, func(tx *store.Tx) error { return forgetRows(tx, h.Now(), o.id, retention.Span{Years: o.years}) })
		}
	}
	return err
}

// over is the day before which what lies a span back is over.
func over(now time.Time, s retention.Span) string {
	return s.Before(noon(today(now))).Format(time.DateOnly)
}

// forgetWords removes what was written in somebody's own words, and reasons.
func forgetWords(tx *store.Tx, now time.Time) error {
	notes := over(now, retention.Usual(retention.Note))
	n, err := tx.Exec(`UPDATE absence SET note = '' WHERE note <> '' AND last_day < ? AND child NOT IN (SELECT child FROM held_child WHERE until > ?)`, notes, now.Unix())
	if err != nil {
		return err
	}
	e, err := tx.Exec(`UPDATE absence_deed SET escort = '' WHERE escort <> '' AND day < ? AND child NOT IN (SELECT child FROM held_child WHERE until > ?)`, notes, now.Unix())
	if err != nil {
		return err
	}
	if err := retention.Noted(tx, now, retention.Note, int(n+e)); err != nil {
		return err
	}
	n, err = tx.Exec(`UPDATE absence SET reason = '' WHERE reason <> '' AND last_day < ? AND child NOT IN (SELECT child FROM held_child WHERE until > ?)`,
		over(now, retention.Usual(retention.Reason)), now.Unix())
	if err != nil {
		return err
	}
	return retention.Noted(tx, now, retention.Reason, int(n))
}

// due says what of a facility's children goes because of its rule; see retention.Due.
func due(facility int64) retention.Due {
	return func(tx *store.Tx, before, now time.Time) (string, error) {
		n, err := store.One(tx, store.Value[int], `
			SELECT (SELECT count(*) FROM absence a JOIN child c ON c.id = a.child WHERE c.facility = ?1 AND a.last_day < ?2
					AND a.child NOT IN (SELECT child FROM held_child WHERE until > ?3))
				+ (SELECT count(*) FROM absence_deed d JOIN child c ON c.id = d.child WHERE c.facility = ?1 AND d.day < ?2
					AND d.child NOT IN (SELECT child FROM held_child WHERE until > ?3) AND coalesce(d.person, 0) NOT IN (SELECT person FROM held_person WHERE until > ?3))`,
			facility, today(before), now.Unix())
		return retention.Counted(n, "einen Eintrag in den Tageslisten", "%d Einträge in den Tageslisten"), err
	}
}

// forgetRows removes all of a facility's children that is older than a span.
func forgetRows(tx *store.Tx, now time.Time, facility int64, kept retention.Span) error {
	n, err := tx.Exec(`DELETE FROM absence WHERE child IN (SELECT id FROM child WHERE facility = ?) AND last_day < ?
		AND child NOT IN (SELECT child FROM held_child WHERE until > ?)`, facility, over(now, kept), now.Unix())
	if err != nil {
		return err
	}
	d, err := tx.Exec(`DELETE FROM absence_deed WHERE child IN (SELECT id FROM child WHERE facility = ?1) AND day < ?2
		AND child NOT IN (SELECT child FROM held_child WHERE until > ?3) AND coalesce(person, 0) NOT IN (SELECT person FROM held_person WHERE until > ?3)`,
		facility, over(now, kept), now.Unix())
	if err != nil {
		return err
	}
	return retention.Noted(tx, now, retention.Roll, int(n+d))
}
