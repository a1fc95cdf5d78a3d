package wiki

import (
	"context"
	"embed"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

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
var templates embed.FS

type feature struct {
	*house.House
	pages   *web.Pages
	log     house.Log
	seeds   []house.Seed
	passed  house.Passage
	owing   *store.Keep[asker, int]
	uploads files.Previews[brought]
}

// New makes the feature. Seeds are the pages that every house needs, besides its netiquette. Passed is how a page is begun
// with something of another feature.
func New(h *house.House, log house.Log, seeds []house.Seed, passed house.Passage) house.Feature {
	f := &feature{House: h, pages: web.Parse(templates), log: log, passed: passed, owing: owing(h.DB),
		seeds: append(slices.Clone(seeds), house.Seed{Purpose: Netiquette, Title: "Netiquette", Body: netiquette})}
	morning, plan := h.Tasks.Nightly(reviewKind, 7*time.Hour, web.Zone(), review(h))
	return house.Feature{
		Name: "wiki",
		Nav:  []web.NavItem{{Path: "/wissen", Label: "Wissen", Icon: "book-open", Right: who.Member}},
		Routes: []web.Route{
			web.Get("/wissen", who.Anyone, f.index),
			web.Get("/wissen/neu", Writers, f.begin),
			web.Files("/wissen/neu", Writers, f.create),
			web.Get("/wissen/zweck/:purpose", Writers, f.purpose),
			web.Get("/archiv/:id", who.Anyone, f.archive),
			web.Post("/archiv/:id/einstellungen", Writers, f.settle),
			web.Proved(web.Raw("/archiv/:id/herunterladen", who.Member, f.download)),
			web.Get("/archiv/:id/buch", who.Member, f.book),
			web.Get("/archiv/:id/einlesen", Writers, f.exchange),
			web.Files("/archiv/:id/einlesen", Writers, f.hand),
			web.Get("/wissen/vorschau/:token", Writers, f.preview),
			web.Post("/wissen/vorschau/:token", Writers, f.accept),
			web.Post("/wissen/vorschau/:token/verwerfen", Writers, f.cancel),
			web.Get("/seite/:id", who.Anyone, f.show),
			web.Get("/seite/:id/bearbeiten", Writers, f.edit),
			web.Files("/seite/:id/bearbeiten", Writers, f.save),
			web.Upload("/seite/:id/entwurf", Writers, f.keep),
			web.Post("/seite/:id/entwurf/verwerfen", Writers, f.forgo),
			web.Upload("/wissen/ansicht", Writers, f.render),
			web.Files("/wissen/datei", Writers, f.upload),
			web.Get("/seite/:id/dateien", Writers, f.filesOf),
			web.Post("/seite/:id/dateien", Writers, f.removeFile),
			web.Get("/wissen/titel", Writers, f.titles),
			web.Get("/seite/:id/fassungen", Writers, f.revisions),
			web.Get("/fassung/:id", Writers, f.revision),
			web.Post("/fassung/:id/wiederherstellen", Writers, f.restore),
			web.Post("/fassung/:id/freigeben", Writers, f.release),
			web.Get("/seite/:id/einrichten", Writers, f.settings),
			web.Post("/seite/:id/gelesen", who.Member, f.read),
			web.Get("/seite/:id/leserliste", Listers, f.readers),
			web.Post("/seite/:id/erinnern", Listers, f.remind),
			web.Post("/seite/:id/pflicht", Writers, f.change("Gespeichert.", f.oblige, "asks")),
			web.Post("/seite/:id/pruefung", Writers, f.change("Gespeichert.", f.plan, "owner", "every", "review")),
			web.Post("/seite/:id/richtig", Writers, f.change("Danke. Die Seite gilt als geprüft.", f.holds)),
			web.Post("/seite/:id/vorlage", Writers, f.change("Gespeichert.", f.offer, "on")),
			web.Post("/seite/:id/reihe", Writers, f.shift),
			web.Get("/seite/:id/umziehen", Writers, f.relocation),
			web.Post("/seite/:id/umziehen", Writers, f.relocate),
			web.Post("/fassung/:id/zurueck", Writers, f.giveBack),
			web.Post("/seite/:id/verschieben", Writers, f.change("Verschoben.", f.move, "parent", "after")),
			web.Post("/seite/:id/leser", Writers, f.change("Gespeichert.", f.open, "access")),
			web.Post("/seite/:id/entfernen", Writers, f.remove),
			web.Post("/seite/:id/zurueckholen", Writers, f.recover),
		},
		Jobs:   []task.Job{tellJob(h), remindJob(h), morning, renderJob(h)},
		Ask:    f.ask,
		Search: []search.Source{source(h.Now)},
		Legacy: legacy(h.Now),
		Begin:  f.start(plan),
		Sees:   f.sees,
		Export: export,
		Erase:  erase,
	}
}

// start has the jobs run that no request asks for.
func (f *feature) start(morning func(context.Context) error) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := morning(ctx); err != nil {
			return err
		}
		return f.DB.Write(ctx, func(tx *store.Tx) error { return watch(tx, f.House, renderKind, "0") })
	}
}

// seite is the path of a page.
func seite(id int64) string { return "/seite/" + strconv.FormatInt(id, 10) }

// Path is the address of a public page: with words, for people and for other programs.
func (p Page) Path() string {
	if p.Access != Public {
		return seite(p.ID)
	}
	return seite(p.ID) + "-" + slug(p.Title)
}

// slug is a title as part of an address.
func slug(title string) string {
	s := strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(title))
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') }), "-")
	if len(s) > 60 {
		s = strings.TrimRight(s[:60], "-")
	}
	return s
}

// pathID is the number of a page in its address, with or without words behind it.
// 0: it has none, and no page has that.
func pathID(r *http.Request) int64 {
	number, _, _ := strings.Cut(web.Word(r, "id"), "-")
	id, _ := strconv.ParseInt(number, 10, 64) // 0
	return id
}

// page begins a page for those who write: German, the language of what they write.
func (f *feature) page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

type indexPage struct {
	web.Page
	Archives []Archive
	Duties   []Duty // what the viewer has to read
}

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Wissen")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Archives, err = archives(tx, v, f.Now()); err != nil || v.ID == 0 {
			return err
		}
		p.Duties, err = duties(tx, v.ID, f.Now())
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

type archivePage struct {
	web.Page
	Unit    org.Unit
	Write   bool
	Approve bool
	Tree    []*Node
	Count   int
	Dead    []Dead
	Seeds   []house.Seed // that wait to be completed
	Bin     []Node
	Curate
}

// Member reports whether the viewer may take the archive away, printed or as files.
func (p archivePage) Member() bool { return p.Viewer.May(who.Member) }

// Word says who reads a page.
func (p archivePage) Word(a Access) string { return a.Word(p.Unit.Kind) }

func (f *feature) archive(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := archivePage{Page: web.NewPage(r, v, "Wissen")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		now := f.Now()
		var set map[string]bool
		if p.Unit, set, err = archive(tx, id, v, now); err != nil {
			return err
		}
		p.Write = writes(p.Unit, set, now)
		nodes, err := tree(tx, id, v, set)
		if err != nil {
			return err
		}
		if p.Write {
			if nodes, err = p.Curate.load(tx, p.Unit, nodes, set, now); err != nil {
				return err
			}
		}
		p.Title, p.Count, p.Tree = p.Unit.Name, len(nodes), trim(grow(nodes), len(nodes), 0)
		if !p.Write {
			return nil
		}
		if p.Dead, err = dead(tx, id, set["board"], v, now); err != nil {
			return err
		}
		if p.Seeds, err = f.waiting(tx, p.Unit); err != nil {
			return err
		}
		if p.Bin, err = bin(tx, id, set["board"]); err != nil {
			return err
		}
		p.Approve, err = approves(tx, id)
		return err
	})
	if err != nil {
		return unknown(w, r, v, err)
	}
	return f.pages.Render(w, r, "archive.html", p)
}

func (f *feature) settle(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "approve")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		u, set, err := writable(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		if err := maySettle(tx, u, form.On("approve"), set, f.Now()); err != nil {
			return err
		}
		if err := setApprove(tx, id, form.On("approve")); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "archive.changed", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/archiv/%d", id), "Gespeichert.")
}
