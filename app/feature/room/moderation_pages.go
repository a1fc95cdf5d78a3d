package room

import (
	"fmt"
	"net/http"

	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type moderationPage struct {
	web.Page
	Room    Room
	Waiting []Post // for release
	Reports []Report
	Actions []Action
}

// waiting counts what moderators have to look at.
func waiting(tx *store.Tx, room int64) (int, error) {
	return store.One(tx, store.Value[int], `
		SELECT (SELECT count(*) FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE t.room = ?1 AND p.state = 'waiting')
			+ (SELECT count(*) FROM room_report r JOIN room_post p ON p.id = r.post JOIN room_topic t ON t.id = p.topic WHERE t.room = ?1 AND r.decided IS NULL)
			+ (SELECT count(*) FROM room_action WHERE room = ?1 AND objected IS NOT NULL AND answered IS NULL)`, room)
}

func (f *feature) moderation(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := moderationPage{Page: web.NewPage(r, v, "Moderation").In("de")}
	p.Live = "/strom"
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		if p.Room, err = moderated(tx, id, v, f.Now()); err != nil {
			return err
		}
		ids, err := store.All(tx, store.Value[int64], `
			SELECT p.id FROM room_post p JOIN room_topic t ON t.id = p.topic WHERE p.state = 'waiting' AND t.room = ? ORDER BY p.id LIMIT 200`, id)
		if err != nil {
			return err
		}
		for _, i := range ids {
			x, _, _, err := f.post(tx, i, v)
			if err != nil {
				return err
			}
			p.Waiting = append(p.Waiting, x)
		}
		if p.Reports, err = reports(tx, id); err != nil {
			return err
		}
		p.Actions, err = actions(tx, id)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "moderation.html", p)
}

// kinds are the measures that fit a post or, where that is zero, a topic.
func kinds(t Topic, p Post) (all []choice) {
	add := func(ks ...string) {
		for _, k := range ks {
			all = append(all, choice{k, map[string]string{Hide: "Ausblenden", Show: "Wieder einblenden", Warn: "Verwarnen, ohne auszublenden",
				Close: "Thema schließen", Reopen: "Thema wieder öffnen", Release: "Freigeben", Refuse: "Nicht freigeben"}[k]})
		}
	}
	switch {
	case p.ID == 0 && t.Closed.IsZero():
		add(Close)
	case p.ID == 0:
		add(Reopen)
	case p.State == Shown:
		add(Hide, Warn)
	case p.State == Hidden:
		add(Show)
	case p.State == Waiting:
		add(Release, Refuse)
	}
	return all
}

func (f *feature) measurePost(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.measure(w, r, v, func(tx *store.Tx, p *postPage, id int64) (err error) {
		p.Action = fmt.Sprintf("/beitrag/%d/massnahme", id)
		if p.Post, p.Topic, p.Room, err = f.post(tx, id, v); err != nil {
			return err
		}
		p.Reports, err = reports(tx, p.Room.ID)
		mine := p.Reports[:0]
		for _, x := range p.Reports {
			if x.Post == id {
				mine = append(mine, x)
			}
		}
		p.Reports = mine
		return err
	})
}

func (f *feature) measureTopic(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.measure(w, r, v, func(tx *store.Tx, p *postPage, id int64) (err error) {
		p.Action = fmt.Sprintf("/thema/%d/massnahme", id)
		p.Topic, p.Room, err = f.topic(tx, id, v)
		return err
	})
}

// measure shows the form of a measure, and takes it.
func (f *feature) measure(w http.ResponseWriter, r *http.Request, v who.Viewer, load func(tx *store.Tx, p *postPage, id int64) error) error {
	id, form, err := read(r, "kind", "ground", "reason")
	if err != nil {
		return err
	}
	p := postPage{Page: web.NewPage(r, v, "Moderieren").In("de"), Grounds: grounds()}
	whole := func(tx *store.Tx) error {
		if err := load(tx, &p, id); err != nil {
			return err
		}
		if _, err := moderated(tx, p.Room.ID, v, f.Now()); err != nil {
			return err
		}
		p.Kinds = kinds(p.Topic, p.Post)
		return nil
	}
	if r.Method == http.MethodGet {
		if err := f.DB.Read(r.Context(), whole); err != nil {
			return err
		}
		if len(p.Kinds) > 0 {
			p.Form.Set("kind", p.Kinds[0].Value)
		}
		return f.pages.Render(w, r, "measure.html", p)
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := whole(tx); err != nil {
			return err
		}
		return act(tx, f.House, p.Room, p.Topic, p.Post, v, measure{form.Get("kind"), form.Get("ground"), form.Raw("reason")})
	})
	if web.Again(err) {
		p.Form = form.With(err)
		return f.pages.Again(w, r, "measure.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/raum/%d/moderation", p.Room.ID), "Gespeichert.")
}

// fine leaves a reported post as it is.
func (f *feature) fine(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, _, err := read(r)
	if err != nil {
		return err
	}
	var in Room
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if _, _, in, err = f.post(tx, id, v); err != nil {
			return err
		}
		if in, err = moderated(tx, in.ID, v, f.Now()); err != nil {
			return err
		}
		return decide(tx, f.House, id, "left")
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/raum/%d/moderation", in.ID), "Gespeichert.")
}

type actionPage struct {
	web.Page
	Of        Action
	Moderates bool
	Mine      bool   // it concerns the viewer
	Judges    bool   // the viewer may answer the objection
	Until     string // until when one may object
	Form      web.Form
}

func (f *feature) decision(tx *store.Tx, p *actionPage, id int64, v who.Viewer) (err error) {
	if p.Of, p.Moderates, err = action(tx, id, v, f.Now()); err != nil {
		return err
	}
	p.Title, p.Mine = p.Of.Deed(), p.Of.person == v.ID
	p.Until = p.L().DayYear(p.Of.At.Add(objectFor).In(web.Zone()))
	if p.Moderates && p.Of.Waits() {
		p.Judges = judges(tx, p.Of, v, f.Now()) == nil
	}
	return nil
}

func (f *feature) action(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p := actionPage{Page: web.NewPage(r, v, "")}
	if err := f.DB.Read(r.Context(), func(tx *store.Tx) error { return f.decision(tx, &p, id, v) }); err != nil {
		return err
	}
	return f.pages.Render(w, r, "action.html", p)
}

// onAction is a handler that changes what was decided, and shows it again.
func (f *feature) onAction(w http.ResponseWriter, r *http.Request, v who.Viewer, change func(tx *store.Tx, p *actionPage, form web.Form) error, known ...string) error {
	id, form, err := read(r, known...)
	if err != nil {
		return err
	}
	p := actionPage{Page: web.NewPage(r, v, "")}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		if err := f.decision(tx, &p, id, v); err != nil {
			return err
		}
		return change(tx, &p, form)
	})
	if web.Again(err) {
		p.Form = form.With(err)
		return f.pages.Again(w, r, "action.html", p)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/massnahme/%d", id), "Gespeichert.")
}

func (f *feature) object(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.onAction(w, r, v, func(tx *store.Tx, p *actionPage, form web.Form) error {
		return object(tx, f.House, p.Of, v, form.Raw("objection"))
	}, "objection")
}

func (f *feature) judge(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.onAction(w, r, v, func(tx *store.Tx, p *actionPage, form web.Form) error {
		if _, err := moderated(tx, p.Of.Room, v, f.Now()); err != nil {
			return err
		}
		return judge(tx, f.House, p.Of, v, form.Get("upheld") != "0", form.Raw("answer"))
	}, "upheld", "answer")
}
