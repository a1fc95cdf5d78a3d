package youth

import (
	"embed"
	"fmt"
	"net/http"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed *.html
var templates embed.FS

type feature struct {
	*house.House
	pages *web.Pages
	log   house.Log
	of    Rooms
}

// New makes the feature.
func New(h *house.House, log house.Log, of Rooms) house.Feature {
	f := &feature{h, web.Parse(templates), log, of}
	night, begin := h.Tasks.Nightly(cleanKind, 3*time.Hour, web.Zone(), clean(h, of))
	return house.Feature{
		Name: "youth",
		Nav:  []web.NavItem{{Path: "/jugend/hilfe", Label: "Hilfe", Icon: "life-buoy", Right: who.Of(who.Youth)}},
		Routes: []web.Route{
			web.Get("/jugend", who.Anyone, f.entrance),
			web.Post("/jugend", who.Anyone, f.join),
			web.Get("/jugend/hilfe", who.Anyone, f.help),
			web.Get("/jugend/zurueck", who.Anyone, f.reenter),
			web.Post("/jugend/zurueck", who.Anyone, f.back),
			web.Get("/jugend/woerter", who.Of(who.Youth), f.words),
			web.Get("/raum/:id/jugend", who.Team, f.young),
			web.Post("/raum/:id/code", who.Team, f.handOut),
			web.Post("/raum/:id/code/zurueckziehen", who.Team, f.withdraw),
			web.Post("/raum/:id/alter", who.Team, f.noteAge),
			web.Post("/raum/:id/entlassen", who.Team, f.dismiss),
		},
		Jobs:   []task.Job{night},
		Begin:  begin,
		Export: export,
		Erase:  erase,
	}
}

// Dismissing is how a room ends the stay of a young person.
func Dismissing(h *house.House, of Rooms) func(tx *store.Tx, room, person int64, words bool) error {
	return func(tx *store.Tx, room, person int64, words bool) error {
		return dismiss(tx, h, of, room, person, words)
	}
}

// moderated finds a youth room that the viewer moderates.
func (f *feature) moderated(tx *store.Tx, id int64, v who.Viewer) (Room, error) {
	r, err := f.of.See(tx, id, v)
	if err == nil && !(r.Youth && r.Moderates) {
		err = fault.Gone()
	}
	return r, err
}

// triesOf are the tries of a network with codes and words: few, since both can be guessed.
func triesOf() web.Limit { return web.Limit{Name: "youth.code", N: 20, In: time.Hour} }

type youngPage struct {
	web.Page
	Room  Room
	Form  web.Form
	Codes []Code
	Young []Young
	URL   string // where a code is typed in
}

func (f *feature) youngPage(r *http.Request, v who.Viewer, id int64, form web.Form) (p youngPage, err error) {
	p = youngPage{Page: web.NewPage(r, v, "Junge Menschen").In("de"), Form: form, URL: f.URL("/jugend")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Room, err = f.moderated(tx, id, v); err != nil {
			return err
		}
		if p.Codes, err = codes(tx, id, f.Now()); err != nil {
			return err
		}
		p.Young, err = young(tx, id)
		return err
	})
	return p, err
}

func (f *feature) young(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var form web.Form
	form.Set("uses", "20")
	form.Set("days", "7")
	p, err := f.youngPage(r, v, id, form)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "young.html", p)
}

// onYoung is a handler that changes who is in a youth room, and shows that again.
func (f *feature) onYoung(w http.ResponseWriter, r *http.Request, v who.Viewer, change func(tx *store.Tx, in Room, form web.Form) (words string, err error), known ...string) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	words := ""
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		in, err := f.moderated(tx, id, v)
		if err != nil {
			return err
		}
		words, err = change(tx, in, form)
		return err
	})
	if web.Again(err) {
		p, e := f.youngPage(r, v, id, form.With(err))
		if e != nil {
			return e
		}
		return f.pages.Again(w, r, "young.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, Room{ID: id}.Path()+"/jugend", words)
}

func (f *feature) handOut(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.onYoung(w, r, v, func(tx *store.Tx, in Room, form web.Form) (string, error) {
		code, err := HandOut(tx, in.ID, v, int(form.ID("uses")), int(form.ID("days")), f.Now())
		if err != nil {
			return "", err
		}
		return "Der Code heißt " + shownCode(code) + ". Er wird nur jetzt gezeigt: Bitte notieren Sie ihn.", f.log(tx, f.Now(), v.ID, "youth.code", in.ID)
	}, "uses", "days")
}

func (f *feature) withdraw(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.onYoung(w, r, v, func(tx *store.Tx, in Room, form web.Form) (string, error) {
		return "Der Code gilt nicht mehr.", withdraw(tx, in.ID, form.ID("code"))
	}, "code")
}

func (f *feature) noteAge(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.onYoung(w, r, v, func(tx *store.Tx, in Room, form web.Form) (string, error) {
		if err := NoteAge(tx, in.ID, form.ID("person"), form.Get("age"), form.On("consent"), v, f.Now()); err != nil {
			return "", err
		}
		return "Gespeichert.", f.log(tx, f.Now(), v.ID, "youth.consent", in.ID)
	}, "person", "age", "consent")
}

func (f *feature) dismiss(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.onYoung(w, r, v, func(tx *store.Tx, in Room, form web.Form) (string, error) {
		if err := dismiss(tx, f.House, f.of, in.ID, form.ID("person"), form.On("delete")); err != nil {
			return "", err
		}
		return "Der Zugang ist beendet.", f.log(tx, f.Now(), v.ID, "youth.dismissed", in.ID)
	}, "person", "delete")
}

type joinPage struct {
	web.Page
	Form web.Form
	Room Room // only of a youth room; zero at the door
}

// door begins a page of the entrance: whoever comes here is spoken to as a young person, with help in reach.
func door(r *http.Request, v who.Viewer, title string, form web.Form) joinPage {
	p := joinPage{Page: web.NewPage(r, v, title).In(spoken(r, v)), Form: form}
	p.Help, p.Plain = true, v.ID == 0
	return p
}

// spoken is the language of a young person: that of the browser, and in German one that says "du".
func spoken(r *http.Request, v who.Viewer) string {
	if code := web.NewPage(r, v, "").Lang; code != "de" {
		return code
	}
	return lang.Du
}

func (f *feature) entrance(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.pages.Render(w, r, "join.html", door(r, v, "Jugendraum", web.Form{}))
}

// grown refuses somebody who is signed in as an adult: who has an alias has nothing else.
func grown(v who.Viewer) error {
	if v.ID != 0 && v.Roles() != who.Of(who.Youth) {
		return fault.New(fault.Conflict, "Auf diesem Gerät ist jemand anderes angemeldet. Bitte erst abmelden.")
	}
	return nil
}

func (f *feature) join(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "code", "alias")
	if err != nil {
		return err
	}
	var person, in int64
	var words string
	err = grown(v)
	if err == nil {
		err = f.Limits.Take(triesOf(), web.Prefix(r))
	}
	code := ""
	if err == nil {
		code, err = readCode(form.Get("code"))
	}
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			person, in, words, err = Join(tx, f.of, v, Entry{code, form.Raw("alias"), spoken(r, v)}, f.Now())
			return err
		})
	}
	if web.Again(err) {
		return f.pages.Again(w, r, "join.html", door(r, v, "Jugendraum", form.With(err)))
	}
	if err == nil && v.ID == 0 {
		err = f.Sessions.SignIn(w, r, person)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/jugend/woerter?raum=%d", in), words)
}

func (f *feature) reenter(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.pages.Render(w, r, "back.html", door(r, v, "Zurück in den Raum", web.Form{}))
}

// back lets a young person in again, by the six words.
func (f *feature) back(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "words")
	if err != nil {
		return err
	}
	var person, in int64
	err = grown(v)
	if err == nil {
		err = f.Limits.Take(triesOf(), web.Prefix(r))
	}
	words := ""
	if err == nil {
		words, err = readWords(form.Get("words"))
	}
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			person, in, err = back(tx, f.of, words, f.Now())
			return err
		})
	}
	if web.Again(err) {
		return f.pages.Again(w, r, "back.html", door(r, v, "Zurück in den Raum", form.With(err)))
	}
	if err == nil {
		err = f.Sessions.SignIn(w, r, person)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, Room{ID: in}.Path())
}

// words shows the six words that lead back in, once: they come with the answer to the code and are kept nowhere.
func (f *feature) words(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := door(r, v, "Geschafft", web.Form{})
	q := web.Form{Values: r.URL.Query()}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		p.Room, err = f.of.See(tx, q.ID("raum"), v)
		return err
	})
	if err != nil {
		return err
	}
	p.Form.Set("words", p.Flash)
	p.Flash = ""
	return f.pages.Render(w, r, "words.html", p)
}

type helpPage struct {
	web.Page
	Rooms []Room // of the viewer
}

// help is what a young person may want to know, and whom to call; also for who has not come in yet.
func (f *feature) help(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := helpPage{Page: web.NewPage(r, v, "Hilfe").In(spoken(r, v))}
	p.Help = false // the page is nothing else
	if v.Young() {
		if err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
			p.Rooms, err = f.of.Mine(tx, v)
			return err
		}); err != nil {
			return err
		}
	}
	return f.pages.Render(w, r, "help.html", p)
}
