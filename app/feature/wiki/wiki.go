// Package wiki (Wissensspeicher) keeps what a unit knows: pages (Seiten) of Markdown in a tree, every saved state of
// them (Fassungen), and who has read what must be read.
//
// Who reads and who writes follows from the unit and from roles; the view wiki_right says how. A page is read by those
// around its unit, or by fewer, or by more. Links name titles, and a title that a page has had once still finds it: so
// nothing breaks when a page is moved or renamed.
//
// Nothing is lost: saving adds a revision, removing puts a page into the bin, and whoever saves after somebody else is
// shown what the other has changed, and both put together.
package wiki

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/text"
	"nestfunk/app/base/who"
)

// Writers are the roles that write in some archive. Where they do is in wiki_right.
const Writers = who.Team | 1<<who.Admin | 1<<who.Delegate | 1<<who.Chair

// An Access says who reads a page.
type Access string

const (
	Board  Access = "board"  // who leads the unit or stands above it; of a committee its chair
	Staff  Access = "staff"  // the team; of a committee its members
	Around Access = "unit"   // whose reach meets the unit; of a committee the unit that it belongs to
	House  Access = "house"  // everybody with a role in the house
	Public Access = "public" // without sign-in
)

// accesses lists all, from the fewest readers to the most.
func accesses() []Access { return []Access{Board, Staff, Around, House, Public} }

// Word says who reads, in German; kind is that of the unit.
func (a Access) Word(kind org.Kind) string {
	committee := kind == org.Committee
	switch {
	case a == Board && committee:
		return "Nur der Vorsitz"
	case a == Board:
		return "Nur die Leitung"
	case a == Staff && committee:
		return "Nur das Gremium"
	case a == Staff:
		return "Nur das Team"
	case a == Around && committee:
		return "Alle, für die das Gremium da ist"
	case a == Around:
		return "Alle, die dazugehören"
	case a == House:
		return "Alle im Haus"
	}
	return "Öffentlich, auch ohne Anmeldung"
}

// writers is the level of those who write a page: one that few may read is written by no more.
func (a Access) writers() string {
	if a == Board {
		return "board"
	}
	return "write"
}

// lets reports whether v reads a page that is released; set are the levels of v in the archive.
func (a Access) lets(set map[string]bool, v who.Viewer) bool {
	return a == Public || a == House && v.May(who.Member) || set[string(a)]
}

// usual is who reads a new page: a committee first keeps its words to itself.
func usual(kind org.Kind) Access {
	if kind == org.Committee {
		return Staff
	}
	return Around
}

// keeps reports whether a unit has an archive: a group's knowledge is its facility's.
func keeps(kind org.Kind) bool { return kind != org.Group }

// A Text is what a revision holds.
type Text struct {
	Title string
	Body  string // Markdown
}

// The most that a page holds: a law of a hundred printed pages still fits.
const (
	mostTitle = 150
	mostBody  = 400_000 // bytes
	mostDeep  = 12      // pages above each other
)

// check tidies a text and says what is wrong with it.
func (t *Text) check() error {
	t.Title = text.Line(t.Title)
	t.Body = strings.TrimRightFunc(strings.ReplaceAll(t.Body, "\r\n", "\n"), unicode.IsSpace)
	var f fault.Form
	switch {
	case t.Title == "":
		f.Add("title", "Bitte geben Sie der Seite einen Titel.")
	case utf8.RuneCountInString(t.Title) > mostTitle:
		f.Add("title", "Bitte kürzen Sie den Titel auf %d Zeichen.", mostTitle)
	case strings.ContainsAny(t.Title, "[]|#") || strings.ContainsFunc(t.Title, text.Unreadable):
		f.Add("title", "Im Titel gehen keine eckigen Klammern, kein senkrechter Strich und kein Doppelkreuz: Sonst könnte niemand darauf verweisen.")
	}
	switch {
	case len(t.Body) > mostBody:
		f.Add("body", "Diese Seite ist zu lang. Bitte teilen Sie sie in mehrere Seiten auf.")
	case !utf8.ValidString(t.Body) || strings.ContainsFunc(t.Body, text.Unreadable):
		f.Add("body", "Der Text enthält Zeichen, die niemand lesen kann.")
	default:
		if err := text.Check(t.Body); err != nil {
			f.Add("body", "%s", fault.Words(err))
		}
	}
	return f.Err()
}

// key is a title as links find it: without case, blanks and dashes.
func key(title string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Pd, r) || r == '_' {
			return -1
		}
		return unicode.ToLower(r)
	}, text.Clean(title))
}

// A Node is a page in the tree of an archive.
type Node struct {
	ID      int64
	Parent  int64 // 0: at the top, or below a page that the viewer does not see
	Title   string
	Access  Access
	Hidden  bool // nothing is released yet
	Waiting bool // a newer revision is not released
	Changed time.Time
	Write   bool // the viewer may
	Kids    []*Node
	More    int // pages below that are not listed
}

// grow makes a tree of the pages that a viewer sees; those below an unseen page stand at the top. A ring, which no form
// can make, would be cut open.
func grow(all []Node) (tops []*Node) {
	by := map[int64]*Node{}
	for i := range all {
		by[all[i].ID] = &all[i]
	}
	rings := func(n *Node) bool {
		p := n
		for range mostDeep * 2 {
			if p = by[p.Parent]; p == nil {
				return false
			}
		}
		return true
	}
	for i := range all {
		n := &all[i]
		if p := by[n.Parent]; p != nil && !rings(n) {
			p.Kids = append(p.Kids, n)
		} else {
			n.Parent = 0
			tops = append(tops, n)
		}
	}
	return tops
}

// mostListed are the pages of an archive that are listed with all that stands below them. Of a larger one only the top is.
const mostListed = 300

// trim leaves out what stands below the top of a large tree, but not around the page at; 0: nothing is kept.
func trim(tops []*Node, n int, at int64) []*Node {
	if n <= mostListed {
		return tops
	}
	var walk func(ns []*Node) (has bool, count int)
	walk = func(ns []*Node) (has bool, count int) {
		for _, n := range ns {
			near, below := walk(n.Kids)
			if near = near || n.ID == at; !near {
				n.Kids, n.More = nil, below
			}
			has, count = has || near, count+1+below
		}
		return has, count
	}
	walk(tops)
	return tops
}

// under reports whether page lies below another, or is it.
func under(up map[int64]int64, page, above int64) bool {
	for range len(up) + 1 {
		if page == above || page == 0 {
			return page == above
		}
		page = up[page]
	}
	return true // a ring
}
