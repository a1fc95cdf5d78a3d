package demo

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/announcement"
	"nestfunk/app/feature/list"
	"nestfunk/app/feature/slip"
)

// lists are those of the first Kita: what is brought to the party of the parents' council, when somebody helps, and the
// interviews of a group.
func (t *town) lists() event {
	k := t.kitas[0]
	day := func(n int) string { return t.today.AddDate(0, 0, n).Format(time.DateOnly) }
	hours := func(n, from, to int) (time.Time, time.Time) {
		y, m, d := t.today.AddDate(0, 0, n).Date()
		return time.Date(y, m, d, from, 0, 0, 0, t.today.Location()), time.Date(y, m, d, to, 0, 0, 0, t.today.Location())
	}
	build, built := hours(11, 14, 16)
	sell, sold := hours(11, 16, 18)
	clear, cleared := hours(11, 18, 20)
	parents := who.Of(who.Parent)
	serve := serving(t.House, list.New(t.House).Routes)
	return event{t.ago(4, 11, 30), func(ctx context.Context) error {
		for i, d := range []list.Draft{
			{Unit: k.id, Units: []int64{k.id}, Kind: list.Bring, Title: "Buffet beim Laternenfest", Per: list.PerPerson, Day: day(11), Remind: true,
				Body: "Bitte schreiben Sie dazu, was drin ist. **Keine Nüsse.**", Lines: list.ReadLines("Kuchen: 8\nSalat: 6\nBrot und Brötchen: 4\nSaft und Wasser: 10\nGroßer Grill")},
			{Unit: k.id, Units: []int64{k.id}, Kind: list.Shift, Title: "Helfen beim Laternenfest", Per: list.PerPerson, Remind: true, Lines: []list.Line{
				{Title: "Aufbau", Starts: build, Ends: built, Room: "Hof", Places: 4}, {Title: "Verkauf", Starts: sell, Ends: sold, Room: "Turnhalle", Places: 3},
				{Title: "Abbau", Starts: clear, Ends: cleared, Room: "Hof", Places: 6}}},
			{Unit: k.groups[0].id, Units: []int64{k.groups[0].id}, Kind: list.Slot, Title: "Elterngespräche", Per: list.PerChild, Most: 1, Remind: true,
				Lines: list.Slots(day(8), 14*60, 17*60, 25, 5, "Büro im Erdgeschoss", 1)},
		} {
			d.Roles = parents
			by := k.head
			if i == 0 {
				by = who.Viewer{ID: t.delegate, Holds: []who.Holding{{Role: who.Delegate, Unit: k.id}}}
			}
			var id int64
			err := t.DB.Write(ctx, func(tx *store.Tx) (err error) {
				id, err = list.Add(tx, t.House, by, d)
				return err
			})
			if err != nil {
				return fmt.Errorf("make the list %q: %w", d.Title, err)
			}
			if err := t.enterAll(ctx, serve, id, d); err != nil {
				return err
			}
		}
		return nil
	}}
}

// enterAll has families put themselves down.
func (t *town) enterAll(ctx context.Context, serve poster, id int64, d list.Draft) error {
	var lines []int64
	err := t.DB.Read(ctx, func(tx *store.Tx) (err error) {
		lines, err = store.All(tx, store.Value[int64], `SELECT id FROM list_line WHERE list = ? ORDER BY rank`, id)
		return err
	})
	if err != nil {
		return err
	}
	children := t.kitas[0].children()
	if d.Per == list.PerChild {
		children = t.kitas[0].groups[0].children
	}
	notes := []string{"Apfelkuchen", "Nudelsalat", "Vollkornbrot", "Apfelsaft", "aus dem Verein"}
	n, gone := 0, map[int64]bool{}
	for _, c := range children {
		if len(c.parents) == 0 || c.quiet || gone[c.parents[0]] || c.parents[0] == t.delegate || n == 11 || d.Per == list.PerChild && n == 4 {
			continue
		}
		gone[c.parents[0]] = true
		line := n % len(lines)
		fields := []string{"line", strconv.FormatInt(lines[line], 10), "places", "1"}
		if d.Per == list.PerChild {
			fields = append(fields, "child", strconv.FormatInt(c.id, 10))
		}
		if d.Kind == list.Bring {
			fields = append(fields, "note", notes[line])
		}
		if err := serve(ctx, who.Viewer{ID: c.parents[0]}, fmt.Sprintf("/liste/%d/eintragen", id), fields...); err != nil {
			return err
		}
		n++
	}
	return nil
}

// asks is an announcement with questions, of which a part is answered.
func (t *town) asks() event {
	k := t.kitas[0]
	f, _ := slip.New(t.House, func(tx *store.Tx, id int64, v who.Viewer) (slip.Announcement, error) {
		a, err := announcement.See(tx, t.House, id, v)
		return slip.Announcement{Title: a.Title, UnitName: a.UnitName, Expires: a.Expires, Meant: a.Meant}, err
	}, func(tx *store.Tx, id int64, v who.Viewer) error { return announcement.Answered(tx, t.House, id, v) })
	serve := serving(t.House, f.Routes)
	return event{t.ago(2, 12, 20), func(ctx context.Context) error {
		var id int64
		var asked slip.Slip
		err := t.DB.Write(ctx, func(tx *store.Tx) (err error) {
			id, err = announcement.Publish(tx, t.House, k.head, announcement.Draft{Unit: k.id, Units: []int64{k.id}, Roles: who.Of(who.Parent), Title: "Ausflug ins Museum",
				Body: "Wir fahren mit dem Bus ins Museum und sind um 15 Uhr zurück. Bitte sagen Sie uns, ob Ihr Kind mitkommt."})
			if err != nil {
				return err
			}
			asked = slip.Slip{Announcement: id, Per: slip.PerChild, Sign: slip.Drawn, Deadline: t.ago(0, 12, 0).AddDate(0, 0, 5), Questions: []slip.Question{
				{Kind: slip.One, Words: "Kommt Ihr Kind mit?", Choices: []string{"Ja", "Nein"}, Required: true},
				{Kind: slip.Many, Words: "Was braucht es?", Choices: []string{"Brotdose", "Sitzerhöhung", "Hilfe beim Anziehen"}},
				{Kind: slip.Text, Words: "Sollen wir etwas wissen?"}}}
			return slip.Attach(tx, t.House, asked)
		})
		if err != nil {
			return fmt.Errorf("ask the families: %w", err)
		}
		if err := t.work(ctx); err != nil {
			return err
		}
		err = t.DB.Read(ctx, func(tx *store.Tx) (err error) {
			asked, err = slip.Of(tx, id)
			return err
		})
		if err != nil {
			return err
		}
		for i, c := range k.children() {
			if len(c.parents) == 0 || c.parents[0] == t.delegate || i%3 == 0 || c.quiet { // whoever looks as a mother is asked
				continue
			}
			comes := "Ja"
			if i%7 == 1 {
				comes = "Nein"
			}
			t.clock.set(t.ago(2, 12, 20).Add(time.Duration(i) * 3 * time.Minute))
			by, err := t.viewer(ctx, c.parents[0])
			if err != nil {
				return err
			}
			fields := []string{"child", strconv.FormatInt(c.id, 10), "signed", by.Name(), asked.Questions[0].Field(), comes}
			if i%4 == 2 {
				fields = append(fields, "drawing", scribble(i))
			}
			if comes == "Ja" && i%2 == 0 {
				fields = append(fields, asked.Questions[1].Field(), asked.Questions[1].Choices[i%3])
			}
			if err := serve(ctx, by, fmt.Sprintf("/rueckmeldung/%d/antwort", id), fields...); err != nil {
				return err
			}
		}
		return nil
	}}
}

// scribble is a signature that was drawn by hand, another one for each number.
func scribble(n int) string {
	var b strings.Builder
	for i := range 24 {
		letter := "L"
		if i == 0 {
			letter = "M"
		}
		fmt.Fprintf(&b, "%s%d %d", letter, 20+i*11, 52+(i*n*7+i*i*5)%38-(i%2)*24)
	}
	return b.String()
}

// viewer is a person of the town as one who asks.
func (t *town) viewer(ctx context.Context, person int64) (v who.Viewer, err error) {
	err = t.DB.Read(ctx, func(tx *store.Tx) (err error) {
		v, err = org.Viewer(tx, person, t.Now())
		return err
	})
	return v, err
}
