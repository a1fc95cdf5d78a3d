package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/live"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
	"nestfunk/app/feature/announcement"
	"nestfunk/app/feature/bulletin"
	"nestfunk/app/feature/handover"
	"nestfunk/app/feature/intake"
	"nestfunk/app/feature/meeting"
	"nestfunk/app/feature/message"
	"nestfunk/app/feature/operation"
	"nestfunk/app/feature/room"
	"nestfunk/assets/demo"
)

// The facilities that have families; the others have a head. The first is the one that is partly closed today.
var peopled = []string{
	"kita-bullerbue-schleibogen-flensburg",
	"kita-schwedenheim-helenenallee-flensburg",
	"kita-kinderhaus-marientreppe-flensburg",
	"kita-sol-lie-meisenstrasse-flensburg",
	"kita-schulgasse-flensburg",
	"kita-st-gertrud-marienhoelzungsweg-flensburg",
	"kita-villa-kaethe-roonstrasse-flensburg",
	"hofkita-boreasmuehle-flensburg",
	"kita-ingrid-hjemmet-alter-kupfermuehlenweg-flensburg",
	"kita-im-hof-adelbylund-flensburg",
	"kita-engelsby-brahmsstrasse-flensburg",
	"kita-muerwiker-garten-wasserlooser-weg-flensburg",
}

// What groups are called; lists only count them.
var groupNames = []string{"Hummeln", "Seesterne", "Füchse", "Möwen", "Igel", "Robben"}

// closed are the groups of the first facility that stay closed today, and how many children each has: 50 in all, so
// that 31 are 62 %.
var closed = map[string]int{"Hummeln": 17, "Seesterne": 17, "Füchse": 16}

// A clock is moved through the month.
type clock struct{ at atomic.Int64 }

func (c *clock) now() time.Time  { return time.Unix(c.at.Load(), 0) }
func (c *clock) set(t time.Time) { c.at.Store(t.Unix()) }

// A town is the house while it is being filled.
type town struct {
	*house.House // at the clock's time
	clock        *clock
	crowd        *crowd
	today        time.Time // now, in the house's zone
	city, office int64
	official     who.Viewer
	council      int64 // of the first Kita
	delegate     int64 // person, of the council
	north        int64 // council of the north, which is led by
	chair        who.Viewer
	members      []int64 // people, the others in it
	leaders      []int64 // managers and heads, but for those on the cards
	kitas        []*kita
	carriers     map[int64]*carrier
	serve        poster
	deed         poster // to a page of any feature
	features     []house.Feature
	enter        poster // of absences
}

type carrier struct {
	id      int64
	name    string
	manager who.Viewer
}

// A kita is a facility with families.
type kita struct {
	id      int64
	name    string
	carrier *carrier
	head    who.Viewer
	groups  []*group
}

type group struct {
	id       int64
	name     string
	staff    who.Viewer
	children []*child
}

type child struct {
	id int64
	human
	parents []int64 // who have access
	quiet   bool    // nobody has confirmed anything today
}

// Fill makes the town in an empty house, by what the features do that all makes: it is given the house as it was in the past.
func Fill(ctx context.Context, h *house.House, post *Post, all func(*house.House) []house.Feature) error {
	t := &town{clock: &clock{}, today: house.Local(h.Now()), carriers: map[int64]*carrier{}}
	var err error
	if t.crowd, err = newCrowd(); err != nil {
		return err
	}
	// The same house at another time: nobody listens, and the mails are those of then.
	past := *h
	past.Now = t.clock.now
	past.Live = live.New()
	past.Tasks = task.New(h.DB, past.Now)
	then := NewPost(past.Now)
	past.Mail, past.SMS = then, Phones{then}
	t.House = &past
	f := announcement.New(t.House, announcement.Wires{}) // what returns again and again begins with the real house
	for _, j := range slices.Concat(f.Jobs, message.New(t.House, operation.Log).Jobs, room.Jobs(t.House), meeting.New(t.House, meeting.Wires{}).Jobs,
		bulletin.New(t.House, bulletin.Wires{Log: operation.Log}).Jobs, handover.New(t.House, handover.Wires{Log: operation.Log}).Jobs) {
		past.Tasks.Handle(j)
	}
	t.serve = serving(t.House, f.Routes)
	var routes []web.Route
	t.features = all(t.House)
	for _, x := range t.features {
		routes = append(routes, x.Routes...)
		if x.Name == "minutes" || x.Name == "resolution" || x.Name == "assignment" {
			for _, j := range x.Jobs {
				past.Tasks.Handle(j)
			}
		}
	}
	t.deed = serving(t.House, routes)

	t.clock.set(t.today.AddDate(-1, -1, 0))
	if err := h.DB.Write(ctx, t.settle); err != nil {
		return fmt.Errorf("make the town: %w", err)
	}
	for i, k := range t.kitas {
		if err := h.DB.Write(ctx, func(tx *store.Tx) error { return t.fillKita(tx, k, i == 0) }); err != nil {
			return fmt.Errorf("fill %s: %w", k.name, err)
		}
	}
	if err := h.DB.Write(ctx, t.families); err != nil {
		return fmt.Errorf("make the families of the cards: %w", err)
	}
	if err := t.archives(ctx); err != nil {
		return fmt.Errorf("fill the archives: %w", err)
	}
	if err := h.DB.Write(ctx, t.dates); err != nil {
		return fmt.Errorf("fill the calendar: %w", err)
	}
	if err := t.rooms(ctx); err != nil {
		return fmt.Errorf("let people talk: %w", err)
	}
	if err := t.decide(ctx); err != nil {
		return fmt.Errorf("let the council decide: %w", err)
	}
	if err := t.month(ctx); err != nil {
		return fmt.Errorf("let a month pass: %w", err)
	}
	if err := t.talks(ctx); err != nil {
		return fmt.Errorf("let people write to each other: %w", err)
	}
	if err := t.meetings(ctx); err != nil {
		return fmt.Errorf("have the council of the north meet: %w", err)
	}
	if err := t.sessions(ctx); err != nil {
		return fmt.Errorf("have the council of the first Kita meet: %w", err)
	}
	if err := t.boards(ctx); err != nil {
		return fmt.Errorf("let a board prepare the change: %w", err)
	}
	post.take(then)
	return nil
}

// settle makes the places, and who works there without a group of their own.
func (t *town) settle(tx *store.Tx) error {
	now := t.Now()
	rep, err := intake.ImportFacilities(tx, demo.Facilities(), intake.Options{AddCity: true}, now)
	if err != nil {
		return err
	}
	root, err := org.Root(tx)
	if err != nil {
		return err
	}
	if t.city = root.ID; rep.New == 0 {
		return fmt.Errorf("the list of facilities was empty")
	}
	if err := t.Settings.Set(tx, settings.HouseName, "Stadt "+root.Name); err != nil {
		return err
	}
	if err := t.Settings.Set(tx, settings.MailDetails, "1"); err != nil {
		return err
	}
	if err := t.Settings.Set(tx, settings.SMSPrice, "70"); err != nil {
		return err
	}
	if t.office, err = org.Add(tx, org.Unit{Parent: t.city, Kind: org.Office, Name: "Jugendamt"}, now); err != nil {
		return err
	}
	if _, err := t.appoint(tx, operator, t.city, who.Admin); err != nil {
		return err
	}
	if _, err := t.appoint(tx, auditor, t.city, who.Auditor); err != nil {
		return err
	}
	if t.official, err = t.appoint(tx, official, t.office, who.Office); err != nil {
		return err
	}
	facilities, err := org.Below(tx, t.city, org.Facility, now)
	if err != nil {
		return err
	}
	found := map[string]*kita{}
	for _, f := range facilities {
		c, err := t.carrier(tx, f.Parent)
		if err != nil {
			return err
		}
		k := &kita{id: f.ID, name: f.Name, carrier: c}
		h := t.crowd.adult(t.native(c), t.crowd.chance(80))
		if f.Source == peopled[0] {
			h = head
		}
		if k.head, err = t.appoint(tx, h, f.ID, who.Head); err != nil {
			return err
		}
		if h != head {
			t.leaders = append(t.leaders, k.head.ID)
		}
		found[f.Source] = k
	}
	for _, source := range peopled {
		k := found[source]
		if k == nil {
			return fmt.Errorf("there is no facility %s in the list", source)
		}
		t.kitas = append(t.kitas, k)
	}
	return nil
}

// native is the language of those who work for a carrier.
func (t *town) native(c *carrier) string {
	if c != nil && (strings.Contains(c.name, "Dansk") || strings.Contains(c.name, "danske")) {
		return "da"
	}
	return "de"
}

// carrier finds a carrier; nil where the city stands directly above.
func (t *town) carrier(tx *store.Tx, unit int64) (*carrier, error) {
	if c := t.carriers[unit]; c != nil {
		return c, nil
	}
	u, err := org.Get(tx, unit)
	if err != nil || u.Kind != org.Carrier {
		return nil, err
	}
	c := &carrier{id: u.ID, name: u.Name}
	t.carriers[unit] = c
	h := t.crowd.adult(t.native(c), t.crowd.chance(50))
	if strings.HasPrefix(u.Name, "Adelby1") { // which runs the first of those with families
		h = manager
	}
	if c.manager, err = t.appoint(tx, h, u.ID, who.Manager); h != manager {
		t.leaders = append(t.leaders, c.manager.ID)
	}
	return c, err
}

// appoint gives a new person a role.
func (t *town) appoint(tx *store.Tx, h human, unit int64, role who.Role) (who.Viewer, error) {
	id, err := person.Add(tx, person.Person{Given: h.given, Family: h.family, Language: h.spoken()})
	if err != nil {
		return who.Viewer{}, err
	}
	return who.Viewer{ID: id}, t.also(tx, id, h, unit, role)
}

func (t *town) also(tx *store.Tx, id int64, h human, unit int64, role who.Role) error {
	_, err := org.Appoint(tx, org.Membership{Person: id, Unit: unit, Role: role, State: org.Confirmed, Mail: t.crowd.mail(h), Phone: t.crowd.number(),
		Since: t.Now()})
	return err
}

// fillKita names the groups of a facility and fills them.
func (t *town) fillKita(tx *store.Tx, k *kita, first bool) error {
	now := t.Now()
	units, err := org.Below(tx, k.id, org.Group, now)
	if err != nil {
		return err
	}
	if len(units) > len(groupNames) {
		return fmt.Errorf("%d groups, and only %d names", len(units), len(groupNames))
	}
	for i, u := range units {
		name := groupNames[i]
		if err := org.Rename(tx, u.ID, name); err != nil {
			return err
		}
		g := &group{id: u.ID, name: name}
		k.groups = append(k.groups, g)
		for n := range 2 {
			h := t.crowd.adult(t.native(k.carrier), t.crowd.chance(85))
			if first && i == 0 && n == 0 {
				h = staff
			}
			v, err := t.appoint(tx, h, g.id, who.Staff)
			if err != nil {
				return err
			}
			if n == 0 {
				g.staff = v
			}
		}
		from, years := 3, 3 // Kindergarten
		switch {
		case strings.HasPrefix(u.Name, "Krippe"):
			from, years = 1, 2
		case strings.HasPrefix(u.Name, "Hort"):
			from, years = 6, 4
		case strings.HasPrefix(u.Name, "Alters"):
			from, years = 1, 5
		}
		n := 12 + t.crowd.IntN(7)
		if first && closed[name] != 0 {
			n = closed[name]
			if name == "Hummeln" {
				n-- // the child of the card
			}
			if name == "Füchse" {
				n-- // the child of the delegate
			}
		}
		for range n {
			if err := t.addChild(tx, k, g, from, years); err != nil {
				return err
			}
		}
	}
	if first {
		return t.exceptions(tx, k)
	}
	return nil
}
