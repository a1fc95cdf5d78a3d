package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/meeting"
)

// A point is what was said at an item of an agenda, and what was moved there.
type point struct {
	title  string
	inside bool
	said   string
	motion string   // its wording; "": nothing was moved
	votes  []string // of the chair and of the others who are there, in order
	task   string   // that somebody got; "": nobody did
}

// A session is a meeting that has been held.
type session struct {
	ago    int // working days
	title  string
	place  string
	points []point
}

var held = []session{
	{19, "Herbstsitzung", "Elternzimmer der Kita", []point{
		{title: "Bericht aus der Kita", said: "Frau Detlefsen berichtet: Zwei Stellen sind ausgeschrieben. Die Randzeiten bleiben, wie sie sind."},
		{title: "Parken vor der Kita", said: "Am Morgen halten Autos auf dem Gehweg. Ein Schild allein hilft nicht.",
			motion: "Der Elternbeirat bittet die Stadt um eine **Haltezone** vor der Kita, von 7 bis 9 Uhr.", votes: []string{"yes", "yes", "yes", "no"}},
		{title: "Gespräch mit einer Familie", inside: true, said: "Die Familie wünscht sich Begleitung beim Gespräch. Der Vorsitz geht mit."},
	}},
	{7, "Sitzung zum Essensgeld", "Elternzimmer der Kita", []point{
		{title: "Essensgeld: unsere Stellungnahme", said: "Der Träger hat die Kalkulation geschickt. Sie wurde gemeinsam gelesen.",
			motion: "Der Elternbeirat stimmt der Erhöhung nur zu, wenn das Fleisch **Bio** bleibt und Familien mit Bildungspaket weiter nichts zahlen.",
			votes:  []string{"yes", "yes", "abstain", "yes"}, task: "Stellungnahme an den Träger schicken"},
		{title: "Zuschuss zum Puppentheater", said: "Das Theater kommt im Februar.",
			motion: "Aus der Kuchenkasse gehen 90 Euro an das Puppentheater.", votes: []string{"yes", "no", "no", "yes"}},
	}},
}

// sessions has the council of the first Kita meet twice, keep minutes and approve the first of them; it is invited again for
// a day of the next week, and asked meanwhile to decide by letter.
func (t *town) sessions(ctx context.Context) error {
	chair := who.Viewer{ID: t.delegate}
	var seats []committee.Seat
	t.clock.set(t.ago(30, 20, 0))
	if err := t.DB.Read(ctx, func(tx *store.Tx) (err error) {
		seats, err = committee.Seats(tx, t.council, t.Now())
		return err
	}); err != nil {
		return err
	}
	others := slices.DeleteFunc(committee.Voters(seats), func(p int64) bool { return p == t.delegate })
	last := int64(0) // minutes that wait for the next meeting
	for _, s := range held {
		id, err := t.invite(ctx, t.ago(s.ago+10, 20, 15), meeting.Draft{Title: s.title, Day: t.ago(s.ago, 0, 0).Format(time.DateOnly), Starts: 19*60 + 30, Ends: 21*60 + 15, Place: s.place}, s.points)
		if err != nil {
			return err
		}
		for _, p := range others {
			if err := t.deed(ctx, who.Viewer{ID: p}, fmt.Sprintf("/sitzung/%d/antwort", id), "answer", meeting.Yes); err != nil {
				return err
			}
		}
		if last, err = t.hold(ctx, s, id, others, last); err != nil {
			return fmt.Errorf("hold the meeting %q: %w", s.title, err)
		}
	}
	id, err := t.invite(ctx, t.ago(4, 20, 5), meeting.Draft{Title: "Sitzung vor den Ferien", Day: t.today.AddDate(0, 0, 5).Format(time.DateOnly), Starts: 19*60 + 30, Ends: 21 * 60,
		Place: "Elternzimmer der Kita", Online: "https://konferenz.example.org/bullerbue", Body: "Bitte bringen Sie einen Becher mit, es gibt Punsch."},
		[]point{{title: "Rückblick auf das Laternenfest"}, {title: "Übergabe an den neuen Vorstand"}, {title: "Wünsche der Familie", inside: true}})
	if err != nil {
		return err
	}
	t.clock.set(t.ago(2, 8, 30))
	for i, p := range others {
		say, note := meeting.Yes, ""
		if i == 1 {
			say, note = meeting.No, "Ich bin auf Fortbildung."
		}
		if err := t.deed(ctx, who.Viewer{ID: p}, fmt.Sprintf("/sitzung/%d/antwort", id), "answer", say, "note", note); err != nil {
			return err
		}
	}
	if err := t.work(ctx); err != nil {
		return err
	}
	return t.ask(ctx, chair, others)
}

// invite plans a meeting with its agenda, and invites to it.
func (t *town) invite(ctx context.Context, at time.Time, d meeting.Draft, points []point) (id int64, err error) {
	t.clock.set(at)
	d.Unit = t.council
	if err := t.DB.Write(ctx, func(tx *store.Tx) error {
		v, err := org.Viewer(tx, t.delegate, t.Now())
		if err != nil {
			return err
		}
		id, err = meeting.Add(tx, t.House, v, d)
		return err
	}); err != nil {
		return 0, err
	}
	for _, p := range points {
		fields := []string{"do", "neu", "title", p.title}
		if !p.inside {
			fields = append(fields, "public", "1")
		}
		if err := t.deed(ctx, who.Viewer{ID: t.delegate}, fmt.Sprintf("/sitzung/%d/tagesordnung", id), fields...); err != nil {
			return 0, err
		}
	}
	if err := t.deed(ctx, who.Viewer{ID: t.delegate}, fmt.Sprintf("/sitzung/%d/einladen", id), "late", "1"); err != nil {
		return 0, err
	}
	return id, t.work(ctx)
}

// hold lets a meeting take place: who is there, what is moved and voted on, and what its minutes say. It returns those.
func (t *town) hold(ctx context.Context, s session, id int64, others []int64, last int64) (minutes int64, err error) {
	chair, at := who.Viewer{ID: t.delegate}, t.ago(s.ago, 19, 32)
	floor := func(deed string, fields ...string) error {
		if at = at.Add(time.Minute); deed != "anwesend" {
			at = at.Add(4 * time.Minute)
		}
		t.clock.set(at)
		version, err := t.number(ctx, func(tx *store.Tx) (int64, error) {
			return store.One(tx, store.Value[int64], `SELECT coalesce(max(version), 0) FROM floor WHERE meeting = ?`, id)
		})
		if err != nil {
			return err
		}
		return t.deed(ctx, chair, fmt.Sprintf("/sitzung/%d/plenum/%s", id, deed), append(fields, "version", fmt.Sprint(version))...)
	}
	if err := floor("beginn"); err != nil {
		return 0, err
	}
	for _, p := range others {
		if err := floor("anwesend", "person", fmt.Sprint(p)); err != nil {
			return 0, err
		}
	}
	var items []meeting.Item
	if err := t.DB.Read(ctx, func(tx *store.Tx) error {
		v, err := org.Viewer(tx, t.delegate, t.Now())
		if err != nil {
			return err
		}
		items, err = meeting.Items(tx, id, v, t.Now())
		return err
	}); err != nil {
		return 0, err
	}
	said := []string{}
	for _, i := range items {
		if err := floor("punkt", "item", fmt.Sprint(i.ID)); err != nil {
			return 0, err
		}
		n := slices.IndexFunc(s.points, func(p point) bool { return p.title == i.Title })
		if n < 0 {
			continue
		}
		p := s.points[n]
		said = append(said, fmt.Sprintf("body-%d", i.ID), p.said, fmt.Sprintf("base-%d", i.ID), "0-000000000000")
		if p.motion != "" {
			if err := t.vote(ctx, floor, &at, p, id, append([]int64{t.delegate}, others...)); err != nil {
				return 0, err
			}
		}
		if p.task != "" {
			if err := floor("aufgabe", "title", p.task, "owner", fmt.Sprint(t.delegate), "due", t.today.AddDate(0, 0, 6).Format(time.DateOnly)); err != nil {
				return 0, err
			}
		}
	}
	if last != 0 {
		if err := t.deed(ctx, chair, fmt.Sprintf("/protokoll/%d/genehmigen", last), "meeting", fmt.Sprint(id)); err != nil {
			return 0, err
		}
	}
	if err := floor("ende"); err != nil {
		return 0, err
	}
	t.clock.set(t.ago(s.ago-1, 20, 40))
	if err := t.deed(ctx, chair, "/protokolle/neu", "meeting", fmt.Sprint(id)); err != nil {
		return 0, err
	}
	if minutes, err = t.number(ctx, func(tx *store.Tx) (int64, error) {
		return store.One(tx, store.Value[int64], `SELECT id FROM minutes WHERE meeting = ?`, id)
	}); err != nil {
		return 0, err
	}
	pen, err := t.number(ctx, func(tx *store.Tx) (int64, error) {
		return store.One(tx, store.Value[int64], `SELECT pen FROM minutes WHERE id = ?`, minutes)
	})
	if err != nil {
		return 0, err
	}
	path := fmt.Sprintf("/protokoll/%d/", minutes)
	if err := t.deed(ctx, chair, path+"schreiben", append(said, "pen", fmt.Sprint(pen), "form", "demo", "no", "1", "done", "1")...); err != nil {
		return 0, err
	}
	t.clock.set(t.ago(s.ago-2, 9, 10))
	if err := t.deed(ctx, chair, path+"versenden"); err != nil {
		return 0, err
	}
	return minutes, t.work(ctx)
}

// vote has a motion made, and everybody vote on it.
func (t *town) vote(ctx context.Context, floor func(deed string, fields ...string) error, at *time.Time, p point, id int64, people []int64) error {
	if err := floor("antrag", "title", p.title, "wording", p.motion); err != nil {
		return err
	}
	motion, err := t.number(ctx, func(tx *store.Tx) (int64, error) {
		return store.One(tx, store.Value[int64], `SELECT max(id) FROM floor_motion WHERE meeting = ?`, id)
	})
	if err != nil {
		return err
	}
	if err := floor("abstimmung", "motion", fmt.Sprint(motion), "how", "open"); err != nil {
		return err
	}
	ballot, err := t.number(ctx, func(tx *store.Tx) (int64, error) {
		return store.One(tx, store.Value[int64], `SELECT max(id) FROM ballot`)
	})
	if err != nil {
		return err
	}
	for i, person := range people {
		*at = at.Add(10 * time.Second)
		t.clock.set(*at)
		if err := t.deed(ctx, who.Viewer{ID: person}, fmt.Sprintf("/abstimmung/%d/stimme", ballot), "choice", p.votes[i]); err != nil {
			return err
		}
	}
	return t.deed(ctx, who.Viewer{ID: t.delegate}, fmt.Sprintf("/abstimmung/%d/schliessen", ballot))
}

// ask begins a circular resolution. One has voted; the chair has not.
func (t *town) ask(ctx context.Context, chair who.Viewer, others []int64) error {
	t.clock.set(t.ago(1, 18, 30))
	closes := t.today.AddDate(0, 0, 4)
	if err := t.deed(ctx, chair, "/umlaufbeschluesse/neu", "uid", "umlauf-punsch", "unit", fmt.Sprint(t.council), "title", "Zweiter Topf für den Punsch",
		"wording", "Der Elternbeirat kauft aus der Kuchenkasse einen zweiten Topf für höchstens **80 Euro**.",
		"cause", "Das Laternenfest ist vor der nächsten Sitzung, und der alte Topf reicht nicht für alle.",
		"closes_day", closes.Format(time.DateOnly), "closes_time", "20:00", "public", "1"); err != nil {
		return fmt.Errorf("ask until %s: %w", lang.German().DayYear(closes), err)
	}
	ballot, err := t.number(ctx, func(tx *store.Tx) (int64, error) {
		return store.One(tx, store.Value[int64], `SELECT max(id) FROM ballot`)
	})
	if err != nil {
		return err
	}
	t.clock.set(t.ago(1, 21, 5))
	if err := t.deed(ctx, who.Viewer{ID: others[0]}, fmt.Sprintf("/abstimmung/%d/stimme", ballot), "choice", "yes"); err != nil {
		return err
	}
	return t.work(ctx)
}

func (t *town) number(ctx context.Context, find func(tx *store.Tx) (int64, error)) (n int64, err error) {
	err = t.DB.Read(ctx, func(tx *store.Tx) error {
		n, err = find(tx)
		return err
	})
	return n, err
}
