package registry

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

type editPage struct {
	web.Page
	May      May
	Path     []Crumb
	Unit     org.Unit
	Ended    bool
	Facility bool
	Form     web.Form
	Sent     string
	Was      string
	Stored   []Named  // what is saved now, after a conflict
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

// FormOf is what was sent of one of the page's forms, and else what is stored.
func (p editPage) FormOf(name string) web.Form {
	switch {
	case p.Sent == name:
		return p.Form
	case name == "save":
		return web.Form{Values: p.Form.Values}
	}
	return web.Form{}
}

// Fields are the facts that can be corrected.
func (p editPage) Fields() []Named { return factFields() }

func (f *feature) editPage(r *http.Request, v who.Viewer, id int64) (editPage, error) {
	p := editPage{Page: f.page(r, v, "Bearbeiten")}
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
		p.Form = unitForm(p.Unit, x)
		p.Was = mark(p.Form.Values)
		p.Stored = []Named{{p.Unit.Name, "Name"}}
		for _, c := range factFields() {
			if p.Facility {
				p.Stored = append(p.Stored, Named{p.Form.Get(c.Value), c.Label})
			}
		}
		if p.Ended || !p.May.End {
			return nil
		}
		kept, err := keptBy(tx, v.ID, who.Keepers, now)
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

func (f *feature) editUnit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.editPage(r, v, id)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "edit.html", p)
}

// editAgain shows the page with the form that could not be accepted.
func (f *feature) editAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, id int64, sent string, form web.Form, cause error) error {
	p, err := f.editPage(r, v, id)
	if err != nil {
		return err
	}
	if sent == "save" {
		p.Form = form.With(cause)
	} else { // its only field is chosen anew
		p.Form = p.Form.With(cause)
	}
	if p.Sent = sent; fault.KindOf(cause) != fault.Conflict {
		p.Stored = nil
	}
	return f.pages.Again(w, r, "edit.html", p)
}

func (f *feature) saveUnit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	known := []string{"was", "name"}
	for _, c := range factFields() {
		known = append(known, c.Value)
	}
	form, err := web.ReadForm(r, known...)
	if err != nil {
		return err
	}
	now := f.Now()
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		u, _, err := keeper(tx, v, id, now)
		if err != nil {
			return err
		}
		stored, err := factsOf(tx, id)
		if err != nil {
			return err
		}
		x := stored
		name, err := unitName(tx, form.Get("name"), u.Parent, u.ID, u.Kind, now)
		if err != nil {
			return err
		}
		if u.Kind == org.Facility {
			if err := readUnitForm(form, &x); err != nil {
				return err
			}
		}
		if err := unchanged(form, mark(unitForm(u, stored).Values)); err != nil {
			return err
		}
		if name != u.Name {
			if err := org.Rename(tx, id, name); err != nil {
				return err
			}
		}
		if u.Kind != org.Facility || x == stored {
			return nil
		}
		if err := org.SetFacts(tx, id, x); err != nil {
			return err
		}
		return org.SetPhone(tx, id, x.Phone)
	})
	if web.Again(err) {
		return f.editAgain(w, r, v, id, "save", form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einheit/%d", id), "Gespeichert.")
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
		if *c.to = clean(form.Get(c.name)); len(*c.to) > c.most {
			bad.Add(c.name, "Das ist zu lang.")
		}
	}
	if why := checkPhone(x.Phone); why != "" {
		bad.Add("phone", "%s", why)
	}
	if x.Website != "" && !strings.HasPrefix(x.Website, "https://") && !strings.HasPrefix(x.Website, "http://") {
		bad.Add("website", "Eine Adresse beginnt mit https://.")
	}
	var ok bool
	if x.PlacesTotal, ok = number(form.Get("places_total"), 5000); !ok {
		bad.Add("places_total", "Bitte geben Sie eine Zahl ein.")
	}
	return bad.Err()
}

// shift is a change of a unit's place in the tree, with one field that says where to.
func (f *feature) shift(w http.ResponseWriter, r *http.Request, v who.Viewer, sent, field, done string, do func(*store.Tx, org.Unit, int64) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "was", field)
	if err != nil {
		return err
	}
	to := id
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		now := f.Now()
		u, may, err := keeper(tx, v, id, now)
		if err != nil {
			return err
		}
		if !may.End {
			return fault.New(fault.Forbidden, "Das kann nur, wer für die Einheit darüber zuständig ist.")
		}
		if form.Get("was") != mark(u.Parent, u.Until) {
			return fault.New(fault.Conflict, "Inzwischen hat jemand anderes hier etwas geändert. Bitte sehen Sie nach, ob es noch nötig ist.")
		}
		target := form.ID(field)
		if field != "" {
			if err := org.Must(tx, v, target, who.Keepers, now); err != nil {
				return fault.At(field, "Bitte wählen Sie aus der Liste.")
			}
		}
		f.rights(tx)
		if sent == "merge" {
			to = target
		}
		return do(tx, u, target)
	})
	if web.Again(err) {
		return f.editAgain(w, r, v, id, sent, form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einheit/%d", to), done)
}

// Place is the hash of where a unit stands and whether it has ended.
func (p editPage) Place() string { return mark(p.Unit.Parent, p.Unit.Until) }

func (f *feature) moveUnit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.shift(w, r, v, "move", "parent", "Verschoben.", func(tx *store.Tx, u org.Unit, to int64) error {
		if u.Kind != org.Facility || u.Ended(f.Now()) {
			return fault.At("parent", "Verschieben lassen sich nur Einrichtungen, die nicht beendet sind.")
		}
		p, err := org.Get(tx, to)
		if err != nil {
			return err
		}
		if p.Ended(f.Now()) {
			return fault.At("parent", "„%s“ ist beendet.", p.Name)
		}
		return org.Move(tx, u.ID, to)
	})
}

func (f *feature) mergeUnit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.shift(w, r, v, "merge", "into", "Zusammengelegt.", func(tx *store.Tx, u org.Unit, to int64) error {
		return org.Merge(tx, u.ID, to, f.Now())
	})
}

func (f *feature) endUnit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.shift(w, r, v, "end", "", "Beendet.", func(tx *store.Tx, u org.Unit, _ int64) error {
		return org.End(tx, u.ID, f.Now())
	})
}

func (f *feature) reopenUnit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	return f.shift(w, r, v, "end", "", "Wieder geöffnet.", func(tx *store.Tx, u org.Unit, _ int64) error {
		above, err := org.Get(tx, u.Parent)
		if err != nil {
			return err
		}
		switch {
		case above.Kind == org.Carrier && u.Kind == org.Carrier:
			return fault.New(fault.Conflict, "Dieser Träger ist in „%s“ aufgegangen und kann nicht wieder geöffnet werden.", above.Name)
		case above.Ended(f.Now()):
			return fault.New(fault.Conflict, "„%s“ ist beendet. Öffnen Sie zuerst diese Einheit.", above.Name)
		}
		return org.Reopen(tx, u.ID)
	})
}
