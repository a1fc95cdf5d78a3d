package list

import (
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
)

// A shift is what was typed about one line.
type shift struct {
	ID                                     int64 // of a line that there is; 0: a new one
	Title, Day, Starts, Ends, Room, Places string
	Held                                   int
}

// shiftFields are the fields of one line, each of which occurs once a line.
func shiftFields() []string {
	return []string{"line_id", "line_title", "line_day", "line_starts", "line_ends", "line_room", "line_places"}
}

// shifts reads the lines of a form as they were typed.
func shifts(form web.Form) (all []shift) {
	at := func(name string, i int) string {
		if v := form.Values[name]; i < len(v) {
			return text.Line(v[i])
		}
		return ""
	}
	for i := range form.Values["line_title"] {
		id, _ := strconv.ParseInt(at("line_id", i), 10, 64) // 0: a new one
		all = append(all, shift{ID: id, Title: at("line_title", i), Day: at("line_day", i), Starts: at("line_starts", i), Ends: at("line_ends", i),
			Room: at("line_room", i), Places: at("line_places", i)})
	}
	return all
}

// blank is a line in which nothing was typed.
func (s shift) blank() bool {
	return s.ID == 0 && s.Title == "" && s.Day == "" && s.Starts == "" && s.Ends == "" && s.Room == ""
}

// line reads one line; n is its number for people.
func (s shift) line(n int, f *fault.Form) (l Line) {
	l = Line{ID: s.ID, Title: s.Title, Room: s.Room, Places: 1}
	if s.Places != "" {
		l.Places, _ = strconv.Atoi(s.Places) // 0, which is refused, where it is no number
	}
	if s.Day == "" && s.Starts == "" && s.Ends == "" {
		return l
	}
	from, ok1 := minute(s.Starts)
	to, ok2 := minute(s.Ends)
	if at(s.Day, 0).IsZero() || !ok1 || !ok2 {
		f.Add("lines", "Zeile %d: Bitte geben Sie Tag, Anfang und Ende an.", n)
		return l
	}
	if to < from {
		to += 24 * 60 // until after midnight
	}
	l.Starts, l.Ends = at(s.Day, from), at(s.Day, to)
	return l
}

// minute reads a time of the day.
func minute(s string) (int, bool) {
	t, err := time.Parse("15:04", s)
	return t.Hour()*60 + t.Minute(), err == nil
}

// typed is a line as its form shows it.
func typed(l Line) shift {
	s := shift{ID: l.ID, Title: l.Title, Room: l.Room, Places: strconv.Itoa(l.Places), Held: l.Held}
	if !l.Starts.IsZero() {
		from, to := house.Local(l.Starts), house.Local(l.Ends)
		s.Day, s.Starts, s.Ends = from.Format(time.DateOnly), from.Format("15:04"), to.Format("15:04")
	}
	return s
}
