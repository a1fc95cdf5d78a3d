// Package calendar (Kalender) knows how dates come back, which days are public holidays, and how calendars are
// exchanged (iCalendar, RFC 5545). It reads and writes no table.
//
// Rules are worked out on the clock on the wall: a meeting at 19:00 stays at 19:00 when the clocks change. Such a wall
// time is a time.Time whose zone is UTC and means nothing; In puts it into a zone.
package calendar

import "time"

// In is the moment at which a clock on a wall in a zone shows a wall time. A time that is skipped when the clocks go
// forward is read with the offset from before (RFC 5545, 3.3.5): 2:30 is then 3:30. A time that comes twice is the first.
func In(wall time.Time, zone *time.Location) time.Time {
	t := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), wall.Second(), 0, zone)
	_, before := t.Add(-6 * time.Hour).Zone()
	first := time.Unix(wall.Unix()-int64(before), 0).In(zone)
	if Wall(first).Equal(wall) || !Wall(t).Equal(wall) {
		return first
	}
	return t
}

// Exists reports whether the clocks in a zone ever show a wall time.
func Exists(wall time.Time, zone *time.Location) bool { return Wall(In(wall, zone)).Equal(wall) }

// Wall is what the clocks of a moment's zone show.
func Wall(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
}

// Day is a day at midnight, as a wall time, by its date. False where the text is none.
func Day(s string) (time.Time, bool) {
	t, err := time.Parse(time.DateOnly, s)
	return t, err == nil && t.Year() >= 1
}
