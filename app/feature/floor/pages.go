package floor

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// lead are the roles of those who lead a committee.
const lead = who.Right(1 << who.Chair)

type feature struct {
	*house.House
	wires Wires
	pages *web.Pages
	kept  *store.Keep[sightKey, sight]
}

// New makes the feature, and the part of the page of a meeting that leads to its floor.
func New(h *house.House, w Wires) (house.Feature, func(tx *store.Tx, p web.Page, meeting int64) (template.HTML, error)) {
	f := &feature{h, w, web.Parse(html), &store.Keep[sightKey, sight]{DB: h.DB, Most: 200, Tables: []string{"floor", "floor_item", "floor_presence", "floor_speaker",
		"floor_motion", "meeting", "meeting_item", "meeting_guest", "membership", "person", "unit", "committee", "committee_substitute", "ballot"}}}
	return house.Feature{
		Name: "floor",
		Routes: []web.Route{
			web.Get("/sitzung/:id/plenum", committee.Council, f.show),
			web.Get("/sitzung/:id/leinwand", committee.Council, f.canvas),
			web.Post("/sitzung/:id/plenum/beginn", lead, f.do(f.begin)),
			web.Post("/sitzung/:id/plenum/ende", lead, f.do(f.end)),
			web.Post("/sitzung/:id/plenum/weiter", lead, f.do(f.resume)),
			web.Post("/sitzung/:id/plenum/punkt", lead, f.do(f.call)),
			web.Post("/sitzung/:id/plenum/uhr", lead, f.do(f.timer)),
			web.Post("/sitzung/:id/plenum/anwesend", committee.Council, f.do(f.attend)),
			web.Post("/sitzung/:id/plenum/rede", committee.Council, f.do(f.speak)),
			web.Post("/sitzung/:id/plenum/redeliste", lead, f.do(f.list)),
			web.Post("/sitzung/:id/plenum/antrag", committee.Council, f.do(f.move)),
			web.Post("/sitzung/:id/plenum/wortlaut", committee.Council, f.do(f.reword)),
			web.Post("/sitzung/:id/plenum/abstimmung", lead, f.do(f.vote)),
			web.Post("/sitzung/:id/plenum/zurueckziehen", committee.Council, f.do(f.withdraw)),
			web.Post("/sitzung/:id/plenum/aufgabe", committee.Council, f.do(f.task)),
		},
		Export:  export,
		Erase:   erase,
		Search:  []search.Source{found(h.Now)},
		Council: f.council,
	}, f.part
}

func plenum(meeting int64) string { return fmt.Sprintf("/sitzung/%d/plenum", meeting) }

// meeting is one in which the viewer sits; all others are not found.
func (f *feature) meeting(tx *store.Tx, id int64, v who.Viewer) (Meeting, error) {
	m, err := f.wires.Meeting(tx, id, v)
	if err == nil && m.Level < committee.Inside {
		err = fault.Gone()
	}
	return m, err
}

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
	Voting   int64 // motion that is voted on, or was last at this item; 0: none
	Present  int
	Shared   template.HTML
	Owners   template.HTML // the members, as a form offers them
}

// A Member is somebody who could be there.
type Member struct {
	Person  int64
	Name    string
	Office  committee.Office
	Votes   bool
	Here    bool
	Since   time.Time
	Excused bool
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
	Canvas   bool
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
		if s.Members, err = members(tx, m, there); err != nil {
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
		d := sharedPart{Page: web.Page{Lang: p.Lang}, It: m, Floor: s.Floor, Members: s.Members, Present: s.Present, Votes: len(m.Entitled), Speakers: s.Speakers, Canvas: canvas}
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
		s.Shared, err = f.pages.Part("show.html", "shared", p.Lang, d)
		return s, err
	})
}

// members are those who sit in the committee, with who is there.
func members(tx *store.Tx, m Meeting, there []Presence) (all []Member, err error) {
	seats, err := committee.Seats(tx, m.Unit, m.Starts)
	if err != nil {
		return nil, err
	}
	here := map[int64]time.Time{}
	for _, p := range there {
		if p.Until.IsZero() {
			here[p.Person] = p.Since
		}
	}
	votes, excused := setOf(m.Entitled), setOf(m.Excused)
	for _, s := range seats {
		x := Member{Person: s.Person, Name: s.Name(), Office: s.Office, Votes: votes[s.Person], Excused: excused[s.Person]}
		x.Since, x.Here = here[s.Person]
		all = append(all, x)
	}
	return all, nil
}

func setOf(people []int64) map[int64]bool {
	set := make(map[int64]bool, len(people))
	for _, p := range people {
		set[p] = true
	}
	return set
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

type showPage struct {
	web.Page
	It     Meeting
	Sight  sight
	Points []Item
	At     Item // whose turn it is
	Next   Item // comes after it; its ID is 0 for none
	Panel  template.HTML
	Form   web.Form
	Key    string // of the forms
	Here   bool   // the viewer is there
	Waits  bool   // and wants to speak
	Mine   []Motion
	Again  bool // an end can be taken back
}

func (f *feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.page(r, v, id, web.Form{}, false)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

func (f *feature) canvas(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.page(r, v, id, web.Form{}, true)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "canvas.html", p)
}

func (f *feature) page(r *http.Request, v who.Viewer, id int64, form web.Form, canvas bool) (showPage, error) {
	p := showPage{Page: web.NewPage(r, v, ""), Form: form, Key: newUID()}
	p.Live = "/strom"
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.It, err = f.meeting(tx, id, v); err != nil {
			return err
		}
		p.Title = p.It.Title
		if p.Sight, err = f.see(tx, p.Page, p.It, canvas); err != nil {
			return err
		}
		p.Points = p.It.Items
		for n, i := range p.Points {
			switch {
			case i.ID == p.Sight.Floor.Item:
				p.At = i
			case n > 0 && p.Points[n-1].ID == p.Sight.Floor.Item || n == 0 && p.Sight.Floor.Item == 0:
				p.Next = i
			}
		}
		for _, m := range p.Sight.Members {
			p.Here = p.Here || m.Person == v.ID && m.Here
		}
		for _, s := range p.Sight.Speakers {
			p.Waits = p.Waits || s.Person == v.ID && s.Called.IsZero()
		}
		for _, m := range p.Sight.Motions {
			if m.Item == p.Sight.Floor.Item && m.State == Worded {
				p.Mine = append(p.Mine, m)
			}
		}
		p.Again = !p.Sight.Floor.Ended.IsZero() && f.Now().Sub(p.Sight.Floor.Ended) < back
		if p.Sight.Voting != 0 {
			p.Panel, err = f.wires.Panel(tx, p.Page, p.Sight.Voting)
		}
		return err
	})
	return p, err
}

// Changes reports whether the viewer may word a motion anew.
func (p showPage) Changes(m Motion) bool { return p.It.Leads() || m.Mover == p.Viewer.ID }

// many is a committee whose members are no list to choose from: a thousand names on a thousand pages.
const many = 100

// All reports whether the viewer gives a task to anybody: in a large committee that is for those who lead.
func (p showPage) All() bool { return p.It.Leads() || len(p.Sight.Members) <= many }

// Path of the forms.
func (p showPage) Path() string { return plenum(p.It.ID) }

type partPage struct {
	web.Page
	It    Meeting
	Floor Floor
	Here  int
}

// part is on the page of a meeting: the way onto its floor.
func (f *feature) part(tx *store.Tx, p web.Page, id int64) (template.HTML, error) {
	m, err := f.meeting(tx, id, p.Viewer)
	if fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	if err != nil || m.State == "cancelled" {
		return "", err
	}
	d := partPage{Page: p, It: m}
	if d.Floor, err = get(tx, id); err != nil {
		return "", err
	}
	return f.pages.Part("show.html", "part", p.Lang, d)
}

// council says on the page of a committee that its meeting is going on.
func (f *feature) council(tx *store.Tx, p web.Page, c house.Council) (template.HTML, error) {
	if c.Level < committee.Inside {
		return "", nil
	}
	ids, err := store.All(tx, store.Value[int64], `SELECT meeting FROM floor WHERE unit = ? AND ended IS NULL`, c.Unit.ID)
	if err != nil || len(ids) == 0 {
		return "", err
	}
	return f.part(tx, p, ids[0])
}
