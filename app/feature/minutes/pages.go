package minutes

import (
	"embed"
	"html/template"
	"net/http"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/oparl"
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

// Wires are what minutes need of other features.
type Wires struct {
	Log house.Log
	// Record is what the house knows of a meeting that the viewer may see, else not found. nil: no minutes are begun, sent
	// or approved; those that are there are read.
	Record func(tx *store.Tx, meeting int64, v who.Viewer) (Record, error)
	// Propose puts the approval of minutes on the agenda of the committee's next meeting. nil: the board thinks of it.
	Propose func(tx *store.Tx, v who.Viewer, unit, minutes int64, title string) error
	// Settled is told that a meeting has approved minutes, so that no other has to. nil: the board takes them off its agendas.
	Settled func(tx *store.Tx, unit, minutes, in int64) error
	// Address is where a meeting is published; "": it is not. nil: no meeting is.
	Address func(tx *store.Tx, a oparl.Addresses, meeting int64) (string, error)
}

type feature struct {
	*house.House
	pages *web.Pages
	wires Wires
	log   house.Log
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	f := &feature{h, web.Parse(html), w, w.Log}
	night, begin := h.Tasks.Nightly(nightKind, 4*time.Hour+10*time.Minute, web.Zone(), f.night)
	return house.Feature{
		Name: "minutes",
		Routes: []web.Route{
			web.Get("/protokolle", who.Anyone, f.index),
			web.Post("/protokolle/neu", committee.Council, f.add),
			web.Get("/protokoll/:id", who.Anyone, f.show),
			web.Get("/protokoll/:id/text", who.Anyone, f.file),
			web.Get("/protokoll/:id/schreiben", committee.Council, f.sheet),
			web.Post("/protokoll/:id/stift", committee.Council, f.pen),
			web.Post("/protokoll/:id/schreiben", committee.Council, f.keep),
			web.Post("/protokoll/:id/beiseite", committee.Council, f.putAway),
			web.Get("/protokoll/:id/fassungen", committee.Council, f.history),
			web.Post("/protokoll/:id/fuehrung", committee.Council, f.name),
			web.Post("/protokoll/:id/versenden", committee.Council, f.dispatch),
			web.Post("/protokoll/:id/einwand", committee.Council, f.complain),
			web.Post("/protokoll/:id/antwort", committee.Council, f.reply),
			web.Post("/protokoll/:id/genehmigen", committee.Council, f.pass),
			web.Post("/protokoll/:id/berichtigung", committee.Council, f.correct),
		},
		Jobs:    []task.Job{f.tellJob(), night},
		Begin:   begin,
		Export:  export,
		Erase:   f.erase,
		Search:  []search.Source{source(h.Now)},
		Council: f.council,
		Legacy:  f.legacy,
		OParl:   sources(h, w.Address),
	}
}

// A Choice is an entry of a list to choose from.
type Choice struct{ Value, Label string }

type indexPage struct {
	web.Page
	Unit  org.Unit // zero: to be chosen among Units
	Units []org.Unit
	Level committee.Level
	Year  string
	Years []string
	All   []Minutes
}

// index lists the minutes of a committee, a year at a time.
func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Protokolle")}
	p.Title = p.L().T("Protokolle")
	q, now := web.Form{Values: r.URL.Query()}, f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Units, err = committee.Seen(tx, v.ID, now); err != nil {
			return err
		}
		unit := q.ID("unit")
		if unit == 0 && len(p.Units) == 1 {
			unit = p.Units[0].ID
		}
		if unit == 0 {
			return nil
		}
		if p.Unit, p.Level, err = committee.Must(tx, v, unit, committee.Open, now); err != nil {
			return err
		}
		if p.Years, err = years(tx, unit, p.Level, v.ID); err != nil || len(p.Years) == 0 {
			return err
		}
		if p.Year = q.Get("jahr"); !slices.Contains(p.Years, p.Year) {
			p.Year = p.Years[0]
		}
		p.All, err = list(tx, unit, p.Level, v.ID, p.Year)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// A point is an item of the agenda as a page shows it.
type point struct {
	Item
	HTML       template.HTML
	Hidden     bool // its title and all else is not for this reader
	Objections []Objection
	Notes      []Note
}

type showPage struct {
	web.Page
	It        Minutes
	Record    Record
	Points    []point // the first is the meeting as a whole
	Rev       Revision
	Old       int    // number of an earlier revision, which is shown instead; 0: the one that counts
	Open      bool   // the public version is shown
	Both      bool   // the reader may choose between two
	Intact    bool   // approved, and as it was then
	Damaged   string // what can still be read of minutes that cannot be shown, for members
	Sum       string // of the version that is shown; "": not approved
	Waiting   int    // objections without an answer
	Late      bool
	Objecting bool
	Unsent    bool // what was written since the last revision
	Asides    int
	Form      web.Form
	Items     []Choice
	Meetings  []Choice // that may have approved it
	Seats     []Choice // who may keep the minutes
}

// State is how far they are, in the page's language.
func (p showPage) State() string { return p.L().T(p.It.Word(p.Now)) }

// Keeper is who writes beside the board, as the form has it.
func (p showPage) Keeper() string { return num(p.It.Keeper) }

func (f *feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.look(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

// look prepares the page of minutes, with what was typed into one of its forms.
func (f *feature) look(r *http.Request, v who.Viewer, form web.Form) (p *showPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return nil, err
	}
	q := web.Form{Values: r.URL.Query()}
	p = &showPage{Page: web.NewPage(r, v, ""), Form: form, Old: int(q.ID("fassung")), Open: q.Get("fassung") == "oeffentlich"}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.It, err = get(tx, id, v, f.Now()); err != nil {
			return err
		}
		return p.fill(tx, f, v)
	})
	if err != nil {
		return nil, err
	}
	p.Title = p.It.Name()
	if v.ID != 0 {
		p.Live = "/strom"
	}
	return p, nil
}

// fill reads what the page shows.
func (p *showPage) fill(tx *store.Tx, f *feature, v who.Viewer) (err error) {
	m := p.It
	p.Late, p.Objecting = m.Late(p.Now), m.Objecting(p.Now)
	var c Content
	p.Intact = true
	if m.State == Draft {
		c, _, err = f.content(tx, m, v)
	} else {
		c, p.Rev, p.Intact, err = verified(tx, m)
	}
	if err != nil {
		return err
	}
	switch {
	case p.Intact:
	case !m.Whole():
		c = Content{} // who has changed it may have changed what is public, too
	case c.Record.Unit == 0:
		p.Damaged = p.Rev.Content
	}
	if p.Old != 0 && m.Whole() {
		return p.earlier(tx)
	}
	if m.Writes && m.State == Sent {
		now, _, err := f.content(tx, m, v)
		if err != nil && fault.KindOf(err) != fault.NotFound {
			return err
		}
		b, err := now.bytes()
		if err != nil {
			return err
		}
		p.Unsent = now.Record.Unit != 0 && string(b) != p.Rev.Content
	}
	p.Both = m.Whole() && m.Public && c.closed()
	p.Open = p.Open || !m.Whole()
	if p.Open {
		c = c.public()
	}
	if m.State == Approved {
		if p.Sum = Print(m.Hash); p.Open {
			p.Sum = Print(m.Shown)
		}
	}
	p.Record = c.Record
	if err := p.arrange(tx, c); err != nil {
		return err
	}
	if m.Writes {
		all, err := asides(tx, m.ID)
		if err != nil {
			return err
		}
		p.Asides = len(all)
	}
	if m.Leads() && m.State != Approved {
		return p.choices(tx, f)
	}
	return nil
}

// earlier shows a revision as it was sent, and nothing that one can do.
func (p *showPage) earlier(tx *store.Tx) error {
	all, err := revisions(tx, p.It.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(r Revision) bool { return r.Number == p.Old })
	if i < 0 {
		return fault.Gone()
	}
	c, err := read(all[i].Content)
	if err != nil {
		p.Intact, p.Damaged = false, all[i].Content
		return nil
	}
	p.Rev, p.Record, p.Objecting, p.Late, p.It.Writes, p.It.Level = all[i], c.Record, false, false, false, committee.Inside
	return p.arrange(tx, c)
}

// arrange puts together what the page says about each item.
func (p *showPage) arrange(tx *store.Tx, c Content) error {
	var against []Objection
	var err error
	if p.It.Whole() && !p.Open {
		if against, err = objections(tx, p.It.ID); err != nil {
			return err
		}
	}
	beside, err := notes(tx, p.It.ID, !p.Open)
	if err != nil {
		return err
	}
	all := append([]Item{{Public: true}}, c.Record.Items...)
	for _, i := range all {
		x := point{Item: i, HTML: text.HTML(c.Texts[i.ID]), Hidden: p.Open && !i.Public}
		for _, o := range against {
			if o.Item == i.ID {
				x.Objections = append(x.Objections, o)
				if o.Answer == "" {
					p.Waiting++
				}
			}
		}
		for _, n := range beside {
			if n.Item == i.ID {
				x.Notes = append(x.Notes, n)
			}
		}
		p.Points = append(p.Points, x)
		if i.ID == 0 {
			p.Items = append(p.Items, Choice{"0", "Das Protokoll als Ganzes"})
		} else {
			p.Items = append(p.Items, Choice{num(i.ID), i.Number + " " + i.Title})
		}
	}
	return nil
}

// choices fills the lists of the board's forms.
func (p *showPage) choices(tx *store.Tx, f *feature) error {
	m := p.It
	seats, err := committee.Seats(tx, m.Unit, p.Now)
	if err != nil {
		return err
	}
	p.Seats = []Choice{{"0", "der Vorstand"}}
	for _, s := range seats {
		p.Seats = append(p.Seats, Choice{num(s.Person), s.Name()})
	}
	type later struct {
		id    int64
		title string
		held  time.Time
	}
	// A meeting that approves is one whose own minutes are being written: the house knows it by these.
	all, err := store.All(tx, func(l *later) []any { return []any{&l.id, &l.title, (*store.Time)(&l.held)} }, `
		SELECT meeting, title, held FROM minutes WHERE unit = ? AND held > ? ORDER BY held LIMIT 50`, m.Unit, m.Held.Unix())
	for _, l := range all {
		p.Meetings = append(p.Meetings, Choice{num(l.id), l.title + ", " + lang.German().DayYear(house.Local(l.held))})
	}
	return err
}

// file is the canonical text, of which anybody can count the hash.
func (f *feature) file(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var words string
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		m, err := get(tx, id, v, f.Now())
		if err == nil && m.State != Approved {
			err = fault.Gone()
		}
		if err != nil {
			return err
		}
		c, rev, intact, err := verified(tx, m)
		if err == nil && !intact && (c.Record.Unit == 0 || !m.Whole()) {
			err = fault.New(fault.Conflict, "Dieses Protokoll wurde nachträglich verändert.")
		}
		if err != nil {
			return err
		}
		if !m.Whole() || r.URL.Query().Get("fassung") == "oeffentlich" {
			c = c.public()
		}
		words = canonical(c, m.seal(rev))
		return nil
	})
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="protokoll-`+num(id)+`.txt"`)
	_, err = strings.NewReader(words).WriteTo(w)
	return err
}
