package list

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/text"
)

// A Line is a Zeile: one thing to bring, one shift, one appointment.
type Line struct {
	ID     int64
	Rank   int
	Title  string    // "": the time says it all
	Room   string    // "": not told
	Starts time.Time // zero: of no time
	Ends   time.Time
	Places int

	Held    int // places that are taken
	Waiting int // places that are asked for in vain
}

// Free are the places that are left.
func (l Line) Free() int { return max(0, l.Places-l.Held) }

// When says the time of a line in a sentence; "" where it has none.
func (l Line) When(w *lang.Lang, now time.Time) string {
	if l.Starts.IsZero() {
		return ""
	}
	from, to := house.Local(l.Starts), house.Local(l.Ends)
	start, end := from.Hour()*60+from.Minute(), to.Hour()*60+to.Minute()
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		end += 24 * 60 // a shift over midnight
	}
	if end == 24*60 || end < 24*60 {
		return w.Span(from.Format(time.DateOnly), "", &start, &end, house.Local(now))
	}
	return w.Stamp(from) + " – " + w.Stamp(to)
}

// Name is the line in few words, for titles and tables.
func (l Line) Name(w *lang.Lang) string {
	if l.Title != "" {
		return l.Title
	}
	return w.Stamp(house.Local(l.Starts))
}

func checkLines(f *fault.Form, all []Line) {
	if len(all) > maxLines {
		f.Add("lines", "Eine Liste kann höchstens %d Zeilen haben.", maxLines)
	}
	for i, l := range all {
		switch {
		case l.Title == "" && l.Starts.IsZero():
			f.Add("lines", "Zeile %d hat keinen Namen.", i+1)
		case utf8.RuneCountInString(l.Title) > maxTitle:
			f.Add("lines", "Zeile %d hat mehr als %d Zeichen.", i+1, maxTitle)
		case utf8.RuneCountInString(l.Room) > maxTitle:
			f.Add("lines", "Der Raum in Zeile %d hat mehr als %d Zeichen.", i+1, maxTitle)
		case l.Places < 1 || l.Places > maxPlaces:
			f.Add("lines", "Zeile %d: Bitte geben Sie 1 bis %d Plätze an.", i+1, maxPlaces)
		case !l.Starts.IsZero() && !l.Ends.After(l.Starts):
			f.Add("lines", "Zeile %d: Das Ende liegt vor dem Anfang.", i+1)
		case !l.Starts.IsZero() && l.Ends.Sub(l.Starts) > 24*time.Hour:
			f.Add("lines", "Zeile %d dauert länger als einen Tag.", i+1)
		}
	}
}

// counted is what stands behind the last colon of "Kuchen: 8", or "8 x Kuchen".
var (
	counted = regexp.MustCompile(`^(.*\S)\s*:\s*(\d{1,6})$`)
	times   = regexp.MustCompile(`^(\d{1,6})\s*[x×]\s+(\S.*)$`)
)

// ReadLines reads what is to be brought, one thing a line: "Kuchen: 8" or "8 x Kuchen"; without a number it is wanted once.
func ReadLines(s string) (all []Line) {
	for line := range strings.Lines(s) {
		line = strings.TrimSpace(strings.TrimLeft(text.Line(line), "-*• "))
		if line == "" {
			continue
		}
		l := Line{Title: line, Places: 1}
		if m := counted.FindStringSubmatch(line); m != nil {
			l.Title, l.Places = m[1], number(m[2])
		} else if m := times.FindStringSubmatch(line); m != nil {
			l.Title, l.Places = m[2], number(m[1])
		}
		all = append(all, l)
	}
	return all
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // of digits
	return n
}

// Slots divides the time of a day into appointments of some minutes, with a break after each. What is left at the end and
// too short is left out. On the day of a change of clocks it goes by the clock on the wall.
func Slots(day string, from, to, length, pause int, room string, places int) (all []Line) {
	if length <= 0 || pause < 0 || at(day, 0).IsZero() {
		return nil
	}
	for m := from; m+length <= to && len(all) <= maxLines; m += length + pause {
		all = append(all, Line{Starts: at(day, m), Ends: at(day, m+length), Room: room, Places: places})
	}
	return all
}
