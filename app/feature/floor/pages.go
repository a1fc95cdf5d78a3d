package floor

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

//go:embed *.html
var html embed.FS

// lead are the roles of those who lead a committee.
const lead = who.Right(1 << who.Chair)

type feature struct {
	*house.House
	wires Wires
	pages *web.Pages
	plans *store.Keep[planKey, Meeting]
	kept  *store.Keep[sightKey, sight]
}

// New makes the feature, and the part of the page of a meeting that leads to its floor.
func New(h *house.House, w Wires) (house.Feature, func(tx *store.Tx, p web.Page, meeting int64) (template.HTML, error)) {
	planned := []string{"meeting", "meeting_item", "meeting_guest", "membership", "person", "unit", "committee", "committee_substitute"}
	f := &feature{h, w, web.Parse(html), &store.Keep[planKey, Meeting]{DB: h.DB, Most: 200, Tables: planned},
		&store.Keep[sightKey, sight]{DB: h.DB, Most: 200, Tables: append([]string{"floor", "floor_item", "floor_presence", "floor_excused", "floor_speaker", "floor_motion", "ballot"}, planned...)}}
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
			web.Post("/sitzung/:id/plenum/wortlaut", committee.Council, f.wording),
			web.Post("/sitzung/:id/plenum/unterstuetzen", committee.Council, f.do(f.second)),
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
	if err == nil {
		m.seats, err = committee.Seats(tx, m.Unit, m.Starts)
	}
	return m, err
}

type showPage struct {
	web.Page
	It     Meeting
	Sight  sight
	Points []Item
	At     Item // whose turn it is
	Before Item // comes before it; its ID is 0 for none
	Next   Item // comes after it; its ID is 0 for none
	Panel  template.HTML
	Form   web.Form
	Key    string // of the forms
	Here   bool   // the viewer is there
	Votes  bool   // and has a vote
	Waits  bool   // and wants to speak
	Mine   []Motion
	Free   []Member // who could be stood in for
	Again  bool     // an end can be taken back
	Dark   bool     // of the canvas
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
	if web.Looks(r) {
		return f.pages.RenderLook(w, r, "show.html", "parts", p.Key, p)
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
	if web.Looks(r) {
		return f.pages.RenderLook(w, r, "canvas.html", "parts", p.Key, p)
	}
	return f.pages.Render(w, r, "canvas.html", p)
}

func (f *feature) page(r *http.Request, v who.Viewer, id int64, form web.Form, canvas bool) (showPage, error) {
	p := showPage{Form: form, Dark: r.URL.Query().Get("ansicht") == "dunkel"}
	if p.Key = newUID(); web.Looks(r) {
		p.Page = web.NewLook(r, v, "")
	} else {
		p.Page = web.NewPage(r, v, "")
	}
	p.Live = "/strom"
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.It, err = f.plan(tx, id, v); err != nil {
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
				if n > 0 {
					p.Before = p.Points[n-1]
				}
			case n > 0 && p.Points[n-1].ID == p.Sight.Floor.Item || n == 0 && p.Sight.Floor.Item == 0:
				p.Next = i
			}
		}
		for _, m := range p.Sight.Members {
			if m.Person == v.ID && m.Here {
				p.Here, p.Votes = true, m.Votes
			}
			if m.Office.Votes() && !m.Here && p.It.Leads() {
				p.Free = append(p.Free, m)
			}
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
		if p.Sight.Voting != 0 && !canvas { // what somebody votes is for no wall
			p.Panel, err = f.wires.Panel(tx, p.Page, p.Sight.Voting)
		}
		return err
	})
	return p, err
}

// Writes is the name of somebody else who is wording a motion at the moment; "": nobody is.
func (p showPage) Writes(m Motion) string { return m.Writes(p.Viewer.ID, p.Now) }

// Amending is the key of the form for an amendment: the same until it is sent, so that the page stays as it is.
func (p showPage) Amending(m Motion) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, fmt.Appendf(nil, "%s %d", m.UID, p.Viewer.ID)).String()
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
