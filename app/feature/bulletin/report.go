package bulletin

import (
	"slices"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// Kinds of measures.
const (
	Stop    = "stop"    // nobody to whom it was sent reads the bulletin any more
	Suspend = "suspend" // the council sends no bulletins
	Resume  = "resume"  // it may again
	Leave   = "leave"   // the bulletin is in order
)

// deeds are the measures, in the words of a form.
func deeds() []choice {
	return []choice{{Leave, "Der Rundbrief ist in Ordnung"}, {Stop, "Den Rundbrief anhalten"}, {Suspend, "Dem Gremium das Senden untersagen"}, {Resume, "Dem Gremium das Senden wieder erlauben"}}
}

func restricts(kind string) bool { return kind == Stop || kind == Suspend }

// A Report is a Meldung.
type Report struct {
	ID       int64
	Bulletin int64
	Title    string
	UnitName string
	Ground   string
	Words    string
	At       time.Time
	Decided  time.Time // zero: nobody has looked at it yet
}

// GroundWords is what the reporter says it is.
func (r Report) GroundWords() string { return groundWords(r.Ground) }

func (r *Report) fields() []any {
	return []any{&r.ID, &r.Bulletin, &r.Title, &r.UnitName, &r.Ground, &r.Words, (*store.Time)(&r.At), (*store.Time)(&r.Decided)}
}

func reported(tx *store.Tx, bulletin int64) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM bulletin_report WHERE bulletin = ?`, bulletin)
	return n > 0, err
}

// reports are those of a bulletin, the latest first. Who it was is told to nobody.
func reports(tx *store.Tx, bulletin int64) ([]Report, error) {
	return store.All(tx, (*Report).fields, `
		SELECT r.id, r.bulletin, b.title, u.name, r.ground, r.words, r.at, r.decided
		FROM bulletin_report r JOIN bulletin b ON b.id = r.bulletin JOIN unit u ON u.id = b.unit WHERE r.bulletin = ? ORDER BY r.id DESC LIMIT 100`, bulletin)
}

// waiting are the reports at which the viewer has to look.
func waiting(tx *store.Tx, v who.Viewer, now time.Time) ([]Report, error) {
	kept, err := org.Kept(tx, v.ID, Judges, now)
	if err != nil {
		return nil, err
	}
	type found struct {
		Report
		unit int64
	}
	all, err := store.All(tx, func(f *found) []any { return append(f.fields(), &f.unit) }, `
		SELECT r.id, r.bulletin, b.title, u.name, r.ground, r.words, r.at, r.decided, b.unit
		FROM bulletin_report r JOIN bulletin b ON b.id = r.bulletin JOIN unit u ON u.id = b.unit WHERE r.decided IS NULL ORDER BY r.id LIMIT 100`)
	var mine []Report
	for _, f := range all {
		if kept[f.unit] {
			mine = append(mine, f.Report)
		}
	}
	return mine, err
}

// report notes what somebody says against a bulletin that was sent to them.
func report(tx *store.Tx, h *house.House, v who.Viewer, b Bulletin, ground, words string) error {
	words, err := reason("words", words)
	if err != nil {
		return err
	}
	if groundWords(ground) == "" {
		return fault.At("ground", "Bitte wählen Sie, worum es geht.")
	}
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM bulletin_report WHERE bulletin = ? AND reporter = ? AND decided IS NULL`, b.ID, v.ID)
	if err == nil && n > 0 {
		err = fault.New(fault.Conflict, "Sie haben diesen Rundbrief schon gemeldet. Wir sehen ihn uns an.")
	}
	if err != nil {
		return err
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO bulletin_report (bulletin, reporter, ground, words, at) VALUES (?, ?, ?, ?, ?) RETURNING id`, b.ID, v.ID, ground, words, h.Now().Unix())
	if err != nil {
		return err
	}
	judges, err := judgesOf(tx, b.Unit, h.Now())
	if err != nil {
		return err
	}
	return tell(tx, h, toJudge, id, judges...)
}

// judgesOf are the people who look at what is reported of a council: the offices above it, and where there is none the operators.
func judgesOf(tx *store.Tx, unit int64, now time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		WITH j AS MATERIALIZED (
			SELECT h.person, h.role FROM unit_up p JOIN holding h ON h.unit = p.above
			WHERE p.unit = ?1 AND h.role IN (1, 2) AND h.since <= ?2 AND h.until > ?2)
		SELECT DISTINCT person FROM j WHERE role = (SELECT max(role) FROM j) ORDER BY person`, unit, now.Unix())
}

// A Measure is a Maßnahme.
type Measure struct {
	ID        int64
	Unit      int64
	Bulletin  int64 // 0: of the council, or it is deleted
	Title     string
	Kind      string
	Ground    string
	Reason    string
	Moderator string
	At        time.Time
}

// Deed is what was done, GroundWords on what it rests.
func (m Measure) Deed() string {
	for _, d := range deeds() {
		if d.Value == m.Kind {
			return d.Label
		}
	}
	return ""
}

// GroundWords is on what a measure rests; "": it restricts nobody.
func (m Measure) GroundWords() string { return groundWords(m.Ground) }

func (m *Measure) fields() []any {
	return []any{&m.ID, &m.Unit, store.Null(&m.Bulletin), &m.Title, &m.Kind, &m.Ground, &m.Reason, &m.Moderator, (*store.Time)(&m.At)}
}

// measures are those about a council and its bulletins, the latest first.
func measures(tx *store.Tx, unit int64) ([]Measure, error) {
	return store.All(tx, (*Measure).fields, `
		SELECT m.id, m.unit, m.bulletin, coalesce(b.title, ''), m.kind, m.ground, m.reason, coalesce(trim(p.given || ' ' || p.family), 'ehemals im Haus'), m.at
		FROM bulletin_measure m LEFT JOIN bulletin b ON b.id = m.bulletin LEFT JOIN person p ON p.id = m.moderator WHERE m.unit = ? ORDER BY m.id DESC LIMIT 100`, unit)
}

// suspended reports whether a council may send nothing, and since which measure.
func suspended(tx *store.Tx, unit int64) (m Measure, ok bool, err error) {
	all, err := store.All(tx, (*Measure).fields, `
		SELECT m.id, m.unit, m.bulletin, '', m.kind, m.ground, m.reason, '', m.at
		FROM bulletin_measure m WHERE m.unit = ? AND m.kind IN ('suspend', 'resume') ORDER BY m.id DESC LIMIT 1`, unit)
	if err != nil || len(all) == 0 {
		return m, false, err
	}
	return all[0], all[0].Kind == Suspend, nil
}

// judge does what somebody decides about a reported bulletin and its council, notes it, and tells the council. All reports of
// the bulletin are settled with it.
func judge(tx *store.Tx, h *house.House, log house.Log, v who.Viewer, b Bulletin, m Measure) error {
	if ok, err := org.Manages(tx, v.ID, b.Unit, Judges, h.Now()); err != nil || !ok {
		return orGone(err)
	}
	ok, err := reported(tx, b.ID)
	if err != nil || !ok {
		return orGone(err)
	}
	if !slices.ContainsFunc(deeds(), func(c choice) bool { return c.Value == m.Kind }) {
		return fault.At("kind", "Bitte wählen Sie, was Sie tun.")
	}
	if m.Reason, err = reason("reason", m.Reason); err != nil {
		return err
	}
	if !restricts(m.Kind) {
		m.Ground = ""
	} else if groundWords(m.Ground) == "" {
		return fault.At("ground", "Bitte wählen Sie, worauf Sie sich stützen.")
	}
	_, shut, err := suspended(tx, b.Unit)
	if err != nil {
		return err
	}
	if m.Kind == Stop && !b.Stopped.IsZero() || m.Kind == Suspend && shut || m.Kind == Resume && !shut {
		return fault.New(fault.Conflict, "Das ist schon so.")
	}
	now := h.Now()
	if m.Kind == Stop {
		if _, err := tx.Exec(`UPDATE bulletin SET stopped = ? WHERE id = ?`, now.Unix(), b.ID); err != nil {
			return err
		}
		if err := h.Tasks.Cancel(tx, spreadKind, b.ID); err != nil {
			return err
		}
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO bulletin_measure (unit, bulletin, kind, ground, reason, moderator, at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id`,
		b.Unit, b.ID, m.Kind, m.Ground, m.Reason, v.ID, now.Unix())
	if err != nil {
		return err
	}
	outcome := "left"
	if restricts(m.Kind) {
		outcome = "acted"
	}
	reporters, err := store.All(tx, store.Value[int64], `
		UPDATE bulletin_report SET decided = ?2, outcome = ?3 WHERE bulletin = ?1 AND decided IS NULL RETURNING coalesce(reporter, 0)`, b.ID, now.Unix(), outcome)
	if err != nil {
		return err
	}
	if err := tell(tx, h, toReporter, b.ID, slices.DeleteFunc(reporters, func(p int64) bool { return p == 0 })...); err != nil {
		return err
	}
	if m.Kind != Leave {
		seats, err := committee.Seats(tx, b.Unit, now)
		if err != nil {
			return err
		}
		for _, s := range seats {
			if s.Office.Role() == who.Chair {
				if err := tell(tx, h, toCouncil, id, s.Person); err != nil {
					return err
				}
			}
		}
	}
	if err := search.Changed(tx, foundKind, b.ID); err != nil {
		return err
	}
	return log(tx, now, v.ID, "bulletin.judged", b.ID)
}

// orGone is err, or that there is nothing to be seen.
func orGone(err error) error {
	if err == nil {
		err = fault.Gone()
	}
	return err
}
