package minutes

import (
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
)

// A Record is what the house knows of a meeting: the facts of its minutes. It is stored as JSON, so that fields are added
// and never renamed; times are kept in UTC, to the second.
type Record struct {
	Unit       int64      `json:"unit"`
	Committee  string     `json:"committee"` // name of the unit
	Title      string     `json:"title"`
	Place      string     `json:"place,omitzero"` // and online, as people say it
	Starts     time.Time  `json:"starts"`         // as invited
	Began      time.Time  `json:"began,omitzero"` // zero: not yet
	Ended      time.Time  `json:"ended,omitzero"`
	Public     bool       `json:"public,omitzero"`
	Invited    time.Time  `json:"invited,omitzero"` // zero: nobody was
	InTime     bool       `json:"in_time,omitzero"` // the invitation kept the notice
	Chair      string     `json:"chair,omitzero"`   // who led it
	Keeper     string     `json:"keeper,omitzero"`  // Protokollführung; the feature fills it in
	Attendance []Presence `json:"attendance,omitzero"`
	Guests     []string   `json:"guests,omitzero"`
	Excused    []string   `json:"excused,omitzero"`
	Missing    []string   `json:"missing,omitzero"` // neither there nor excused
	Votes      int        `json:"votes,omitzero"`   // of the committee
	Present    int        `json:"present,omitzero"` // of these, at the beginning
	Quorate    bool       `json:"quorate,omitzero"`
	Items      []Item     `json:"items,omitzero"`
}

// A Presence is somebody who was there, for a while or all the time.
type Presence struct {
	Name   string    `json:"name"`
	Office string    `json:"office,omitzero"` // German: "Vorsitz"
	For    string    `json:"for,omitzero"`    // whom a substitute stands in for
	Votes  bool      `json:"votes,omitzero"`
	From   time.Time `json:"from,omitzero"`
	Until  time.Time `json:"until,omitzero"` // zero: to the end
}

// An Item (Tagesordnungspunkt) is one of the agenda.
type Item struct {
	ID      int64    `json:"id"`
	Number  string   `json:"number"` // "3" or "3.1"
	Title   string   `json:"title"`
	Public  bool     `json:"public,omitzero"`
	Motions []Motion `json:"motions,omitzero"`
	Tasks   []Task   `json:"tasks,omitzero"`
}

// A Motion (Antrag) is what was decided about.
type Motion struct {
	Title   string   `json:"title,omitzero"`
	Wording string   `json:"wording"`
	By      []string `json:"by,omitzero"`      // who moved it
	Outcome string   `json:"outcome,omitzero"` // German: "angenommen", "zurückgezogen"; "": nothing yet
	Vote    *Vote    `json:"vote,omitzero"`    // nil: there was none
}

// A Vote is how a motion ended.
type Vote struct {
	Secret  bool     `json:"secret,omitzero"`
	Paper   bool     `json:"paper,omitzero"`
	Yes     int      `json:"yes"`
	No      int      `json:"no"`
	Abstain int      `json:"abstain"`
	Invalid int      `json:"invalid,omitzero"`
	Present int      `json:"present"`
	Quorate bool     `json:"quorate,omitzero"`
	Names   []string `json:"names,omitzero"` // "Ada Demir: ja", of votes by name
}

// Of fills in the counts.
func (v Vote) Of(t committee.Tally) Vote {
	v.Yes, v.No, v.Abstain, v.Invalid, v.Present = t.Yes, t.No, t.Abstain, t.Invalid, t.Present
	return v
}

// A Task (Aufgabe) was given to somebody.
type Task struct {
	Title string `json:"title"`
	Owner string `json:"owner,omitzero"`
	Due   string `json:"due,omitzero"` // day
}

// Day is the day as people write it: 01.04.2026; "": none.
func (t Task) Day() string {
	d, err := time.Parse(time.DateOnly, t.Due)
	if err != nil {
		return t.Due
	}
	return d.Format("02.01.2006")
}

// Span is from when to when somebody was there: 19:05 – 20:40; to the end, which may not have come yet, where nothing else
// is known.
func (r Record) Span(p Presence) string {
	from, until := p.From, p.Until
	if from.IsZero() {
		from = r.Began
	}
	if until.IsZero() {
		until = r.Ended
	}
	if from.IsZero() {
		return ""
	}
	s := house.Local(from).Format("15:04") + " –"
	if !until.IsZero() {
		s += " " + house.Local(until).Format("15:04")
	}
	return s
}

// Held is when the meeting began, or was to begin.
func (r Record) Held() time.Time {
	if r.Began.IsZero() {
		return r.Starts
	}
	return r.Began
}

// Running reports whether it has begun and not ended.
func (r Record) Running() bool { return !r.Began.IsZero() && r.Ended.IsZero() }

// item finds one of the agenda; 0 is the meeting as a whole.
func (r Record) item(id int64) (Item, bool) {
	for _, i := range r.Items {
		if i.ID == id {
			return i, true
		}
	}
	return Item{Public: true}, id == 0
}

// utc brings all times to the form in which they are stored.
func (r Record) utc() Record {
	second := func(t *time.Time) {
		if !t.IsZero() {
			*t = t.UTC().Truncate(time.Second)
		}
	}
	for _, t := range []*time.Time{&r.Starts, &r.Began, &r.Ended, &r.Invited} {
		second(t)
	}
	all := make([]Presence, len(r.Attendance))
	for i, p := range r.Attendance {
		second(&p.From)
		second(&p.Until)
		all[i] = p
	}
	if r.Attendance = nil; len(all) > 0 {
		r.Attendance = all
	}
	return r
}
