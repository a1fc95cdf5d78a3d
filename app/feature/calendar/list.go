package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// longest is more than a date can last: how far before a span one may begin that reaches into it.
const longest = (maxDays + 2) * 24 * time.Hour

// columns are where the columns of an instance go.
func columns(d *house.Date) []any {
	d.Kind = house.Event
	return []any{&d.Path, &d.UID, &d.Title, &d.Place, &d.AllDay, (*store.Time)(&d.Starts), (*store.Time)(&d.Ends),
		&d.Cancelled, &d.Unit, &d.UnitName, &d.Roles, (*units)(&d.Units), &d.Sequence, (*store.Time)(&d.Changed)}
}

// units reads ids with commas between, as SQLite puts them together.
type units []int64

// Scan implements sql.Scanner.
func (u *units) Scan(src any) error {
	s, ok := src.(string)
	if !ok {
		return fmt.Errorf("%T is no list of units", src)
	}
	for part := range strings.SplitSeq(s, ",") {
		id, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			return err
		}
		*u = append(*u, id)
	}
	return nil
}

// dates lists the instances between two moments that v's calendar shows: those that v is meant by, and those of the units
// at which v works, in no order. An office, which may look at every date of a city, would not find its own among them.
func dates(tx *store.Tx, v who.Viewer, from, to, now time.Time) ([]house.Date, error) {
	return store.All(tx, columns, `
		WITH u AS MATERIALIZED (
			SELECT DISTINCT unit, own, mask FROM reach WHERE person = ?1 AND since <= ?2 AND until > ?2),
		mine AS MATERIALIZED (
			SELECT p.unit FROM holding h JOIN unit_up p ON p.above = h.unit JOIN unit n ON n.id = p.unit
			WHERE h.person = ?1 AND h.since <= ?2 AND h.until > ?2
				AND (h.role IN (4, 5) OR h.role IN (2, 3) AND p.depth = 0 OR h.role IN (7, 8) AND n.kind = 'committee' AND p.depth <= 1)),
		d AS MATERIALIZED (
			SELECT date, group_concat(unit) AS units FROM (
				SELECT t.date, t.unit FROM u CROSS JOIN calendar_audience t ON t.unit = u.unit AND t.until > ?3
				WHERE t.since < ?4 AND (t.roles & u.own) <> 0
				UNION SELECT c.id, t.unit FROM mine CROSS JOIN calendar_date c ON c.unit = mine.unit JOIN calendar_audience t ON t.date = c.id AND t.until > ?3)
			GROUP BY date)
		SELECT '/termin/' || i.id, iif(c.rule = '', c.uid, strftime('%Y%m%d', i.slot, 'unixepoch') || '-' || c.uid) || '@nestfunk', c.title, coalesce(nullif(i.place, ''), c.place), c.all_day, i.starts, i.ends,
			i.cancelled, c.unit, n.name, c.roles, d.units, c.sequence, c.changed
		FROM d CROSS JOIN calendar_instance i ON i.date = d.date AND i.starts > ?5 AND i.starts < ?4
		JOIN calendar_date c ON c.id = d.date JOIN unit n ON n.id = c.unit
		WHERE i.ends > ?3 OR i.starts = i.ends AND i.starts >= ?3`,
		v.ID, now.Unix(), from.Unix(), to.Unix(), from.Add(-longest).Unix())
}

// publicDates lists the instances that anybody sees; of one unit with all below it, unless that is 0.
func publicDates(tx *store.Tx, unit int64, from, to time.Time) ([]house.Date, error) {
	return store.All(tx, columns, `
		SELECT '/termin/' || i.id, iif(c.rule = '', c.uid, strftime('%Y%m%d', i.slot, 'unixepoch') || '-' || c.uid) || '@nestfunk', c.title, coalesce(nullif(i.place, ''), c.place), c.all_day, i.starts, i.ends,
			i.cancelled, c.unit, n.name, c.roles,
			(SELECT group_concat(t.unit) FROM calendar_audience t WHERE t.date = c.id), c.sequence, c.changed
		FROM calendar_date c CROSS JOIN calendar_instance i ON i.date = c.id AND i.starts > ?4 AND i.starts < ?3 JOIN unit n ON n.id = c.unit
		WHERE c.public = 1 AND (?1 = 0 OR EXISTS (SELECT 1 FROM unit_up p WHERE p.unit = c.unit AND p.above = ?1))
			AND (i.ends > ?2 OR i.starts = i.ends AND i.starts >= ?2) ORDER BY i.starts, i.id LIMIT 2000`, unit, from.Unix(), to.Unix(), from.Add(-longest).Unix())
}

// own is what this feature gives to calendars: dates, the days on which facilities close, and the holidays of the Land.
func (f feature) own(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error) {
	all, err := dates(tx, v, from, to, f.Now())
	if err != nil {
		return nil, err
	}
	more, err := f.around(tx, v, from, to)
	return append(all, more...), err
}

// around is own without the instances of dates.
func (f feature) around(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error) {
	all, err := closings(tx, v, from, to, f.Now())
	if err != nil {
		return nil, err
	}
	free, err := f.holidays(tx, from, to)
	return append(all, free...), err
}

// sorted is dates in the order of a calendar: what lasts all day first.
func sorted(all []house.Date) []house.Date {
	order := make([]*house.Date, len(all)) // a date is too large to be moved again and again
	for i := range all {
		order[i] = &all[i]
	}
	slices.SortStableFunc(order, func(a, b *house.Date) int {
		if c := a.Starts.Compare(b.Starts); c != 0 {
			return c
		}
		if a.AllDay != b.AllDay {
			if a.AllDay {
				return -1
			}
			return 1
		}
		return cmp.Or(strings.Compare(a.Title, b.Title), strings.Compare(a.UID, b.UID))
	})
	list := make([]house.Date, len(all))
	for i, d := range order {
		list[i] = *d
	}
	return list
}

// span says when a date is, in a language.
func span(l *lang.Lang, starts, ends time.Time, allDay bool, now time.Time) string {
	s, e, n := house.Local(starts), house.Local(ends), house.Local(now)
	first, last := s.Format(time.DateOnly), e.Format(time.DateOnly)
	if allDay {
		return l.Span(first, e.AddDate(0, 0, -1).Format(time.DateOnly), nil, nil, n)
	}
	from, to := s.Hour()*60+s.Minute(), e.Hour()*60+e.Minute()
	switch {
	case ends.Equal(starts):
		return l.Span(first, first, &from, nil, n)
	case to == 0 && e.AddDate(0, 0, -1).Format(time.DateOnly) == first: // until midnight
		to = 24 * 60
		return l.Span(first, first, &from, &to, n)
	case first == last:
		return l.Span(first, first, &from, &to, n)
	}
	return l.When(n, s) + " – " + l.When(n, e)
}
