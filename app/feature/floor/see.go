package floor

import (
	"fmt"
	"html/template"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type sightKey struct {
	meeting int64
	lang    string
	canvas  bool
}

// A sight is what is the same for all who sit in a meeting.
type sight struct {
	Floor    Floor
	Members  []Member
	Speakers []Speaker
	Motions  []Motion
	Voting   int64  // motion that is voted on, or was last at this item; 0: none
	Say      string // what a screen reader says when it changes: whose turn it is, and how a vote ended
	Present  int
	Shared   template.HTML
	Owners   template.HTML // the members, as a form offers them
}

// A point is an item with what became of it.
type point struct {
	Item
	State   string // "": still to come
	Spent   int    // minutes
	Motions []shown
}

// A shown motion has its words as HTML and how people voted.
type shown struct {
	Motion
	HTML template.HTML
	Last *Vote  // nil: none yet
	To   string // title of the motion that it would change; "": none
}

// Numbers are yes, no and abstentions of a vote that is over.
func (s shown) Numbers() string {
	if s.Last == nil || s.Last.Open || s.Last.Withdrawn {
		return ""
	}
	return fmt.Sprintf("%d Ja, %d Nein, %d Enthaltungen", s.Last.Yes, s.Last.No, s.Last.Abstain)
}

type sharedPart struct {
	web.Page
	It       Meeting
	Floor    Floor
	Members  []Member
	Present  int
	Votes    int
	Quorate  bool
	Points   []point
	At       point // whose turn it is; its ID is 0 for none
	Speakers []Speaker
	Voting   int64 // motion that is voted on, or was last at this item; 0: none
	Canvas   bool
}

type planKey struct {
	meeting int64
	level   committee.Level
}

// plan is a meeting in which the viewer sits. All who may look as far see the same, and so it is read once for a thousand of
// them; how far each may look is asked each time.
func (f *feature) plan(tx *store.Tx, id int64, v who.Viewer) (Meeting, error) {
	x, err := get(tx, id)
	if err != nil {
		return Meeting{}, err
	}
	if x.Meeting == 0 { // not begun
		return f.meeting(tx, id, v)
	}
	level, err := f.level(tx, x.Unit, v)
	if err != nil {
		return Meeting{}, err
	}
	return f.plans.Get(tx, planKey{id, level}, func() (Meeting, error) { return f.meeting(tx, id, v) })
}

// level is how far a viewer may look into a committee; not found for whoever does not sit in it.
func (f *feature) level(tx *store.Tx, unit int64, v who.Viewer) (committee.Level, error) {
	level, err := committee.LevelOf(tx, v, unit, f.Now())
	if err == nil && level < committee.Inside {
		err = fault.Gone()
	}
	return level, err
}

// see makes it once for all: a thousand pages hear of a change in the same moment.
func (f *feature) see(tx *store.Tx, p web.Page, m Meeting, canvas bool) (sight, error) {
	return f.kept.Get(tx, sightKey{m.ID, p.Lang, canvas}, func() (s sight, err error) {
		if s.Floor, err = get(tx, m.ID); err != nil {
			return s, err
		}
		there, err := presences(tx, m.ID)
		if err != nil {
			return s, err
		}
		if s.Members, err = members(tx, m, counted(there, m)); err != nil {
			return s, err
		}
		if s.Motions, err = motions(tx, m.ID); err != nil {
			return s, err
		}
		if s.Floor.Runs() {
			if s.Speakers, err = speakers(tx, s.Floor); err != nil {
				return s, err
			}
		}
		s.Present = present(counted(there, m))
		for _, x := range s.Motions {
			if x.Item == s.Floor.Item && (x.State == Voting || x.State != Worded && x.State != Withdrawn) {
				s.Voting = x.ID
			}
		}
		d := sharedPart{Page: web.Page{Lang: p.Lang}, It: m, Floor: s.Floor, Members: s.Members, Present: s.Present, Votes: len(m.Entitled), Speakers: s.Speakers, Voting: s.Voting, Canvas: canvas}
		if s.Floor.Votes > 0 {
			d.Votes = s.Floor.Votes
		}
		d.Quorate = m.Rules.Quorate(d.Present, d.Votes)
		if d.Points, err = f.points(tx, m, s.Motions); err != nil {
			return s, err
		}
		for _, x := range d.Points {
			if x.ID == s.Floor.Item {
				d.At = x
			}
		}
		if s.Owners, err = f.pages.Part("show.html", "owners", p.Lang, d); err != nil {
			return s, err
		}
		s.Say = say(d, s.Voting)
		s.Shared, err = f.pages.Part("show.html", "shared", p.Lang, d)
		return s, err
	})
}

// say is what a screen reader says of a floor.
func say(d sharedPart, voting int64) string {
	if d.At.ID == 0 {
		return ""
	}
	l := lang.Of(d.Lang)
	words := l.T("TOP %s: %s", d.At.Number, d.At.Title)
	for _, m := range d.At.Motions {
		if m.ID == voting {
			words += ". " + m.Title + ": " + l.T(m.Word()) + ". " + m.Numbers()
		}
	}
	return words
}

// points are the items of a meeting with what became of them.
func (f *feature) points(tx *store.Tx, m Meeting, all []Motion) (points []point, err error) {
	done, err := turns(tx, m.ID)
	if err != nil {
		return nil, err
	}
	for _, i := range m.Items {
		x := point{Item: i}
		for _, t := range done {
			if t.Item == i.ID {
				x.State, x.Spent = t.State, (t.Spent+30)/60
				if x.State == Open {
					x.State = ""
				}
			}
		}
		for _, a := range all {
			if a.Item != i.ID {
				continue
			}
			s := shown{Motion: a, HTML: text.HTML(a.Wording)}
			votes, err := f.wires.Votes(tx, a.ID)
			if err != nil {
				return nil, err
			}
			if len(votes) > 0 {
				s.Last = &votes[0]
			}
			for _, b := range all {
				if b.ID == a.Amends {
					s.To = b.Title
				}
			}
			x.Motions = append(x.Motions, s)
		}
		points = append(points, x)
	}
	return points, nil
}
