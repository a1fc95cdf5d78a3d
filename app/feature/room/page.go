package room

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// passKind begins the reference of a post from which a page is begun.
const passKind = "beitrag-"

// Passed is how a page of an archive is begun with a post, and how the two then know each other. Only what is shown to the
// room is passed on, by those who read it; nothing of a youth room is. The words are handed over, not who wrote them.
func Passed(now func() time.Time) house.Passage {
	find := func(tx *store.Tx, v who.Viewer, ref string) (int64, house.Seed, error) {
		post, ok := strings.CutPrefix(ref, passKind)
		if !ok {
			return 0, house.Seed{}, fault.Gone()
		}
		id, _ := strconv.ParseInt(post, 10, 64) // 0: there is no such post
		type row struct {
			title, room, body string
			in                int64
		}
		p, err := store.One(tx, func(r *row) []any { return []any{&r.title, &r.room, &r.body, &r.in} }, `
			SELECT h.title, o.name, p.body, o.id FROM room_post p JOIN room_topic t ON t.id = p.topic JOIN room_heading h ON h.topic = t.id JOIN room o ON o.id = t.room
			JOIN room_member m ON m.room = o.id AND m.person = ? WHERE p.id = ? AND p.state = 'shown' AND o.youth = 0`, v.ID, id)
		if err != nil {
			return 0, house.Seed{}, err
		}
		if ok, err := entitled(tx, p.in, v.ID, now()); err != nil || !ok {
			return 0, house.Seed{}, cmp.Or(err, fault.Gone())
		}
		body := fmt.Sprintf("%s\n\nQuelle: [%s](/beitrag/%d), aus dem Raum %s", p.body, bracketed(p.title), id, bracketed(p.room))
		return id, house.Seed{Title: p.title, Body: body}, nil
	}
	return house.Passage{
		Begin: func(tx *store.Tx, v who.Viewer, ref string) (house.Seed, error) {
			_, s, err := find(tx, v, ref)
			return s, err
		},
		Made: func(tx *store.Tx, v who.Viewer, ref string, page int64) error {
			id, _, err := find(tx, v, ref)
			if fault.KindOf(err) == fault.NotFound {
				return nil // it was taken away while somebody wrote: the page is there all the same
			}
			if err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO room_page (post, page) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, page)
			return err
		},
	}
}

// bracketed is words that stand in a link of Markdown.
func bracketed(s string) string { return strings.NewReplacer("[", "(", "]", ")", "\\", "").Replace(s) }
