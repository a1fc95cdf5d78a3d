package committee

import (
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
)

// A Majority (Mehrheit) says how many yes carry. Its text is stored.
type Majority string

// Majorities. Abstentions count in none but Absolute.
const (
	Simple    Majority = "simple"     // more yes than no
	Absolute  Majority = "absolute"   // yes from more than half of those present
	TwoThirds Majority = "two_thirds" // yes from at least two thirds of yes and no
)

// Word says it in German.
func (m Majority) Word() string {
	switch m {
	case Absolute:
		return "Mehrheit der Anwesenden"
	case TwoThirds:
		return "Zweidrittelmehrheit"
	}
	return "einfache Mehrheit"
}

// Rules (Geschäftsordnung) are those by which a committee works.
type Rules struct {
	Unit        int64
	Public      bool     // anybody may read what is public in it, also without sign-in and as OParl
	Notice      int      // Ladungsfrist: days between invitation and meeting
	Working     bool     // of these, only days count that are neither weekend nor holiday
	Quorum      int      // percent of the votes that must be present; 0: none
	Majority    Majority // of decisions
	Minutes     int      // days after a meeting until its minutes are due
	Objection   int      // days in which members may object to minutes
	Substitutes bool     // they are asked when somebody cannot come
	Circular    bool     // Umlaufbeschlüsse are allowed
	Provisional int      // months for which a board goes on kommissarisch after its term
}

// Usual are the rules of a committee that has not given itself any: those of most parents' councils.
func Usual(unit int64) Rules {
	return Rules{Unit: unit, Notice: 7, Quorum: 50, Majority: Simple, Minutes: 14, Objection: 14, Substitutes: true, Circular: true, Provisional: 3}
}

func (r *Rules) fields() []any {
	return []any{&r.Unit, &r.Public, &r.Notice, &r.Working, &r.Quorum, &r.Majority, &r.Minutes, &r.Objection, &r.Substitutes, &r.Circular, &r.Provisional}
}

// RulesOf are the rules of a committee.
func RulesOf(tx *store.Tx, unit int64) (Rules, error) {
	r, err := store.One(tx, (*Rules).fields, `
		SELECT unit, public, notice, working, quorum, majority, minutes, objection, substitutes, circular, provisional
		FROM committee WHERE unit = ?`, unit)
	if fault.KindOf(err) == fault.NotFound {
		return Usual(unit), nil
	}
	return r, err
}

// Given reports whether a committee has given itself rules.
func Given(tx *store.Tx, unit int64) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM committee WHERE unit = ?`, unit)
	return n > 0, err
}

// Check says field by field what is wrong with rules.
func (r Rules) Check() error {
	var bad fault.Form
	for _, n := range []struct {
		field       string
		value, most int
	}{{"notice", r.Notice, 90}, {"quorum", r.Quorum, 100}, {"minutes", r.Minutes, 90}, {"objection", r.Objection, 90}, {"provisional", r.Provisional, 12}} {
		if n.value < 0 || n.value > n.most {
			bad.Add(n.field, "Bitte geben Sie eine Zahl von 0 bis %d ein.", n.most)
		}
	}
	if r.Majority != Simple && r.Majority != Absolute && r.Majority != TwoThirds {
		bad.Add("majority", "Bitte wählen Sie eine Mehrheit.")
	}
	return bad.Err()
}

// SetRules gives a committee its rules.
func SetRules(tx *store.Tx, r Rules) error {
	if err := r.Check(); err != nil {
		return err
	}
	_, err := tx.Exec(`
		INSERT INTO committee (unit, public, notice, working, quorum, majority, minutes, objection, substitutes, circular, provisional)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (unit) DO UPDATE SET public = excluded.public, notice = excluded.notice, working = excluded.working, quorum = excluded.quorum,
			majority = excluded.majority, minutes = excluded.minutes, objection = excluded.objection, substitutes = excluded.substitutes,
			circular = excluded.circular, provisional = excluded.provisional`,
		r.Unit, r.Public, r.Notice, r.Working, r.Quorum, r.Majority, r.Minutes, r.Objection, r.Substitutes, r.Circular, r.Provisional)
	return err
}

// Quorate (beschlussfähig) reports whether enough votes are present.
func (r Rules) Quorate(present, votes int) bool { return present > 0 && 100*present >= r.Quorum*votes }

// A Tally (Ergebnis) is how a vote ended.
type Tally struct {
	Yes, No, Abstain int
	Invalid          int // of paper only
	Present          int // votes that could have been given
}

// Cast is how many votes were given.
func (t Tally) Cast() int { return t.Yes + t.No + t.Abstain + t.Invalid }

// Carried (angenommen) reports whether a majority was reached. A tie is a no, as all municipal codes say (such as § 37 (6) GemO
// of Baden-Württemberg).
func (m Majority) Carried(t Tally) bool {
	switch m {
	case Absolute:
		return 2*t.Yes > t.Present
	case TwoThirds:
		return t.Yes > 0 && 3*t.Yes >= 2*(t.Yes+t.No)
	}
	return t.Yes > t.No
}

// Latest is the last day on which an invitation to a meeting on a day keeps the notice. Neither the day of the invitation
// nor that of the meeting counts (§ 187 and § 188 BGB). Both are midnights in UTC; land is that of calendar.Lands, "": the holidays of all.
func (r Rules) Latest(meeting time.Time, land string) time.Time {
	if r.Notice == 0 {
		return meeting
	}
	day := meeting
	for left := r.Notice; left > 0; {
		day = day.AddDate(0, 0, -1)
		if !r.Working || day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !calendar.IsHoliday(land, day) {
			left--
		}
	}
	return day.AddDate(0, 0, -1)
}
