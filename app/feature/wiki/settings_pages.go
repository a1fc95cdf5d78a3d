package wiki

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A settingsPage is about one page: where it stands and who reads it.
type settingsPage struct {
	web.Page
	Of      Page
	Form    web.Form
	Access  []Choice
	Parents []Choice
	After   []Choice
	caring
}

// settings shows where a page stands and who reads it.
func (f *feature) settings(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := &settingsPage{Page: f.page(r, v, "Seite einrichten")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error { return p.load(tx, f, v, id) })
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "settings.html", p)
}

// load fills the page with what is stored, and keeps a form that was sent.
func (p *settingsPage) load(tx *store.Tx, f *feature, v who.Viewer, id int64) (err error) {
	if p.Of, err = written(tx, id, v, f.Now()); err != nil {
		return err
	}
	p.Access = readersFor(p.Of.Kind, p.Of.set)
	nodes, err := tree(tx, p.Of.Unit, v, p.Of.set)
	if err != nil {
		return err
	}
	p.Parents = places(nodes, id, p.Of.Parent)
	p.After = []Choice{{"0", "an erster Stelle"}}
	last := "0"
	i := slices.IndexFunc(nodes, func(n Node) bool { return n.ID == id })
	for j, n := range nodes {
		if i < 0 || n.Parent != nodes[i].Parent || n.ID == id {
			continue
		}
		value := strconv.FormatInt(n.ID, 10)
		p.After = append(p.After, Choice{value, "nach „" + n.Title + "“"})
		if j < i {
			last = value
		}
	}
	first(&p.Form, "access", string(p.Of.Access))
	first(&p.Form, "parent", strconv.FormatInt(p.Of.Parent, 10))
	first(&p.Form, "after", last)
	if line := siblings(nodes, id); len(line) > 0 {
		p.First, p.Last = line[0] == id, line[len(line)-1] == id
	}
	return p.caring.load(tx, f, p.Of, &p.Form, v)
}

// change is the handler of a form of the settings.
func (f *feature) change(words string, do func(tx *store.Tx, p Page, form web.Form, v who.Viewer) error, fields ...string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		id, err := web.Path(r, "id")
		if err != nil {
			return err
		}
		form, err := web.ReadForm(r, fields...)
		if err != nil {
			return err
		}
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			p, err := written(tx, id, v, f.Now())
			if err != nil {
				return err
			}
			return do(tx, p, form, v)
		})
		if web.Again(err) {
			p := &settingsPage{Page: f.page(r, v, "Seite einrichten"), Form: form.With(err)}
			if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return p.load(tx, f, v, id) }); err != nil {
				return err
			}
			return f.pages.Again(w, r, "settings.html", p)
		}
		if err != nil {
			return err
		}
		return web.Done(w, r, seite(id), words)
	}
}

func (f *feature) move(tx *store.Tx, p Page, form web.Form, v who.Viewer) error {
	nodes, err := tree(tx, p.Unit, v, p.set)
	if err != nil {
		return err
	}
	parent := form.ID("parent")
	if err := stands(tx, p.Unit, nodes, parent, p.ID); err != nil {
		return err
	}
	if err := put(tx, p, parent, form.ID("after")); err != nil {
		return err
	}
	return f.log(tx, f.Now(), v.ID, "page.moved", p.ID)
}

func (f *feature) open(tx *store.Tx, p Page, form web.Form, v who.Viewer) error {
	access := Access(form.Get("access"))
	if err := mayOpen(access, p.set); err != nil {
		return err
	}
	if err := mayWiden(tx, p, access); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE wiki_page SET access = ? WHERE id = ?`, string(access), p.ID); err != nil {
		return err
	}
	c, err := careOf(tx, p.ID)
	if err != nil {
		return err
	}
	if err := changed(tx, p.ID); err != nil {
		return err
	}
	if err := oblige(tx, p.ID, c.Asks.narrowed(access)); err != nil { // nobody has to read what they may not
		return err
	}
	return f.log(tx, f.Now(), v.ID, "page.opened", p.ID)
}

func (f *feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.bin(w, r, v, "In den Papierkorb gelegt.", "page.removed", func(tx *store.Tx, p Page) error {
		if !p.Removed.IsZero() {
			return fault.New(fault.Conflict, "Diese Seite liegt schon im Papierkorb.")
		}
		return discard(tx, p, f.Now())
	})
}

func (f *feature) recover(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.bin(w, r, v, "Zurückgeholt. Die Seite steht jetzt am Ende.", "page.recovered", func(tx *store.Tx, p Page) error {
		if p.Removed.IsZero() {
			return fault.New(fault.Conflict, "Diese Seite liegt nicht im Papierkorb.")
		}
		return retrieve(tx, p)
	})
}

func (f *feature) bin(w http.ResponseWriter, r *http.Request, v who.Viewer, words, action string, do func(*store.Tx, Page) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var unit int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		p, err := written(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		unit = p.Unit
		if err := do(tx, p); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, action, id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/archiv/%d", unit), words)
}
