package demo

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/announcement"
)

// An event is something that happens in the month.
type event struct {
	at  time.Time
	run func(ctx context.Context) error
}

// month lets the month pass, in order.
func (t *town) month(ctx context.Context) error {
	var all []event
	all = append(all, t.fromAbove()...)
	for i, k := range t.kitas {
		all = append(all, t.fromKita(k, i)...)
	}
	for _, s := range shutdowns {
		all = append(all, t.shut(s))
	}
	all = append(all, event{t.ago(20, 5, 0), t.door})
	all = append(all, t.absences()...)
	all = append(all, t.lists(), t.asks(), t.barriers(), t.consents())
	slices.SortStableFunc(all, func(a, b event) int { return a.at.Compare(b.at) })
	for _, e := range all {
		t.clock.set(e.at)
		if err := e.run(ctx); err != nil {
			return err
		}
	}
	if err := t.plan(ctx); err != nil {
		return err
	}
	if err := t.closeToday(ctx); err != nil {
		return err
	}
	if err := t.attend(ctx); err != nil {
		return err
	}
	return t.toEverybody(ctx)
}

// ago is a time of a working day, so many of them ago.
func (t *town) ago(days, hour, minute int) time.Time {
	y, m, d := t.today.Date()
	at := time.Date(y, m, d, hour, minute, 0, 0, t.today.Location())
	for days > 0 {
		at = at.AddDate(0, 0, -1)
		if at.Weekday() != time.Saturday && at.Weekday() != time.Sunday {
			days--
		}
	}
	return at
}

// work has the house do what it owes.
func (t *town) work(ctx context.Context) error {
	for {
		n, err := t.Tasks.Once(ctx)
		if err != nil || n == 0 {
			return err
		}
	}
}

// A notice is an announcement of the month.
type notice struct {
	by       who.Viewer
	unit     int64
	units    []int64
	roles    who.Right
	text     text
	children []*child      // who are asked to confirm
	people   []int64       // likewise, who are asked for themselves
	share    int           // of them, in percent
	pace     time.Duration // half of those who confirm have done so after 0.7 of it
}

// publish tells it, and has the house deliver it and the families read it.
func (t *town) publish(ctx context.Context, n notice) error {
	start := t.Now()
	d := announcement.Draft{Unit: n.unit, Units: n.units, Roles: n.roles, Title: n.text.title, Body: n.text.body, Confirm: n.text.confirm}
	if d.Confirm {
		d.ConfirmBy = start.AddDate(0, 0, 5)
	}
	var id int64
	err := t.DB.Write(ctx, func(tx *store.Tx) (err error) {
		id, err = announcement.Publish(tx, t.House, n.by, d)
		return err
	})
	if err != nil {
		return fmt.Errorf("publish %q: %w", d.Title, err)
	}
	if err := t.work(ctx); err != nil || !d.Confirm {
		return err
	}
	asked := n.children
	for _, p := range n.people {
		asked = append(asked, &child{parents: []int64{p}})
	}
	return t.confirm(ctx, id, start, asked, n.share, n.pace)
}

// A reader confirms at a time.
type reader struct {
	person int64
	at     time.Time
}

// confirm has the families of a share of the children confirm, one after the other.
func (t *town) confirm(ctx context.Context, id int64, start time.Time, children []*child, share int, pace time.Duration) error {
	first := map[int64]time.Time{}
	for _, c := range children {
		if len(c.parents) == 0 || !t.crowd.chance(share) {
			continue
		}
		p := c.parents[t.crowd.IntN(len(c.parents))]
		at := start.Add(2*time.Minute + time.Duration(t.crowd.ExpFloat64()*float64(pace)))
		if old, ok := first[p]; (!ok || at.Before(old)) && at.Before(t.today) {
			first[p] = at
		}
	}
	var all []reader
	for p, at := range first {
		all = append(all, reader{p, at})
	}
	return t.read(ctx, id, all)
}

func (t *town) read(ctx context.Context, id int64, all []reader) error {
	slices.SortFunc(all, func(a, b reader) int {
		if c := a.at.Compare(b.at); c != 0 {
			return c
		}
		return int(a.person - b.person) // a map has no order, and the town is always the same
	})
	return t.DB.Write(ctx, func(tx *store.Tx) error {
		for _, r := range all {
			t.clock.set(r.at)
			channel := "app"
			if t.crowd.chance(35) {
				channel = "mail"
			}
			if err := announcement.Confirm(tx, t.House, id, who.Viewer{ID: r.person}, channel); err != nil {
				return fmt.Errorf("confirm %d: %w", id, err)
			}
		}
		return nil
	})
}

// in fills the gaps of a text: a working day that begins after the given one, and the name of a group.
func (x text) in(day time.Time, group string) text {
	for day = day.AddDate(0, 0, 1); day.Weekday() == time.Saturday || day.Weekday() == time.Sunday; {
		day = day.AddDate(0, 0, 1)
	}
	r := strings.NewReplacer("{tag}", wordedDay(day), "{gruppe}", group)
	return text{r.Replace(x.title), r.Replace(x.body), x.confirm}
}

// fromAbove is what city and carriers write in the month; what goes to every family comes at the end.
func (t *town) fromAbove() (all []event) {
	leaders := who.Of(who.Head, who.Manager)
	add := func(days, hour int, n notice) {
		all = append(all, event{t.ago(days, hour, 12), func(ctx context.Context) error { return t.publish(ctx, n) }})
	}
	add(15, 10, notice{by: t.official, unit: t.city, units: []int64{t.city}, roles: leaders, people: t.leaders, share: 66, pace: 30 * time.Hour, text: text{"Belegungszahlen bitte bis Monatsende",
		"Bitte melden Sie die belegten Plätze je Gruppe bis zum **letzten Tag des Monats**. Die Zahlen gehen in die Bedarfsplanung des nächsten Kita-Jahres ein.\n\nFragen beantwortet das Jugendamt.", true}})
	for _, k := range t.kitas[:2] {
		var units []int64
		var children []*child
		for _, x := range t.kitas {
			if x.carrier == k.carrier {
				units = append(units, x.id)
				children = append(children, x.children()...)
			}
		}
		c := k.carrier
		add(18, 9, notice{by: c.manager, unit: c.id, units: []int64{c.id}, roles: who.Of(who.Staff, who.Head), text: text{"Fortbildung zum Kinderschutz",
			"Für alle Fachkräfte ist ein Tag eingeplant. Die Leitungen stimmen die Termine bis Ende nächster Woche ab.", false}})
		add(9, 14, notice{by: c.manager, unit: c.id, units: units, roles: who.Of(who.Parent), children: children, share: 74, pace: 9 * time.Hour,
			text: text{"Neue Preise für das Mittagessen", "Ab dem nächsten Quartal kostet das Mittagessen **3,90 Euro** je Tag. Der Zuschuss aus dem Bildungspaket bleibt: Wer ihn bekommt, zahlt weiterhin nichts.\n\n" +
				"Bitte bestätigen Sie, dass Sie das gelesen haben.", true}})
	}
	return all
}

// fromKita is what a facility and its groups write in the month.
func (t *town) fromKita(k *kita, i int) (all []event) {
	parents := who.Of(who.Parent)
	add := func(days, hour int, n notice) {
		all = append(all, event{t.ago(days, hour, 5+7*i%50), func(ctx context.Context) error { return t.publish(ctx, n) }})
	}
	whole := func(days int, x text) {
		at := t.ago(days, 13, 0)
		add(days, 13, notice{by: k.head, unit: k.id, units: []int64{k.id}, roles: parents, text: x.in(at.AddDate(0, 0, 10), ""),
			children: k.children(), share: 70 + t.crowd.IntN(25), pace: 7 * time.Hour})
	}
	whole(12-i%4, ofFacility[(i+3)%len(ofFacility)])
	if i > 4 { // nobody looks everywhere, and everybody waits for it
		return all
	}
	whole(21-i%3, ofFacility[i%len(ofFacility)])
	whole(5-i%3, seasonal(t.today.Month()))
	for j, g := range k.groups[:2] {
		x := ofGroup[(i+3*j)%len(ofGroup)]
		days := 7 + (i*5+j*3)%9
		add(days, 15, notice{by: g.staff, unit: g.id, units: []int64{g.id}, roles: parents, text: x.in(t.ago(days, 8, 0).AddDate(0, 0, 5), g.name),
			children: g.children, share: 80, pace: 3 * time.Hour})
	}
	return all
}

func (k *kita) children() (all []*child) {
	for _, g := range k.groups {
		all = append(all, g.children...)
	}
	return all
}

// shut is a closure of the past.
func (t *town) shut(s shutdown) event {
	k := t.kitas[s.kita]
	at := t.ago(s.ago, 6, 14+s.kita)
	first := at
	if s.evening {
		at = at.AddDate(0, 0, -1).Add(12 * time.Hour)
	}
	last := t.ago(max(0, s.ago-s.days+1), 12, 0)
	children := k.children()
	d := announcement.ClosureDraft{Confirm: true, Closure: announcement.Closure{Facility: k.id, FirstDay: first.Format(time.DateOnly), LastDay: last.Format(time.DateOnly),
		Reason: s.reason, Words: s.words, Places: s.places, Rule: "first"}}
	if s.starts > 0 {
		d.Starts = &s.starts
	}
	if s.ends > 0 {
		d.Ends = &s.ends
	}
	if s.groups > 0 {
		children = nil
		for i := range min(s.groups, len(k.groups)) {
			g := k.groups[(s.kita+i)%len(k.groups)]
			d.GroupIDs = append(d.GroupIDs, g.id)
			children = append(children, g.children...)
		}
	}
	return event{at, func(ctx context.Context) error {
		id, err := t.close(ctx, k, d)
		if err != nil {
			return err
		}
		if err := t.confirm(ctx, id, at, children, s.share, s.pace); err != nil || s.then == "" {
			return err
		}
		t.clock.set(time.Date(first.Year(), first.Month(), first.Day(), 11, 40, 0, 0, first.Location()))
		err = t.DB.Write(ctx, func(tx *store.Tx) (err error) {
			if s.then == "reopened" {
				_, err = announcement.Reopen(tx, t.House, k.head, id, 1, "Die Heizung läuft wieder. Ab 12 Uhr sind wir für Sie da.")
			} else {
				_, err = announcement.Extend(tx, t.House, k.head, id, 1, t.ago(s.ago-1, 12, 0).Format(time.DateOnly), nil, "Auch morgen haben wir noch keine Vertretung.")
			}
			return err
		})
		if err != nil {
			return fmt.Errorf("%s %s: %w", s.then, k.name, err)
		}
		return t.work(ctx)
	}}
}

func (t *town) close(ctx context.Context, k *kita, d announcement.ClosureDraft) (id int64, err error) {
	err = t.DB.Write(ctx, func(tx *store.Tx) (err error) {
		id, err = announcement.Close(tx, t.House, k.head, d)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("close %s: %w %v", k.name, err, fault.Fields(err))
	}
	return id, t.work(ctx)
}

// covered is the share of children who are reached at the moment, in percent.
const covered = 62

// closeToday closes three groups of the first facility, and lets the morning pass until the share is reached.
func (t *town) closeToday(ctx context.Context) error {
	k := t.kitas[0]
	at := t.ago(0, 6, 18)
	if earliest := t.today.Add(-70 * time.Minute); at.After(earliest) { // it is night, or very early
		at = earliest
		if midnight := t.ago(0, 0, 0); at.Before(midnight) {
			at = midnight
		}
	}
	t.clock.set(at)
	today := t.today.Format(time.DateOnly)
	d := announcement.ClosureDraft{Confirm: true, Closure: announcement.Closure{Facility: k.id, FirstDay: today, LastDay: today, Reason: "illness",
		Words: "Drei Kolleginnen sind heute Morgen krank geworden. Wir haben den Träger um Vertretung gebeten und melden uns, sobald wir wieder öffnen können.",
		For:   "Familien, in denen alle Sorgeberechtigten arbeiten", Places: 8, Rule: "first"}}
	var children []*child
	for _, g := range k.groups {
		if closed[g.name] > 0 {
			d.GroupIDs = append(d.GroupIDs, g.id)
			children = append(children, g.children...)
		}
	}
	id, err := t.close(ctx, k, d)
	if err != nil {
		return err
	}
	children = slices.DeleteFunc(children, func(c *child) bool { return c.quiet || len(c.parents) == 0 })
	t.crowd.Shuffle(len(children), func(i, j int) { children[i], children[j] = children[j], children[i] })
	const calls = 2
	all := 0
	for _, n := range closed {
		all += n
	}
	want := (covered*all + 99) / 100
	if len(children) < want+3 {
		return fmt.Errorf("only %d of %d children could be reached today", len(children), want)
	}
	span := t.today.Sub(at)
	within := func(f float64) time.Time { return at.Add(time.Duration(f * float64(span))) }
	var readers []reader
	for i, c := range children[:want-calls] {
		f := float64(i+1) / float64(want) // the later, the fewer
		readers = append(readers, reader{c.parents[0], within(0.02 + 0.9*f*f)})
	}
	if err := t.read(ctx, id, readers); err != nil {
		return err
	}
	number := strconv.FormatInt(id, 10)
	for i, c := range children[want-calls : want+1] { // two were reached by telephone, one was not
		reached := "1"
		if i == calls {
			reached = "0"
		}
		t.clock.set(within(0.93 + 0.01*float64(i)))
		if err := t.serve(ctx, k.head, "/mitteilung/"+number+"/anruf", "child", strconv.FormatInt(c.id, 10), "reached", reached); err != nil {
			return err
		}
	}
	for i, c := range children[:11] { // five want a place, six stay at home
		what := "home"
		if i%2 == 1 {
			what = "place"
		}
		t.clock.set(within(0.95 + 0.003*float64(i)))
		if err := t.serve(ctx, who.Viewer{ID: c.parents[0]}, "/schliessung/"+number+"/notbetreuung", "child", strconv.FormatInt(c.id, 10), "want", what); err != nil {
			return err
		}
	}
	return t.work(ctx)
}

// plan closes the second facility on a day to come, for the second child of the card.
func (t *town) plan(ctx context.Context) error {
	k := t.kitas[1]
	day := t.today.AddDate(0, 0, 9)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	at := t.ago(3, 16, 20)
	t.clock.set(at)
	d := announcement.ClosureDraft{Confirm: true, Closure: announcement.Closure{Facility: k.id, FirstDay: day.Format(time.DateOnly), LastDay: day.Format(time.DateOnly),
		Reason: "training", Words: "Das Team arbeitet einen Tag lang an der neuen Konzeption.", Rule: "head", Places: 6, For: "Familien, die niemanden fragen können"}}
	id, err := t.close(ctx, k, d)
	if err != nil {
		return err
	}
	children := slices.DeleteFunc(k.children(), func(c *child) bool { return c.family == parent.family })
	return t.confirm(ctx, id, at, children, 85, 5*time.Hour)
}

// toEverybody is what the city writes to all families. It is left to the house that is just opening to deliver it,
// since that takes longer than anybody wants to wait for a demonstration.
func (t *town) toEverybody(ctx context.Context) error {
	for _, n := range []struct {
		days int
		text text
	}{
		{16, text{"Anmeldung für das Kita-Jahr " + year(t.today), "Ab sofort können Sie Plätze für das Kita-Jahr " + year(t.today) + " anmelden. Geschwister müssen einzeln angemeldet werden.\n\nKinder, die schon eine Kita besuchen, brauchen **keine** neue Anmeldung.", false}},
		{2, text{"Warnstreik im Nahverkehr", "Morgen fahren in Flensburg voraussichtlich keine Busse. Die Kitas sind geöffnet; manche Fachkräfte kommen später.\n\nOb Ihre Gruppe betroffen ist, sagt Ihnen Ihre Kita.", false}},
	} {
		t.clock.set(t.ago(n.days, 11, 30))
		err := t.DB.Write(ctx, func(tx *store.Tx) error {
			_, err := announcement.Publish(tx, t.House, t.official, announcement.Draft{Unit: t.city, Units: []int64{t.city}, Roles: who.Of(who.Parent),
				Title: n.text.title, Body: n.text.body})
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
