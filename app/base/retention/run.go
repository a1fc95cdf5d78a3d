package retention

import (
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// A Run is how much of a class went on a day.
type Run struct {
	Day   string // YYYY-MM-DD
	Class Class
	Gone  int // rows, or people, or conversations: what the class counts
}

func (r *Run) fields() []any { return []any{&r.Day, (*string)(&r.Class), &r.Gone} }

// Noted counts that so much of a class goes now, also where it is nothing: then it is known that somebody looked.
func Noted(tx *store.Tx, now time.Time, c Class, gone int) error {
	_ = rule(c)
	_, err := tx.Exec(`
		INSERT INTO retention_run (day, class, gone) VALUES (?, ?, ?)
		ON CONFLICT (day, class) DO UPDATE SET gone = gone + excluded.gone`, now.In(web.Zone()).Format(time.DateOnly), string(c), gone)
	return err
}

// Runs lists what went since a day, the latest first.
func Runs(tx *store.Tx, since string) ([]Run, error) {
	return store.All(tx, (*Run).fields, `SELECT day, class, gone FROM retention_run WHERE day >= ? ORDER BY day DESC, class`, since)
}

// Prune lets go of what was noted long enough ago; it counts nothing.
func Prune(tx *store.Tx, now time.Time) error {
	_, err := tx.Exec(`DELETE FROM retention_run WHERE day < ?`, Usual(Log).Before(now).Format(time.DateOnly))
	return err
}
