package calendar

import (
	"fmt"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Plan (Schließtage) says on which days of a year a facility is closed.
type Plan struct {
	ID        int64
	Unit      int64
	UnitName  string
	Year      int
	Allowed   int       // days; 0: nobody has limited them
	Notice    int       // weeks before which a day has to be known
	Published time.Time // zero: only the team sees it
}

func (p *Plan) fields() []any {
	return []any{&p.ID, &p.Unit, &p.UnitName, &p.Year, &p.Allowed, &p.Notice, (*store.Time)(&p.Published)}
}

// A Closing is a span of days in a plan.
type Closing struct {
	ID    int64
	First string
	Last  string
	Words string // "": not told
	Days  int    // on which it would have been open
}

func (c *Closing) fields() []any { return []any{&c.ID, &c.First, &c.Last, &c.Words} }

// count is on how many days of a closing a facility would have been open.
func (c Closing) count(land string) (n int) {
	first, ok1 := calendar.Day(c.First)
	last, ok2 := calendar.Day(c.Last)
	for d := first; ok1 && ok2 && !d.After(last); d = d.AddDate(0, 0, 1) {
		if !isFree(land, d) {
			n++
		}
	}
	return n
}

func (p Plan) check(now time.Time) error {
	var f fault.Form
	if y := house.Local(now).Year(); p.Year < y-1 || p.Year > y+3 {
		f.Add("year", "Bitte geben Sie ein Jahr von %d bis %d an.", y-1, y+3)
	}
	if p.Allowed < 0 || p.Allowed > 60 {
		f.Add("allowed", "Bitte geben Sie eine Zahl von 0 bis 60 an.")
	}
	if p.Notice < 0 || p.Notice > 52 {
		f.Add("notice", "Bitte geben Sie eine Zahl von 0 bis 52 an.")
	}
	return f.Err()
}

// check says what is wrong with a closing in its plan. late: it comes later than the plan allows, and whoever enters it
// knows that.
func (c Closing) check(p Plan, others []Closing, late bool, land string, now time.Time) error {
	var f fault.Form
	first, ok1 := calendar.Day(c.First)
	last, ok2 := calendar.Day(c.Last)
	today := calendar.Wall(house.Local(now))
	switch {
	case !ok1:
		f.Add("first_day", "Bitte geben Sie einen Tag an.")
	case !ok2:
		f.Add("last_day", "Bitte geben Sie einen Tag an.")
	case last.Before(first):
		f.Add("last_day", "Der letzte Tag liegt vor dem ersten.")
	case first.Year() != p.Year || last.Year() != p.Year:
		f.Add("first_day", "Dieser Plan ist für %d. Was in ein anderes Jahr reicht, tragen Sie dort ein.", p.Year)
	case c.count(land) == 0:
		f.Add("first_day", "An diesen Tagen ist ohnehin geschlossen: Wochenende oder Feiertag.")
	case slices.ContainsFunc(others, func(o Closing) bool { return o.First <= c.Last && o.Last >= c.First }):
		f.Add("first_day", "Für diese Tage gibt es schon einen Eintrag.")
	case last.Before(today):
		f.Add("last_day", "Dieser Tag ist schon vorbei.")
	case !late && first.Before(today.AddDate(0, 0, 7*p.Notice)):
		f.Add("late", "Die Frist des Plans (Wochen vorher: %d) ist nicht mehr einzuhalten. Wenn es trotzdem sein muss, kreuzen Sie das bitte an.", p.Notice)
	}
	if utf8.RuneCountInString(c.Words) > 100 {
		f.Add("words", "Bitte kürzen Sie den Anlass auf 100 Zeichen.")
	}
	return f.Err()
}

// plans lists those that v may see, of the facilities around what v holds: published ones, and the team's own.
func plans(tx *store.Tx, v who.Viewer, now time.Time) ([]Plan, error) {
	return store.All(tx, (*Plan).fields, `
		WITH near AS MATERIALIZED (
			SELECT p.above AS unit, 0 AS team FROM holding h JOIN unit_up p ON p.unit = h.unit
			WHERE h.person = ?1 AND h.since <= ?2 AND h.until > ?2
			UNION SELECT p.unit, 1 FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?1 AND h.since <= ?2 AND h.until > ?2 AND h.role IN (2, 3, 4, 5))
		SELECT c.id, c.unit, u.name, c.year, c.allowed, c.notice, c.published
		FROM calendar_plan c JOIN unit u ON u.id = c.unit
		WHERE c.unit IN (SELECT unit FROM near WHERE team = 1) OR c.published IS NOT NULL AND c.unit IN (SELECT unit FROM near)
		ORDER BY c.year DESC, u.name, c.id LIMIT 500`, v.ID, now.Unix())
}

// plan finds one that v may see; write: v may change it.
func plan(tx *store.Tx, id int64, v who.Viewer, now time.Time) (p Plan, write bool, err error) {
	p, err = store.One(tx, (*Plan).fields, `
		SELECT c.id, c.unit, u.name, c.year, c.allowed, c.notice, c.published FROM calendar_plan c JOIN unit u ON u.id = c.unit WHERE c.id = ?`, id)
	if err != nil {
		return p, false, err
	}
	if write, err = org.Manages(tx, v.ID, p.Unit, who.Leaders, now); err != nil || write {
		return p, write, err
	}
	team, err := org.Manages(tx, v.ID, p.Unit, who.Team, now)
	if err != nil || team {
		return p, false, err
	}
	around, err := store.One(tx, store.Value[bool], `
		SELECT EXISTS (SELECT 1 FROM holding h JOIN unit_up p ON p.unit = h.unit WHERE h.person = ? AND p.above = ? AND h.since <= ?3 AND h.until > ?3)`,
		v.ID, p.Unit, now.Unix())
	if err == nil && (!around || p.Published.IsZero()) {
		err = fault.Gone()
	}
	return p, false, err
}

// ruled finds a plan that v may change.
func ruled(tx *store.Tx, id int64, v who.Viewer, now time.Time) (Plan, error) {
	p, write, err := plan(tx, id, v, now)
	if err == nil && !write {
		err = fault.New(fault.Forbidden, "Diesen Plan dürfen Sie lesen, aber nicht ändern.")
	}
	return p, err
}

// closingsOf lists the days of a plan.
func closingsOf(tx *store.Tx, plan int64, land string) (all []Closing, days int, err error) {
	all, err = store.All(tx, (*Closing).fields, `
		SELECT id, first_day, last_day, words FROM calendar_closing WHERE plan = ? ORDER BY first_day, id`, plan)
	for i := range all {
		all[i].Days = all[i].count(land)
		days += all[i].Days
	}
	return all, days, err
}

// AddPlan begins a plan; there is one for each facility and year.
func AddPlan(tx *store.Tx, h *house.House, v who.Viewer, p Plan) (int64, error) {
	if err := org.Must(tx, v, p.Unit, who.Leaders, h.Now()); err != nil {
		return 0, err
	}
	u, err := org.Get(tx, p.Unit)
	if err != nil {
		return 0, err
	}
	if u.Kind != org.Facility {
		return 0, fault.At("unit", "Schließtage hat nur eine Einrichtung.")
	}
	if err := p.check(h.Now()); err != nil {
		return 0, err
	}
	if _, err := tx.Exec(`
		INSERT INTO calendar_plan (unit, year, allowed, notice) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING`, p.Unit, p.Year, p.Allowed, p.Notice); err != nil {
		return 0, err
	}
	return store.One(tx, store.Value[int64], `SELECT id FROM calendar_plan WHERE unit = ? AND year = ?`, p.Unit, p.Year)
}

// Close adds days to a plan.
func Close(tx *store.Tx, h *house.House, p Plan, c Closing, late bool, land string) error {
	others, days, err := closingsOf(tx, p.ID, land)
	if err != nil {
		return err
	}
	if err := c.check(p, others, late, land, h.Now()); err != nil {
		return err
	}
	if n := c.count(land); p.Allowed > 0 && days+n > p.Allowed {
		return fault.At("last_day", "Damit wären es %d von %d Schließtagen. Bitte wählen Sie weniger Tage, oder ändern Sie die Zahl.", days+n, p.Allowed)
	}
	if _, err := tx.Exec(`
		INSERT INTO calendar_closing (plan, first_day, last_day, words, changed) VALUES (?, ?, ?, ?, ?)`, p.ID, c.First, c.Last, c.Words, h.Now().Unix()); err != nil {
		return err
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{p.Unit}}) })
	return nil
}

// Publish shows a plan to the families.
func Publish(tx *store.Tx, h *house.House, p Plan) error {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM calendar_closing WHERE plan = ?`, p.ID)
	if err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "In diesem Plan steht noch kein Tag.")
	}
	if _, err := tx.Exec(`UPDATE calendar_plan SET published = ? WHERE id = ? AND published IS NULL`, h.Now().Unix(), p.ID); err != nil {
		return err
	}
	tx.After(func() { h.Live.Publish(live.Event{Units: []int64{p.Unit}}) })
	return nil
}

// closings lists the published days between two moments, of the facilities above what v holds.
func closings(tx *store.Tx, v who.Viewer, from, to, now time.Time) ([]house.Date, error) {
	type row struct {
		id, plan, unit           int64
		name, first, last, words string
		changed                  time.Time
	}
	all, err := store.All(tx, func(r *row) []any {
		return []any{&r.id, &r.plan, &r.unit, &r.name, &r.first, &r.last, &r.words, (*store.Time)(&r.changed)}
	}, `
		WITH near AS MATERIALIZED (
			SELECT DISTINCT p.above AS unit FROM holding h JOIN unit_up p ON p.unit = h.unit
			WHERE h.person = ?1 AND h.since <= ?2 AND h.until > ?2)
		SELECT k.id, c.id, c.unit, u.name, k.first_day, k.last_day, k.words, k.changed
		FROM near CROSS JOIN calendar_plan c ON c.unit = near.unit JOIN calendar_closing k ON k.plan = c.id JOIN unit u ON u.id = c.unit
		WHERE c.published IS NOT NULL AND k.first_day < ?4 AND k.last_day >= ?3 ORDER BY k.first_day, k.id`,
		v.ID, now.Unix(), house.Local(from).Format(time.DateOnly), house.Local(to.Add(-1)).AddDate(0, 0, 1).Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	l := lang.Of(v.Lang)
	var list []house.Date
	for _, r := range all {
		d := house.Date{Kind: house.Closing, AllDay: true, Title: l.T("%s: geschlossen", r.name), Starts: dayOf(r.first), Ends: after(r.last),
			Path: fmt.Sprintf("/schliessplan/%d", r.plan), Unit: r.unit, UnitName: r.name, Units: []int64{r.unit},
			UID: "schliesstag-" + strconv.FormatInt(r.id, 10) + "@nestfunk", Changed: r.changed}
		if r.words != "" {
			d.Title = l.T("%s: geschlossen", r.name) + " (" + r.words + ")"
		}
		list = append(list, d)
	}
	return list, nil
}
