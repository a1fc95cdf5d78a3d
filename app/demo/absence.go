package demo

import (
	"context"
	"strconv"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/absence"
	"nestfunk/app/feature/announcement"
)

// why are the reasons that families give, one after the other.
var why = []string{"ill", "ill", "", "holiday", "ill", "appointment", "ill", "other"}

// door opens what happens at the door of the first two facilities: absences, and the lists of the day.
func (t *town) door(ctx context.Context) error {
	f := absence.New(t.House, absence.Wires{Care: announcement.Absent(t.House), Log: func(*store.Tx, time.Time, int64, string, int64) error { return nil }})
	for _, j := range f.Jobs {
		t.Tasks.Handle(j)
	}
	t.enter = serving(t.House, f.Routes)
	return f.Begin(ctx)
}

// absences are those of the month: each working day another child of each group.
func (t *town) absences() (all []event) {
	for days := 1; days <= 16; days++ {
		for _, k := range t.kitas[:2] {
			for j, g := range k.groups {
				if (days+j)%2 == 0 {
					continue
				}
				n := days*5 + j
				at := t.ago(days, 6, 50+n%20)
				c := g.children[n%len(g.children)]
				all = append(all, event{at, func(ctx context.Context) error { return t.excuse(ctx, k, c, n, at.AddDate(0, 0, n%3)) }})
			}
		}
	}
	return all
}

// excuse has a family excuse its child from today on; one without access telephones.
func (t *town) excuse(ctx context.Context, k *kita, c *child, n int, last time.Time) error {
	fields := []string{"last_day", last.Format(time.DateOnly), "reason", why[n%len(why)]}
	if len(c.parents) == 0 {
		return t.enter(ctx, k.head, "/anwesenheit/"+strconv.FormatInt(c.id, 10)+"/abmelden", fields...)
	}
	return t.enter(ctx, who.Viewer{ID: c.parents[0]}, "/abwesenheit", append(fields, "child", strconv.FormatInt(c.id, 10))...)
}

// attend has some children excused today, and the others come; in the groups that are closed, those who have a place.
func (t *town) attend(ctx context.Context) error {
	at := t.ago(0, 6, 40)
	if earliest := t.today.Add(-70 * time.Minute); at.After(earliest) { // it is night, or very early
		at = earliest
		if midnight := t.ago(0, 0, 0); at.Before(midnight) {
			at = midnight
		}
	}
	// What a morning brings lies between then and half past eight, or now.
	span := min(t.today.Sub(at), 110*time.Minute)
	var guests []int64
	err := t.DB.Read(ctx, func(tx *store.Tx) (err error) {
		guests, err = store.All(tx, store.Value[int64], `SELECT child FROM announcement_care WHERE state = 'given' ORDER BY turn`)
		return err
	})
	if err != nil {
		return err
	}
	came := func(by who.Viewer, unit, child int64, part float64) error {
		t.clock.set(at.Add(time.Duration(part * float64(span))))
		return t.enter(ctx, by, "/tagesliste/"+strconv.FormatInt(unit, 10), "child", strconv.FormatInt(child, 10), "kind", "came")
	}
	for i, k := range t.kitas[:2] {
		for j, g := range k.groups {
			if i == 0 && closed[g.name] > 0 {
				continue
			}
			for n, c := range g.children {
				part := float64(n+1) / float64(len(g.children)+1)
				switch {
				case c.family == parent.family: // the visitor does it
				case n%8 == 3:
					t.clock.set(at.Add(time.Duration(part * float64(span) / 2)))
					if err := t.excuse(ctx, k, c, n+j, t.today.AddDate(0, 0, n%4)); err != nil {
						return err
					}
				case n%6 != 0:
					if err := came(g.staff, g.id, c.id, part); err != nil {
						return err
					}
				}
			}
		}
	}
	for n, c := range guests {
		if err := came(t.kitas[0].head, t.kitas[0].id, c, float64(n+1)/float64(len(guests)+1)); err != nil {
			return err
		}
	}
	return nil
}
