package room

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/house"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var templates embed.FS

// Pages is what the feature has to know of those who keep pages.
type Pages struct {
	Rules   func(tx *store.Tx) (template.HTML, error)                               // the netiquette; "": nobody has written one
	Titles  func(tx *store.Tx, v who.Viewer, ids []int64) (map[int64]string, error) // of the pages that the viewer may read
	Writers who.Right                                                               // who writes pages somewhere
}

type feature struct {
	*house.House
	pages *web.Pages
	log   house.Log
	of    Pages

	dismiss func(tx *store.Tx, room, person int64, words bool) error
}

// New makes the feature. Dismiss ends the stay of a young person in a room; words: what the person has written goes, too.
func New(h *house.House, log house.Log, of Pages, dismiss func(tx *store.Tx, room, person int64, words bool) error) house.Feature {
	f := &feature{h, web.Parse(templates), log, of, dismiss}
	night, begin := h.Tasks.Nightly(cleanKind, 3*time.Hour, web.Zone(), clean(h))
	return house.Feature{
		Name: "room",
		Nav:  []web.NavItem{{Path: "/raeume", Label: "Austausch", Icon: "messages-square", Right: Inside}},
		Routes: []web.Route{
			web.Get("/raeume", Inside, f.index),
			web.Get("/raeume/neu", Openers, f.form),
			web.Post("/raeume/neu", Openers, f.open),
			web.Get("/raum/:id", Inside, f.room),
			web.Post("/raum/:id/netiquette", Inside, f.accept),
			web.Post("/raum/:id/neuigkeiten", Inside, f.news),
			web.Get("/raum/:id/neu", Inside, f.guard(f.newTopic)),
			web.Files("/raum/:id/neu", Inside, f.guard(f.begin)),
			web.Get("/raum/:id/verlassen", Inside, f.leaving),
			web.Post("/raum/:id/verlassen", Inside, f.leave),
			web.Get("/raum/:id/einstellungen", Openers, f.settings),
			web.Post("/raum/:id/einstellungen", Openers, f.arrange),
			web.Post("/raum/:id/schliessen", Openers, f.end),
			web.Get("/raum/:id/moderation", Openers, f.moderation),
			web.Get("/thema/:id", Inside, f.guard(f.show)),
			web.Files("/thema/:id/antwort", Inside, f.guard(f.answer)),
			web.Post("/thema/:id/folgen", Inside, f.guard(f.follow)),
			web.Post("/thema/:id/oben", Openers, f.pin),
			web.Post("/thema/:id/geloest", Inside, f.guard(f.solve)),
			web.Get("/thema/:id/massnahme", Openers, f.measureTopic),
			web.Post("/thema/:id/massnahme", Openers, f.measureTopic),
			web.Get("/beitrag/:id", Inside, f.guard(f.find)),
			web.Post("/beitrag/:id/rueckmeldung", Inside, f.guard(f.react)),
			web.Get("/beitrag/:id/bearbeiten", Inside, f.guard(f.edit)),
			web.Post("/beitrag/:id/bearbeiten", Inside, f.guard(f.change)),
			web.Post("/beitrag/:id/entfernen", Inside, f.guard(f.remove)),
			web.Get("/beitrag/:id/melden", Inside, f.guard(f.report)),
			web.Post("/beitrag/:id/melden", Inside, f.guard(f.report)),
			web.Get("/beitrag/:id/massnahme", Openers, f.measurePost),
			web.Post("/beitrag/:id/massnahme", Openers, f.measurePost),
			web.Post("/beitrag/:id/inordnung", Openers, f.fine),
			web.Get("/massnahme/:id", who.Present, f.action),
			web.Post("/massnahme/:id/widerspruch", who.Present, f.object),
			web.Post("/massnahme/:id/antwort", Openers, f.judge),
			web.Get("/meldung/:id", Inside, f.outcome),
		},
		Jobs:   append(Jobs(h), night),
		Search: []search.Source{source(h.Now)},
		Legacy: legacy(h.Now),
		Begin:  begin,
		Sees:   f.sees,
		Export: export,
		Erase:  Erase,
	}
}

// Jobs are those tasks of the feature that come of what people do.
func Jobs(h *house.House) []task.Job {
	return []task.Job{spreadJob(h), tellJob(h), digestJob(h)}
}

// titles are those of pages that were made of posts.
func (f *feature) titles(tx *store.Tx, v who.Viewer, ids []int64) (map[int64]string, error) {
	return f.of.Titles(tx, v, ids)
}

// sees is what feature/file asks: the files of a post are for those who may read it.
func (f *feature) sees(tx *store.Tx, v who.Viewer, x files.File) error {
	p, _, r, err := f.post(tx, x.Ref, v)
	if err != nil {
		return err
	}
	if p.State != Shown && !p.Mine && !r.Moderates {
		return fault.Gone()
	}
	return f.accepted(tx, r)
}

// shortRules stand in for a netiquette that nobody has written.
const shortRules = `- Wir schreiben so, wie wir auch sprechen würden, wenn alle im Raum wären.
- Wir nennen keine Namen von Kindern und zeigen keine Bilder, auf denen man sie erkennt.
- Wir beleidigen und bedrohen niemanden und werben nicht.
- Was hier gesagt wird, bleibt hier.
- Was dagegen verstößt, kann jeder melden. Das Team kann es ausblenden und sagt dann, warum.`

// rules is the netiquette as it holds now.
func (f *feature) rules(tx *store.Tx) (template.HTML, error) {
	html, err := f.of.Rules(tx)
	if err == nil && html == "" {
		html = text.HTML(shortRules)
	}
	return html, err
}

// rulesFirst says that the netiquette of a room has to be accepted before anything of it is read.
type rulesFirst struct {
	error
	room Room
}

func (e rulesFirst) Unwrap() error { return e.error }

// accepted is a rulesFirst for a viewer who has not accepted the netiquette as it is now.
func (f *feature) accepted(tx *store.Tx, r Room) error {
	rules, err := f.rules(tx)
	if err != nil {
		return err
	}
	if sum := sha256.Sum256([]byte(rules)); bytes.Equal(sum[:], r.Accepted) {
		return nil
	}
	return rulesFirst{fault.New(fault.Conflict, "Die Netiquette hat sich geändert. Bitte öffnen Sie den Raum in einem neuen Fenster, lesen Sie sie, und senden Sie Ihren Text dann noch einmal."), r}
}

// guard shows the netiquette to whoever has not accepted it.
func (f *feature) guard(h web.Handler) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		err := h(w, r, v)
		if e, ok := errors.AsType[rulesFirst](err); ok {
			return web.Done(w, r, e.room.Path())
		}
		return err
	}
}

type indexPage struct {
	web.Page
	Rooms []Line
	Opens bool // the viewer may open rooms
}

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: web.NewPage(r, v, "Austausch")}
	p.Live = "/strom"
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Rooms, err = List(tx, v, f.Now())
		p.Opens = v.May(Openers)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

const topicsOf = 30 // on a page

type roomPage struct {
	web.Page
	Room     Room
	About    template.HTML
	Rules    template.HTML // to be accepted first; "": they are
	Version  string        // of the rules
	Topics   []Topic
	Older    string // query of the next page; "": none
	Audience string
	Waits    int      // for the viewer as moderator
	Matters  []Matter // that concern the viewer
}

func (f *feature) room(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var before time.Time
	if n, err := strconv.ParseInt(r.URL.Query().Get("vor"), 10, 64); err == nil {
		before = time.Unix(n, 0)
	}
	p := roomPage{Page: web.NewPage(r, v, "")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Room, err = Get(tx, id, v, f.Now()); err != nil {
			return err
		}
		p.Title, p.About = p.Room.Name, text.HTML(p.Room.About)
		all, err := audienceOf(tx, id)
		if err != nil {
			return err
		}
		for i, a := range all {
			if i > 0 {
				p.Audience += "; "
			}
			p.Audience += a.Name + " (" + meant(a.Roles, p.L()) + ")"
		}
		switch e := f.accepted(tx, p.Room); {
		case fault.KindOf(e) == fault.Conflict:
			p.Rules, err = f.rules(tx)
			p.Version = version(p.Rules)
			return err
		case e != nil:
			return e
		}
		p.Live = "/strom"
		if p.Topics, err = topics(tx, p.Room, v, before, topicsOf+1); err != nil {
			return err
		}
		if len(p.Topics) > topicsOf {
			p.Topics = p.Topics[:topicsOf]
			p.Older = fmt.Sprint(p.Topics[topicsOf-1].Latest.Unix())
		}
		if p.Matters, err = concerning(tx, id, v, f.Now()); err != nil {
			return err
		}
		if p.Room.Moderates {
			p.Waits, err = waiting(tx, id)
		}
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "room.html", p)
}

// version is that of a netiquette, as the form of accepting it carries it.
func version(rules template.HTML) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(rules))) }

func (f *feature) accept(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, form, err := read(r, "version")
	if err != nil {
		return err
	}
	var to Room
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if to, err = Get(tx, id, v, f.Now()); err != nil {
			return err
		}
		rules, err := f.rules(tx)
		if err != nil || form.Get("version") != version(rules) {
			return err // another one is shown
		}
		return Accept(tx, id, v, string(rules), f.Now())
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, to.Path())
}

func (f *feature) news(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, form, err := read(r, "on")
	if err != nil {
		return err
	}
	var to Room
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if to, err = Get(tx, id, v, f.Now()); err != nil {
			return err
		}
		return setNews(tx, id, v, form.On("on"))
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, to.Path())
}

// read is the number in the path of a form, and the form.
func read(r *http.Request, known ...string) (int64, web.Form, error) {
	id, err := web.Path(r, "id")
	if err != nil {
		return 0, web.Form{}, err
	}
	form, err := web.ReadForm(r, known...)
	return id, form, err
}

// readForm reads a form whose files are put into the house while they arrive; they stand in the form by their number.
func (f *feature) readForm(r *http.Request, v who.Viewer, known ...string) (web.Form, error) {
	var got []string
	form, err := web.ReadFiles(r, func(_, name string, content io.Reader) error {
		if len(got) == maxFiles {
			return tooMany()
		}
		x, err := f.Files.Receive(r.Context(), v.ID, name, content)
		if err == nil {
			got = append(got, strconv.FormatInt(x.ID, 10))
		}
		return err
	}, append(known, "file")...)
	if len(got) > 0 {
		form.Set("file", append(slices.Clone(form.Values["file"]), got...)...)
	}
	if web.Again(err) {
		err = fault.At("file", "%s", fault.Words(err))
	}
	return form, err
}

// draft is what a form says.
func draft(form web.Form) Draft {
	return Draft{UID: form.Get("uid"), Title: text.Line(form.Get("title")), Body: form.Get("body"), Quote: form.ID("quote"),
		Mentions: form.IDs("mention"), Files: form.IDs("file")}
}

// newUID is what a form carries, so that it makes the same thing once, however often it is sent.
func newUID() string { return rand.Text() }
