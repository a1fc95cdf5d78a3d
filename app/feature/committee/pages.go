package committee

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var html embed.FS

// Wires are what the feature needs of others.
type Wires struct {
	Log house.Log
	// Parts are what all features put onto the page of a committee, in the order in which they stand there; nil: nothing.
	Parts func(tx *store.Tx, p web.Page, c house.Council) ([]template.HTML, error)
}

type feature struct {
	*house.House
	pages *web.Pages
	log   house.Log
	parts func(tx *store.Tx, p web.Page, c house.Council) ([]template.HTML, error)
}

// electors may record an election where they lead, and those who look after units where nobody does.
const electors = who.Keepers | 1<<who.Chair

// standing are those who can be elected: parents, and who sits in a committee already.
const standing = who.Families | committee.Council

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := &feature{h, web.Parse(html), w.Log, w.Parts}
	leads := who.Of(who.Chair)
	return house.Feature{
		Name: "committee",
		Nav:  []web.NavItem{{Path: "/gremien", Label: "Gremien", Icon: "landmark", Right: who.Member, Low: true}},
		Routes: []web.Route{
			web.Get("/gremien", who.Anyone, f.index),
			web.Get("/gremium/:id", who.Anyone, f.show),
			web.Get("/gremium/:id/regeln", leads, f.rulesForm),
			web.Post("/gremium/:id/regeln", leads, f.saveRules),
			web.Get("/gremium/:id/wahl", electors, f.electionForm),
			web.Proved(web.Post("/gremium/:id/wahl", electors, f.saveElection)),
			web.Proved(web.Post("/gremium/:id/wahl/zuruecknehmen", electors, f.withdrawElection)),
			web.Post("/gremium/:id/kandidatur", standing, f.candidacy),
			web.Post("/gremium/:id/kontakt", who.SignedIn, f.saveContact),
		},
		Jobs:   []task.Job{tellJob(h)},
		Export: export,
		Erase:  eraser(h),
		Search: []search.Source{source(h.Now)},
		Legacy: legacy(h),
		Dates:  dates(h),
	}
}

// A Row is a committee in the list.
type Row struct {
	org.Unit
	Above string
}

func rows(tx *store.Tx, units []org.Unit) (all []Row, err error) {
	for _, u := range units {
		above, err := org.Get(tx, u.Parent)
		if err != nil {
			return nil, err
		}
		all = append(all, Row{u, above.Name})
	}
	return all, nil
}

const listSize = 40

type indexPage struct {
	web.Page
	Mine, Others []Row
	Keeps        bool // may found one
	Next         int  // of the others, the next page, from 2; 0: this is the last
}

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Gremien"), Keeps: v.May(who.Keepers)}
	number, err := strconv.Atoi(r.URL.Query().Get("seite"))
	if err != nil || number < 1 || number > 1000 {
		number = 1
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		mine, err := committee.Of(tx, v.ID, now)
		if err != nil {
			return err
		}
		all, err := committee.Seen(tx, v.ID, now)
		if err != nil {
			return err
		}
		all = slices.DeleteFunc(all, func(u org.Unit) bool {
			return u.Ended(now) || slices.ContainsFunc(mine, func(m org.Unit) bool { return m.ID == u.ID })
		})
		mine = slices.DeleteFunc(mine, func(u org.Unit) bool { return u.Ended(now) })
		if len(all) > number*listSize {
			p.Next = number + 1
		}
		all = all[min(len(all), (number-1)*listSize):min(len(all), number*listSize)]
		if p.Mine, err = rows(tx, mine); err != nil || number > 1 {
			p.Mine = nil
		}
		if err == nil {
			p.Others, err = rows(tx, all)
		}
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// A Seat is somebody who sits in a committee, as its page shows it.
type Seat struct {
	committee.Seat
	Last        time.Time // last day, where that is earlier than that of the term; zero: it is not
	Provisional bool
	Turn        int // of a substitute, from 1; 0: none
}

type showPage struct {
	web.Page
	Unit      org.Unit
	Above     org.Unit
	Ended     bool
	Level     committee.Level
	Rules     []string
	Public    bool
	Term      committee.Term // zero: none was recorded yet
	Seats     []Seat
	More      int       // who sit there without an office that the world has to know
	Until     time.Time // of a board that goes on kommissarisch: its last day; zero: it does not
	Vacant    bool      // nobody leads
	Coming    committee.Term
	Elected   []Holder
	Board     bool // the viewer may write to the board
	Elects    bool
	Stands    bool
	MayStand  bool
	Election  time.Time // of the next; zero: not known
	Contacts  []contact
	Mine      contact // the viewer's own
	MayAgree  bool
	Agreement string
	Form      web.Form
	Parts     []template.HTML
}

// Level as the template asks for it.
func (p showPage) Inside() bool { return p.Level >= committee.Inside }

// Around reports whether the committee speaks for the viewer.
func (p showPage) Around() bool { return p.Level >= committee.Around }

// Leads reports whether the viewer leads it.
func (p showPage) Leads() bool { return p.Level >= committee.Leading }

func (f *feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.showAt(r, v, id, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

func (f *feature) showAt(r *http.Request, v who.Viewer, id int64, form web.Form) (p *showPage, err error) {
	p = &showPage{Page: web.NewPage(r, v, ""), Form: form}
	if v.ID != 0 {
		p.Live = "/strom"
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		if p.Unit, p.Level, err = committee.Must(tx, v, id, committee.Open, now); err != nil {
			return err
		}
		p.Title, p.Ended = p.Unit.Name, p.Unit.Ended(now)
		if p.Above, err = org.Get(tx, p.Unit.Parent); err != nil {
			return err
		}
		rules, err := committee.RulesOf(tx, id)
		if err != nil {
			return err
		}
		p.Rules, p.Public = sentences(rules), rules.Public
		if err := p.board(tx, now); err != nil {
			return err
		}
		if p.Around() {
			if err := p.around(tx, now); err != nil {
				return err
			}
		}
		if err := p.consent(tx, now); err != nil {
			return err
		}
		if f.parts != nil {
			p.Parts, err = f.parts(tx, p.Page, house.Council{Unit: p.Unit, Rules: rules, Level: p.Level})
		}
		return err
	})
	return p, err
}

// board fills in who holds which office.
func (p *showPage) board(tx *store.Tx, now time.Time) (err error) {
	if p.Term, err = committee.TermAt(tx, p.Unit.ID, now); err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	seats, err := committee.Seats(tx, p.Unit.ID, now)
	if err != nil {
		return err
	}
	turns, err := committee.Substitutes(tx, p.Unit.ID, now)
	if err != nil {
		return err
	}
	p.Vacant = true
	for _, s := range seats {
		leads := s.Office.Role() == who.Chair
		p.Vacant = p.Vacant && !leads
		if !p.Around() && !leads && s.Office != committee.Treasurer {
			p.More++ // whoever holds no office has not stepped before the world
			continue
		}
		x := Seat{Seat: s, Provisional: p.Term.ID != 0 && p.Term.Provisional(now), Turn: slices.Index(turns, s.Person) + 1}
		if ends := time.Unix(s.Until, 0); s.Until != store.Forever && !x.Provisional && (p.Term.ID == 0 || ends.Before(p.Term.Ends)) {
			x.Last = ends.Add(-time.Second)
		}
		if x.Provisional && s.Until != store.Forever && (p.Until.IsZero() || time.Unix(s.Until-1, 0).After(p.Until)) {
			p.Until = time.Unix(s.Until-1, 0)
		}
		p.Seats = append(p.Seats, x)
	}
	slices.SortStableFunc(p.Seats, func(a, b Seat) int { return a.Turn - b.Turn }) // all others have none, and stand before them
	return nil
}

// Provisional reports whether somebody goes on after the term.
func (p showPage) Provisional() bool {
	return slices.ContainsFunc(p.Seats, func(s Seat) bool { return s.Provisional })
}

// around fills in what those for whom the committee speaks see and may do.
func (p *showPage) around(tx *store.Tx, now time.Time) (err error) {
	v, id := p.Viewer, p.Unit.ID
	p.Board = !p.Ended && !p.Vacant && v.May(who.Families|who.Team|committee.Council) && p.Level < committee.Leading
	day, err := plannedElection(tx, id)
	if err != nil {
		return err
	}
	p.Election, _ = midnight(day) // zero where none is known
	if day == "" {
		p.Election = time.Time{}
	}
	switch p.Coming, err = upcoming(tx, id, now); {
	case fault.KindOf(err) == fault.NotFound:
	case err != nil:
		return err
	default:
		if p.Elected, err = elected(tx, p.Coming); err != nil {
			return err
		}
	}
	if p.Stands, err = stands(tx, id, v.ID); err != nil {
		return err
	}
	p.MayStand = !p.Ended && p.Level == committee.Around && v.May(standing)
	if !p.Ended {
		_, _, err := mayElect(tx, v, id, now)
		if p.Elects = err == nil; err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
	}
	return nil
}

// candidacy notes that the viewer wants to be elected.
func (f *feature) candidacy(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "wants")
	if err != nil {
		return err
	}
	wants := form.On("wants")
	if err := f.DB.Write(r.Context(), func(tx *store.Tx) error { return stand(tx, v, id, wants, f.Now()) }); err != nil {
		return err
	}
	words := "Ihr Name steht nicht mehr auf der Liste für die Wahl."
	if wants {
		words = "Danke! Ihr Name steht auf der Liste für die nächste Wahl."
	}
	return web.Done(w, r, path(id), words)
}

// path is the page of a committee.
func path(id int64) string { return fmt.Sprintf("/gremium/%d", id) }

// LastDay is the last day of a term as it was planned.
func (p showPage) LastDay(t committee.Term) time.Time { return t.Ends.Add(-time.Second) }

// Since reports whether it is known since when somebody holds an office: the memberships of a new house begin with it.
func (p showPage) Since(s committee.Seat) bool { return s.Since.Year() > 1970 }
