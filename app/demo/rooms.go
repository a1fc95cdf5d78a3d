package demo

import (
	"context"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/operation"
	"nestfunk/app/feature/room"
	"nestfunk/app/feature/wiki"
)

// A said is a post; the first one of a topic has a title.
type said struct {
	by          int64
	at          time.Time
	title, body string

	pinned bool             // the topic
	helped bool             // it is the answer that whoever has asked marks
	react  map[int64]string // by person
	page   string           // title of the page of the city's archive that is made of it; "": none
	waits  bool             // somebody who moderates has yet to release it
}

// A chat is a room with what is said there.
type chat struct {
	by   who.Viewer // opens and moderates it
	plan room.Plan
	said []said
}

// rules is the netiquette of the town, as rooms have it accepted.
func rules(h *house.House) func(*store.Tx) (template.HTML, error) {
	return func(tx *store.Tx) (template.HTML, error) { return wiki.Written(h.Now)(tx, wiki.Netiquette) }
}

// chatting are the pages of rooms, for what only those offer.
func chatting(h *house.House) poster {
	return serving(h, room.New(h, operation.Log, room.Pages{Rules: rules(h), Titles: wiki.Titles(h.Now), Writers: wiki.Writers}, nil).Routes) // nobody leaves
}

// rooms has the town's people talk: the heads of all Kitas, the parents of the first, the councils of the north and the
// young people of a club.
func (t *town) rooms(ctx context.Context) error {
	mother, err := t.named(ctx, parent)
	if err != nil {
		return err
	}
	council, err := t.councilTalk(ctx)
	if err != nil {
		return err
	}
	for _, c := range []chat{t.headsTalk(), t.parentsTalk(mother), council} {
		in, err := t.open(ctx, c)
		if err == nil {
			err = t.talk(ctx, in, c)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", c.plan.Name, err)
		}
	}
	return t.club(ctx)
}

// named finds somebody of the cards.
func (t *town) named(ctx context.Context, h human) (id int64, err error) {
	err = t.DB.Read(ctx, func(tx *store.Tx) error {
		id, err = store.One(tx, store.Value[int64], `SELECT id FROM person WHERE given = ? AND family = ?`, h.given, h.family)
		return err
	})
	return id, err
}

// open opens a room a quarter of an hour before the first words.
func (t *town) open(ctx context.Context, c chat) (in int64, err error) {
	t.clock.set(c.said[0].at.Add(-15 * time.Minute))
	err = t.DB.Write(ctx, func(tx *store.Tx) (err error) {
		in, err = room.Open(tx, t.House, c.by, c.plan)
		return err
	})
	return in, err
}

// talk has people come into a room and write, each at their time.
func (t *town) talk(ctx context.Context, in int64, c chat) error {
	post := chatting(t.House)
	var topic, asker int64
	for i, s := range c.said {
		t.clock.set(s.at)
		var id int64
		if err := t.DB.Write(ctx, func(tx *store.Tx) error {
			v, err := t.welcome(tx, in, s.by)
			if err != nil {
				return err
			}
			r, err := room.Get(tx, in, v, t.Now())
			if err != nil {
				return err
			}
			d := room.Draft{UID: fmt.Sprintf("vorfuehrung-%d-%d", in, i), Title: s.title, Body: s.body}
			if s.title != "" {
				asker = s.by
				topic, id, err = room.Begin(tx, t.House, r, v, d)
				return err
			}
			id, err = room.Write(tx, t.House, room.Topic{ID: topic, Room: in}, r, v, d)
			return err
		}); err != nil {
			return fmt.Errorf("say %q: %w", s.body, err)
		}
		t.clock.set(s.at.Add(3 * time.Minute))
		if err := t.after(ctx, post, c, s, in, topic, id, asker); err != nil {
			return err
		}
	}
	return nil
}

// welcome has somebody accept the netiquette.
func (t *town) welcome(tx *store.Tx, in, id int64) (who.Viewer, error) {
	v, err := org.Viewer(tx, id, t.Now())
	if err != nil {
		return v, err
	}
	html, err := rules(t.House)(tx)
	if err != nil {
		return v, err
	}
	return v, room.Accept(tx, in, v, string(html), t.Now())
}

// after is what others do about a post.
func (t *town) after(ctx context.Context, post poster, c chat, s said, in, topic, id, asker int64) error {
	if c.plan.Review && s.by != c.by.ID && !s.waits {
		if err := post(ctx, c.by, fmt.Sprintf("/beitrag/%d/massnahme", id), "kind", room.Release); err != nil {
			return err
		}
	}
	if s.pinned {
		if err := post(ctx, c.by, fmt.Sprintf("/thema/%d/oben", topic), "on", "1"); err != nil {
			return err
		}
	}
	if s.helped {
		if err := post(ctx, who.Viewer{ID: asker}, fmt.Sprintf("/thema/%d/geloest", topic), "post", fmt.Sprint(id)); err != nil {
			return err
		}
	}
	for _, p := range slices.Sorted(maps.Keys(s.react)) {
		if err := t.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := t.welcome(tx, in, p)
			return err
		}); err != nil {
			return err
		}
		if err := post(ctx, who.Viewer{ID: p}, fmt.Sprintf("/beitrag/%d/rueckmeldung", id), "kind", s.react[p]); err != nil {
			return err
		}
	}
	if s.page == "" {
		return nil
	}
	return t.DB.Write(ctx, func(tx *store.Tx) error {
		pass, ref := room.Passed(t.Now), fmt.Sprint("beitrag-", id)
		begun, err := pass.Begin(tx, c.by, ref)
		if err != nil {
			return err
		}
		page, _, err := wiki.Add(tx, c.by, wiki.Draft{Unit: c.plan.Unit, Access: wiki.House, Text: wiki.Text{Title: s.page, Body: begun.Body}}, t.Now())
		if err != nil {
			return err
		}
		return pass.Made(tx, c.by, ref, page)
	})
}
