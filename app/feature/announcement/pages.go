package announcement

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"nestfunk/app/base/channel"
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

type feature struct {
	*house.House
	Wires
	pages *web.Pages
	kept  *kept
	shelf *shelf
}

// Wires are what the feature needs of others; each may be nil.
type Wires struct {
	Above, Beside house.Part // what else stands on the start page: above the announcements and beside them
	Extras        []Extra    // what others add to announcements

	// Begun is what an announcement begins with that another feature leads to, by its word for it, and for which unit. What
	// the viewer may not announce is not found.
	Begun func(tx *store.Tx, v who.Viewer, ref string) (unit int64, s house.Seed, err error)
	// Planned are the days around a day on which a facility is closed as has been known long before, and why; "": it is open.
	Planned func(tx *store.Tx, facility int64, day string) (first, last, words string, err error)
}

// New makes the feature.
func New(h *house.House, wires Wires) house.Feature {
	p := feature{h, wires, web.Parse(html), &kept{}, newShelf(h.DB)}
	night, plan := h.Tasks.Nightly(keepKind, 3*time.Hour+50*time.Minute, web.Zone(), clearOld(h))
	return house.Feature{
		Name: "announcement",
		Nav: []web.NavItem{
			{Path: "/", Label: "Neues", Icon: "house", Right: who.SignedIn},
			{Path: "/mitteilungen", Label: "Mitteilungen", Icon: "message-circle", Right: who.Member, Low: true},
			{Path: "/schliessungen", Label: "Schließungen", Icon: "door-closed", Right: who.Team},
		},
		Routes: []web.Route{
			web.Get("/", who.Present, p.start),
			web.Get("/mitteilungen", who.Member, p.index),
			web.Get("/mitteilungen/neu", who.Team, p.form),
			web.Files("/mitteilungen/neu", who.Team, p.publish),
			web.Files("/teilen", who.Team, p.share),
			web.Get("/mitteilungen/vorlagen", who.Team, p.templates),
			web.Post("/mitteilungen/vorlagen", who.Team, p.addTemplate),
			web.Post("/mitteilungen/vorlagen/entfernen", who.Team, p.removeTemplate),
			web.Get("/mitteilung/:id", who.Member, p.show),
			web.Post("/mitteilung/:id/bestaetigen", who.Member, p.confirm),
			web.Post("/mitteilung/:id/gesehen", who.Member, p.seen),
			web.Get("/mitteilung/:id/stand", who.Team, p.coverage),
			web.Post("/mitteilung/:id/erinnern", who.Team, p.remind),
			web.Post("/mitteilung/:id/anruf", names(), p.call),
			web.Get("/probealarm", who.Leaders, p.drillForm),
			web.Post("/probealarm", who.Leaders, p.drill),
			web.Get("/b/:token", who.Anyone, p.open),
			web.Post("/b/:token", who.Anyone, p.confirmOpen),
			web.Get("/b/:token/abmelden", who.Anyone, p.optOutPage),
			web.Post("/b/:token/abmelden", who.Anyone, p.optOut),
			web.Get("/schliessungen", who.Team, p.book),
			web.Get("/schliessungen.csv", who.Team, p.bookCSV),
			web.Get("/schliessungen/neu", who.Team, p.closureForm),
			web.Post("/schliessungen/neu", who.Team, p.close),
			web.Get("/schliessung/:id", who.Member, p.closure),
			web.Post("/schliessung/:id/aufheben", who.Team, p.reopen),
			web.Post("/schliessung/:id/absagen", who.Team, p.cancel),
			web.Post("/schliessung/:id/verlaengern", who.Team, p.extend),
			web.Post("/schliessung/:id/notbetreuung", who.Families, p.want),
			web.Post("/schliessung/:id/platz", names(), p.decide),
		},
		Jobs:   []task.Job{askJob(h), stepJob(h), pushJob(h), mailJob(h), digestJob(h), smsJob(h), calmJob(h), callJob(h), careJob(h), joinJob(h), night},
		Export: export,
		Erase:  erase,
		Sees: func(tx *store.Tx, v who.Viewer, x files.File) error {
			_, err := get(tx, x.Ref, v, h.Now())
			return err
		},
		Search: []search.Source{source(h.Now)},
		Dates: func(tx *store.Tx, v who.Viewer, from, to time.Time) ([]house.Date, error) {
			return dates(tx, v, from, to, h.Now())
		},
		Ask: func(tx *store.Tx, v who.Viewer) (int, error) { return p.shelf.ask(tx, v, h.Now()) },
		Begin: func(ctx context.Context) error {
			if err := plan(ctx); err != nil {
				return err
			}
			return start(ctx, h)
		},
	}
}

const pageSize = 20

type indexPage struct {
	web.Page
	Cards  []Card
	Ready  template.HTML // the cards
	Older  string        // query of the next page; "": none
	Writes bool          // may write announcements
	Only   int64         // the page shows one child only; 0: all
	Kids   []kid
	Chips  template.HTML // to choose one of several children
	Family template.HTML // the children, beside the page
	Closes bool          // may report a closure
	Open   []Happening
	Hello  string
	Above  template.HTML // what other features put above the announcements; "": nothing
	Beside template.HTML // and beside them

	Pressing bool // a closure of today waits for the reader: nothing may stand above it
}

func (f feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Mitteilungen"), Writes: v.May(who.Team)}
	before, beforeID := time.Unix(1<<40, 0), int64(1<<62)
	if r.URL.RawQuery == "" {
		p.Live = "/strom"
	}
	if s := r.URL.Query().Get("vor"); s != "" {
		var at int64
		if n, _ := fmt.Sscanf(s, "%d-%d", &at, &beforeID); n != 2 {
			beforeID = 1 << 62
		} else {
			before = time.Unix(at, 0)
		}
	}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Cards, err = f.cards(tx, v, before, beforeID, pageSize+1)
		return err
	})
	if err != nil {
		return err
	}
	if len(p.Cards) > pageSize {
		last := p.Cards[pageSize-1]
		p.Cards, p.Older = p.Cards[:pageSize], fmt.Sprintf("%d-%d", last.Published.Unix(), last.ID)
	}
	if p.Ready, err = f.ready(p.Page, p.Cards); err != nil {
		return err
	}
	if r.URL.RawQuery == "" {
		web.KeepOffline(w, v)
	}
	return f.pages.Render(w, r, "index.html", p)
}

type showPage struct {
	web.Page
	Card   Card
	Units  []org.Unit
	Roles  string
	Counts *Coverage // for those who may see numbers
	Extras []template.HTML
}

func (f feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := showPage{Page: web.NewPage(r, v, "")}
	p.Live = "/strom"
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		a, err := get(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		cards, err := f.dress(tx, v, []Announcement{a})
		if err != nil {
			return err
		}
		p.Card = cards[0]
		p.Card.Way = r.URL.Query().Get("weg")
		p.Title, p.Roles = p.Card.Heading(p.L(), p.Now), meant(a.Roles, p.L())
		if p.Units, err = units(tx, id); err != nil {
			return err
		}
		for _, x := range f.Extras {
			part, err := x.Page(tx, p.Page, id)
			if err != nil {
				return err
			}
			p.Extras = append(p.Extras, part)
		}
		if a.Confirm {
			c, err := covered(tx, id, v, who.Team, f.Now())
			if err != nil {
				return err
			}
			if c.Children > 0 {
				p.Counts = &c
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	web.KeepOffline(w, v)
	return f.pages.Render(w, r, "show.html", p)
}

func (f feature) confirm(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "back", "way")
	if err != nil {
		return err
	}
	ch := channel.App
	if form.Get("way") == channel.Push {
		ch = channel.Push
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error { return Confirm(tx, f.House, id, v, ch) })
	if err != nil {
		return err
	}
	to := fmt.Sprintf("/mitteilung/%d", id)
	if b := form.Get("back"); b != "" {
		to = web.Own(b)
	}
	return web.Done(w, r, to)
}

// seen is posted by the page's script when an announcement is on the screen:
// delivered, which is not yet confirmed.
func (f feature) seen(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, err := get(tx, id, v, f.Now()); err != nil {
			return err
		}
		_, err := tx.Exec(`
			INSERT INTO announcement_delivery (announcement, person, channel, state, at) VALUES (?, ?, 'app', 'delivered', ?)
			ON CONFLICT DO NOTHING`, id, v.ID, f.Now().Unix())
		return err
	})
	if err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
