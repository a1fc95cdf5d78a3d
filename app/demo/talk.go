package demo

import (
	"context"
	"fmt"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/message"
)

// A line is something that somebody says in a conversation.
type line struct {
	by   who.Viewer
	at   time.Time
	body string
}

// talks has the people of the first Kita write to each other: a mother with the group, the head with families, with the
// team and with another Kita.
func (t *town) talks(ctx context.Context) error {
	k := t.kitas[0]
	g, mother, child, err := t.motherOf(ctx, k)
	if err != nil {
		return err
	}
	begin := func(at time.Time, f func(tx *store.Tx) (int64, error), lines ...line) error {
		t.clock.set(at)
		var id int64
		err := t.DB.Write(ctx, func(tx *store.Tx) (err error) {
			id, err = f(tx)
			return err
		})
		if err != nil {
			return fmt.Errorf("begin at %v: %w", at, err)
		}
		for _, l := range lines {
			t.clock.set(l.at)
			if err := t.DB.Write(ctx, func(tx *store.Tx) error {
				_, err := message.Send(tx, t.House, l.by, id, message.Draft{Body: l.body})
				return err
			}); err != nil {
				return fmt.Errorf("say %q: %w", l.body, err)
			}
		}
		return t.work(ctx)
	}
	said := func(title, body string) message.Begun {
		return message.Begun{Title: title, Draft: message.Draft{Body: body}}
	}
	as := func(unit int64, b message.Begun) message.Begun {
		b.From = unit
		return b
	}
	if err := begin(t.ago(4, 21, 5), func(tx *store.Tx) (int64, error) {
		return message.Ask(tx, t.House, mother, child, g.id, said("Die roten Gummistiefel", "Guten Abend,\n\nheute sind wir ohne die **roten Gummistiefel** nach Hause gekommen. Liegen sie noch bei Ihnen?"))
	}, line{g.staff, t.ago(3, 8, 10), "Guten Morgen! Ja, sie standen im Waschraum. Jetzt stehen sie wieder am Haken."},
		line{mother, t.ago(3, 8, 25), "Wunderbar, vielen Dank!"}); err != nil {
		return err
	}
	if err := begin(t.ago(1, 14, 20), func(tx *store.Tx) (int64, error) {
		return message.Ask(tx, t.House, mother, child, k.id, said("Elterngespräch", "Liebe Frau Detlefsen,\n\nkönnen wir nächste Woche über den Wechsel in die Schule sprechen? Mir passt es ab 15 Uhr."))
	}); err != nil {
		return err
	}
	if err := begin(t.ago(2, 9, 40), func(tx *store.Tx) (int64, error) {
		first, _, err := message.Write(tx, t.House, k.head, []int64{child, g.children[1].id, g.children[2].id}, as(k.id, said("Impfbuch mitbringen", "Für unsere Unterlagen fehlt uns noch ein Blick ins **Impfbuch**. Bitte bringen Sie es bis Freitag einmal mit.")))
		return first, err
	}); err != nil {
		return err
	}
	if err := begin(t.ago(1, 10, 5), func(tx *store.Tx) (int64, error) {
		return message.Reach(tx, t.House, k.head, t.kitas[1].id, as(k.id, said("Gemeinsames Sommerfest?", "Unsere Gärten liegen fast nebeneinander. Wollen wir im Sommer zusammen feiern?")))
	}, line{t.kitas[1].head, t.ago(1, 12, 30), "Sehr gern! Ich bringe es am Donnerstag in unsere Teamsitzung."}); err != nil {
		return err
	}
	return begin(t.ago(1, 13, 15), func(tx *store.Tx) (int64, error) {
		colleague, err := org.Viewer(tx, g.staff.ID, t.Now()) // with what she holds
		if err != nil {
			return 0, err
		}
		return message.Talk(tx, t.House, colleague, k.head.ID, said("Urlaub am Brückentag", "Darf ich am Brückentag freinehmen? Die Kollegin aus der Nachbargruppe würde mich vertreten."))
	})
}

// motherOf finds the mother of the cards and her child in a Kita.
func (t *town) motherOf(ctx context.Context, k *kita) (g *group, mother who.Viewer, child int64, err error) {
	for _, g = range k.groups {
		for _, c := range g.children {
			if c.family != parent.family || len(g.children) < 3 {
				continue
			}
			err = t.DB.Read(ctx, func(tx *store.Tx) (err error) {
				id, err := store.One(tx, store.Value[int64], `SELECT id FROM person WHERE given = ? AND family = ?`, parent.given, parent.family)
				if err == nil {
					mother, err = org.Viewer(tx, id, t.today)
				}
				return err
			})
			return g, mother, c.id, err
		}
	}
	return nil, mother, 0, fmt.Errorf("%s %s has no child in %s", parent.given, parent.family, k.name)
}
