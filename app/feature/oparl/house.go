package oparl

import (
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// A town is what the house itself publishes of a city: its public committees, their terms, and who leads them.
type town struct {
	city  org.Unit
	items map[oparl.Type][]oparl.Item
}

// A public is a committee of the house that everybody may look into.
type public struct {
	id           int64
	uid, name    string
	since, until int64
}

// An officer holds an office in a public committee.
type officer struct {
	id, person, unit int64
	uid              string // of the person
	given, family    string
	office           committee.Office
	since, until     int64
}

// townOf reads what is published of a city now.
func (f *feature) townOf(tx *store.Tx, city org.Unit) (*town, error) {
	t := &town{city: city, items: map[oparl.Type][]oparl.Item{}}
	all, err := store.All(tx, func(p *public) []any { return []any{&p.id, &p.uid, &p.name, &p.since, &p.until} }, `
		SELECT u.id, u.uid, u.name, u.since, u.until FROM committee c JOIN unit u ON u.id = c.unit JOIN unit_up p ON p.unit = u.id AND p.above = ?
		WHERE c.public = 1 AND NOT EXISTS (SELECT 1 FROM oparl_object o WHERE o.unit = u.id) ORDER BY u.uid`, city.ID)
	if err != nil {
		return nil, err
	}
	officers, err := store.All(tx, func(o *officer) []any {
		return []any{&o.id, &o.person, &o.unit, &o.uid, &o.given, &o.family, &o.office, &o.since, &o.until}
	}, `
		SELECT m.id, m.person, m.unit, p.uid, p.given, p.family, m.office, m.since, m.until
		FROM committee c JOIN unit_up up ON up.unit = c.unit AND up.above = ?1 JOIN membership m ON m.unit = c.unit JOIN person p ON p.id = m.person
		WHERE c.public = 1 AND m.state = 'confirmed' AND m.since <= ?2 AND m.until > ?2 AND m.office IN ('chair', 'deputy', 'secretary', 'treasurer')
		AND NOT EXISTS (SELECT 1 FROM oparl_object o WHERE o.unit = c.unit) ORDER BY p.uid, m.id`, city.ID, f.Now().Unix())
	if err != nil {
		return nil, err
	}
	changed := time.Time{}
	for _, p := range all {
		terms, err := committee.Terms(tx, p.id)
		if err != nil {
			return nil, err
		}
		modified := t.organization(f, p, officers, terms)
		changed = later(changed, modified)
	}
	t.people(f, all, officers)
	t.body(f, changed)
	return t, nil
}

func (t *town) add(typ oparl.Type, x oparl.Item) { t.items[typ] = append(t.items[typ], x) }

// organization adds a committee with its terms, and says when it was changed last.
func (t *town) organization(f *feature, p public, officers []officer, terms []committee.Term) time.Time {
	now := f.Now().Unix()
	x := oparl.Item{UID: p.uid, Created: time.Unix(p.since, 0), Modified: time.Unix(p.since, 0)}
	if p.until <= now {
		x.Modified = time.Unix(p.until, 0)
	}
	var members []string
	for _, o := range officers {
		if o.unit != p.id {
			continue
		}
		x.Modified = later(x.Modified, time.Unix(o.since, 0))
		members = append(members, f.at.Of(oparl.Membership, itoa(o.id)))
	}
	x.Object.Add("body", f.at.Of(oparl.Body, t.city.UID))
	x.Object.Add("name", p.name)
	x.Object.Add("membership", members)
	x.Object.Add("meeting", f.at.Of(oparl.Organization, p.uid)+"/meeting")
	x.Object.Add("consultation", f.at.Of(oparl.Organization, p.uid)+"/consultation")
	x.Object.Add("organizationType", "Gremium")
	x.Object.Add("startDate", oparl.Day(time.Unix(p.since, 0)))
	if p.until <= now {
		x.Object.Add("endDate", oparl.Day(time.Unix(p.until, 0).AddDate(0, 0, -1)))
	}
	x.Object.Add("web", f.URL("/gremium/"+itoa(p.id)))
	t.add(oparl.Organization, x)
	for _, term := range terms {
		l := oparl.Item{UID: term.UID, Created: term.Changed, Modified: term.Changed}
		l.Object.Add("body", f.at.Of(oparl.Body, t.city.UID))
		l.Object.Add("name", p.name+" "+term.Name)
		l.Object.Add("startDate", oparl.Day(term.Starts))
		l.Object.Add("endDate", oparl.Day(term.Ends.Add(-time.Second)))
		l.Object.Add(vendor+"organization", f.at.Of(oparl.Organization, p.uid))
		t.add(oparl.LegislativeTerm, l)
		x.Modified = later(x.Modified, term.Changed)
	}
	return x.Modified
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// people adds who holds an office, each with what they hold.
func (t *town) people(f *feature, all []public, officers []officer) {
	uid := map[int64]string{}
	for _, p := range all {
		uid[p.id] = p.uid
	}
	for rest := officers; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].person == rest[0].person {
			n++
		}
		held := rest[:n]
		rest = rest[n:]
		x := oparl.Item{UID: held[0].uid, Created: time.Unix(held[0].since, 0)}
		var holds []oparl.Object
		for _, o := range held {
			m := oparl.Item{UID: itoa(o.id), Created: time.Unix(o.since, 0), Modified: time.Unix(o.since, 0)}
			m.Object.Add("organization", f.at.Of(oparl.Organization, uid[o.unit]))
			m.Object.Add("role", o.office.Word())
			m.Object.Add("votingRight", o.office.Votes())
			m.Object.Add("startDate", oparl.Day(time.Unix(o.since, 0)))
			if o.until != store.Forever {
				m.Object.Add("endDate", oparl.Day(time.Unix(o.until, 0).Add(-time.Second)))
			}
			x.Modified = later(x.Modified, m.Modified)
			if o.since < x.Created.Unix() {
				x.Created = m.Created
			}
			holds = append(holds, f.at.Object(oparl.Membership, m))
			m.Object.Add("person", f.at.Of(oparl.Person, o.uid))
			t.add(oparl.Membership, m)
		}
		x.Object.Add("body", f.at.Of(oparl.Body, t.city.UID))
		x.Object.Add("name", committee.Seat{Given: held[0].given, Family: held[0].family}.Name())
		x.Object.Add("familyName", held[0].family)
		x.Object.Add("givenName", held[0].given)
		x.Object.Add("membership", holds)
		t.add(oparl.Person, x)
	}
}

// body adds the city itself.
func (t *town) body(f *feature, changed time.Time) {
	x := oparl.Item{UID: t.city.UID, Created: t.city.Since, Modified: later(t.city.Since, changed)}
	x.Object.Add("name", t.city.Name)
	x.Object.Add("website", f.URL("/"))
	addLists(f.at, t.city.UID, &x.Object)
	var terms []oparl.Object
	for _, l := range t.items[oparl.LegislativeTerm] {
		terms = append(terms, f.at.Object(oparl.LegislativeTerm, l))
	}
	if len(terms) > 0 {
		x.Object.Put("legislativeTerm", terms)
	}
	x.Object.Add("web", f.URL("/gremien"))
	t.items[oparl.Body] = []oparl.Item{x}
}

// cities are the bodies of the house, by UID.
func cities(tx *store.Tx) (all []org.Unit, err error) {
	ids, err := store.All(tx, store.Value[int64], `SELECT id FROM unit WHERE kind = 'city' ORDER BY uid`)
	for _, id := range ids {
		u, err := org.Get(tx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, u)
	}
	return all, err
}
