package calendar

import (
	"fmt"
	"strconv"
	"strings"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// What other features are told of closing days and holidays.

// Shut tells who is closed on a day as its plan or a holiday says: everybody, or some facilities. Weekends are not in it.
func Shut(h *house.House) func(tx *store.Tx, day string) (everybody bool, facilities []int64, err error) {
	return func(tx *store.Tx, day string) (bool, []int64, error) {
		land, err := h.Settings.Get(tx, settings.Land)
		if err != nil {
			return false, nil, err
		}
		if d, ok := calendar.Day(day); ok && calendar.IsHoliday(land, d) {
			return true, nil, nil
		}
		all, err := store.All(tx, store.Value[int64], `
			SELECT DISTINCT c.unit FROM calendar_plan c JOIN calendar_closing k ON k.plan = c.id
			WHERE c.published IS NOT NULL AND k.first_day <= ?1 AND k.last_day >= ?1`, day)
		return false, all, err
	}
}

// Planned are the days around a day on which a facility is closed as its plan says, and why; "": it is open.
func Planned(tx *store.Tx, facility int64, day string) (first, last, words string, err error) {
	c, err := store.One(tx, (*Closing).fields, `
		SELECT k.id, k.first_day, k.last_day, k.words FROM calendar_plan c JOIN calendar_closing k ON k.plan = c.id
		WHERE c.unit = ?1 AND c.published IS NOT NULL AND k.first_day <= ?2 AND k.last_day >= ?2 ORDER BY k.id LIMIT 1`, facility, day)
	if fault.KindOf(err) == fault.NotFound {
		return "", "", "", nil
	}
	return c.First, c.Last, c.Words, err
}

// planRef is how a plan is named to the announcements.
const planRef = "schliessplan-"

// Announced makes the announcement of a published plan, in the words of the house: its days, one a line.
func Announced(h *house.House) func(tx *store.Tx, v who.Viewer, ref string) (unit int64, s house.Seed, err error) {
	return func(tx *store.Tx, v who.Viewer, ref string) (int64, house.Seed, error) {
		number, ok := strings.CutPrefix(ref, planRef)
		if !ok {
			return 0, house.Seed{}, fault.Gone()
		}
		id, _ := strconv.ParseInt(number, 10, 64) // 0: there is no such plan
		p, err := ruled(tx, id, v, h.Now())
		if err == nil && p.Published.IsZero() {
			err = fault.Gone()
		}
		if err != nil {
			return 0, house.Seed{}, err
		}
		all, _, err := closingsOf(tx, id, "")
		l := lang.German()
		var b strings.Builder
		fmt.Fprintf(&b, "An diesen Tagen ist %s im Jahr %d geschlossen:\n\n", p.UnitName, p.Year)
		for _, c := range all {
			b.WriteString("- " + c.span(l))
			if c.Words != "" {
				b.WriteString(": " + c.Words)
			}
			b.WriteString("\n")
		}
		b.WriteString("\nSie finden die Tage auch in Ihrem Kalender unter „Termine“.\n")
		return p.Unit, house.Seed{Title: fmt.Sprintf("Schließtage %d", p.Year), Body: b.String()}, err
	}
}
