package intake

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
)

// FamilyColumns are the columns of a list of families. An empty cell says
// nothing: what the house already knows stays.
func FamilyColumns() []string {
	all := []string{"facility", "group", "child_ref", "given", "family", "born", "language"}
	for n := range mostGuardians {
		for _, c := range []string{"given", "family", "relation", "mail", "phone", "language", "informed", "decides"} {
			all = append(all, fmt.Sprintf("g%d_%s", n+1, c))
		}
	}
	return all
}

// A family is one line of a list.
type family struct {
	no        int
	child     person.Child // as the list tells
	language  string
	guardians []told
	old       *child // nil: new
}

// A child of the house with its guardians.
type child struct {
	person.Child
	guardians []person.Guardian
	seen      int // line of the file; 0: not there
}

// ward is what an import knows of a facility.
type ward struct {
	facility
	groups   []group
	children []*child
	keys     map[string]int // of new children, with their line
}

type familyImport struct {
	tx     *store.Tx
	o      Options
	now    time.Time
	rep    *Report
	source map[string][]facility // by what the list of facilities calls them
	name   map[string][]facility
	wards  map[int64]*ward
	left   int // children who have left and are still listed
	ended  int // guardians who have ended and are still listed
	absent int // guardians whom the file does not name any more
	alone  int // children without any guardian
}

// ImportFamilies reads a list of children with their guardians. As with
// ImportFacilities, an error means that nothing may be kept.
func ImportFamilies(tx *store.Tx, file []byte, o Options, now time.Time) (Report, error) {
	rep := Report{Refused: []Refusal{}, Missing: []string{}, Notes: []string{}}
	t, err := readTable(file, FamilyColumns(), "facility", "group", "given", "family")
	if err != nil {
		return rep, err
	}
	rep.Notes = append(rep.Notes, t.notes...)
	im := &familyImport{tx: tx, o: o, now: now, rep: &rep, wards: map[int64]*ward{}}
	if err := im.load(); err != nil {
		return rep, err
	}
	var all []*family
	for _, l := range t.lines {
		e, why, err := im.read(l)
		if err != nil {
			return rep, err
		}
		if why != "" {
			rep.refuse(l.no, why)
			continue
		}
		all = append(all, e)
	}
	for _, e := range all {
		im.count(e)
	}
	im.missing()
	im.remarks()
	if err := rep.verdict(o); err != nil || o.Dry {
		return rep, err
	}
	for _, e := range all {
		if err := im.take(e); err != nil {
			return rep, fmt.Errorf("line %d: %w", e.no, err)
		}
	}
	return rep, nil
}

// read turns a line into what it means, or says why it is refused.
func (im *familyImport) read(l line) (e *family, why string, err error) {
	if l.bad != "" {
		return nil, l.bad, nil
	}
	f, why := im.find(l.get("facility"))
	if why != "" {
		return nil, why, nil
	}
	w, err := im.ward(f)
	if err != nil {
		return nil, "", err
	}
	e = &family{no: l.no, language: l.get("language")}
	e.child = person.Child{Facility: f.id, Ref: l.get("child_ref"), Given: l.get("given"), Family: l.get("family"), Born: l.get("born")}
	e.child.Born, _ = person.Day(e.child.Born)
	// First the child: it is not missing, even if the line is refused.
	if why := w.match(e); why != "" {
		return nil, why, nil
	}
	if why := im.checkChild(l, e, w); why != "" {
		return nil, why, nil
	}
	for n := 1; n <= mostGuardians; n++ {
		g, why := readGuardian(l, fmt.Sprintf("g%d_", n), e.language)
		if why != "" {
			return nil, fmt.Sprintf("Sorgeberechtigte %d: %s", n, why), nil
		}
		if g.given+g.family == "" {
			continue
		}
		for _, o := range e.guardians {
			if o.given == g.given && o.family == g.family && strings.EqualFold(o.mail, g.mail) {
				return nil, fmt.Sprintf("Sorgeberechtigte %d: %s steht zweimal in der Zeile.", n, short(g.given+" "+g.family)), nil
			}
		}
		e.guardians = append(e.guardians, g)
	}
	e.recognise()
	return e, "", nil
}

// load finds the facilities that the importing person looks after.
func (im *familyImport) load() error {
	all, err := facilitiesOf(im.tx, im.now)
	im.source, im.name = map[string][]facility{}, map[string][]facility{}
	for _, f := range all {
		if !im.o.may(f.id) {
			continue
		}
		im.name[f.name] = append(im.name[f.name], f)
		if f.source != "" {
			im.source[f.source] = append(im.source[f.source], f)
		}
	}
	return err
}

// find looks a facility up by its number in the list of facilities, or by its name.
func (im *familyImport) find(name string) (facility, string) {
	if name == "" {
		return facility{}, "Die Einrichtung fehlt (Spalte „facility“)."
	}
	found := im.source[name]
	if len(found) == 0 {
		found = im.name[name]
	}
	switch len(found) {
	case 0:
		return facility{}, fmt.Sprintf("Die Einrichtung „%s“ gibt es hier nicht, oder Sie sind nicht für sie zuständig.", short(name))
	case 1:
		return found[0], ""
	}
	return facility{}, fmt.Sprintf("„%s“ steht für mehrere Einrichtungen. Bitte geben Sie eine eindeutige Kennung an.", short(name))
}

func (im *familyImport) ward(f facility) (*ward, error) {
	if w, ok := im.wards[f.id]; ok {
		return w, nil
	}
	w := &ward{facility: f, keys: map[string]int{}}
	var err error
	if w.groups, err = openGroups(im.tx, f.id, im.now); err != nil {
		return nil, err
	}
	kids, err := person.ChildrenKnown(im.tx, f.id, im.now)
	if err != nil {
		return nil, err
	}
	guardians, err := person.GuardiansKnown(im.tx, f.id)
	if err != nil {
		return nil, err
	}
	of := map[int64]*child{}
	for _, c := range kids {
		k := &child{Child: c}
		of[c.ID] = k
		w.children = append(w.children, k)
	}
	for _, g := range guardians {
		of[g.Child].guardians = append(of[g.Child].guardians, g)
	}
	im.wards[f.id] = w
	return w, nil
}

// match finds the child in the house: by its number if there is one, else by
// name and birthday. A child that had no number so far gets the list's.
func (w *ward) match(e *family) (why string) {
	c := e.child
	same := func(k *child) bool { return k.Given == c.Given && k.Family == c.Family && k.Born == c.Born }
	i := -1
	if c.Ref != "" {
		i = slices.IndexFunc(w.children, func(k *child) bool { return k.Ref == c.Ref })
		if i < 0 {
			i = slices.IndexFunc(w.children, func(k *child) bool { return k.Ref == "" && same(k) })
		}
	} else {
		i = slices.IndexFunc(w.children, same)
	}
	key := "ref " + c.Ref
	if c.Ref == "" {
		key = "name " + c.Given + "\n" + c.Family + "\n" + c.Born
	}
	first, twice := w.keys[key]
	if i >= 0 && !twice {
		first, twice = w.children[i].seen, w.children[i].seen != 0
	}
	if twice {
		return fmt.Sprintf("Dieses Kind steht schon in Zeile %d.", first)
	}
	w.keys[key] = e.no
	if i >= 0 {
		e.old = w.children[i]
		e.old.seen = e.no
	}
	return ""
}

func (im *familyImport) checkChild(l line, e *family, w *ward) (why string) {
	c := &e.child
	switch {
	case c.Given == "":
		return "Der Vorname des Kindes fehlt (Spalte „given“)."
	case c.Family == "":
		return "Der Nachname des Kindes fehlt (Spalte „family“)."
	case len(c.Given) > 200 || len(c.Family) > 200 || len(c.Ref) > 100:
		return "Der Name oder die Nummer des Kindes ist zu lang."
	}
	if why := person.CheckBorn(c.Born, im.now); why != "" {
		return fmt.Sprintf("„%s“: %s", short(c.Born), why)
	}
	if why := person.CheckLanguage(e.language); why != "" {
		return fmt.Sprintf("„%s“: %s", short(e.language), why)
	}
	name := l.get("group")
	if name == "" {
		if e.old == nil {
			return "Die Gruppe fehlt (Spalte „group“)."
		}
		c.Group, c.GroupName = e.old.Group, e.old.GroupName
		return ""
	}
	var names []string
	for _, g := range w.groups {
		names = append(names, "„"+g.name+"“")
		if g.name != name {
			continue
		}
		if c.Group != 0 {
			return fmt.Sprintf("„%s“ heißen mehrere Gruppen dieser Einrichtung.", short(name))
		}
		c.Group, c.GroupName = g.id, g.name
	}
	if c.Group == 0 && len(names) == 0 {
		return fmt.Sprintf("Die Gruppe „%s“ gibt es nicht. „%s“ hat noch keine Gruppen.", short(name), short(w.name))
	}
	if c.Group == 0 {
		return fmt.Sprintf("Die Gruppe „%s“ gibt es nicht. In „%s“ gibt es %s.", short(name), short(w.name), short(strings.Join(names, ", ")))
	}
	return ""
}

// count notes whether a family is new, changed or the same.
func (im *familyImport) count(e *family) {
	if len(e.guardians) == 0 && (e.old == nil || len(e.old.guardians) == 0) {
		im.alone++
	}
	name := e.child.Name()
	if e.old == nil {
		im.rep.added(fmt.Sprintf("%s (%s)", name, e.child.GroupName))
		return
	}
	if e.old.Group == 0 {
		im.left++
		im.rep.Same++
		return
	}
	named := 0
	var what []string
	if c := e.whole(); c.Given != e.old.Given || c.Family != e.old.Family || c.Born != e.old.Born || c.Ref != e.old.Ref {
		what = append(what, "Name, Geburtstag oder Nummer")
	}
	if e.child.Group != e.old.Group {
		what = append(what, fmt.Sprintf("wechselt von „%s“ zu „%s“", e.old.GroupName, e.child.GroupName))
	}
	for _, t := range e.guardians {
		if t.old == nil {
			what = append(what, fmt.Sprintf("neu sorgeberechtigt: %s %s", t.given, t.family))
			continue
		}
		named++
		if t.old.State == org.Ended {
			im.ended++
			continue
		}
		if g, differs := t.merged(); differs {
			s := t.old.Name()
			if g.Informed != t.old.Informed && g.Informed {
				s += " (wird wieder informiert)"
			} else if g.Informed != t.old.Informed {
				s += " (wird nicht mehr informiert)"
			}
			what = append(what, s)
		}
	}
	for _, g := range e.old.guardians {
		if g.State != org.Ended && !slices.ContainsFunc(e.guardians, func(t told) bool { return t.old != nil && t.old.ID == g.ID }) {
			im.absent++
		}
	}
	if len(what) == 0 {
		im.rep.Same++
		return
	}
	im.rep.altered(name + ": " + strings.Join(what, ", "))
}

// whole is the child as it will stand in the house.
func (e *family) whole() person.Child {
	c := e.child
	if e.old == nil {
		return c
	}
	c.ID = e.old.ID
	if c.Born == "" {
		c.Born = e.old.Born
	}
	if c.Ref == "" {
		c.Ref = e.old.Ref
	}
	return c
}

// missing lists the children of the named facilities whom the file does not name.
func (im *familyImport) missing() {
	for _, w := range im.wards {
		for _, c := range w.children {
			if c.seen == 0 && c.Group != 0 {
				im.rep.Missing = append(im.rep.Missing, initial(c.Given, c.Family))
			}
		}
	}
	slices.Sort(im.rep.Missing)
}

// initial is "Lina K.": enough to find the child, little enough for a screen that others see.
func initial(given, family string) string {
	for _, r := range family {
		return fmt.Sprintf("%s %c.", given, r)
	}
	return given
}

func (im *familyImport) remarks() {
	for _, r := range []struct {
		n     int
		words string
	}{
		{im.alone, "Kinder ohne Sorgeberechtigte: %d. Ihre Familien kann niemand erreichen."},
		{im.left, "Kinder, die im Haus abgemeldet sind und in der Datei stehen: %d. Sie bleiben abgemeldet."},
		{im.ended, "Sorgeberechtigte, die im Haus beendet sind und in der Datei stehen: %d. Sie bleiben beendet."},
		{im.absent, "Sorgeberechtigte, die im Haus stehen und in der Datei fehlen: %d. Sie bleiben."},
	} {
		if r.n > 0 {
			im.rep.Notes = append(im.rep.Notes, fmt.Sprintf(r.words, r.n))
		}
	}
}

// take writes a family into the house.
func (im *familyImport) take(e *family) error {
	id, last := int64(0), 0
	if e.old == nil {
		var err error
		if id, err = person.AddChild(im.tx, e.child, im.now); err != nil {
			return err
		}
	} else {
		if e.old.Group == 0 {
			return nil
		}
		id = e.old.ID
		if c := e.whole(); c.Given != e.old.Given || c.Family != e.old.Family || c.Born != e.old.Born || c.Ref != e.old.Ref {
			if err := person.CorrectChild(im.tx, c, 0, im.now); err != nil {
				return err
			}
		}
		if e.child.Group != e.old.Group {
			if err := person.MoveChild(im.tx, id, e.child.Group, im.now); err != nil {
				return err
			}
		}
		for _, g := range e.old.guardians {
			last = max(last, g.Rank)
		}
	}
	for _, t := range e.guardians {
		var err error
		switch {
		case t.old == nil:
			last++
			err = im.invite(id, last, t)
		case t.old.State != org.Ended:
			err = im.correct(t)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
