package absence

import (
	"fmt"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
)

// A Rule is how a facility takes absences.
type Rule struct {
	Active bool // families may excuse a child here; the team always may
	Latest int  // minute of the first day until which an absence is in time
	Years  int  // for which the times of coming and going are kept
}

// usual is the rule of a facility that has set none. Ten years is what carriers keep lists of attendance for, since they
// prove what was paid for.
func usual() Rule {
	return Rule{Active: true, Latest: 8*60 + 30, Years: retention.Usual(retention.Roll).Years}
}

func (r *Rule) fields() []any { return []any{&r.Active, &r.Latest, &r.Years} }

// Clock is Latest as a form shows it.
func (r Rule) Clock() string { return fmt.Sprintf("%d:%02d", r.Latest/60, r.Latest%60) }

// ruleOf is the rule of a facility.
func ruleOf(tx *store.Tx, facility int64) (Rule, error) {
	r, err := store.One(tx, (*Rule).fields, `SELECT active, latest, years FROM absence_rule WHERE facility = ?`, facility)
	if fault.KindOf(err) == fault.NotFound {
		return usual(), nil
	}
	return r, err
}

func setRule(tx *store.Tx, facility int64, r Rule) error {
	_, err := tx.Exec(`
		INSERT INTO absence_rule (facility, active, latest, years) VALUES (?, ?, ?, ?)
		ON CONFLICT (facility) DO UPDATE SET active = excluded.active, latest = excluded.latest, years = excluded.years`,
		facility, r.Active, r.Latest, r.Years)
	return err
}
