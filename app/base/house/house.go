// Package house is where features and the app meet: what a feature is given,
// and what it gives.
package house

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"time"

	"nestfunk/app/base/catalogue"
	"nestfunk/app/base/clock"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/disk"
	"nestfunk/app/base/files"
	"nestfunk/app/base/live"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/metric"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/org"
	"nestfunk/app/base/push"
	"nestfunk/app/base/search"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A House is what every feature may use. It is complete before the first
// feature is made, and never changes afterwards.
type House struct {
	DB       *store.DB
	Now      func() time.Time
	Base     *url.URL // where people reach it, without a path
	Live     *live.Hub
	Tasks    *task.Queue
	Settings *settings.Settings
	Mail     mail.Sender
	Push     *push.Service
	SMS      sms.Sender
	Files    *files.Files
	Sessions *web.Sessions
	Limits   *web.Limits
	Search   *search.Index
	Traffic  *metric.Traffic // nil: nobody counts
	Disk     *disk.Disk      // nil: nobody watches it
	Clock    *clock.Guard    // nil: it is believed
	Scratch  string          // a folder on the disk of the house for what is thrown away again; need not exist
	Issuer   string          // directory of who gives the house its certificate; "": the house asks nobody
	Demo     bool            // invented people, sign-in cards on the start page
	Version  string

	Catalogue catalogue.Catalogue // which personal data there are, as schema.sql says
}

// URL is the public address of a path.
func (h *House) URL(path string) string { return h.Base.String() + path }

// Rights tells every open page that somebody's rights have changed, once tx is committed.
func (h *House) Rights(tx *store.Tx) {
	tx.After(func() { h.Live.Publish(live.Event{Rights: true}) })
}

// A Log notes for the record that a person changed something; person 0 is the console, ref an id that the action knows,
// 0 for none.
type Log func(tx *store.Tx, at time.Time, person int64, action string, ref int64) error

// Local is a time in the house's zone.
func Local(t time.Time) time.Time { return t.In(web.Zone()) }

// A Seed is a page that every house needs and only its people can complete. It waits in the archive of the city until
// somebody writes it.
type Seed struct {
	Purpose string // the feature's word for it
	Title   string
	Body    string // Markdown; what is missing stands in boxes "> [!ergänzen]"
}

// A Passage is how one feature begins a page of another with something of its own, and how the two then know each other.
type Passage struct {
	// Begin is what the page begins with. What the viewer may not read, or what may not be passed on, is not found.
	Begin func(tx *store.Tx, v who.Viewer, ref string) (Seed, error)
	// Made is told which page was made.
	Made func(tx *store.Tx, v who.Viewer, ref string, page int64) error
}

// A Subject is a person or a child whose data is exported or erased; one of the two is 0.
type Subject struct{ Person, Child int64 }

// A Part is what a feature puts onto the viewer's start page; "": nothing.
type Part func(tx *store.Tx, p web.Page) (template.HTML, error)

// A Council is a committee as its page is being made: how far the page's viewer may look into it.
type Council struct {
	Unit  org.Unit
	Rules committee.Rules
	Level committee.Level
}

// A Legacy is one thing that a board leaves to the next.
type Legacy struct {
	Kind  string    // task, topic, resolution, date, contact, page, file, deadline, missing
	Ref   string    // its name within all of the feature's: "resolution 17"
	Title string    // one line
	Note  string    // what one has to know of it; may be empty
	Path  string    // where it is; "": nowhere
	Due   time.Time // zero: no day
}

// An Outbound is a connection from the house to elsewhere. Whatever opens one is declared, and a house test looks for it.
type Outbound struct {
	Title string // German: whom the house calls
	Why   string // German: what for, and what the other side learns of whom
	When  string // German: what has to happen first
	Where string // page on which it is switched; "": see Off
	Off   string // German: how it is switched where there is no page
	Dials string // package whose code connects, such as app/base/mail
	// State is where it goes to, and whether it is switched on. A fresh house has none that is.
	State func(tx *store.Tx) (to string, on bool, err error)
}

// A Feature is what the app needs to know of one. Only Name is required.
type Feature struct {
	Name   string // of its folder, its tables and its section in schema.sql
	Routes []web.Route
	Nav    []web.NavItem
	Jobs   []task.Job
	Begin  func(ctx context.Context) error // called once the house is open; may be nil

	Outbound []Outbound // in the order of the page that lists them

	// Export returns what the feature knows of a subject, for GDPR Art. 15 and 20.
	Export func(tx *store.Tx, s Subject) (any, error)
	// Erase removes what a subject left behind, GDPR Art. 17. A feature whose
	// tables refer to person or child must have both.
	Erase func(tx *store.Tx, s Subject) error

	// Sees is nil where the viewer may see a file of the feature as it is shown now, and else what is to be answered.
	// A feature that attaches files must have it.
	Sees func(tx *store.Tx, v who.Viewer, x files.File) error
	// Papers are the files about a subject that it is handed with its record, whoever has put them there: of a feature whose
	// files are about people. Who put one there for others is not handed it. nil: what is attached is whose who wrote it.
	Papers func(tx *store.Tx, s Subject) ([]files.File, error)
	// Search says what of the feature can be found. Whatever changes that says so with search.Changed. The source whose
	// kind is the name of the feature is what files are attached to: they are found where it is (search.Doc.Files).
	Search []search.Source

	// Start is a part of the viewer's start page, above what is new, and Beside one that stands beside it.
	Start, Beside Part

	// Council is a part of the page of a committee, by what matters most to its members first. It is called for whoever may
	// look into the committee at all, and shows what the level allows; "": nothing.
	Council func(tx *store.Tx, p web.Page, c Council) (template.HTML, error)
	// Legacy lists what the board of a committee leaves to the next, in its own order. It is asked for members only.
	Legacy func(tx *store.Tx, v who.Viewer, unit int64) ([]Legacy, error)

	// Dates lists what the viewer's calendar shows of the feature between two moments; may be nil.
	Dates func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]Date, error)

	// OParl is what the feature publishes of public committees, by type of object; see base/oparl.
	OParl []oparl.Source

	// Confirm has a viewer prove who it is before a route that wants it. One feature has it.
	Confirm web.Confirm
	// Half reports whether a viewer has to show a second factor before its roles count; strong: it has. One feature has it.
	Half func(tx *store.Tx, v who.Viewer, strong bool) (bool, error)
	// Viewer is who else may stand behind a request, without a session; ok is false where that is nobody whom the feature
	// knows.
	Viewer func(r *http.Request) (v who.Viewer, ok bool, err error)

	// Ask counts what waits for the viewer's confirmation.
	Ask func(tx *store.Tx, v who.Viewer) (int, error)
	// Hidden reports whether the feature's entries of the menu are not for a viewer whose role has the right to them: who runs
	// one carrier does not answer for the whole house. nil: they are.
	Hidden func(tx *store.Tx, v who.Viewer) (bool, error)
	// Unread counts what the viewer has not read; it stands beside the feature's first entry of the menu.
	Unread func(tx *store.Tx, v who.Viewer) (int, error)
}
