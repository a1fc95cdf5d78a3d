package announcement

import (
	"context"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
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

type feature struct {
	*house.House
	pages  *web.Pages
	kept   *kept
	shelf  *shelf
	above  house.Part
	beside house.Part
	extras []Extra
}

// New makes the feature. What else stands on the start page, above the announcements and beside them, comes from others;
// nil: nothing. extras are what others add to announcements.
func New(h *house.House, above, beside house.Part, extras ...Extra) house.Feature {
	p := feature{h, web.Parse(html), &kept{}, newShelf(h.DB), above, beside, extras}
	return house.Feature{
		Name: "announcement",
		Nav: []web.NavItem{
			{Path: "/", Label: "Neues", Icon: "house", Right: who.SignedIn},
			{Path: "/mitteilungen", Label: "Mitteilungen", Icon: "message-circle", Right: who.Member, Low: true},
			{Path: "/schliessungen", Label: "Schließungen", Icon: "door-closed", Right: who.Team},
		},
		Routes: []web.Route{
			web.Get("/", who.SignedIn, p.start),
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
		Jobs:   []task.Job{askJob(h), stepJob(h), pushJob(h), mailJob(h), digestJob(h), smsJob(h), calmJob(h), callJob(h), careJob(h), joinJob(h)},
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
		Ask:   func(tx *store.Tx, v who.Viewer) (int, error) { return p.shelf.ask(tx, v, h.Now()) },
		Begin: func(ctx context.Context) error { return start(ctx, h) },
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

type formPage struct {
	web.Page
	Form      web.Form
	Senders   []choice
	Units     []choice // which may be addressed under the sender
	Sender    int64
	Roles     []roleChoice
	Templates []Template
	Mail      bool // a mail server is set up
	Files     []files.File
	MaxSize   int // MB of a file
	Extras    []template.HTML
}

// A choice is a unit in a form.
type choice struct {
	org.Unit
	Depth int
	Words string // kind, or facility of a group
}

// addressable lists what a sender may address: itself with all below, and single units below.
func addressable(tx *store.Tx, u org.Unit, now time.Time) ([]choice, error) {
	all := []choice{{Unit: u, Words: "mit allem darunter"}}
	kinds := []org.Kind{org.Group}
	switch u.Kind {
	case org.City:
		kinds = []org.Kind{org.Carrier}
	case org.Carrier:
		kinds = []org.Kind{org.Facility}
	case org.Group, org.Committee, org.Office:
		return all, nil
	}
	for _, k := range kinds {
		below, err := org.Below(tx, u.ID, k, now)
		if err != nil {
			return nil, err
		}
		for _, b := range below {
			all = append(all, choice{Unit: b, Depth: 1, Words: k.Word()})
		}
	}
	return all, nil
}

func (f feature) newForm(r *http.Request, v who.Viewer, form web.Form) (p formPage, err error) {
	fresh := form.Values == nil
	if fresh {
		form.Set("file", strings.Split(r.URL.Query().Get("datei"), ",")...)
	}
	p = formPage{Page: web.NewPage(r, v, "Neue Mitteilung"), Form: form, Roles: audience(), Mail: f.Mail.Configured(r.Context())}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		us, err := senders(tx, v, f.Now())
		if err != nil {
			return err
		}
		for _, u := range us {
			p.Senders = append(p.Senders, choice{Unit: u, Words: u.Kind.Word()})
		}
		if p.Sender = form.ID("unit"); p.Sender == 0 {
			p.Sender, _ = strconv.ParseInt(r.URL.Query().Get("unit"), 10, 64) // 0: the first
		}
		i := max(0, slices.IndexFunc(us, func(u org.Unit) bool { return u.ID == p.Sender }))
		if len(us) == 0 {
			return notFound()
		}
		p.Sender = us[i].ID
		if p.Units, err = addressable(tx, us[i], f.Now()); err != nil {
			return err
		}
		if p.Templates, err = templatesOf(tx, v, News, f.Now()); err != nil {
			return err
		}
		if p.Files, err = drafted(tx, v, form); err != nil {
			return err
		}
		p.MaxSize, _, err = files.Sizes(tx, f.Settings)
		return err
	})
	if err != nil {
		return p, err
	}
	p.Extras, err = f.forms(p.Page, form)
	if fresh {
		p.Form.Set("uid", newUID())
		p.Form.Set("role", "parent")
		p.Form.Set("audience", strconv.FormatInt(p.Sender, 10))
		id, _ := strconv.ParseInt(r.URL.Query().Get("vorlage"), 10, 64) // 0: none
		for _, t := range p.Templates {
			if t.ID == id {
				p.Form.Set("title", t.Title)
				p.Form.Set("body", t.Body)
			}
		}
	}
	return p, err
}

func (f feature) form(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p, err := f.newForm(r, v, web.Form{})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "new.html", p)
}

func (f feature) publish(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := f.readForm(r, v, f.fields("uid", "unit", "audience", "role", "title", "body", "confirm", "confirm_by_day", "confirm_by_time", "expires", "go")...)
	if err != nil && !web.Again(err) {
		return err
	}
	if err == nil && form.Get("go") == "sender" { // without script: the units of another sender
		p, err := f.newForm(r, v, form)
		if err != nil {
			return err
		}
		return f.pages.Render(w, r, "new.html", p)
	}
	d := Draft{Unit: form.ID("unit"), Units: form.IDs("audience"), Roles: rolesOf(func(c string) bool { return form.Has("role", c) }),
		Title: text.Line(form.Get("title")), Body: form.Get("body"), Confirm: form.On("confirm"), UID: form.Get("uid"), Files: form.IDs("file")}
	var id int64
	if err == nil {
		err = readTimes(form, &d)
	}
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) (err error) {
			if id, err = sent(tx, d.UID, v); id != 0 || err != nil {
				return err
			}
			if id, err = Publish(tx, f.House, v, d); err != nil {
				return err
			}
			return f.attach(tx, id, form)
		})
	}
	if web.Again(err) {
		p, e := f.newForm(r, v, form.With(err))
		if e != nil {
			return e
		}
		return f.pages.Again(w, r, "new.html", p)
	}
	if err != nil {
		return err
	}
	if d.Confirm {
		return web.Done(w, r, fmt.Sprintf("/mitteilung/%d/stand", id), "Ihre Mitteilung ist veröffentlicht.")
	}
	return web.Done(w, r, fmt.Sprintf("/mitteilung/%d", id), "Ihre Mitteilung ist veröffentlicht.")
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
		for _, x := range f.extras {
			part, err := x.Page(tx, p.Page, id)
			if err != nil {
				return err
			}
			p.Extras = append(p.Extras, part)
		}
		if v.May(who.Team) && a.Confirm {
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
