package room

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/files"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

const postsOf = 50 // on a page, besides the first one

// A writing is the form in which somebody writes, and what it offers.
type writing struct {
	Form    web.Form
	People  []Person // who can be addressed
	Files   []files.File
	MaxSize int  // MB of a file
	Attach  bool // files may be attached
}

func (f *feature) writing(tx *store.Tx, r Room, v who.Viewer, form web.Form) (x writing, err error) {
	x.Form, x.Attach = form, !r.Youth || r.Moderates
	if form.Get("uid") == "" {
		x.Form.Set("uid", newUID())
	}
	if x.People, err = addressable(tx, r, v, f.Now()); err != nil {
		return x, err
	}
	if x.Files, err = files.Drafts(tx, v.ID, form.IDs("file")); err != nil {
		return x, err
	}
	x.MaxSize, _, err = files.Sizes(tx, f.Settings)
	return x, err
}

type newPage struct {
	web.Page
	Room Room
	writing
}

func (f *feature) topicForm(r *http.Request, v who.Viewer, id int64, form web.Form, strict bool) (newPage, error) {
	p := newPage{Page: web.NewPage(r, v, "Neues Thema")}
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Room, err = Get(tx, id, v, f.Now()); err != nil {
			return err
		}
		if err := f.accepted(tx, p.Room); err != nil && (strict || p.Room.Accepted == nil) {
			return err
		}
		p.writing, err = f.writing(tx, p.Room, v, form)
		return err
	})
	return p, err
}

func (f *feature) newTopic(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.topicForm(r, v, id, web.Form{}, true)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "new.html", p)
}

func (f *feature) begin(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := f.readForm(r, v, "uid", "title", "body", "mention")
	if err != nil && !web.Again(err) {
		return err
	}
	var topic int64
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			d := draft(form)
			if _, topic, err = sent(tx, d.UID, v); topic != 0 || err != nil {
				return err
			}
			to, err := Get(tx, id, v, f.Now())
			if err != nil {
				return err
			}
			if err := f.accepted(tx, to); err != nil {
				return err
			}
			topic, _, err = Begin(tx, f.House, to, v, d)
			return err
		})
	}
	if web.Again(err) && !first(err) {
		p, e := f.topicForm(r, v, id, form.With(err), false)
		if e != nil {
			return e
		}
		return f.pages.Again(w, r, "new.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, Topic{ID: topic}.Path())
}

// first reports whether somebody writes who has never accepted any netiquette.
func first(err error) bool {
	e, ok := errors.AsType[rulesFirst](err)
	return ok && e.room.Accepted == nil
}

type showPage struct {
	web.Page
	Room  Room
	Topic Topic
	Posts []Post
	Older int64 // before which post there are more; 0: there are none
	Quote *Post // that the form answers; nil: none in particular
	Pages bool  // the viewer writes pages somewhere
	Asks  bool  // the viewer may say which answer helped
	writing
}

// shown reads a topic. Strict: not without the netiquette as it is now.
func (f *feature) shown(r *http.Request, v who.Viewer, id int64, form web.Form, strict bool) (showPage, error) {
	p := showPage{Page: web.NewPage(r, v, "")}
	before, _ := strconv.ParseInt(r.URL.Query().Get("vor"), 10, 64) // 0: the latest
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Topic, p.Room, err = f.topic(tx, id, v); err != nil {
			return err
		}
		if err := f.accepted(tx, p.Room); err != nil && (strict || p.Room.Accepted == nil) {
			return err
		}
		p.Title = p.Topic.Title
		if p.Posts, err = posts(tx, p.Topic, p.Room, v, before, postsOf+1, f.Now()); err != nil {
			return err
		}
		if len(p.Posts) > postsOf+1 { // the first one, and one more than fit
			p.Posts = append(p.Posts[:1:1], p.Posts[2:]...)
			p.Older = p.Posts[1].ID
		}
		if err := f.dress(tx, v, p.Posts); err != nil {
			return err
		}
		for i := range p.Posts {
			if q := &p.Posts[i]; q.ID == form.ID("quote") && q.Plain() {
				p.Quote = q
			}
		}
		p.Pages, p.Asks = !p.Room.Youth && v.May(f.of.Writers), p.Room.Moderates || p.Topic.Author == v.ID
		p.writing, err = f.writing(tx, p.Room, v, form)
		return err
	})
	return p, err
}

func (f *feature) show(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	var form web.Form
	form.Set("quote", r.URL.Query().Get("zitat"))
	p, err := f.shown(r, v, id, form, true)
	if err != nil {
		return err
	}
	p.Live = "/strom"
	return f.pages.Render(w, r, "topic.html", p)
}

func (f *feature) answer(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := f.readForm(r, v, "uid", "body", "quote", "mention")
	if err != nil && !web.Again(err) {
		return err
	}
	var post int64
	if err == nil {
		err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
			d := draft(form)
			if post, _, err = sent(tx, d.UID, v); post != 0 || err != nil {
				return err
			}
			t, to, err := f.topic(tx, id, v)
			if err != nil {
				return err
			}
			if err := f.accepted(tx, to); err != nil {
				return err
			}
			post, err = Write(tx, f.House, t, to, v, d)
			return err
		})
	}
	if web.Again(err) && !first(err) {
		p, e := f.shown(r, v, id, form.With(err), false)
		if e != nil {
			return e
		}
		return f.pages.Again(w, r, "topic.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, at(id, post))
}

// at is where a post stands on the page of its topic.
func at(topic, post int64) string { return fmt.Sprintf("/thema/%d#b%d", topic, post) }

// find leads to a post.
func (f *feature) find(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	to := ""
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		p, t, in, err := f.post(tx, id, v)
		if err != nil {
			return err
		}
		type row struct{ before, after int }
		n, err := store.One(tx, func(r *row) []any { return []any{&r.before, &r.after} }, `
			SELECT coalesce(sum(id < ?2), 0), coalesce(sum(id > ?2), 0) FROM room_post WHERE topic = ?1`, t.ID, id)
		if err != nil {
			return err
		}
		switch {
		case n.before == 0:
			to = t.Path() // it stands on top of every page
		case n.after >= postsOf:
			to = fmt.Sprintf("/thema/%d?vor=%d#b%d", t.ID, id+1, id)
		default:
			to = at(p.Topic, p.ID)
		}
		return f.accepted(tx, in)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, to)
}

// onTopic is a handler that changes a topic, and returns to it.
func (f *feature) onTopic(w http.ResponseWriter, r *http.Request, v who.Viewer, change func(tx *store.Tx, t Topic, in Room, form web.Form) error, known ...string) error {
	id, form, err := read(r, known...)
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		t, in, err := f.topic(tx, id, v)
		if err != nil {
			return err
		}
		if err := f.accepted(tx, in); err != nil {
			return err
		}
		return change(tx, t, in, form)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, Topic{ID: id}.Path())
}

func (f *feature) follow(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.onTopic(w, r, v, func(tx *store.Tx, t Topic, _ Room, form web.Form) error {
		return follow(tx, t.ID, v, form.On("on"), true)
	}, "on")
}

func (f *feature) pin(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.guard(func(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
		return f.onTopic(w, r, v, func(tx *store.Tx, t Topic, in Room, form web.Form) error {
			if !in.Moderates {
				return fault.Gone()
			}
			if err := pin(tx, t.ID, form.On("on")); err != nil {
				return err
			}
			return changed(tx, f.House, t.ID)
		}, "on")
	})(w, r, v)
}

// solve marks the answer that helped; so may whoever has asked, and a moderator.
func (f *feature) solve(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.onTopic(w, r, v, func(tx *store.Tx, t Topic, in Room, form web.Form) error {
		if t.Author != v.ID && !in.Moderates {
			return fault.Gone()
		}
		id := form.ID("post")
		if id != 0 {
			p, at, _, err := f.post(tx, id, v)
			if err != nil {
				return err
			}
			if at.ID != t.ID || !p.Plain() {
				return fault.Gone()
			}
		}
		if err := solve(tx, t.ID, id); err != nil {
			return err
		}
		return changed(tx, f.House, t.ID)
	}, "post")
}
