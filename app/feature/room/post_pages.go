package room

import (
	"net/http"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A postPage is about one post.
type postPage struct {
	web.Page
	Room  Room
	Topic Topic
	Post  Post
	Form  web.Form

	Grounds []choice
	Kinds   []choice // of measures
	Reports []Report // of the post, that are open
	Action  string   // where the form goes
}

// about reads the post of a page.
func (f *feature) about(tx *store.Tx, p *postPage, id int64, v who.Viewer) (err error) {
	if p.Post, p.Topic, p.Room, err = f.post(tx, id, v); err != nil {
		return err
	}
	if err := f.accepted(tx, p.Room); err != nil {
		return err
	}
	one := []Post{p.Post}
	err = f.dress(tx, v, one)
	p.Post = one[0]
	return err
}

// react gives a reaction or takes it back.
func (f *feature) react(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, form, err := read(r, "kind")
	if err != nil {
		return err
	}
	var p postPage
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.about(tx, &p, id, v); err != nil {
			return err
		}
		if !p.Post.Plain() {
			return fault.Gone()
		}
		if err := p.Room.writes(); err != nil {
			return err
		}
		if err := react(tx, id, v, form.Get("kind")); err != nil {
			return err
		}
		return changed(tx, f.House, p.Topic.ID)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, at(p.Topic.ID, id))
}

// mine reads a post of the viewer's own that can still be changed.
func (f *feature) mine(tx *store.Tx, p *postPage, id int64, v who.Viewer) error {
	if err := f.about(tx, p, id, v); err != nil {
		return err
	}
	if !p.Post.Mine || p.Post.State != Shown && p.Post.State != Waiting {
		return fault.Gone()
	}
	return nil
}

func (f *feature) edit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := postPage{Page: web.NewPage(r, v, "Beitrag ändern")}
	if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return f.mine(tx, &p, id, v) }); err != nil {
		return err
	}
	p.Form.Set("body", p.Post.Body)
	return f.pages.Render(w, r, "edit.html", p)
}

func (f *feature) change(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, form, err := read(r, "body")
	if err != nil {
		return err
	}
	p := postPage{Page: web.NewPage(r, v, "Beitrag ändern")}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.mine(tx, &p, id, v); err != nil {
			return err
		}
		return edit(tx, f.House, p.Post, p.Topic, p.Room, form.Get("body"))
	})
	if web.Again(err) && p.Post.ID != 0 {
		p.Form = form.With(err)
		return f.pages.Again(w, r, "edit.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, at(p.Topic.ID, id))
}

func (f *feature) remove(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, _, err := read(r)
	if err != nil {
		return err
	}
	var p postPage
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.mine(tx, &p, id, v); err != nil {
			return err
		}
		return remove(tx, f.House, id, p.Topic.ID)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, p.Room.Path(), "Ihr Beitrag ist entfernt.")
}

// report shows the form for reporting a post, and takes it.
func (f *feature) report(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, form, err := read(r, "ground", "words")
	if err != nil {
		return err
	}
	p := postPage{Page: web.NewPage(r, v, "Beitrag melden"), Grounds: grounds()}
	load := func(tx *store.Tx) error {
		err := f.about(tx, &p, id, v)
		if err == nil && (!p.Post.Plain() || p.Post.Mine) {
			err = fault.Gone()
		}
		return err
	}
	if r.Method == http.MethodGet {
		if err := f.DB.Read(r.Context(), load); err != nil {
			return err
		}
		return f.pages.Render(w, r, "report.html", p)
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := load(tx); err != nil {
			return err
		}
		return report(tx, f.House, p.Post, p.Room, v, form.Get("ground"), form.Get("words"))
	})
	if web.Again(err) && p.Post.ID != 0 && !first(err) {
		p.Form = form.With(err)
		return f.pages.Again(w, r, "report.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, p.Topic.Path(), "Danke. Ihre Meldung ist angekommen. Sie erfahren, was daraus wird.")
}

type outcomePage struct {
	web.Page
	Report Report
}

// outcome tells who has reported a post what became of it.
func (f *feature) outcome(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := outcomePage{Page: web.NewPage(r, v, "Ihre Meldung")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Report, err = reported(tx, id, v); err != nil {
			return err
		}
		ok, err := entitled(tx, p.Report.Room, v.ID, f.Now())
		if err == nil && !ok {
			p.Report.Title, p.Report.Topic = "", 0 // what became of it may be known, what the topic is called no longer
		}
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "outcome.html", p)
}
