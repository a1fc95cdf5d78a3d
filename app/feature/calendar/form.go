package calendar

import (
	"fmt"
	"strconv"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/web"
)

// before are the choices of how long before a date something happens, in minutes.
func before(first string) []choice {
	return []choice{{"0", first}, {"120", "2 Stunden vorher"}, {"1440", "1 Tag vorher"}, {"4320", "3 Tage vorher"}, {"10080", "1 Woche vorher"}, {"20160", "2 Wochen vorher"}}
}

// fields of the form.
func fields() []string {
	return []string{"uid", "unit", "go", "umfang", "title", "day", "last_day", "all_day", "starts", "ends", "repeat", "until", "count", "place", "link", "body",
		"audience", "role", "public", "answers", "places", "guests", "closes", "remind"}
}

// read makes a draft of a form. What is no day, time or number is said at its field.
func read(form web.Form) (Draft, error) {
	var wrong fault.Form
	d := Draft{Unit: form.ID("unit"), Units: form.IDs("audience"), Roles: rolesOf(func(c string) bool { return form.Has("role", c) }), Public: form.On("public"),
		Title: form.Get("title"), Place: form.Get("place"), Link: form.Get("link"), Body: form.Get("body"), AllDay: form.On("all_day"),
		Day: form.Get("day"), LastDay: form.Get("last_day"), Answers: form.On("answers"), UID: form.Get("uid")}
	d.Starts, d.Ends = clock(form.Get("starts")), clock(form.Get("ends"))
	number := func(name string, usual int) int {
		s := form.Get(name)
		if s == "" {
			return usual
		}
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			wrong.Add(name, "Bitte geben Sie eine Zahl an.")
		}
		return n
	}
	d.Places, d.Guests = number("places", 0), number("guests", 1)
	d.Closes, d.Remind = number("closes", 0), number("remind", 0)
	if d.Closes > 60*24*60 || d.Remind > 60*24*60 {
		wrong.Add("closes", "Bitte wählen Sie einen Zeitpunkt aus der Liste.")
	}
	first, ok := calendar.Day(d.Day)
	if !ok {
		return d, wrong.Err()
	}
	if d.Rule, ok = ruleOf(form.Get("repeat"), first); !ok && form.Get("repeat") != "own" {
		wrong.Add("repeat", "Bitte wählen Sie eine Wiederholung.")
	}
	if d.Rule.Interval > 0 {
		d.Rule.Count = number("count", 0)
		if s := form.Get("until"); s != "" {
			if d.Rule.Until, ok = calendar.Day(s); !ok {
				wrong.Add("until", "Diesen Tag gibt es nicht.")
			}
			d.Rule.UntilDay, d.Rule.Count = true, 0
		}
		if d.Rule.Count > maxInstances {
			wrong.Add("until", "Eine Reihe kann höchstens %d Termine haben.", maxInstances)
		}
	}
	return d, wrong.Err()
}

// clock reads a time of the day as minutes; -1 where there is none.
func clock(s string) int {
	t, err := time.Parse("15:04", s)
	if err != nil {
		if s == "24:00" {
			return 24 * 60
		}
		return -1
	}
	return t.Hour()*60 + t.Minute()
}

func clockOf(min int) string { return fmt.Sprintf("%02d:%02d", min/60, min%60) }
