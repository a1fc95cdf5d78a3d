// Package room (Austausch): the people of some units talk to each other, in topics with answers one below the other.
//
// Whoever may announce at a unit opens rooms there and moderates them; parents are among themselves only where a
// facility has opened a room. Nobody reads a room before accepting its netiquette. What a moderator restricts has a
// reason in writing, which its subject reads and may object to; somebody else answers that, where there is one (DSA Art.
// 16, 17 and 20).
//
// In a youth room (Jugendraum) are people of whom nothing but an alias is known: how they come in, and go, is no part of
// the talk. What is said there is gone after 90 days.
package room

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/retention"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

const (
	maxName     = 80
	maxAbout    = 1000
	maxHours    = 120
	maxTitle    = 120
	maxPost     = 8000
	maxReason   = 2000
	maxFiles    = 5  // of one post
	maxMentions = 20 // of one post

)

// Inside are the roles that can be in a room, Openers those that open one somewhere.
const (
	Inside  = who.Member | 1<<who.Youth
	Openers = who.Team | 1<<who.Chair
)

// A Room is a room as a viewer has it.
type Room struct {
	ID        int64
	Unit      int64
	UnitName  string
	UnitKind  org.Kind
	Youth     bool
	Name      string
	About     string // Markdown; "": nothing is said
	Review    bool   // what members write waits for a moderator
	Consent   bool   // who is under 16 writes only with the consent of guardians
	Hours     string // when the team reads; "": nothing is said
	Keep      int    // days after its last post in which a topic is kept
	Closed    time.Time
	Moderates bool   // the viewer does
	Accepted  []byte // hash of the netiquette that the viewer has accepted; nil: none
	News      bool   // the viewer is told of new topics
	Alias     string // of the viewer, in a youth room; "": none
	Age       string // of the viewer: "under" 16, "over" or "", as the team has noted
	Agreed    bool   // guardians of the viewer agree
}

// Path is the page of the room.
func (r Room) Path() string { return fmt.Sprintf("/raum/%d", r.ID) }

// writes says why the viewer cannot write in the room.
func (r Room) writes() error {
	switch {
	case !r.Closed.IsZero():
		return fault.New(fault.Conflict, "Dieser Raum ist inzwischen geschlossen. Hier kann niemand mehr schreiben.")
	case r.Consent && r.Alias != "" && r.Age == "":
		return fault.New(fault.Conflict, "Bevor du hier schreibst, muss das Team vermerken, ob du 16 oder älter bist. Bitte frag im Jugendtreff danach.")
	case r.Consent && r.Alias != "" && r.Age == "under" && !r.Agreed:
		return fault.New(fault.Conflict, "Wer jünger als 16 ist, schreibt hier erst, wenn die Eltern zugestimmt haben. Bitte frag im Jugendtreff danach.")
	}
	return nil
}

// Writes reports whether the viewer can write in the room.
func (r Room) Writes() bool { return r.writes() == nil }

// Why is what keeps the viewer from writing; "": nothing.
func (r Room) Why() string {
	if err := r.writes(); err != nil {
		return fault.Words(err)
	}
	return ""
}

// A Plan is what somebody wants of a room.
type Plan struct {
	Unit    int64
	Units   []int64 // for whom, with all below; nil in a youth room
	Roles   who.Right
	Youth   bool
	Name    string
	About   string // Markdown
	Review  bool
	Consent bool
	Hours   string
	Keep    int // days
}

// keeps are the days that one may choose, and their words.
func keeps() []choice {
	return []choice{{"90", "90 Tage"}, {"180", "ein halbes Jahr"}, {"365", "ein Jahr"}, {"730", "zwei Jahre"}}
}

// A choice of a form.
type choice struct{ Value, Label string }

// check says what is wrong with a plan, and puts right what a youth room leaves no choice of.
func (p *Plan) check() error {
	var f fault.Form
	p.Name, p.Hours = text.Line(p.Name), text.Line(p.Hours)
	switch {
	case p.Name == "":
		f.Add("name", "Bitte geben Sie dem Raum einen Namen.")
	case utf8.RuneCountInString(p.Name) > maxName:
		f.Add("name", "Der Name darf höchstens %d Zeichen haben.", maxName)
	}
	if utf8.RuneCountInString(p.About) > maxAbout {
		f.Add("about", "Der Text darf höchstens %d Zeichen haben.", maxAbout)
	}
	if utf8.RuneCountInString(p.Hours) > maxHours {
		f.Add("hours", "Die Zeiten dürfen höchstens %d Zeichen haben.", maxHours)
	}
	if p.Youth {
		p.Keep, p.Units, p.Roles = retention.Usual(retention.Youth).Days, nil, 0
		if p.Hours == "" {
			f.Add("hours", "Bitte sagen Sie, wann das Team liest. Junge Menschen sollen wissen, wann jemand da ist.")
		}
		return f.Err()
	}
	p.Consent = false
	if len(p.Units) == 0 {
		f.Add("audience", "Bitte wählen Sie, für wen der Raum ist.")
	}
	if p.Roles == 0 {
		f.Add("role", "Bitte wählen Sie, wer dort in den Raum darf.")
	}
	if !oneOf(keeps(), fmt.Sprint(p.Keep)) {
		f.Add("keep", "Bitte wählen Sie, wie lange Themen aufgehoben werden.")
	}
	return f.Err()
}

func oneOf(all []choice, value string) bool {
	for _, c := range all {
		if c.Value == value {
			return true
		}
	}
	return false
}

// An audience is a set of roles that a room can be for.
type audience struct {
	Roles who.Right
	Code  string
	Words string
}

func audiences() []audience {
	return []audience{
		{who.Of(who.Parent), "parent", "Eltern"},
		{who.Of(who.Staff, who.Head), "team", "Fachkräfte und Leitungen"},
		{who.Of(who.Head, who.Manager), "heads", "Leitungen und Träger"},
		{who.Of(who.Delegate, who.Chair), "council", "Elternbeirat"},
	}
}

// rolesOf turns the codes of a form into a set; unknown ones are nothing.
func rolesOf(has func(code string) bool) (r who.Right) {
	for _, a := range audiences() {
		if has(a.Code) {
			r |= a.Roles
		}
	}
	return r
}

// meant are the words for a set of roles, in a language.
func meant(r who.Right, l *lang.Lang) string {
	var words []string
	for _, a := range audiences() {
		if r&a.Roles == a.Roles {
			words = append(words, l.T(a.Words))
		}
	}
	return strings.Join(words, ", ")
}

// reason checks what a moderator or an author gives as a reason.
func reason(field, words string) (string, error) {
	words = strings.TrimSpace(words)
	switch n := utf8.RuneCountInString(words); {
	case n < 10:
		return "", fault.At(field, "Bitte begründen Sie das in einem ganzen Satz.")
	case n > maxReason:
		return "", fault.At(field, "Die Begründung darf höchstens %d Zeichen haben.", maxReason)
	}
	return words, nil
}
