package demo

import (
	"context"
	"fmt"
	"time"

	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/meeting"
)

// meetings has the council of the north meet: once in the month that has passed, and soon again. For the meeting after that
// it looks for a day.
func (t *town) meetings(ctx context.Context) error {
	post := serving(t.House, meeting.New(t.House, meeting.Wires{}).Routes)
	do := func(at time.Time, f func(tx *store.Tx) error) error {
		t.clock.set(at)
		if err := t.DB.Write(ctx, f); err != nil {
			return err
		}
		return t.work(ctx)
	}
	path := func(id int64, rest string) string { return fmt.Sprintf("/sitzung/%d%s", id, rest) }
	plan := func(at time.Time, d meeting.Draft, items ...[]string) (id int64, err error) {
		d.Unit, d.Public = t.north, true
		if err := do(at, func(tx *store.Tx) error { id, err = meeting.Add(tx, t.House, t.chair, d); return err }); err != nil {
			return 0, err
		}
		for _, fields := range items {
			if err := post(ctx, t.chair, path(id, "/tagesordnung"), append([]string{"do", "neu"}, fields...)...); err != nil {
				return 0, err
			}
		}
		return id, post(ctx, t.chair, path(id, "/einladen"), "late", "1")
	}
	answer := func(id int64, answers ...string) error {
		for i, a := range answers {
			note := ""
			if a == meeting.No {
				note = "Ich habe Spätdienst."
			}
			if err := post(ctx, who.Viewer{ID: t.members[i]}, path(id, "/antwort"), "answer", a, "note", note); err != nil {
				return err
			}
		}
		return t.work(ctx)
	}

	held := t.ago(7, 19, 30)
	first, err := plan(t.ago(18, 20, 0), meeting.Draft{Title: "Erste Sitzung im Kita-Jahr", Day: held.Format(time.DateOnly), Starts: 19*60 + 30, Ends: 21*60 + 30,
		Place: "Bürgerzentrum, Raum 2", Body: "Wir lernen uns kennen und legen fest, was wir uns vornehmen."},
		[]string{"title", "Halten vor den Kitas am Morgen", "public", "1"}, []string{"title", "Essensgeld: Anhörung der Beiräte", "public", "1"}, []string{"title", "Beschwerde über eine Leitung"})
	if err != nil {
		return err
	}
	if err := answer(first, meeting.Yes, meeting.Yes, meeting.Yes); err != nil {
		return err
	}
	if err := do(held, func(tx *store.Tx) error { return meeting.Begin(tx, t.House, t.chair, first) }); err != nil {
		return err
	}
	if err := do(held.Add(2*time.Hour), func(tx *store.Tx) error {
		all, err := meeting.Items(tx, first, t.chair, t.Now())
		if err != nil {
			return err
		}
		for _, i := range all {
			if i.Title == "Essensgeld: Anhörung der Beiräte" {
				continue // there was no time left for it
			}
			if err := meeting.Reach(tx, t.House, t.chair, i.ID); err != nil {
				return err
			}
		}
		return meeting.End(tx, t.House, t.chair, first)
	}); err != nil {
		return err
	}

	next := t.today.AddDate(0, 0, 12)
	second, err := plan(t.ago(3, 18, 20), meeting.Draft{Title: "Sitzung vor den Ferien", Day: next.Format(time.DateOnly), Starts: 19*60 + 30, Ends: 21 * 60,
		Place: "Bürgerzentrum, Raum 2", Online: "https://konferenz.example.org/beirat-nord"},
		[]string{"title", "Brief an die Stadt: Verkehr am Morgen", "public", "1"}, []string{"title", "Stand der Beschwerde"})
	if err != nil {
		return err
	}
	if err := answer(second, meeting.Yes, meeting.No); err != nil {
		return err
	}
	t.clock.set(t.ago(2, 12, 10))
	if err := post(ctx, who.Viewer{ID: t.members[0]}, "/vorschlaege/neu", "unit", fmt.Sprint(t.north), "title", "Gemeinsamer Flohmarkt", "public", "1",
		"body", "Im Frühjahr, auf dem Hof von zwei Kitas. Wer macht mit?"); err != nil {
		return err
	}
	return t.findDay(ctx, post, do)
}

// findDay asks the council which evening suits for a talk with the carriers.
func (t *town) findDay(ctx context.Context, post poster, do func(at time.Time, f func(tx *store.Tx) error) error) error {
	y, m, day := t.today.AddDate(0, 0, 6).Date()
	d := meeting.PollDraft{Unit: t.north, Title: "Runde mit den Trägern", Place: "Rathaus", Body: "Bitte sagen Sie zu jeder Zeit etwas, dann wird es leichter.", Closes: time.Date(y, m, day, 0, 0, 0, 0, t.today.Location())}
	for n := range 4 {
		d.Slots = append(d.Slots, meeting.SlotDraft{Day: t.today.AddDate(0, 0, 24+n).Format(time.DateOnly), Starts: 18 * 60, Ends: 19*60 + 30})
	}
	var id int64
	if err := do(t.ago(2, 20, 30), func(tx *store.Tx) (err error) { id, err = meeting.AddPoll(tx, t.House, t.chair, d); return err }); err != nil {
		return err
	}
	t.clock.set(t.ago(1, 9, 15))
	for i, choices := range [][]string{{"yes", "maybe", "no", "yes"}, {"no", "yes", "maybe", "yes"}, {"maybe", "yes", "no", "maybe"}} {
		v := who.Viewer{ID: append([]int64{t.chair.ID}, t.members...)[i]}
		var slots []int64
		err := t.DB.Read(ctx, func(tx *store.Tx) (err error) {
			slots, err = store.All(tx, store.Value[int64], `SELECT id FROM meeting_slot WHERE poll = ? ORDER BY starts`, id)
			return err
		})
		if err != nil {
			return err
		}
		var fields []string
		for n, c := range choices {
			fields = append(fields, fmt.Sprintf("s%d", slots[n]), c)
		}
		if err := post(ctx, v, fmt.Sprintf("/terminfindung/%d/antwort", id), fields...); err != nil {
			return err
		}
	}
	return nil
}
