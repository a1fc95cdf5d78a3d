// Package message (Nachricht): a family writes to a team, a team to families or to another team, colleagues to each other,
// and whomever a committee speaks for to its board.
//
// A family never writes to somebody's private account: every member of the team of the moment reads and answers, and one of
// them may say that they look after it (kümmert sich). A conversation (Gespräch) with a family is with one guardian alone,
// since parents may live apart. Whoever joins a team reads what the team was written; whoever leaves it does not any more.
// A guardian whose child has left the unit reads it no more (the export has it), and nobody writes there.
//
// What was said leaves a trace: an edit keeps what stood there before, for both sides, and what was removed says so. All
// of it goes a year after the Kita year in which it was written last (keep.go).
package message

import (
	"html/template"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/text"
)

const (
	maxTitle = 120
	maxBody  = 8000
	maxMany  = 400 // conversations that are begun at once
)

// Kinds of a conversation.
const (
	Family  = "family"  // a guardian and a team
	Council = "council" // somebody for whom a committee speaks and its board
	Teams   = "team"    // two teams
	People  = "person"  // two colleagues
)

// A Conversation is a Gespräch, as the viewer has it.
type Conversation struct {
	ID      int64
	Kind    string
	Unit    int64 // of a family's or a council's: whose team answers
	Child   int64 // whom a family's is about; 0: no family's
	Kid     string
	Title   string
	Offered bool      // a team began it
	Taker   int64     // looks after it; 0: nobody
	Takes   string    // name of the taker
	Closed  time.Time // zero: open
	Latest  int64     // its last message
	At      time.Time // of that
	Warned  time.Time // since when it says that it will be deleted; zero: it does not
	Side    int64     // the team for which the viewer reads it; 0: as himself or herself
	Seen    int64     // the last message that the viewer has read; 0: none
}

// Team reports whether the viewer reads it for a team.
func (c Conversation) Team() bool { return c.Side != 0 }

// Asked reports whether somebody has written to a team that then looks after it.
func (c Conversation) Asked() bool { return c.Kind == Family || c.Kind == Council }

// A Party takes part in a conversation.
type Party struct {
	Unit   int64 // whose team; 0: a person
	Person int64
	Name   string // of the unit or the person; "ehemals im Haus" where nobody is left
	Kind   org.Kind
}

// Words names a party.
func (p Party) Words(l *lang.Lang) string {
	if p.Unit == 0 {
		return l.T(p.Name)
	}
	return teamName(l, p.Kind, p.Name)
}

// teamName is what the team of a unit is called.
func teamName(l *lang.Lang, k org.Kind, name string) string {
	switch k {
	case org.Group:
		return l.T("Team %s", name)
	case org.Facility:
		return l.T("Leitung %s", name)
	case org.Committee:
		return l.T("Vorstand %s", name)
	}
	return l.T("Verwaltung %s", name)
}

// A Message is a Nachricht.
type Message struct {
	ID      int64
	Author  int64  // 0: the house itself, or somebody who has left
	Name    string // of the author; "" for the house itself
	Side    int64  // for whose team it was written; 0: for the author
	Team    string // name of that
	kind    org.Kind
	Auto    bool // given by itself
	body    string
	HTML    template.HTML
	At      time.Time
	Edited  time.Time // zero: never
	Removed time.Time // zero: it is there
	Quote   Quote
	Before  []Before
	Files   []files.File
	Mine    bool // the viewer has written it
	New     bool // it is the first that the viewer has not read
}

// By is who has written it, for a language.
func (m Message) By(l *lang.Lang) string {
	switch {
	case m.Auto:
		return teamName(l, m.kind, m.Team)
	case m.Name == "":
		return l.T("ehemals im Haus")
	case m.Side != 0:
		return m.Name + ", " + teamName(l, m.kind, m.Team)
	}
	return m.Name
}

// A Quote is what a message answers to.
type Quote struct {
	ID    int64 // 0: nothing
	Name  string
	Words string // plain and short; "": it was removed
}

// Before is what a message said until it was edited.
type Before struct {
	HTML  template.HTML
	Until time.Time
}

// A Draft is what somebody has written so far.
type Draft struct {
	UID   string // made with the form; the same twice is one message; "": a new one
	Body  string // Markdown
	Quote int64  // a message of the same conversation; 0: none
	Files []int64
}

// check says what is wrong with a draft.
func (d Draft) check() error {
	var f fault.Form
	d.wrong(&f)
	return f.Err()
}

func (d Draft) wrong(f *fault.Form) {
	switch n := utf8.RuneCountInString(d.Body); {
	case strings.TrimSpace(strings.Map(visible, d.Body)) == "" && len(d.Files) == 0:
		f.Add("body", "Bitte schreiben Sie etwas.")
	case n > maxBody:
		f.Add("body", "Der Text darf höchstens %d Zeichen haben.", maxBody)
	}
	if err := text.Check(d.Body); err != nil {
		f.Add("body", "%s", fault.Words(err))
	}
	if len(d.Files) > maxFiles {
		f.Add("file", "%s", fault.Words(tooMany()))
	}
}

// visible drops what cannot be seen.
func visible(r rune) rune {
	if invisible(r) {
		return -1
	}
	return r
}

// clean takes out of a text what turns the writing around beyond its own paragraph, and what cannot be read.
func clean(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if turns(r) || text.Unreadable(r) {
			return -1
		}
		return r
	}, s))
}

// turns reports the signs that make letters run the other way (Unicode UAX #9): a name or a price can be forged with them.
func turns(r rune) bool { return r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069' }

func invisible(r rune) bool {
	return r >= '\u200b' && r <= '\u200f' || r == '\u2060' || r == '\ufeff' || r == '\u00ad' || turns(r)
}

// checkTitle says what is wrong with the subject of a new conversation.
func checkTitle(f *fault.Form, title string) {
	switch {
	case title == "":
		f.Add("title", "Bitte schreiben Sie, worum es geht.")
	case utf8.RuneCountInString(title) > maxTitle:
		f.Add("title", "Der Betreff darf höchstens %d Zeichen haben.", maxTitle)
	}
}
