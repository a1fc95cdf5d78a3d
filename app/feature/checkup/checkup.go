// Package checkup (Prüfung) looks whether the house can do its work: disk, clock, rights of files, address, channels,
// backup, database, index and tasks. The same is a command (nestfunk doctor), a page, and figures for Prometheus. What it
// says names no person.
package checkup

import (
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

// A State is how good what was looked at is.
type State string

// The states, from good to bad.
const (
	Fine   State = "ok"
	Hint   State = "hint"
	Broken State = "error"
)

// Word is the German one.
func (s State) Word() string {
	return map[State]string{Fine: "ok", Hint: "Hinweis", Broken: "Fehler"}[s]
}

// Grade is its number for a monitor: 0 is good.
func (s State) Grade() float64 { return map[State]float64{Fine: 0, Hint: 1, Broken: 2}[s] }

// A Finding is what came of one look.
type Finding struct {
	Name  string `json:"name"`  // such as "disk"; programs may rely on it
	Title string `json:"title"` // German
	State State  `json:"state"`
	Words string `json:"words"` // German, in one line: what is the case, and what to do
}

// A Report is what came of all looks.
type Report struct {
	At       time.Time `json:"at"`
	Good     bool      `json:"ok"` // nothing is broken
	Findings []Finding `json:"findings"`
}

// Text is the report for a console, one line for each finding.
func (r Report) Text() string {
	var b strings.Builder
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%-8s %s: %s\n", f.State.Word(), f.Title, f.Words)
	}
	return b.String()
}

// Anonymous is the report without what names a file, a server or whoever uses one.
func (r Report) Anonymous() Report {
	all := r.Findings
	r.Findings = nil
	for _, f := range all {
		switch f.Name {
		case "disk", "damage", "clock", "database", "index", "tasks", "secrets": // our own words and numbers
		default:
			f.Words = Blank(f.Words)
		}
		r.Findings = append(r.Findings, f)
	}
	return r
}

func (r *Report) add(name, title string, state State, words string, args ...any) {
	r.Findings = append(r.Findings, Finding{name, title, state, strings.Join(strings.Fields(fmt.Sprintf(words, args...)), " ")})
}

// A Backup is what there is to say of the backups.
type Backup struct {
	Words string
	Good  bool
	Last  time.Time // zero: there is none
}

// A Lost is what was sealed with another key file than the house has: after a restore without it.
type Lost struct {
	Names  []string // secrets that somebody has to enter again, in German
	People int      // whose codes of an app cannot be checked
}

// Wires are what the feature needs of others.
type Wires struct {
	Log    house.Log
	Folder string                             // of the house's data
	Warn   func(*store.Tx, string) error      // writes to those who run the house
	Backup func(tx *store.Tx) (Backup, error) // how old the last backup is
	Lost   func(tx *store.Tx) (Lost, error)   // what the key file does not open
}
