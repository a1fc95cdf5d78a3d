// Package announcement (Mitteilung): somebody tells an audience something, and
// sees child by child who has been reached.
//
// The words of an announcement never change once it is published, so that a
// receipt (Lesebestätigung) always means the words that were read. A closure
// (Schließung) is an announcement with facts; what happens to it later is told
// by further announcements to the same audience. Handed over to a mail server
// is not proof: only a confirmation, or a telephone call that was answered, is.
package announcement

import (
	"html/template"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/who"
)

const (
	maxTitle = 120  // fits one line of a mail's subject
	maxBody  = 8000 // a page; whoever wants to say more writes a page of the archive
)

// Kinds of an announcement.
const (
	News        = "news"
	ClosureKind = "closure"
	DrillKind   = "drill" // Probealarm: a closure's way to the families, without a closure
)

// An Announcement is a Mitteilung.
type Announcement struct {
	ID        int64
	Unit      int64
	UnitName  string
	Author    string // "ehemals im Haus" where the person has left
	Kind      string
	Title     string
	Body      string // Markdown
	HTML      template.HTML
	Roles     who.Right
	Confirm   bool
	ConfirmBy time.Time // zero: no deadline
	Published time.Time
	Expires   time.Time // zero: valid for good
	Frozen    bool      // who was asked is complete
	Closure   int64     // its first announcement; 0: not of a closure
	Replaced  int64     // by a later one of the same closure; 0: still the last word
	Pressing  bool      // breaks through quiet hours and digests

	Confirmed time.Time // by the viewer; zero: not yet
	Meant     bool      // the viewer is one of those who are told; else one who may look
}

// Over reports whether it is no longer valid.
func (a Announcement) Over(now time.Time) bool { return !a.Expires.IsZero() && !now.Before(a.Expires) }

// Waits reports whether the viewer's confirmation is still wanted.
func (a Announcement) Waits(now time.Time) bool {
	return a.Confirm && a.Meant && a.Confirmed.IsZero() && a.Replaced == 0 && !a.Over(now)
}

// A Draft is what an author has written so far.
type Draft struct {
	Unit      int64   // which sends it
	Units     []int64 // to which units, with all below them
	Roles     who.Right
	Title     string
	Body      string // Markdown
	Confirm   bool
	ConfirmBy time.Time // zero: no deadline
	Expires   time.Time // zero: valid for good
	Files     []int64   // that the author has put into the house for it

	UID     string   // made with the form: the same form sent twice is one announcement; "": a new one
	kind    string   // "": News
	closure int64    // the closure that it continues; 0: none
	began   bool     // it is the closure's first announcement
	urgent  bool     // breaks through quiet hours and digests
	today   bool     // a closure that begins today
	without []string // channels that are left out this time
	ladder  channel.Ladder
}

// check says what is wrong with a draft at a time.
func (d Draft) check(now time.Time) error {
	var f fault.Form
	switch {
	case strings.TrimSpace(d.Title) == "":
		f.Add("title", "Bitte geben Sie der Mitteilung einen Titel.")
	case utf8.RuneCountInString(d.Title) > maxTitle:
		f.Add("title", "Der Titel darf höchstens %d Zeichen haben.", maxTitle)
	}
	if utf8.RuneCountInString(d.Body) > maxBody {
		f.Add("body", "Der Text darf höchstens %d Zeichen haben.", maxBody)
	}
	if len(d.Files) > maxFiles {
		f.Add("file", "%s", fault.Fields(files.TooMany(maxFiles))["file"])
	}
	if len(d.Units) == 0 {
		f.Add("unit", "Bitte wählen Sie, an wen die Mitteilung geht.")
	}
	if d.Roles == 0 || d.Roles&^addressed() != 0 {
		f.Add("role", "Bitte wählen Sie, wer die Mitteilung bekommt.")
	}
	if !d.Expires.IsZero() && !d.Expires.After(now) {
		f.Add("expires", "Dieser Tag liegt schon in der Vergangenheit.")
	}
	if d.Confirm && !d.ConfirmBy.IsZero() && !d.ConfirmBy.After(now) {
		f.Add("confirm_by", "Diese Zeit liegt schon in der Vergangenheit.")
	}
	return f.Err()
}

// audience are the roles that may be addressed, with the words of the form.
func audience() []roleChoice {
	return []roleChoice{
		{who.Of(who.Parent), "parent", "Eltern"},
		{who.Of(who.Staff, who.Head), "team", "Fachkräfte und Leitungen"},
		{who.Of(who.Head, who.Manager), "heads", "Leitungen und Träger"},
		{who.Of(who.Delegate, who.Chair), "council", "Elternbeirat"},
	}
}

// addressed are all roles that an announcement can be for.
func addressed() (r who.Right) {
	for _, c := range audience() {
		r |= c.Roles
	}
	return r
}

type roleChoice struct {
	Roles who.Right
	Code  string
	Words string
}

// rolesOf turns the form's codes into a set; unknown codes are nothing.
func rolesOf(has func(code string) bool) (r who.Right) {
	for _, c := range audience() {
		if has(c.Code) {
			r |= c.Roles
		}
	}
	return r
}

// meant are the words for a set of roles, in a language: who gets it.
func meant(r who.Right, l *lang.Lang) string {
	var words []string
	for _, c := range audience() {
		if r&c.Roles == c.Roles {
			words = append(words, l.T(c.Words))
		}
	}
	return strings.Join(words, ", ")
}
