package message

import (
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
)

func (r *Rule) fields() []any {
	return []any{&r.Parents, &r.Days, &r.Starts, &r.Ends, &r.Answer}
}

// ruleOf is the rule that holds for a unit: that of the nearest at or above it, but what is forbidden above stays so. No
// one above has a say in who may write to a committee.
func ruleOf(tx *store.Tx, unit int64) (Rule, error) {
	u, err := org.Get(tx, unit)
	if err != nil {
		return Rule{}, err
	}
	if u.Kind == org.Committee {
		rule, err := store.One(tx, (*Rule).fields, `SELECT parents, days, starts, ends, answer FROM message_rule WHERE unit = ?`, unit)
		if fault.KindOf(err) == fault.NotFound {
			return volunteers(), nil
		}
		return rule, err
	}
	all, err := store.All(tx, (*Rule).fields, `
		SELECT r.parents, r.days, r.starts, r.ends, r.answer
		FROM unit_up p JOIN message_rule r ON r.unit = p.above WHERE p.unit = ? ORDER BY p.depth`, unit)
	if err != nil || len(all) == 0 {
		return usual(), err
	}
	rule := all[0]
	for _, above := range all {
		rule.Parents = rule.Parents && above.Parents
	}
	return rule, nil
}

// hoursOf is ruleOf with the Land of the house, for who asks whether answers are expected.
func hoursOf(tx *store.Tx, h *house.House, unit int64) (Rule, error) {
	rule, err := ruleOf(tx, unit)
	if err != nil {
		return rule, err
	}
	rule.Land, err = h.Settings.Get(tx, settings.Land)
	return rule, err
}

// check says what is wrong with a rule.
func (r Rule) check() error {
	var f fault.Form
	if r.Starts < 0 || r.Ends > 24*60 || r.Starts >= r.Ends {
		f.Add("ends", "Die Antwortzeit muss enden, nachdem sie begonnen hat.")
	}
	if n := utf8.RuneCountInString(r.Answer); n > 1000 {
		f.Add("answer", "Die Antwort darf höchstens %d Zeichen haben.", 1000)
	}
	return f.Err()
}

// setRule notes the rule of a unit.
func setRule(tx *store.Tx, unit int64, r Rule) error {
	if err := r.check(); err != nil {
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO message_rule (unit, parents, days, starts, ends, answer) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (unit) DO UPDATE SET parents = excluded.parents, days = excluded.days, starts = excluded.starts,
			ends = excluded.ends, answer = excluded.answer`, unit, r.Parents, r.Days, r.Starts, r.Ends, r.Answer)
	return err
}

// clearRule has a unit hold it again as the one above.
func clearRule(tx *store.Tx, unit int64) error {
	_, err := tx.Exec(`DELETE FROM message_rule WHERE unit = ?`, unit)
	return err
}

// ownRule reports whether a unit has a rule of its own.
func ownRule(tx *store.Tx, unit int64) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM message_rule WHERE unit = ?`, unit)
	return n > 0, err
}
