package handover

import (
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
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
	// Legacy is what all features say that a board leaves. nil: nothing.
	Legacy func(tx *store.Tx, v who.Viewer, unit int64) ([]house.Legacy, error)
	// Content is the text and the files of such a thing, as the viewer may see it; NotFound where that is not at all, and
	// nothing for what is no text. nil: nothing has any.
	Content func(tx *store.Tx, v who.Viewer, l house.Legacy) (Content, error)
}

// Content is what a thing holds, for the book and the ZIP.
type Content struct {
	Body  string // Markdown of an archive; "": it is no text
	Files []files.File
}

type feature struct {
	*house.House
	Wires
	pages *web.Pages
}

// New makes the feature.
func New(h *house.House, w Wires) house.Feature {
	if w.Legacy == nil {
		w.Legacy = func(*store.Tx, who.Viewer, int64) ([]house.Legacy, error) { return nil, nil }
	}
	if w.Content == nil {
		w.Content = func(*store.Tx, who.Viewer, house.Legacy) (Content, error) { return Content{}, nil }
	}
	f := feature{h, w, web.Parse(html)}
	lead := who.Of(who.Chair)
	return house.Feature{
		Name: "handover",
		Routes: []web.Route{
			// The coming board may have no other role yet: what it finds is decided below.
			web.Get("/gremium/:id/uebergabe", who.SignedIn, f.ready),
			web.Post("/gremium/:id/uebergabe", lead, f.begin),
			web.Get("/gremium/:id/uebergabe/buch", committee.Council, f.readyBook),
			web.Proved(web.Post("/gremium/:id/uebergabe/zip", committee.Council, f.readyZIP)),
			web.Get("/uebergabe/:id", who.SignedIn, f.show),
			web.Post("/uebergabe/:id/punkt", who.SignedIn, f.tick),
			web.Post("/uebergabe/:id/alle", lead, f.giveAll),
			web.Post("/uebergabe/:id/nachtrag", lead, f.add),
			web.Post("/uebergabe/:id/unterschrift", who.SignedIn, f.sign),
			web.Post("/uebergabe/:id/verwerfen", lead, f.drop),
			web.Get("/uebergabe/:id/buch", who.SignedIn, f.book),
			web.Proved(web.Post("/uebergabe/:id/zip", lead, f.zip)),
		},
		Jobs:    []task.Job{tellJob(h)},
		Export:  export,
		Erase:   eraser(h),
		Search:  []search.Source{found(h.Now)},
		Council: f.council,
	}
}

// pathOf is the page of a handover.
func pathOf(id int64) string { return fmt.Sprintf("/uebergabe/%d", id) }

type readyPage struct {
	web.Page
	Unit   org.Unit
	Inside bool // the viewer sits in the committee, and sees what stands ready
	Leads  bool
	Groups []Group
	Runs   []Handover // that the viewer may read
	Proved bool       // just now; a ZIP needs that
	Form   web.Form
}

// look prepares the page of what stands ready. The coming board finds its handovers on it, and nothing else.
func (f feature) look(r *http.Request, v who.Viewer, form web.Form) (p readyPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = readyPage{Page: web.NewPage(r, v, "Übergabe"), Form: form}
	now := f.Now()
	p.Proved = v.Proved(now)
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		level, err := committee.LevelOf(tx, v, id, now)
		if err != nil {
			return err
		}
		p.Inside, p.Leads = level >= committee.Inside, level >= committee.Leading
		all, err := of(tx, id)
		if err != nil {
			return err
		}
		for _, h := range all {
			s, err := seatOf(tx, v, id, h.Changes, now)
			if err != nil {
				return err
			}
			if s.May() {
				p.Runs = append(p.Runs, h)
			}
		}
		if !p.Inside && len(p.Runs) == 0 {
			return fault.Gone()
		}
		if p.Unit, err = org.Get(tx, id); err != nil || !p.Inside {
			return err
		}
		left, err := f.Legacy(tx, v, id)
		if err != nil {
			return err
		}
		p.Groups = grouped(fresh(nil, left))
		if p.Leads && form.Values == nil {
			day, err := suggested(tx, id, now)
			if err != nil {
				return err
			}
			if !day.IsZero() {
				p.Form.Set("changes", house.Local(day).Format(time.DateOnly))
			}
		}
		return nil
	})
	return p, err
}

func (f feature) ready(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.look(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "ready.html", p)
}

func (f feature) begin(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	unit, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "changes")
	if err != nil {
		return err
	}
	var id int64
	day, err := time.ParseInLocation(time.DateOnly, form.Get("changes"), web.Zone())
	if err != nil {
		err = fault.At("changes", "Bitte geben Sie einen Tag an, den es gibt.")
	} else {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			id, err = Begin(tx, f.House, f.Wires, v, unit, day)
			return err
		})
	}
	if web.Again(err) {
		p, e := f.look(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "ready.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, pathOf(id), "Die Übergabe ist begonnen. Haken Sie jetzt Punkt für Punkt ab.")
}

type showPage struct {
	web.Page
	It     Handover
	Seat   seat
	Links  bool // the viewer may look at the things themselves
	Groups []Group
	Fresh  []Item // neu seitdem
	All    int
	Given  int
	Taken  int
	Over   bool // the day of change has come
	Proved bool // just now; a ZIP needs that
	Form   web.Form
	Item   int64 // about which the form is; 0: about none
}

func (f feature) open(r *http.Request, v who.Viewer, form web.Form) (p showPage, err error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return p, err
	}
	p = showPage{Page: web.NewPage(r, v, ""), Form: form, Item: form.ID("item")}
	p.Live = "/strom"
	now := f.Now()
	p.Proved = v.Proved(now)
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.It, p.Seat, err = get(tx, id, v, now); err != nil {
			return err
		}
		p.Title, p.Over = p.It.Title(), !now.Before(p.It.Changes)
		all, err := items(tx, id)
		if err != nil {
			return err
		}
		level, err := committee.LevelOf(tx, v, p.It.Unit, now)
		if err != nil {
			return err
		}
		if p.Links = level >= committee.Leading; p.Links && p.It.Signed(Coming) == nil {
			today, err := f.Legacy(tx, v, p.It.Unit)
			if err != nil {
				return err
			}
			p.Fresh = fresh(all, today)
		}
		for _, x := range all {
			p.All++
			if !x.Given.IsZero() {
				p.Given++
			}
			if !x.Taken.IsZero() {
				p.Taken++
			}
		}
		p.Groups = grouped(all)
		return nil
	})
	return p, err
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.open(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "show.html", p)
}

// change opens a handover that the viewer may see and lets do change it, in one transaction. What went wrong is said on the
// page, with what was typed.
func (f feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer, words string, known []string, do func(tx *store.Tx, h Handover, s seat, form web.Form) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		h, s, err := get(tx, id, v, f.Now())
		if err == nil {
			err = do(tx, h, s, form)
		}
		if err == nil {
			tx.After(func() { f.Live.Publish(live.Event{Units: []int64{h.Unit}}) })
		}
		return err
	})
	if web.Again(err) {
		p, e := f.open(r, v, form)
		if e != nil {
			return e
		}
		p.Form = form.With(err)
		return f.pages.Again(w, r, "show.html", p)
	}
	if err != nil {
		return err
	}
	to := pathOf(id)
	if item := form.ID("item"); item != 0 {
		to += fmt.Sprintf("#p%d", item)
	}
	if words == "" {
		return web.Done(w, r, to)
	}
	return web.Done(w, r, to, words)
}

func (f feature) tick(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "", []string{"item", "deed", "words"}, func(tx *store.Tx, h Handover, s seat, form web.Form) error {
		return tick(tx, h, s, v, form.ID("item"), form.Get("deed"), form.Get("words"), f.Now())
	})
}

func (f feature) giveAll(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Alle abgehakt.", []string{"kind"}, func(tx *store.Tx, h Handover, s seat, form web.Form) error {
		return giveAll(tx, h, s, v, form.Get("kind"), f.Now())
	})
}

func (f feature) add(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Aufgenommen.", nil, func(tx *store.Tx, h Handover, s seat, _ web.Form) error { return add(tx, f.Wires, h, s, v) })
}

func (f feature) sign(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.change(w, r, v, "Unterschrieben.", []string{"side"}, func(tx *store.Tx, h Handover, s seat, form web.Form) error {
		return sign(tx, f.House, f.Wires, h, s, v, Side(form.Get("side")))
	})
}

func (f feature) drop(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	var unit int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		h, s, err := get(tx, id, v, f.Now())
		if err == nil && !s.Leaving {
			err = fault.New(fault.Forbidden, "Eine Übergabe bricht ab, wer sie begonnen hat: der abgebende Vorstand.")
		}
		if err != nil {
			return err
		}
		unit = h.Unit
		if err := drop(tx, id); err != nil {
			return err
		}
		return f.Log(tx, f.Now(), v.ID, "handover.dropped", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/gremium/%d/uebergabe", unit), "Die Übergabe ist abgebrochen.")
}

type councilPart struct {
	web.Page
	Unit  org.Unit
	Leads bool
	Runs  []Handover
}

// council leads from the page of a committee to what stands ready.
func (f feature) council(tx *store.Tx, p web.Page, c house.Council) (template.HTML, error) {
	if c.Level < committee.Inside {
		return "", nil
	}
	d := councilPart{Page: p, Unit: c.Unit, Leads: c.Level >= committee.Leading}
	if d.Leads {
		all, err := of(tx, c.Unit.ID)
		if err != nil {
			return "", err
		}
		for _, h := range all {
			if h.Changes.After(f.Now()) || len(d.Runs) == 0 {
				d.Runs = append(d.Runs, h)
			}
		}
	}
	return f.pages.Part("ready.html", "council", p.Lang, d)
}

// An entry is a thing of a record, with what its viewer may do about it.
type entry struct {
	Item
	P                     *showPage
	Give, Ungive, CanNote bool
	Take, Untake          bool
	Ask, Reply            bool
}

// Open reports whether the form of a deed is shown again.
func (e entry) Open(deed string) bool {
	return e.ID == e.P.Item && e.P.Form.Get("deed") == deed && e.P.Form.Words != ""
}

// Said is what stands in the form of a deed.
func (e entry) Said(deed string) string {
	switch {
	case e.Open(deed):
		return e.P.Form.Raw("words")
	case deed == Note:
		return e.Words
	}
	return ""
}

// Entry says what the viewer may do with a thing.
func (p showPage) Entry(x Item) entry {
	leaving := p.Seat.Leaving && p.It.Signed(Leaving) == nil
	coming := p.Seat.Coming && p.It.Signed(Coming) == nil
	return entry{Item: x, P: &p,
		Give: leaving && x.Given.IsZero(), Ungive: leaving && !x.Given.IsZero() && x.Taken.IsZero(), CanNote: leaving && x.Taken.IsZero(),
		Take: coming && x.Taken.IsZero() && (!x.Given.IsZero() || p.Over), Untake: coming && !x.Taken.IsZero(), Ask: coming && x.Taken.IsZero(),
		Reply: p.Seat.Leaving && p.It.Signed(Coming) == nil && len(x.Questions) > 0}
}

// Signs reports whether the viewer's board can sign here, or would once all is settled.
func (p showPage) Signs(s Side) bool { return p.Seat.in(s) && p.It.Signed(s) == nil }

// Why is what keeps a board from signing; "": nothing.
func (p showPage) Why(s Side) string {
	if s == Coming && p.It.Signed(Leaving) == nil && !p.Over {
		return "Zuerst unterschreibt der abgebende Vorstand."
	}
	var all []Item
	for _, g := range p.Groups {
		all = append(all, g.Items...)
	}
	if err := settled(s, all); err != nil {
		return fault.Words(err)
	}
	return ""
}

// Boards are both, in the order in which they sign.
func (p showPage) Boards() []Side { return []Side{Leaving, Coming} }

// A taker is where one gets a ZIP.
type taker struct {
	At     string // the page that offers it
	Proved bool   // the viewer has, just now
}

// Zip is where one gets the ZIP of a record.
func (p showPage) Zip() taker { return taker{pathOf(p.It.ID), p.Proved} }

// Zip is where one gets the ZIP of what stands ready.
func (p readyPage) Zip() taker {
	return taker{fmt.Sprintf("/gremium/%d/uebergabe", p.Unit.ID), p.Proved}
}
