package wiki

import (
	"net/http"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// begin shows the form of a new page: ?archiv= says where, ?unter= below which page.
func (f *feature) begin(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := &editPage{Page: f.page(r, v, "Neue Seite")}
	q := web.Form{Values: r.URL.Query()}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		unit := q.ID("archiv")
		if unit == 0 {
			all, err := archives(tx, v, f.Now())
			if err != nil {
				return err
			}
			for _, a := range all {
				if a.Write {
					unit = a.Unit
					break
				}
			}
		}
		p.Form.Set("parent", q.Get("unter"))
		if err := p.prepare(tx, f, v, unit); err != nil {
			return err
		}
		p.Form.Set("access", string(usual(p.Unit.Kind)))
		if from := q.Get("quelle"); from != "" {
			s, err := f.passed.Begin(tx, v, from)
			if err != nil {
				return err
			}
			p.Form.Set("source", from)
			p.Form.Set("title", s.Title)
			p.Form.Set("body", s.Body)
		}
		if s, ok := f.seedOf(q.Get("zweck")); ok {
			p.Form.Set("purpose", s.Purpose)
			p.Form.Set("title", s.Title)
			p.Form.Set("body", s.Body)
			p.Form.Set("access", string(Public))
		}
		if from := q.ID("vorlage"); from != 0 {
			t, err := begun(tx, unit, from, v, f.Now())
			if err != nil {
				return err
			}
			p.Form.Set("body", t.Body)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.form(w, r, p, f.pages.Render)
}

func (f *feature) create(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := f.readForm(r, v, "unit", "parent", "access", "title", "body", "base", "purpose", "source")
	if err != nil && !web.Again(err) {
		return err
	}
	var id int64
	var of Page
	waits := false
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			d := Draft{form.ID("unit"), form.ID("parent"), Access(form.Get("access")), form.Get("purpose"), Text{form.Raw("title"), form.Raw("body")}}
			if err := f.wanted(tx, d); err != nil {
				return err
			}
			if id, waits, err = Add(tx, v, d, f.Now()); err != nil {
				return err
			}
			if of, err = written(tx, id, v, f.Now()); err != nil {
				return err
			}
			if err := adopt(tx, v, id, "", d.Body, form.IDs("file")); err != nil {
				return err
			}
			if err := enclose(tx, id, of.Latest, form.IDs("file")); err != nil {
				return err
			}
			if waits {
				if err := await(tx, f.House, id, v); err != nil {
					return err
				}
			}
			if from := form.Get("source"); from != "" {
				if err := f.passed.Made(tx, v, from, id); err != nil {
					return err
				}
			}
			return f.log(tx, f.Now(), v.ID, "page.added", id)
		})
	}
	if web.Again(err) {
		p := &editPage{Page: f.page(r, v, "Neue Seite"), Form: form.With(err)}
		if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return p.prepare(tx, f, v, form.ID("unit")) }); err != nil {
			return err
		}
		return f.form(w, r, p, f.pages.Again)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, seite(id), of.saved(waits))
}

// A Draft is a page that somebody wants to make.
type Draft struct {
	Unit   int64
	Parent int64 // 0: at the top
	Access Access
	// Purpose is that of a house.Seed, "" for any other page. Only one page of an archive can have it.
	Purpose string
	Text
}

// Add makes a page of a viewer; waits reports that somebody else has to release it.
func Add(tx *store.Tx, v who.Viewer, d Draft, now time.Time) (id int64, waits bool, err error) {
	if err := d.check(); err != nil {
		return 0, false, err
	}
	_, set, err := writable(tx, d.Unit, v, now)
	if err != nil {
		return 0, false, err
	}
	if err := mayOpen(d.Access, set); err != nil {
		return 0, false, err
	}
	nodes, err := tree(tx, d.Unit, v, set)
	if err != nil {
		return 0, false, err
	}
	if err := stands(tx, d.Unit, nodes, d.Parent, 0); err != nil {
		return 0, false, err
	}
	if waits, err = approves(tx, d.Unit); err != nil {
		return 0, false, err
	}
	id, err = add(tx, d.Unit, d.Parent, d.Access, d.Text, v.ID, !waits, now)
	if err == nil && d.Purpose != "" {
		_, err = tx.Exec(`UPDATE wiki_page SET purpose = ? WHERE id = ?`, d.Purpose, id)
	}
	return id, waits, err
}
