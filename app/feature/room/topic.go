package room

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
)

// States of a post.
const (
	Waiting = "waiting" // for a moderator, and seen by its author only
	Shown   = "shown"
	Hidden  = "hidden"  // by a moderator
	Refused = "refused" // by a moderator, before anybody had read it
	Removed = "removed" // by its author; that there was something remains
)

// A Topic is a Thema.
type Topic struct {
	ID      int64
	Room    int64
	Title   string
	Author  int64 // 0: ehemals im Haus
	Name    string
	Latest  time.Time
	Answers int // that readers see
	Pinned  bool
	Closed  time.Time
	Solved  int64 // the answer that helped; 0: none
	Follows bool  // the viewer is told of answers
}

// Path is the page of the topic.
func (t Topic) Path() string { return fmt.Sprintf("/thema/%d", t.ID) }

// A Post is a Beitrag.
type Post struct {
	ID        int64
	Topic     int64
	Author    int64 // 0: ehemals im Haus
	Name      string
	Team      bool // the author moderates the room
	Body      string
	HTML      template.HTML
	Quote     int64
	Quoted    string // the first words of what it answers; "": nothing, or nobody may read it any more
	QuoteName string
	At        time.Time
	Edited    time.Time
	State     string

	Mine      bool
	Solves    bool // it is the answer that helped
	Files     []files.File
	Named     []string // whom it addresses
	Reactions []Reaction
	Pages     []Page // of archives that were made of it
	Action    int64  // the viewer's own: what was decided about it; 0: nothing
	Reports   int    // open ones, for moderators
}

// Plain reports whether it is there to be read by all.
func (p Post) Plain() bool { return p.State == Shown }

// A Reaction of four kinds. In words, since a picture means something else to everybody.
type Reaction struct {
	Kind, Words, Icon string
	Count             int
	Mine              bool
}

func reactions() []Reaction {
	return []Reaction{
		{Kind: "thanks", Words: "Danke", Icon: "heart"},
		{Kind: "helps", Words: "Hilft mir", Icon: "lightbulb"},
		{Kind: "agree", Words: "Stimme zu", Icon: "thumbs-up"},
		{Kind: "question", Words: "Frage dazu", Icon: "circle-help"},
	}
}

// A Page of an archive.
type Page struct {
	ID    int64
	Title string
}

// A Draft is what an author has written so far.
type Draft struct {
	UID      string // made with the form
	Title    string // of a new topic
	Body     string // Markdown
	Quote    int64  // 0: none
	Mentions []int64
	Files    []int64
}

// check says what is wrong with a draft; a new topic has a title.
func (d *Draft) check(topic bool) error {
	var f fault.Form
	if topic && d.Title == "" {
		f.Add("title", "Bitte geben Sie dem Thema einen Titel.")
	}
	if utf8.RuneCountInString(d.Title) > maxTitle {
		f.Add("title", "Der Titel darf höchstens %d Zeichen haben.", maxTitle)
	}
	switch {
	case strings.TrimSpace(d.Body) == "":
		f.Add("body", "Bitte schreiben Sie etwas.")
	case utf8.RuneCountInString(d.Body) > maxPost:
		f.Add("body", "Der Text darf höchstens %d Zeichen haben. Längeres wird besser eine Seite im Wissen.", maxPost)
	}
	d.Mentions = slices.Compact(slices.Sorted(slices.Values(d.Mentions)))
	if len(d.Mentions) > maxMentions {
		f.Add("mention", "Ein Beitrag spricht höchstens %d Menschen an.", maxMentions)
	}
	if len(d.Files) > maxFiles {
		f.Add("file", "%s", fault.Words(tooMany()))
	}
	return f.Err()
}

func tooMany() error {
	return fault.New(fault.Invalid, "An einen Beitrag passen höchstens %d Dateien.", maxFiles)
}

// open says why nobody can answer in a topic.
func (t Topic) open() error {
	if !t.Closed.IsZero() {
		return fault.New(fault.Conflict, "Dieses Thema wurde inzwischen geschlossen. Ihr Text steht noch hier; Sie können ihn kopieren.")
	}
	return nil
}
