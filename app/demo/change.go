package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/bulletin"
	"nestfunk/app/feature/handover"
	"nestfunk/app/feature/operation"
)

const letter = `Liebe Eltern,

der Träger möchte das **Essensgeld** ab dem neuen Jahr erhöhen. Wir werden dazu angehört und haben drei Fragen gestellt:

- Was kostet ein Essen heute, und was kostet es dann?
- Bleibt es beim Biofleisch?
- Was ist mit Familien, für die das zu viel wird?

Was sollen wir noch fragen? Die Anhörung ist in zwei Wochen.

Ihr Elternbeirat`

// boards has the council of the first Kita write to the parents who have agreed, and its board prepare the change: half of
// what it leaves is ticked off.
func (t *town) boards(ctx context.Context) error {
	next := t.kitas[0].groups[1].children[0].parents[0]
	change, err := t.succeed(ctx, next)
	if err != nil {
		return fmt.Errorf("elect a board: %w", err)
	}
	if err := t.letters(ctx); err != nil {
		return fmt.Errorf("write to parents: %w", err)
	}
	return t.handover(ctx, next, change)
}

// succeed elects the next board of the council of the first Kita: somebody who wants to leads it, the chair goes.
func (t *town) succeed(ctx context.Context, next int64) (change time.Time, err error) {
	t.clock.set(t.ago(9, 20, 0))
	page := fmt.Sprintf("/gremium/%d/", t.council)
	if err := t.deed(ctx, who.Viewer{ID: next}, page+"kandidatur", "wants", "1"); err != nil {
		return change, err
	}
	t.clock.set(t.ago(7, 21, 20))
	var now committee.Term
	var seats []committee.Seat
	if err := t.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if now, err = committee.TermAt(tx, t.council, t.Now()); err == nil {
			seats, err = committee.Seats(tx, t.council, t.Now())
		}
		return err
	}); err != nil {
		return change, err
	}
	end := house.Local(now.Ends).AddDate(1, 0, -1)
	form := []string{"term", "0", "go", "save", "name", fmt.Sprintf("%d/%02d", house.Local(now.Ends).Year(), end.Year()%100), "elected", house.Local(t.Now()).Format(time.DateOnly),
		"starts", house.Local(now.Ends).Format(time.DateOnly), "ends", end.Format(time.DateOnly)}
	holder := func(person int64, office committee.Office) {
		form = append(form, "person", fmt.Sprint(person), "given", "", "family", "", "mail", "", "office", string(office), "rank", "")
	}
	holder(next, committee.Chair)
	for _, s := range seats {
		if s.Person != t.delegate && s.Office.Votes() {
			holder(s.Person, s.Office)
		}
	}
	return now.Ends, t.deed(ctx, who.Viewer{ID: t.delegate}, page+"wahl", form...)
}

// letters has parents agree, the board send one letter, and some of them read it; another is a draft.
func (t *town) letters(ctx context.Context) error {
	k := t.kitas[0]
	post := serving(t.House, bulletin.New(t.House, bulletin.Wires{Log: operation.Log}).Routes)
	var agreed []int64
	for _, g := range k.groups {
		for _, c := range g.children {
			if len(c.parents) > 0 && c.family != parent.family && !slices.Contains(agreed, c.parents[0]) && t.crowd.chance(45) {
				agreed = append(agreed, c.parents[0])
			}
		}
	}
	t.clock.set(t.ago(12, 20, 15))
	for _, p := range agreed {
		if err := post(ctx, who.Viewer{ID: p}, "/rundbriefe/zustimmung", "unit", fmt.Sprint(t.council), "say", "yes"); err != nil {
			return err
		}
	}
	var chair who.Viewer
	var id int64
	write := func(uid, title, body string, send bool) error {
		return t.DB.Write(ctx, func(tx *store.Tx) (err error) {
			if chair, err = org.Viewer(tx, t.delegate, t.Now()); err != nil {
				return err
			}
			n, err := bulletin.Write(tx, chair, 0, bulletin.Draft{UID: uid, Unit: t.council, Place: k.id, Title: title, Body: body}, t.Now())
			if err != nil || !send {
				return err
			}
			id = n
			return bulletin.Send(tx, t.House, operation.Log, chair, id)
		})
	}
	t.clock.set(t.ago(6, 17, 30))
	if err := write("rundbrief-essensgeld", "Das Essensgeld soll steigen: was fragen wir?", letter, true); err != nil {
		return err
	}
	if err := t.work(ctx); err != nil {
		return err
	}
	t.clock.set(t.ago(5, 7, 40))
	for i, p := range agreed {
		if i%3 != 0 {
			if err := post(ctx, who.Viewer{ID: p}, fmt.Sprintf("/rundbrief/%d/geoeffnet", id)); err != nil {
				return err
			}
		}
	}
	t.clock.set(t.ago(1, 21, 10))
	return write("rundbrief-laternenfest", "Laternenfest: wer hilft?", "Liebe Eltern,\n\nfür das Laternenfest fehlen uns noch vier Paar Hände beim Aufbau.", false)
}

// handover has the board begin, and tick off half of it; the next one asks back.
func (t *town) handover(ctx context.Context, next int64, change time.Time) error {
	w := handover.Wires{Log: operation.Log, Legacy: func(tx *store.Tx, v who.Viewer, unit int64) (all []house.Legacy, err error) {
		for _, name := range []string{"wiki", "calendar", "list", "meeting", "resolution", "assignment"} {
			f := t.features[slices.IndexFunc(t.features, func(f house.Feature) bool { return f.Name == name })]
			more, err := f.Legacy(tx, v, unit)
			if err != nil {
				return nil, err
			}
			all = append(all, more...)
		}
		return all, nil
	}}
	post := serving(t.House, handover.New(t.House, w).Routes)
	t.clock.set(t.ago(3, 20, 30))
	var id int64
	var items []int64
	if err := t.DB.Write(ctx, func(tx *store.Tx) error {
		chair, err := org.Viewer(tx, t.delegate, t.Now())
		if err != nil {
			return err
		}
		if id, err = handover.Begin(tx, t.House, w, chair, t.council, change); err != nil {
			return err
		}
		items, err = store.All(tx, store.Value[int64], `SELECT id FROM handover_item WHERE handover = ? ORDER BY id`, id)
		return err
	}); err != nil {
		return fmt.Errorf("begin a handover: %w", err)
	}
	at := fmt.Sprintf("/uebergabe/%d/punkt", id)
	deed := func(person int64, item int64, deed, words string) error {
		return post(ctx, who.Viewer{ID: person}, at, "item", fmt.Sprint(item), "deed", deed, "words", words)
	}
	for i, x := range items {
		if i%2 == 1 {
			continue
		}
		if err := deed(t.delegate, x, handover.Give, ""); err != nil {
			return err
		}
	}
	if len(items) == 0 {
		return nil
	}
	if err := deed(t.delegate, items[0], handover.Note, "Am besten zuerst lesen. Die Zugangsdaten gibt es persönlich."); err != nil {
		return err
	}
	t.clock.set(t.ago(2, 21, 0))
	if err := deed(next, items[0], handover.Ask, "Wann können wir uns dafür treffen?"); err != nil {
		return err
	}
	if len(items) > 2 {
		if err := deed(next, items[2], handover.Take, ""); err != nil {
			return err
		}
	}
	return t.work(ctx)
}
