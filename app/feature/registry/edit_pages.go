package registry

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type editPage struct {
	web.Page
	sheet
	May      May
	Path     []Crumb
	Unit     org.Unit
	Ended    bool
	Facility bool
	Homes    []Choice // where it may be moved to
	Into     []Choice // carriers to merge with
}

func factFields() []Named {
	return []Named{{"kind", "Art"}, {"street", "Straße"}, {"house_no", "Hausnummer"}, {"postcode", "Postleitzahl"},
		{"district", "Stadtteil"}, {"phone", "Telefon"}, {"website", "Website"}, {"opening_hours", "Öffnungszeiten"},
		{"places_total", "Plätze"}, {"languages", "Sprachen"}, {"concept", "Konzept"}}
}

// unitForm is the form of a unit as it is stored.
func unitForm(u org.Unit, x org.Facts) (f web.Form) {
	f.Set("name", u.Name)
	if u.Kind != org.Facility {
		return f
	}
	places := ""
	if x.PlacesTotal >= 0 {
		places = fmt.Sprint(x.PlacesTotal)
	}
	for name, value := range map[string]string{"kind": x.Kind, "street": x.Street, "house_no": x.HouseNo, "postcode": x.Postcode,
		"district": x.District, "phone": x.Phone, "website": x.Website, "opening_hours": x.OpeningHours, "places_total": places,
		"languages": x.Languages, "concept": x.Concept} {
		f.Set(name, value)
	}
	return f
}

// Fields are the facts that can be corrected.
func (p *editPage) Fields() []Named { return factFields() }

func (f *feature) editPage(r *http.Request, v who.Viewer, id int64) (page, error) {
	p := &editPage{Page: f.page(r, v, "Bearbeiten")}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Unit, p.May, err = keeper(tx, v, id, now); err != nil {
			return err
		}
		if p.Path, err = crumbs(tx, v, id, now); err != nil {
			return err
		}
		p.Ended, p.Facility = p.Unit.Ended(now), p.Unit.Kind == org.Facility
		x, err := factsOf(tx, id)
		if err != nil {
			return err
		}
		form, words := unitForm(p.Unit, x), []Named{{p.Unit.Name, "Name"}}
		for _, c := range factFields() {
			if p.Facility {
				words = append(words, Named{form.Get(c.Value), c.Label})
			}
		}
		p.save(form, words...)
		if p.Ended || !p.May.End {
			return nil
		}
		kept, err := org.Kept(tx, v.ID, who.Keepers, now)
		if err != nil {
			return err
		}
		other := func(c Choice) bool { return !kept[c.ID] || c.ID == p.Unit.Parent || c.ID == p.Unit.ID }
		switch p.Unit.Kind {
		case org.Facility:
			p.Homes, err = homes(tx, now)
			p.Homes = slices.DeleteFunc(p.Homes, other)
		case org.Carrier:
			var cs []org.Unit
			cs, err = org.Below(tx, p.Unit.Parent, org.Carrier, now)
			for _, c := range cs {
				if kept[c.ID] && c.ID != p.Unit.ID {
					p.Into = append(p.Into, Choice{c.ID, c.Name})
				}
			}
		}
		return err
	})
	return p, err
}

// saved are the fields of the form of a unit.
func saved() []string {
	all := []string{"was", "name"}
	for _, c := range factFields() {
		all = append(all, c.Value)
	}
	return all
}

func (f *feature) saveUnit(tx *store.Tx, s sent) (string, error) {
	u, _, err := keeper(tx, s.v, s.id, s.now)
	if err != nil {
		return "", err
	}
	stored, err := factsOf(tx, u.ID)
	if err != nil {
		return "", err
	}
	x := stored
	name, err := unitName(tx, s.Get("name"), u.Parent, u.ID, u.Kind, s.now)
	if err != nil {
		return "", err
	}
	if u.Kind == org.Facility {
		if err := readUnitForm(s.Form, &x); err != nil {
			return "", err
		}
	}
	if err := unchanged(s, unitForm(u, stored)); err != nil {
		return "", err
	}
	if name != u.Name {
		if err := org.Rename(tx, u.ID, name); err != nil {
			return "", err
		}
		if err := refind(tx, u.Kind, u.ID); err != nil {
			return "", err
		}
	}
	if x != stored {
		if err := org.SetFacts(tx, u.ID, x); err != nil {
			return "", err
		}
		if err := org.SetPhone(tx, u.ID, x.Phone); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("/einheit/%d", u.ID), f.note(tx, s, "unit.changed", u.ID)
}

// readUnitForm takes over what was typed; the rest of the facts stays.
func readUnitForm(form web.Form, x *org.Facts) error {
	var bad fault.Form
	for _, c := range []struct {
		name string
		to   *string
		most int
	}{{"kind", &x.Kind, 100}, {"street", &x.Street, 200}, {"house_no", &x.HouseNo, 30}, {"postcode", &x.Postcode, 10},
		{"district", &x.District, 200}, {"phone", &x.Phone, 50}, {"website", &x.Website, 300}, {"opening_hours", &x.OpeningHours, 300},
		{"languages", &x.Languages, 200}, {"concept", &x.Concept, 2000}} {
		if *c.to = text.Clean(form.Get(c.name)); len(*c.to) > c.most {
			bad.Add(c.name, "Das ist zu lang.")
		}
	}
	if why := person.CheckPhone(x.Phone); why != "" {
		bad.Add("phone", "%s", why)
	}
	if x.Website != "" && !strings.HasPrefix(x.Website, "https://") && !strings.HasPrefix(x.Website, "http://") {
		bad.Add("website", "Eine Adresse beginnt mit https://.")
	}
	var ok bool
	if x.PlacesTotal, ok = org.ReadCount(form.Get("places_total"), 5000); !ok {
		bad.Add("places_total", "Bitte geben Sie eine Zahl ein.")
	}
	return bad.Err()
}

// shift finds a unit whose place in the tree the viewer may change.
func shift(tx *store.Tx, s sent) (org.Unit, error) {
	u, may, err := keeper(tx, s.v, s.id, s.now)
	if err != nil {
		return u, err
	}
	if !may.End {
		return u, fault.New(fault.Forbidden, "Das kann nur, wer für die Einheit darüber zuständig ist.")
	}
	return u, still(s, u.Parent, u.Until)
}

// target is the unit that a form names, which the viewer has to look after as well.
func target(tx *store.Tx, s sent, field string) (org.Unit, error) {
	if err := org.Must(tx, s.v, s.ID(field), who.Keepers, s.now); err != nil {
		return org.Unit{}, fault.At(field, "Bitte wählen Sie aus der Liste.")
	}
	return org.Get(tx, s.ID(field))
}

// shifted is the end of a shift: who has rights where may be another now.
func (f *feature) shifted(tx *store.Tx, s sent, action string, to int64) (string, error) {
	f.Rights(tx)
	return fmt.Sprintf("/einheit/%d", to), f.note(tx, s, action, s.id)
}

// Place is the hash of where a unit stands and whether it has ended.
func (p *editPage) Place() string { return mark(p.Unit.Parent, p.Unit.Until) }

func (f *feature) moveUnit(tx *store.Tx, s sent) (string, error) {
	u, err := shift(tx, s)
	if err != nil {
		return "", err
	}
	to, err := target(tx, s, "parent")
	switch {
	case err != nil:
		return "", err
	case u.Kind != org.Facility || u.Ended(s.now):
		return "", fault.At("parent", "Verschieben lassen sich nur Einrichtungen, die nicht beendet sind.")
	case to.Ended(s.now):
		return "", fault.At("parent", "„%s“ ist beendet.", to.Name)
	}
	if err := org.Move(tx, u.ID, to.ID); err != nil {
		return "", err
	}
	return f.shifted(tx, s, "unit.moved", u.ID)
}

func (f *feature) mergeUnit(tx *store.Tx, s sent) (string, error) {
	u, err := shift(tx, s)
	if err != nil {
		return "", err
	}
	into, err := target(tx, s, "into")
	if err != nil {
		return "", err
	}
	if err := org.Merge(tx, u.ID, into.ID, s.now); err != nil {
		return "", err
	}
	return f.shifted(tx, s, "unit.merged", into.ID)
}

func (f *feature) endUnit(tx *store.Tx, s sent) (string, error) {
	u, err := shift(tx, s)
	if err != nil {
		return "", err
	}
	if err := org.End(tx, u.ID, s.now); err != nil {
		return "", err
	}
	return f.shifted(tx, s, "unit.ended", u.ID)
}

func (f *feature) reopenUnit(tx *store.Tx, s sent) (string, error) {
	u, err := shift(tx, s)
	if err != nil {
		return "", err
	}
	above, err := org.Get(tx, u.Parent)
	switch {
	case err != nil:
		return "", err
	case above.Kind == org.Carrier && u.Kind == org.Carrier:
		return "", fault.New(fault.Conflict, "Dieser Träger ist in „%s“ aufgegangen und kann nicht wieder geöffnet werden.", above.Name)
	case above.Ended(s.now):
		return "", fault.New(fault.Conflict, "„%s“ ist beendet. Öffnen Sie zuerst diese Einheit.", above.Name)
	}
	if err := org.Reopen(tx, u.ID); err != nil {
		return "", err
	}
	return f.shifted(tx, s, "unit.reopened", u.ID)
}
