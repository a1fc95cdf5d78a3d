package demo

import (
	"fmt"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

// An elected person holds an office in the demonstration.
type elected struct {
	person int64
	office committee.Office
}

// councils fills the parents' council of the first Kita, which its chair has led for a second term since seven weeks, and
// makes that of the city, which is public.
func (t *town) councils(tx *store.Tx) error {
	here := t.kitas[0]
	parent := func(k *kita, n int) int64 { // the n-th who has access and is on no card
		for _, g := range k.groups {
			for _, c := range g.children {
				if len(c.parents) == 0 || c.quiet || c.parents[0] == t.delegate {
					continue
				}
				if n--; n < 0 {
					return c.parents[0]
				}
			}
		}
		return 0
	}
	rules := committee.Usual(t.council)
	err := t.elect(tx, rules, 49, []elected{{t.delegate, committee.Chair}, {parent(here, 3), committee.Deputy}, {parent(here, 7), committee.Secretary},
		{parent(here, 11), committee.Member}, {parent(here, 14), committee.Substitute}, {parent(here, 16), committee.Substitute}})
	if err != nil {
		return err
	}
	root, err := org.Get(tx, t.city)
	if err != nil {
		return err
	}
	unit, err := org.Add(tx, org.Unit{Parent: t.city, Kind: org.Committee, Name: "Stadtelternbeirat " + root.Name}, t.Now())
	if err != nil {
		return err
	}
	rules = committee.Usual(unit)
	rules.Public, rules.Notice, rules.Provisional = true, 14, 6
	return t.elect(tx, rules, 35, []elected{{parent(t.kitas[2], 1), committee.Chair}, {t.delegate, committee.Deputy}, {parent(t.kitas[4], 0), committee.Secretary},
		{parent(t.kitas[5], 2), committee.Treasurer}, {parent(t.kitas[6], 1), committee.Member}, {parent(t.kitas[7], 3), committee.Member},
		{parent(t.kitas[8], 0), committee.Member}, {parent(t.kitas[9], 1), committee.Substitute}, {parent(t.kitas[10], 0), committee.Substitute}})
}

// elect gives a committee its rules and a board for two terms: since the town began, and again since some days ago.
func (t *town) elect(tx *store.Tx, rules committee.Rules, days int, board []elected) error {
	if err := committee.SetRules(tx, rules); err != nil {
		return err
	}
	midnight := func(at time.Time) time.Time {
		y, m, d := at.In(web.Zone()).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, web.Zone())
	}
	first, second := midnight(t.Now()), midnight(t.today.AddDate(0, 0, -days))
	end := second.AddDate(1, 0, 0)
	for i, x := range [][2]time.Time{{first, second}, {second, end}} {
		year := second.Year() - 1 + i
		if _, err := committee.AddTerm(tx, committee.Term{Unit: rules.Unit, Name: fmt.Sprintf("%d/%02d", year, (year+1)%100),
			Elected: x[0].AddDate(0, 0, -3).Format(time.DateOnly), Starts: x[0], Ends: x[1], Changed: x[0]}); err != nil {
			return err
		}
	}
	rank := 0
	for i, e := range board {
		since := first
		if i%3 == 2 { // newly elected
			since = second
		}
		id, err := org.Appoint(tx, org.Membership{Person: e.person, Unit: rules.Unit, Role: e.office.Role(), Office: string(e.office), State: org.Confirmed,
			Since: since, Until: end.AddDate(0, rules.Provisional, 0).Unix()})
		if err != nil {
			return err
		}
		if e.office == committee.Substitute {
			rank++
			if err := committee.SetRank(tx, id, rank); err != nil {
				return err
			}
		}
	}
	return nil
}
	"context"
	"slices"

	"nestfunk/app/base/house"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/bulletin"
	"nestfunk/app/feature/calendar"
	"nestfunk/app/feature/handover"
	"nestfunk/app/feature/list"
	"nestfunk/app/feature/operation"
	"nestfunk/app/feature/room"
	"nestfunk/app/feature/wiki"
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
	change := time.Date(t.today.Year(), t.today.Month()+2, 1, 0, 0, 0, 0, t.today.Location())
	k := t.kitas[0]
	next := k.groups[1].children[0].parents[0]
	t.clock.set(t.ago(19, 20, 0))
	if err := t.DB.Write(ctx, func(tx *store.Tx) error { return t.elected(tx, next, change) }); err != nil {
		return fmt.Errorf("elect a board: %w", err)
	}
	if err := t.letters(ctx); err != nil {
		return fmt.Errorf("write to parents: %w", err)
	}
	return t.handover(ctx, next, change)
}

// elected gives the council its terms and both boards, where nobody has yet.
func (t *town) elected(tx *store.Tx, next int64, change time.Time) error {
	terms, err := committee.Terms(tx, t.council)
	if err != nil || len(terms) > 0 {
	}
	for i := range 2 {
		from, to := change.AddDate(i-1, 0, 0), change.AddDate(i, 0, 0)
		if _, err := committee.AddTerm(tx, committee.Term{UID: fmt.Sprintf("019c0000-0000-7000-8000-%012d", i), Unit: t.council, Name: fmt.Sprintf("%d/%02d", from.Year(), to.Year()%100),
			Elected: from.AddDate(0, -1, 0).Format(time.DateOnly), Starts: from, Ends: to, Changed: t.Now()}); err != nil {
		}
	}
	for _, m := range []org.Membership{
		{Person: t.delegate, Since: change.AddDate(-1, 0, 0), Until: change.Unix()},
		{Person: next, Since: change, Until: change.AddDate(1, 0, 0).Unix()},
	} {
		m.Unit, m.Role, m.Office, m.State = t.council, who.Chair, string(committee.Chair), org.Confirmed
		if _, err := org.Appoint(tx, m); err != nil {
		}
	}
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
		}
	}
	var chair who.Viewer
	var id int64
	write := func(uid, title, body string, send bool) error {
		return t.DB.Write(ctx, func(tx *store.Tx) (err error) {
			if chair, err = org.Viewer(tx, t.delegate, t.Now()); err != nil {
			}
			n, err := bulletin.Write(tx, chair, 0, bulletin.Draft{UID: uid, Unit: t.council, Place: k.id, Title: title, Body: body}, t.Now())
			if err != nil || !send {
			}
			id = n
			return bulletin.Send(tx, t.House, operation.Log, chair, id)
		})
	}
	t.clock.set(t.ago(6, 17, 30))
	if err := write("rundbrief-essensgeld", "Das Essensgeld soll steigen: was fragen wir?", letter, true); err != nil {
	}
	if err := t.work(ctx); err != nil {
	}
	t.clock.set(t.ago(5, 7, 40))
	for i, p := range agreed {
		if i%3 != 0 {
			if err := post(ctx, who.Viewer{ID: p}, fmt.Sprintf("/rundbrief/%d/geoeffnet", id)); err != nil {
			}
		}
	}
	t.clock.set(t.ago(1, 21, 10))
	return write("rundbrief-laternenfest", "Laternenfest: wer hilft?", "Liebe Eltern,\n\nfür das Laternenfest fehlen uns noch vier Paar Hände beim Aufbau.", false)
}

// handover has the board begin, and tick off half of it; the next one asks back.
func (t *town) handover(ctx context.Context, next int64, change time.Time) error {
	w := handover.Wires{Log: operation.Log, Legacy: func(tx *store.Tx, v who.Viewer, unit int64) (all []house.Legacy, err error) {
		for _, f := range []house.Feature{wiki.New(t.House, operation.Log, nil, room.Passed(t.Now)), calendar.New(t.House, nil, operation.Log), list.New(t.House)} {
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
		}
		if id, err = handover.Begin(tx, t.House, w, chair, t.council, change); err != nil {
		}
		items, err = store.All(tx, store.Value[int64], `SELECT id FROM handover_item WHERE handover = ? ORDER BY id`, id)
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
		}
	}
	if len(items) == 0 {
		return nil
	}
	if err := deed(t.delegate, items[0], handover.Note, "Am besten zuerst lesen. Die Zugangsdaten gibt es persönlich."); err != nil {
	}
	t.clock.set(t.ago(2, 21, 0))
	if err := deed(next, items[0], handover.Ask, "Wann können wir uns dafür treffen?"); err != nil {
	}
	if len(items) > 2 {
		if err := deed(next, items[2], handover.Take, ""); err != nil {
		}
	}
	return t.work(ctx)
}
