package registry

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// page begins a page of this feature: in German, the language of the files and
// of those who keep them.
func (f *feature) page(r *http.Request, v who.Viewer, title string) web.Page {
	return web.NewPage(r, v, title).In("de")
}

// A Part is a stretch of a list of units.
type Part struct {
	Title string
	Note  string
	Fold  bool // shown when asked for
	Rows  []Row
}

// many is from how many carriers on a list is folded by letter.
const many = 40

// parts orders the units below one for showing.
func parts(u org.Unit, rows []Row, now time.Time) (all []Part) {
	by := map[org.Kind][]Row{}
	var ended []Row
	for _, r := range rows {
		if r.Ended = r.until <= now.Unix(); r.Ended {
			ended = append(ended, r)
		} else {
			by[r.Kind] = append(by[r.Kind], r)
		}
	}
	for _, k := range []org.Kind{org.Office, org.Committee, org.Carrier, org.Facility, org.Group} {
		rows := by[k]
		if len(rows) == 0 {
			continue
		}
		slices.SortStableFunc(rows, func(a, b Row) int { return strings.Compare(fold(a.Name), fold(b.Name)) })
		p := Part{Title: plural(k), Rows: rows}
		if k == org.Facility && u.Kind == org.City {
			p.Title, p.Note = "Einrichtungen ohne Träger", "Träger fehlt"
		}
		if len(rows) <= many {
			all = append(all, p)
			continue
		}
		all = append(all, letters(p)...)
	}
	if len(ended) > 0 {
		all = append(all, Part{Title: "Beendet", Fold: true, Rows: ended})
	}
	return all
}

// letters folds a long list by the first letter of the names.
func letters(p Part) (all []Part) {
	last := ""
	for _, r := range p.Rows {
		letter := "0–9"
		for _, c := range fold(r.Name) {
			if c >= 'a' && c <= 'z' {
				letter = strings.ToUpper(string(c))
			}
			break
		}
		if letter != last || len(all) == 0 {
			all = append(all, Part{Title: p.Title + ": " + letter, Note: p.Note, Fold: true})
			last = letter
		}
		n := len(all) - 1
		all[n].Rows = append(all[n].Rows, r)
	}
	return all
}

// fold makes names comparable: without case and without marks on letters.
func fold(s string) string { return folding.Replace(strings.ToLower(s)) }

var folding = strings.NewReplacer("ä", "a", "ö", "o", "ü", "u", "ß", "ss", "ø", "o", "å", "a", "æ", "ae", "é", "e", "è", "e",
	"„", "", "“", "", "\"", "", "»", "", "«", "", "'", "", "(", "")

func plural(k org.Kind) string {
	switch k {
	case org.Office:
		return "Ämter"
	case org.Carrier:
		return "Träger"
	case org.Facility:
		return "Einrichtungen"
	case org.Group:
		return "Gruppen"
	}
	return "Gremien"
}

// Below says in words what lies below a unit.
func (r Row) Below() string {
	var all []string
	for _, c := range []struct {
		n         int
		one, more string
		of        []org.Kind
	}{
		{r.Facilities, "Einrichtung", "Einrichtungen", []org.Kind{org.City, org.Carrier}},
		{r.Groups, "Gruppe", "Gruppen", []org.Kind{org.Facility}},
		{r.Children, "Kind", "Kinder", []org.Kind{org.City, org.Carrier, org.Facility, org.Group}},
	} {
		if c.n == 0 && r.Kind != org.Group || !slices.Contains(c.of, r.Kind) {
			continue
		}
		word := c.more
		if c.n == 1 {
			word = c.one
		}
		all = append(all, fmt.Sprintf("%d %s", c.n, word))
	}
	return strings.Join(all, ", ")
}

// A Top is a unit that the viewer looks after, at the top of the tree.
type Top struct {
	Unit  org.Unit
	Parts []Part
}

type indexPage struct {
	web.Page
	Tops     []Top
	Query    string
	Hits     []Row
	Count    int // of hits; more than Hits holds
	Keeper   bool
	Importer bool // may read lists of facilities
	Families bool // may read lists of families
}

const mostHits = 100

func (f *feature) index(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := indexPage{Page: f.page(r, v, "Stammdaten"), Query: strings.TrimSpace(r.URL.Query().Get("q")),
		Keeper: v.May(who.Keepers), Importer: v.May(who.Of(who.Admin, who.Office)), Families: v.May(families)}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		units, err := tops(tx, v.ID, visitors, now)
		if err != nil {
			return err
		}
		for _, u := range units {
			if p.Query != "" {
				all, err := allBelow(tx, u.ID)
				if err != nil {
					return err
				}
				p.find(all, now)
				continue
			}
			rows, err := below(tx, u.ID, now)
			if err != nil {
				return err
			}
			p.Tops = append(p.Tops, Top{u, parts(u, rows, now)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "index.html", p)
}

// find keeps the units that the query names.
func (p *indexPage) find(all []Row, now time.Time) {
	q := fold(p.Query)
	for _, r := range all {
		if !strings.Contains(fold(r.Name), q) {
			continue
		}
		if p.Count++; len(p.Hits) < mostHits {
			r.Ended = r.until <= now.Unix()
			p.Hits = append(p.Hits, r)
		}
	}
}

// A Kid is a child of a group, with those who are to be called.
type Kid struct {
	person.Child
	Guardians []Adult
}

// An Adult is a guardian to be called.
type Adult struct{ person.Guardian }

// Dial is the phone number for a link.
func (a Adult) Dial() string { return dial(a.Phone) }

// A Member is a membership as its unit sees it.
type Member struct {
	org.Membership
	Change bool // the viewer may
	Over   bool
}

// Term says from when to when.
func (m Member) Term() string {
	s := "seit " + germanDay(dayOf(m.Since))
	if m.Until != store.Forever {
		s += " bis " + germanDay(lastDayOf(m.Until))
	}
	return s
}

// Word is the role, in a committee the office.
func (m Member) Word() string {
	for _, o := range offices() {
		if o.Value == m.Office {
			return o.Label
		}
	}
	return m.Role.Word()
}

// Dial is the phone number for a link.
func (m Member) Dial() string { return dial(m.Phone) }

type unitPage struct {
	web.Page
	May     May
	Path    []Crumb
	Unit    org.Unit
	Ended   bool
	Facts   org.Facts
	Parts   []Part
	Members []Member
	Past    []Member
	Kids    []Kid
	Former  []person.Child
	Kinds   []org.Kind // to add here
	People  []Choice   // to give a role
	Groups  []Choice   // to take a child in
	Offices []Named
	Form    web.Form
	Sent    string // which form is shown again: unit, member or child; "": none
}

// FormOf is what was sent of one of the page's forms, and else an empty one.
func (p unitPage) FormOf(name string) web.Form {
	if p.Sent == name {
		return p.Form
	}
	return web.Form{}
}

// Dial is the facility's phone number for a link.
func (p unitPage) Dial() string { return dial(p.Facts.Phone) }

// HasFacts reports whether anything is known of the facility.
func (p unitPage) HasFacts() bool {
	x := p.Facts
	return x.PlacesTotal >= 0 || x.Street+x.Postcode+x.Phone+x.OpeningHours+x.Kind+x.Languages+x.Concept+x.Website != ""
}

// RoleChoices are the roles to hand out, the most frequent first.
func (p unitPage) RoleChoices() (all []Choice) {
	for _, r := range p.May.Roles {
		all = append(all, Choice{int64(r), r.Word()})
	}
	return all
}

// A Named value is one of a list, or of a form, with its German name.
type Named struct{ Value, Label string }

// offices of a committee; the first three share the right of the chair.
func offices() []Named {
	return []Named{{"chair", "Vorsitz"}, {"deputy", "Stellvertretung"}, {"secretary", "Schriftführung"},
		{"treasurer", "Kasse"}, {"delegate", "Mitglied"}, {"substitute", "Ersatzmitglied"}}
}

func officeRole(office string) who.Role {
	switch office {
	case "chair", "deputy", "secretary":
		return who.Chair
	case "treasurer", "delegate", "substitute":
		return who.Delegate
	}
	return who.Nobody
}

// A Crumb is a unit above; only those that the viewer may see lead anywhere.
type Crumb struct {
	ID   int64
	Name string
	Open bool
}

func crumbs(tx *store.Tx, v who.Viewer, unit int64, now time.Time) ([]Crumb, error) {
	path, err := org.Path(tx, unit)
	if err != nil {
		return nil, err
	}
	var all []Crumb
	for _, u := range path {
		at, err := rolesAt(tx, v.ID, u.ID, now)
		if err != nil {
			return nil, err
		}
		all = append(all, Crumb{u.ID, u.Name, at&visitors != 0})
	}
	return all, nil
}

func (f *feature) unit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	p, err := f.unitPage(r, v, id)
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "unit.html", p)
}

// unitAgain shows the page of a unit with a form that could not be accepted.
func (f *feature) unitAgain(w http.ResponseWriter, r *http.Request, v who.Viewer, id int64, sent string, form web.Form, cause error) error {
	p, err := f.unitPage(r, v, id)
	if err != nil {
		return err
	}
	p.Form, p.Sent = form.With(cause), sent
	return f.pages.Again(w, r, "unit.html", p)
}

func (f *feature) unitPage(r *http.Request, v who.Viewer, id int64) (unitPage, error) {
	p := unitPage{Page: f.page(r, v, ""), Offices: offices()}
	now := f.Now()
	err := f.DB.Read(r.Context(), func(tx *store.Tx) (err error) {
		if p.Unit, err = org.Get(tx, id); err != nil {
			return err
		}
		if p.May, err = mayAt(tx, v, p.Unit, now); err != nil {
			return err
		}
		if p.Path, err = crumbs(tx, v, id, now); err != nil {
			return err
		}
		p.Path = p.Path[:len(p.Path)-1]
		p.Title, p.Ended = p.Unit.Name, p.Unit.Ended(now)
		if p.Facts, err = factsOf(tx, id); err != nil {
			return err
		}
		rows, err := below(tx, id, now)
		if err != nil {
			return err
		}
		p.Parts = parts(p.Unit, rows, now)
		for _, k := range p.Unit.Kind.Below() {
			if p.May.Keep && !p.Ended {
				p.Kinds = append(p.Kinds, k)
			}
		}
		ms, err := org.Members(tx, id)
		if err != nil {
			return err
		}
		for _, m := range ms {
			x := Member{m, p.May.Keep && slices.Contains(p.May.Roles, m.Role), m.Ended(now)}
			if !p.May.Keep {
				x.Mail, x.Phone = "", ""
			}
			if x.Over {
				p.Past = append(p.Past, x)
			} else {
				p.Members = append(p.Members, x)
			}
		}
		if !p.May.Keep {
			p.Past = nil
		}
		if err := p.loadKids(tx, now); err != nil {
			return err
		}
		if len(p.May.Roles) > 0 && p.May.Keep && !p.Ended {
			p.People, err = peopleOf(tx, circle(p.Unit), p.May.Families, now)
			return err
		}
		return nil
	})
	return p, err
}

// circle is the unit among whose people a new member is looked for first: a
// group's are those of its facility, a committee's those of what it belongs to.
func circle(u org.Unit) int64 {
	if u.Kind == org.Committee || u.Kind == org.Group || u.Kind == org.Office {
		return u.Parent
	}
	return u.ID
}

func (p *unitPage) loadKids(tx *store.Tx, now time.Time) error {
	if !p.May.Watch || p.Unit.Kind != org.Facility && p.Unit.Kind != org.Group {
		return nil
	}
	kids, err := person.ChildrenIn(tx, p.Unit.ID, now)
	if err != nil {
		return err
	}
	gs, err := guardiansIn(tx, p.Unit.ID, now)
	if err != nil {
		return err
	}
	of := map[int64][]Adult{}
	for _, g := range gs {
		of[g.Child] = append(of[g.Child], Adult{g})
	}
	for _, c := range kids {
		p.Kids = append(p.Kids, Kid{c, of[c.ID]})
	}
	if !p.May.Families {
		return nil
	}
	if p.Unit.Kind == org.Facility {
		if p.Former, err = formerOf(tx, p.Unit.ID, now); err != nil {
			return err
		}
	}
	if p.Ended {
		return nil
	}
	p.Groups, err = groupsBelow(tx, p.Unit.ID, now)
	return err
}

// addUnit makes a unit below another.
func (f *feature) addUnit(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "kind", "name")
	if err != nil {
		return err
	}
	var to int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		u, _, err := keeper(tx, v, id, f.Now())
		if err != nil {
			return err
		}
		kind := org.Kind(form.Get("kind"))
		if u.Ended(f.Now()) || !slices.Contains(u.Kind.Below(), kind) {
			return fault.At("kind", "Bitte wählen Sie, was hier entstehen soll.")
		}
		name, err := unitName(tx, form.Get("name"), u.ID, 0, kind, f.Now())
		if err != nil {
			return err
		}
		to, err = org.Add(tx, org.Unit{Parent: u.ID, Kind: kind, Name: name, City: u.City}, f.Now())
		if err == nil && kind == org.Facility {
			err = org.SetFacts(tx, to, noFacts())
		}
		return err
	})
	if web.Again(err) {
		return f.unitAgain(w, r, v, id, "unit", form, err)
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/einheit/%d", to), "Angelegt.")
}

// factsOf are the facts of a unit, or those of one that nobody has told anything about.
func factsOf(tx *store.Tx, unit int64) (org.Facts, error) {
	x, err := org.FactsOf(tx, unit)
	if fault.KindOf(err) == fault.NotFound {
		return noFacts(), nil
	}
	return x, err
}

func noFacts() org.Facts {
	return org.Facts{PlacesTotal: -1, PlacesU3: -1, PlacesUe3: -1, AgeMinMonths: -1, AgeMaxMonths: -1}
}

// unitName makes sure that a name is one, and tells units of a kind apart.
func unitName(tx *store.Tx, name string, parent, but int64, kind org.Kind, now time.Time) (string, error) {
	name = strings.Join(strings.Fields(clean(name)), " ")
	if name == "" {
		return "", fault.At("name", "Bitte geben Sie einen Namen ein.")
	}
	if len(name) > 300 || strings.ContainsFunc(name, unreadable) {
		return "", fault.At("name", "Dieser Name ist zu lang oder enthält Zeichen, die nicht in einen Namen gehören.")
	}
	if parent == 0 {
		return name, nil
	}
	others, err := org.Children(tx, parent)
	if err != nil {
		return "", err
	}
	for _, o := range others {
		if o.ID != but && o.Kind == kind && o.Name == name && !o.Ended(now) {
			return "", fault.At("name", "„%s“ gibt es hier schon.", name)
		}
	}
	return name, nil
}

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
