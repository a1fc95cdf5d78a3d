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
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
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

// A point is an item as the page of a meeting shows it.
type point struct {
	Item
	HTML  template.HTML
	Files []files.File
	Tasks []Carried
}

type showPage struct {
	web.Page
	It      Meeting
	When    string
	HTML    template.HTML
	Points  []point
	Guests  []Guest // for members
	Yes     int
	No      int
	Maybe   int
	Silent  int
	Voters  int // who vote, as it stands
	Mine    Guest
	Ask     bool // the viewer can answer
	Form    web.Form
	Floor   template.HTML
	Minutes template.HTML
	Public  bool // anybody may read it
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.look(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

// look prepares the page of a meeting, with what was typed into one of its forms.
func (f feature) look(r *http.Request, v who.Viewer, form web.Form) (p showPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = showPage{Page: web.NewPage(r, v, ""), Form: form}
	if v.ID != 0 {
		p.Live = "/strom"
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		if p.It, err = Get(tx, id, v, now); err != nil {
			return err
		}
		rules, err := committee.RulesOf(tx, p.It.Unit)
		if err != nil {
			return err
		}
		p.Public = rules.Public && p.It.Public && !p.It.Invited.IsZero()
		if p.Points, err = f.points(tx, p.It); err != nil {
			return err
		}
		if p.It.Sits() {
			if err := p.count(tx); err != nil {
				return err
			}
		}
		for _, part := range []struct {
			make func(tx *store.Tx, p web.Page, meeting int64) (template.HTML, error)
			to   *template.HTML
		}{{f.wires.Floor, &p.Floor}, {f.wires.Minutes, &p.Minutes}} {
			if part.make == nil {
				continue
			}
			if *part.to, err = part.make(tx, p.Page, id); err != nil {
				return err
			}
		}
		return nil
	})
	p.Title, p.HTML, p.When = p.It.Title, text.HTML(p.It.Body), when(p.L(), p.It, f.Now())
	return p, err
}

// count fills in who comes.
func (p *showPage) count(tx *store.Tx) error {
	all, err := guests(tx, p.It)
	if err != nil {
		return err
	}
	voters, err := Entitled(tx, p.It.ID)
	p.Voters = len(voters)
	for _, g := range all {
		if !g.Released.IsZero() {
			continue
		}
		p.Guests = append(p.Guests, g)
		if g.Person == p.Viewer.ID {
			p.Mine = g
		}
		switch g.Answer {
		case Yes:
			p.Yes++
		case No:
			p.No++
		case Maybe:
			p.Maybe++
		default:
			p.Silent++
		}
	}
	p.Ask = p.Mine.Person != 0 && p.It.State == Invited && p.It.Starts.After(p.Now)
	return err
}

// points are the items of a meeting with all that belongs to them.
func (f feature) points(tx *store.Tx, m Meeting) (list []point, err error) {
	all, err := itemsOf(tx, m)
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		x := point{Item: i, HTML: text.HTML(i.Body)}
		if x.Files, err = files.Of(tx, owner, i.ID); err != nil {
			return nil, err
		}
		if i.Kind == Tasks && m.Sits() && (m.Open() || m.State == Running) && f.wires.Open != nil {
			if x.Tasks, err = f.wires.Open(tx, m.Unit); err != nil {
				return nil, err
			}
		}
		list = append(list, x)
	}
	return list, nil
}

// reply notes whether the viewer comes.
func (f feature) reply(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	l := lang.Of(v.Lang)
	return f.change(w, r, v, []string{"answer", "note"}, func(tx *store.Tx, m Meeting, form web.Form) (string, error) {
		words := map[string]string{Yes: l.T("Danke, Sie haben zugesagt."), No: l.T("Sie haben abgesagt."), Maybe: l.T("Danke. Bitte entscheiden Sie sich noch.")}
		answer := form.Get("answer")
		return words[answer], reply(tx, f.House, m, v, answer, form.Get("note"))
	})
}

// cancel calls a meeting off.
func (f feature) cancel(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, []string{"reason"}, func(tx *store.Tx, m Meeting, form web.Form) (string, error) {
		m, err := led(tx, m.ID, v, f.Now())
		if err != nil {
			return "", err
		}
		if err := cancel(tx, f.House, m, form.Get("reason")); err != nil {
			return "", err
		}
		return "Die Sitzung ist abgesagt.", f.log(tx, f.Now(), v.ID, "meeting.cancelled", m.ID)
	})
}

// remove deletes a meeting.
func (f feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var m Meeting
	err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
		if m, err = led(tx, id, v, f.Now()); err != nil {
			return err
		}
		if err := remove(tx, f.House, m); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "meeting.removed", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/sitzungen?gremium=%d", m.Unit), "Die Sitzung ist gelöscht.")
}

// change reads a form of the page of a meeting, and lets do carry it out. What went wrong is said on that page, with what was
// typed.
func (f feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer, known []string,
	do func(tx *store.Tx, m Meeting, form web.Form) (words string, err error)) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	var words string
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		m, err := Get(tx, id, v, f.Now())
		if err == nil {
			words, err = do(tx, m, form)
		}
		return err
	})
	if web.Again(err) {
		p, e := f.look(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, sitzung(id), words)
}
