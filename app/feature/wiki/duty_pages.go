package wiki

import (
	"net/http"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/live"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// Listers are the roles that may see who has read a page. Whom they see there is in readers.
const Listers = who.Leaders | 1<<who.Chair

// An asker is a person at a minute: within it no term of a role begins or ends for the bell.
type asker struct{ person, minute int64 }

// owing keeps how much everybody still has to read, since every page asks for it.
func owing(db *store.DB) *store.Keep[asker, int] {
	return &store.Keep[asker, int]{DB: db, Most: 20_000,
		Tables: []string{"wiki_page", "wiki_reading", "membership", "guardian", "child", "child_stay", "unit", "unit_up"}}
}

// ask counts what waits for the viewer's word that it was read.
func (f *feature) ask(tx *store.Tx, v who.Viewer) (int, error) {
	now := f.Now()
	return f.owing.Get(tx, asker{v.ID, now.Unix() / 60}, func() (int, error) { return owed(tx, v.ID, now) })
}

func (f *feature) read(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "revision")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		p, err := get(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		tx.After(func() { f.Live.Publish(live.Event{Person: v.ID}) }) // the bell
		return read(tx, p, v.ID, form.ID("revision"), f.Now())
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, seite(id))
}

type readersPage struct {
	web.Page
	Of       Page
	Asks     Asked
	Left     []Reader // who has not read it, by name
	Done     []Reader
	Total    int // with those whose names the viewer does not see
	Read     int
	Hidden   int // of all, without a name for the viewer
	Leads    bool
	Reminded time.Time
	MayNow   bool // nobody was reminded today
}

// Word says who has to read it.
func (p readersPage) Word() string { return p.Asks.Word(p.Of.Kind) }

// Open is how many have not read it.
func (p readersPage) Open() int { return p.Total - p.Read }

func (f *feature) readers(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := readersPage{Page: f.page(r, v, "Wer hat es gelesen?")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error { return p.load(tx, id, v, f.Now()) })
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "readers.html", p)
}

// load fills the list. Who does not lead the archive sees their own people in it, or that there is no such page.
func (p *readersPage) load(tx *store.Tx, id int64, v who.Viewer, now time.Time) (err error) {
	if p.Of, err = get(tx, id, v, now); err != nil {
		return err
	}
	c, err := careOf(tx, id)
	if err != nil {
		return err
	}
	all, err := readers(tx, id, v, now)
	if err != nil {
		return err
	}
	p.Asks, p.Leads, p.Reminded = c.Asks, p.Of.set["board"], c.Reminded
	p.MayNow = p.Reminded.IsZero() || today(p.Reminded) != today(now)
	for _, r := range all {
		if !p.Leads && !r.named {
			continue
		}
		p.Total++
		if r.Done {
			p.Read++
		}
		switch {
		case !r.named:
			p.Hidden++
		case r.Done:
			p.Done = append(p.Done, r)
		default:
			p.Left = append(p.Left, r)
		}
	}
	if p.Asks == AskNone || !p.Leads && p.Total == 0 {
		return fault.Gone()
	}
	return nil
}

// remind has all told once more who have to read a page and have not; at most once a day.
func (f *feature) remind(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	if _, err := web.ReadForm(r); err != nil {
		return err
	}
	to := seite(id) + "/leserliste"
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		var p readersPage
		if err := p.load(tx, id, v, now); err != nil {
			return err
		}
		switch {
		case !p.Leads:
			return fault.Gone()
		case !p.MayNow:
			return fault.New(fault.Conflict, "Heute wurde schon erinnert. Bitte warten Sie bis morgen.")
		}
		if _, err := tx.Exec(`UPDATE wiki_page SET reminded = ? WHERE id = ?`, now.Unix(), id); err != nil {
			return err
		}
		if err := f.Tasks.Add(tx, remindKind, id, "0"); err != nil {
			return err
		}
		return f.log(tx, now, v.ID, "page.reminded", id)
	})
	if web.Again(err) {
		return web.Done(w, r, to, fault.Words(err))
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, to, "Die Erinnerung ist unterwegs, an alle, die es noch nicht gelesen haben.")
}

// oblige sets who has to read a page.
func (f *feature) oblige(tx *store.Tx, p Page, form web.Form, v who.Viewer) error {
	asks := Asked(form.Get("asks"))
	if asks != asks.narrowed(p.Access) || asks != AskNone && asks != AskStaff && asks != AskAll {
		return fault.At("asks", "Lesen muss es nur, wer es lesen darf. Bitte wählen Sie neu.")
	}
	if err := oblige(tx, p.ID, asks); err != nil {
		return err
	}
	return f.log(tx, f.Now(), v.ID, "page.obliged", p.ID)
}
