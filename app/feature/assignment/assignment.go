// Package assignment (Aufgabe) keeps what somebody in a committee has to do, until it is done or dropped with a reason. Only
// those who sit in the committee read it. It belongs to the committee: whose term ends has it no more, and the task waits for
// somebody else.
package assignment

import (
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/text"
)

const (
	maxTitle = 200
	maxBody  = 8000
	maxPlace = 200
)

// States of a task. Their text is stored.
const (
	Pending = "open"
	Done    = "done"
	Dropped = "dropped"
)

// An Assignment is a task of a committee.
type Assignment struct {
	ID       int64
	UID      string
	Unit     int64
	UnitName string
	Meeting  int64  // in which it was given; 0: by hand
	Item     int64  // of its agenda; 0: none
	Place    string // both in words; "": by hand
	Owner    int64  // who has taken it on and sits in the committee now; 0: nobody
	Name     string // of the owner; "": nobody
	Was      string // who had it before their term ended; "": nobody
	Author   int64  // 0: ehemals im Haus
	Title    string
	Body     string // Markdown
	Due      string // last day on which it is in time; "": some time
	State    string
	Reason   string    // why it was dropped
	Ended    time.Time // zero: it is open
	Ender    string    // "": open, or ehemals im Haus
	Reminded string    // last day on which somebody was reminded; "": nobody was
	Created  time.Time
	Changed  time.Time
}

// Late reports whether its day is over. A day ends at midnight in the house's zone.
func (a Assignment) Late(now time.Time) bool {
	return a.State == Pending && a.Due != "" && a.Due < today(now)
}

// DueAt is the midnight with which its day ends; the zero time where it has none.
func (a Assignment) DueAt() time.Time {
	if a.Due == "" {
		return time.Time{}
	}
	return dayOf(a.Due, 1)
}

// Day is its day, for a page; the zero time where it has none.
func (a Assignment) Day() time.Time {
	if a.Due == "" {
		return time.Time{}
	}
	return dayOf(a.Due, 0)
}

// Word says how it stands.
func (a Assignment) Word() string {
	switch a.State {
	case Done:
		return "erledigt"
	case Dropped:
		return "fallen gelassen"
	}
	return "offen"
}

const (
	ahead = 3 // days before its day on which one is reminded
	week  = 7 // days between two reminders after it
)

// reminds reports whether somebody is to be reminded on a day: once when the day comes near, and each week when it is over.
func (a Assignment) reminds(day string) bool {
	if a.State != Pending || a.Due == "" || day < plus(a.Due, -ahead) {
		return false
	}
	if day <= a.Due {
		return a.Reminded == ""
	}
	return a.Reminded <= a.Due || day >= plus(a.Reminded, week)
}

// plus is the day so many days later.
func plus(day string, n int) string {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return ""
	}
	return t.AddDate(0, 0, n).Format(time.DateOnly)
}

// today is the day in the house's zone.
func today(now time.Time) string { return house.Local(now).Format(time.DateOnly) }

// dayOf is the midnight with which the day after so many days begins in the house's zone; the zero time where there is no such
// day.
func dayOf(day string, after int) time.Time {
	t, err := time.Parse(time.DateOnly, day)
	if err != nil {
		return time.Time{}
	}
	return time.Date(t.Year(), t.Month(), t.Day()+after, 0, 0, 0, 0, house.Local(t).Location())
}

// A Draft is a task as somebody writes it down.
type Draft struct {
	UID     string // of the form: the same form sent twice is one task; "": a new one
	Unit    int64
	Meeting int64  // 0: by hand
	Item    int64  // of its agenda; 0: none
	Place   string // both in words: "Sitzung am 3. März 2026, TOP 4"
	Owner   int64  // 0: nobody yet
	Title   string
	Body    string // Markdown
	Due     string // "": some time
}

// check says field by field what is wrong with a draft; before is the day that it had.
func (d Draft) check(now time.Time, before string) error {
	var f fault.Form
	if n := utf8.RuneCountInString(d.Title); n == 0 || n > maxTitle {
		f.Add("title", "Bitte schreiben Sie in höchstens %d Zeichen, was zu tun ist.", maxTitle)
	}
	if utf8.RuneCountInString(d.Body) > maxBody {
		f.Add("body", "Der Text darf höchstens %d Zeichen haben.", maxBody)
	} else if err := text.Check(d.Body); err != nil {
		f.Add("body", "%s", fault.Words(err))
	}
	if utf8.RuneCountInString(d.Place) > maxPlace {
		f.Add("place", "Bitte fassen Sie sich kürzer: höchstens %d Zeichen.", maxPlace)
	}
	switch {
	case d.Due == "" || d.Due == before:
	case dayOf(d.Due, 0).IsZero():
		f.Add("due", "Bitte geben Sie einen Tag an, den es gibt.")
	case d.Due < today(now):
		f.Add("due", "Dieser Tag liegt schon in der Vergangenheit.")
	}
	return f.Err()
}

// A Note is what somebody has noted about a task.
type Note struct {
	Name string // "ehemals im Haus" where the person has left
	Body string
	At   time.Time
}
