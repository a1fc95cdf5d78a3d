package intake

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// A place is a city of the file.
type place struct {
	name     string
	id       int64 // 0: to be made
	adopt    bool  // the root does not say yet which city it is
	carriers map[string]org.Unit
	known    map[string]*known
	seen     map[string]int // sources of the file, with their line
}

// make puts the city into the house.
func (p *place) make(tx *store.Tx, rep *Report, now time.Time) (err error) {
	switch {
	case p.id == 0:
		p.id, err = org.Add(tx, org.Unit{Kind: org.City, Name: p.name, City: p.name}, now)
		rep.City = p.id
	case p.adopt:
		p.adopt = false
		err = org.SetCity(tx, p.id, p.name)
	}
	return err
}

// carrier is the unit that a facility of the carrier stands under.
func (p *place) carrier(tx *store.Tx, name string, dry bool, rep *Report, now time.Time) (int64, error) {
	if name == "" {
		return p.id, nil
	}
	u, ok := p.carriers[name]
	var err error
	switch {
	case !ok && dry:
	case !ok:
		u = org.Unit{Parent: p.id, Kind: org.Carrier, Name: name, City: p.name, Source: carrierKey + name, Until: store.Forever}
		u.ID, err = org.Add(tx, u, now)
	case u.Ended(now):
		rep.Notes = append(rep.Notes, fmt.Sprintf("Der Träger „%s“ war beendet und ist wieder offen, weil die Liste ihn nennt.", short(name)))
		u.Until = store.Forever
		if !dry {
			err = org.Reopen(tx, u.ID)
		}
	}
	if u.ID != 0 {
		p.carriers[name] = u
	}
	return u.ID, err
}

// placesOf finds the cities of a file in the house. In an empty house the
// first city of the file is made; others need AddCity.
func placesOf(tx *store.Tx, t *table, o Options, rep *Report, now time.Time) (map[string]*place, error) {
	roots, err := rootsOf(tx)
	if err != nil {
		return nil, err
	}
	places := map[string]*place{}
	foreign := map[string]bool{}
	for _, l := range t.lines {
		city := l.get("city")
		if l.bad != "" || city == "" || places[city] != nil || foreign[city] {
			continue
		}
		p := &place{name: city, carriers: map[string]org.Unit{}, known: map[string]*known{}, seen: map[string]int{}}
		i := slices.IndexFunc(roots, func(u org.Unit) bool { return u.City == city })
		if i < 0 {
			i = slices.IndexFunc(roots, func(u org.Unit) bool { return u.City == "" && u.Name == city })
		}
		switch {
		case i >= 0:
			p.id, p.adopt = roots[i].ID, roots[i].City == ""
		case len(roots) == 1 && roots[0].City == "" && len(places) == 0:
			// A house that was set up by hand and has no list yet.
			p.id, p.adopt = roots[0].ID, true
			rep.Notes = append(rep.Notes, fmt.Sprintf("Die Liste ist für „%s“; ihre Einrichtungen kommen unter „%s“.", short(city), short(roots[0].Name)))
		case o.AddCity || len(roots) == 0 && len(places) == 0:
			rep.Notes = append(rep.Notes, fmt.Sprintf("Die Kommune „%s“ wird angelegt.", short(city)))
		default:
			foreign[city] = true
			continue
		}
		if p.id != 0 && !o.may(p.id) {
			return nil, fault.New(fault.Forbidden, "Diese Liste ist für „%s“. Dafür sind Sie nicht zuständig.", short(city))
		}
		if err := p.load(tx); err != nil {
			return nil, err
		}
		places[city] = p
	}
	if len(places) == 0 && len(foreign) > 0 {
		var names []string
		for _, u := range roots {
			names = append(names, u.Name)
		}
		for city := range foreign {
			return nil, fault.At("file", "Diese Liste ist für „%s“, dieses Haus für „%s“. Es wurde nichts geändert. Soll die Stadt hinzukommen, wählen Sie das bitte ausdrücklich.",
				short(city), short(strings.Join(names, ", ")))
		}
	}
	return places, nil
}

func (p *place) load(tx *store.Tx) error {
	if p.id == 0 {
		return nil
	}
	all, err := knownOf(tx, p.name)
	if err != nil {
		return err
	}
	for _, k := range all {
		p.known[k.source] = &k
	}
	carriers, err := carriersOf(tx, p.id)
	if err != nil {
		return err
	}
	byID := map[int64]org.Unit{}
	for _, u := range carriers {
		byID[u.ID] = u
	}
	// Merged carriers hang under the one they went to; a name leads there.
	follow := func(u org.Unit) org.Unit {
		for range len(carriers) {
			to, ok := byID[u.Parent]
			if !ok {
				break
			}
			u = to
		}
		return u
	}
	for _, u := range carriers { // names first: what a list has named before is stronger
		if old, ok := p.carriers[u.Name]; !ok || old.Until < u.Until {
			p.carriers[u.Name] = follow(u)
		}
	}
	for _, u := range carriers {
		if name, ok := strings.CutPrefix(u.Source, carrierKey); ok {
			p.carriers[name] = follow(u)
		}
	}
	return nil
}

func sorted(places map[string]*place) []*place {
	var all []*place
	for _, p := range places {
		all = append(all, p)
	}
	slices.SortFunc(all, func(a, b *place) int { return bytes.Compare([]byte(a.name), []byte(b.name)) })
	return all
}
