package absence

import (
	"context"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

const nightKind = "absence.night" // count the days that are over, and forget what is too old

const (
	notesFor   = 30  // days after which notes, and who picked a child up, are forgotten
	reasonsFor = 366 // days after which reasons are
	recount    = 14  // days that are counted again each night, since they may have been corrected
)

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
		return forget(ctx, h.DB, day)
	}
}

// forget removes what is older than its purpose: notes and names of those who picked up after 30 days, reasons after a
// year, and after the years that the facility has set the rows themselves. The numbers of the days stay. It goes facility
// by facility, so that nobody else waits for it.
func forget(ctx context.Context, db *store.DB, day string) error {
	if err := db.Write(ctx, func(tx *store.Tx) error { return forgetWords(tx, day) }); err != nil {
		return err
	}
	type old struct {
		facility int64
		before   string
	}
	var all []old
	err := db.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = store.All(tx, func(o *old) []any { return []any{&o.facility, &o.before} }, `
			SELECT DISTINCT c.facility, date(?, '-' || coalesce(r.years, ?) || ' years') FROM child c LEFT JOIN absence_rule r ON r.facility = c.facility`,
			day, usual().Years)
		return err
	})
	for _, o := range all {
		if err == nil {
			err = db.Write(ctx, func(tx *store.Tx) error { return forgetRows(tx, o.facility, o.before) })
		}
	}
	return err
}

// forgetWords removes what was written in somebody's own words, and reasons.
func forgetWords(tx *store.Tx, day string) error {
	if _, err := tx.Exec(`UPDATE absence SET note = '' WHERE note <> '' AND last_day < ?`, plus(day, -notesFor)); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE absence SET reason = '' WHERE reason <> '' AND last_day < ?`, plus(day, -reasonsFor)); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE absence_deed SET escort = '' WHERE escort <> '' AND day < ?`, plus(day, -notesFor))
	return err
}

// forgetRows removes all of a facility's children before a day.
func forgetRows(tx *store.Tx, facility int64, before string) error {
	if _, err := tx.Exec(`DELETE FROM absence WHERE child IN (SELECT id FROM child WHERE facility = ?) AND last_day < ?`, facility, before); err != nil {
		return err
	}
	_, err := tx.Exec(`DELETE FROM absence_deed WHERE child IN (SELECT id FROM child WHERE facility = ?) AND day < ?`, facility, before)
	return err
}
