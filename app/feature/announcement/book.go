package announcement

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// An Entry is one closure in the book of a facility, carrier or city.
type Entry struct {
	Closure
	Carrier   string
	Published time.Time
	Opening   string        // of the facility, "07:30-16:30"
	Children  int           // asked
	Half      time.Duration // until half of the children were reached; -1: never
	Most      time.Duration // 80 %
	Nearly    time.Duration // 95 %
}

// Days counts the weekdays.
func (e Entry) Days() int { return e.days() }

// Hours counts the closed hours.
func (e Entry) Hours() float64 {
	from, to := opening(e.Opening)
	return e.hours(from, to)
}

// decimal is a number of hours as Germans write it: "8,5".
func decimal(h float64) string {
	return strings.ReplaceAll(strconv.FormatFloat(h, 'f', 1, 64), ".", ",")
}

// HoursWords are the hours for the page.
func (e Entry) HoursWords() string { return decimal(e.Hours()) }

// opening reads "07:30-16:30"; anything else is 7:30 to 16:30.
func opening(s string) (from, to int) {
	m := regexp.MustCompile(`^\s*(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})`).FindStringSubmatch(s)
	if m == nil {
		return 7*60 + 30, 16*60 + 30
	}
	n := make([]int, 5)
	for i := 1; i < 5; i++ {
		n[i], _ = strconv.Atoi(m[i]) // digits
	}
	return n[1]*60 + n[2], n[3]*60 + n[4]
}

// book lists the closures, since a day, of the facilities at or below which,
// or in a group of which, the viewer belongs to the team; under narrows it
// to a unit, 0: none.
func book(tx *store.Tx, v who.Viewer, since string, under int64, now time.Time) ([]Entry, error) {
	all, err := store.All(tx, func(e *Entry) []any {
		return append(e.Closure.fields(), &e.Carrier, (*store.Time)(&e.Published), &e.Opening)
	}, `
		WITH mine AS MATERIALIZED (
			SELECT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit
			WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3
			UNION
			SELECT p.above FROM holding h JOIN unit_up p ON p.unit = h.unit
			WHERE h.person = ?1 AND (?2 & (1 << h.role)) <> 0 AND h.since <= ?3 AND h.until > ?3)
		SELECT c.announcement, c.facility, u.name, c.whole, c.first_day, c.last_day, c.starts, c.ends, c.reason, c.words,
			c.places, c.places_for, c.rule, c.state, c.version, coalesce(k.name, ''), a.published, coalesce(f.opening_hours, '')
		FROM announcement_closure c JOIN unit u ON u.id = c.facility JOIN announcement a ON a.id = c.announcement
		LEFT JOIN unit k ON k.id = u.parent AND k.kind = 'carrier' LEFT JOIN unit_facility f ON f.unit = u.id
		WHERE c.facility IN (SELECT unit FROM mine) AND c.last_day >= ?4
			AND (?5 = 0 OR c.facility IN (SELECT unit FROM unit_up WHERE above = ?5))
		ORDER BY c.first_day DESC, c.announcement DESC LIMIT 1000`, v.ID, int64(who.Team), now.Unix(), since, under)
	if err != nil {
		return nil, err
	}
	for i := range all {
		e := &all[i]
		if !e.Whole {
			if e.Groups, err = store.All(tx, store.Value[string], `
				SELECT u.name FROM announcement_audience t JOIN unit u ON u.id = t.unit WHERE t.announcement = ? ORDER BY u.name`, e.ID); err != nil {
				return nil, err
			}
		}
		if err := e.measure(tx); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// measure counts the children and how soon they were reached.
func (e *Entry) measure(tx *store.Tx) error {
	times, err := store.All(tx, store.Value[int64], `
		SELECT min(
			coalesce((SELECT min(r.at) FROM guardian g JOIN announcement_receipt r ON r.announcement = a.announcement AND r.person = g.person
				WHERE g.child = a.child AND g.informed = 1), 9223372036854775807),
			coalesce((SELECT min(c.at) FROM announcement_call c WHERE c.announcement = a.announcement AND c.child = a.child AND c.reached = 1), 9223372036854775807))
		FROM announcement_asked a WHERE a.announcement = ? AND a.gone IS NULL`, e.ID)
	if err != nil {
		return err
	}
	e.Children = len(times)
	var got []int64
	for _, t := range times {
		if t != store.Forever {
			got = append(got, t)
		}
	}
	slices.Sort(got)
	e.Half, e.Most, e.Nearly = e.after(got, 50), e.after(got, 80), e.after(got, 95)
	return nil
}

// after is the time until a share of the children was reached; -1: it never was.
func (e *Entry) after(got []int64, percent int) time.Duration {
	need := (e.Children*percent + 99) / 100
	if need == 0 || len(got) < need {
		return -1
	}
	return max(0, time.Unix(got[need-1], 0).Sub(e.Published))
}

// short words a time until a share was reached.
func short(d time.Duration) string {
	switch {
	case d < 0:
		return "–"
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d:%02d h", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d Tage", int(d.Hours())/24)
}

// What words the state of a closure for the book.
func (e Entry) What() string {
	return map[string]string{Running: "", Reopened: "vorzeitig aufgehoben", Cancelled: "abgesagt"}[e.State]
}

// A bar is one month of the plot.
type bar struct {
	Month      string // "Okt"
	Year       int
	Days       int
	X, Y, W, H float64 // of the rectangle, in the plot's units
	Label      float64 // middle of the bar
}

// plot counts closed days by month, the last twelve, the present one last.
func plot(all []Entry, now time.Time) (bars []bar, top int) {
	start := time.Date(now.Year(), now.Month()-11, 1, 0, 0, 0, 0, now.Location())
	bars = make([]bar, 12)
	for i := range bars {
		m := start.AddDate(0, i, 0)
		bars[i].Month, bars[i].Year = lang.German().ShortMonth(m), m.Year()
	}
	for _, e := range all {
		first, err := day(e.FirstDay)
		if err != nil || e.State == Cancelled {
			continue
		}
		for d := first; d.Format(time.DateOnly) <= e.LastDay; d = d.AddDate(0, 0, 1) {
			i := (d.Year()-start.Year())*12 + int(d.Month()-start.Month())
			if i >= 0 && i < 12 && d.Weekday() != time.Saturday && d.Weekday() != time.Sunday {
				bars[i].Days++
				top = max(top, bars[i].Days)
			}
		}
	}
	const width, height = 600.0, 140.0
	for i := range bars {
		b := &bars[i]
		b.W = width/12 - 12
		b.X = float64(i)*width/12 + 6
		b.H = height * float64(b.Days) / float64(max(top, 1))
		b.Y = height - b.H + 20
		b.Label = b.X + b.W/2
	}
	return bars, top
}
