package meeting

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strconv"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
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

// Carried is something that stays on the agenda until it is done: a task.
type Carried struct {
	Title string
	Note  string    // who has it; may be empty
	Path  string    // "": it has no page
	Due   time.Time // zero: no day
}

// Wires are what the feature needs of others. Without one, what it would bring is left out.
type Wires struct {
	Log house.Log // nil: nothing is noted
	// Open lists the tasks of a committee that are not done, for its members.
	Open func(tx *store.Tx, unit int64) ([]Carried, error)
	// Floor and Minutes are parts of the page of a meeting; "": nothing.
	Floor, Minutes func(tx *store.Tx, p web.Page, meeting int64) (template.HTML, error)
	// Outcomes are what is published of a meeting beside itself.
	Outcomes Outcomes
}

// leading are the roles of those who lead a committee: all that is theirs alone.
const leading = who.Right(1 << who.Chair)

type feature struct {
	*house.House
	pages *web.Pages
	wires Wires
}

// New makes the feature.
func New(h *house.House, wires Wires) house.Feature {
	f := feature{h, web.Parse(html), wires}
	return house.Feature{
		Name: "meeting",
		Nav:  []web.NavItem{{Path: "/sitzungen", Label: "Sitzungen", Icon: "calendar-check", Right: committee.Council, Low: true}},
		Routes: []web.Route{
			web.Get("/sitzungen", who.Anyone, f.index),
			web.Get("/sitzungen/neu", leading, f.newForm),
			web.Post("/sitzungen/neu", leading, f.add),
			web.Get("/sitzung/:id", who.Anyone, f.show),
			web.Get("/sitzung/:id/datei", who.Anyone, f.file),
			web.Post("/sitzung/:id/antwort", committee.Council, f.reply),
			web.Get("/sitzung/:id/bearbeiten", leading, f.editForm),
			web.Post("/sitzung/:id/bearbeiten", leading, f.edit),
			web.Post("/sitzung/:id/absagen", leading, f.cancel),
			web.Post("/sitzung/:id/loeschen", leading, f.remove),
			web.Get("/sitzung/:id/einladen", leading, f.inviteForm),
			web.Post("/sitzung/:id/einladen", leading, f.invite),
			web.Get("/sitzung/:id/tagesordnung", leading, f.agenda),
			web.Post("/sitzung/:id/tagesordnung", leading, f.changeAgenda),
			web.Get("/tagesordnungspunkt/:id", leading, f.itemForm),
			web.Files("/tagesordnungspunkt/:id", leading, f.editItem),
			web.Get("/terminfindungen/neu", leading, f.newPollForm),
			web.Post("/terminfindungen/neu", leading, f.addPoll),
			web.Get("/terminfindung/:id", committee.Council, f.showPoll),
			web.Post("/terminfindung/:id/antwort", committee.Council, f.choose),
			web.Post("/terminfindung/:id/schliessen", leading, f.closePoll),
			web.Get("/vorschlaege", committee.Council, f.proposals),
			web.Get("/vorschlaege/neu", committee.Council, f.newProposalForm),
			web.Post("/vorschlaege/neu", committee.Council, f.propose),
			web.Post("/vorschlag/:id/entscheiden", leading, f.decide),
			web.Post("/vorschlag/:id/zurueckziehen", committee.Council, f.withdraw),
			web.Get("/gremium/:id/sitzungen.ics", who.Anyone, f.feed),
		},
		Jobs:   []task.Job{mailJob(h), tellJob(h), remindJob(h)},
		Export: export,
		Erase:  eraser(h),
		Sees: func(tx *store.Tx, v who.Viewer, x files.File) error {
			_, _, err := itemAt(tx, x.Ref, v, h.Now())
			return err
		},
		Search:  []search.Source{found(h.Now), foundItems(h.Now)},
		Council: f.council,
		OParl:   sources(h, wires.Outcomes),
		Legacy: func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error) {
			return legacy(tx, v, unit, h.Now())
		},
		Dates: func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error) {
			return dates(tx, v, from, to, h.Now())
		},
	}
}

func sitzung(id int64) string       { return fmt.Sprintf("/sitzung/%d", id) }
func terminfindung(id int64) string { return fmt.Sprintf("/terminfindung/%d", id) }
func vorschlaege(unit int64) string { return fmt.Sprintf("/vorschlaege?unit=%d", unit) }

// log notes an action for the record.
func (f feature) log(tx *store.Tx, at time.Time, person int64, action string, ref int64) error {
	if f.wires.Log == nil {
		return nil
	}
	return f.wires.Log(tx, at, person, action, ref)
}

// page begins a page of those who lead: in German.
func page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

// read is the meeting that a request is about.
func (f feature) read(r *http.Request, v who.Viewer) (m Meeting, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return m, err
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		m, err = Get(tx, id, v, f.Now())
		return err
	})
	return m, err
}

// pageSize is how many past meetings a page shows.
const pageSize = 20

// A row is a meeting in a list.
type row struct {
	Meeting
	When string
	Mine Guest
}

type indexPage struct {
	web.Page
	Unit  org.Unit // the zero Unit: of all committees
	Next  []row
	Past  []row
	Older string // query of the next page; "": none
	Polls []Poll
	Leads bool // the viewer leads a committee
	Sits  bool
	Later bool // not the first page
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, ""), Sits: v.May(committee.Council), Leads: v.May(leading)}
	p.Title, p.Live = p.L().T("Sitzungen"), "/strom"
	if v.ID == 0 {
		p.Live = ""
	}
	unit, _ := strconv.ParseInt(r.URL.Query().Get("gremium"), 10, 64) // 0: all
	from, _ := strconv.ParseInt(r.URL.Query().Get("vor"), 10, 64)     // 0: from the beginning
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		by := filter{unit: unit, past: true, n: pageSize + 1}
		if unit != 0 {
			u, level, err := committee.Must(tx, v, unit, committee.Open, now)
			if err != nil {
				return err
			}
			p.Unit, p.Sits, p.Leads = u, level >= committee.Inside, level == committee.Leading
		}
		if from != 0 {
			m, err := Get(tx, from, v, now)
			if err != nil {
				return err
			}
			by.before, p.Later = m, true
		} else {
			next, err := list(tx, v, now, filter{unit: unit, n: 100})
			if err != nil {
				return err
			}
			if p.Next, err = rows(tx, p.Page, next); err != nil {
				return err
			}
			if p.Polls, err = openPolls(tx, v, unit, now); err != nil {
				return err
			}
		}
		past, err := list(tx, v, now, by)
		if err != nil {
			return err
		}
		if len(past) > pageSize {
			past = past[:pageSize]
			p.Older = fmt.Sprintf("gremium=%d&vor=%d", unit, past[pageSize-1].ID)
		}
		p.Past, err = rows(tx, p.Page, past)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

func rows(tx *store.Tx, p web.Page, all []Meeting) (list []row, err error) {
	for _, m := range all {
		x := row{Meeting: m, When: when(p.L(), m, p.Now)}
		if m.Sits() {
			if x.Mine, err = guest(tx, m.ID, p.Viewer.ID); err != nil && fault.KindOf(err) != fault.NotFound {
				return nil, err
			}
		}
		list = append(list, x)
	}
	return list, nil
}
