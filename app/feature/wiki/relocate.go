package wiki

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Relocation takes a page with all below it that the viewer may write into the archive of another unit. What stands
// below it and is not the viewer's to take stays, where the page stood.
type Relocation struct {
	Of    Page
	To    Archive
	Nodes []Node // what comes along: the page, and what stands below it
}

// A Change says who reads some of the pages, before and afterwards.
type Change struct {
	Pages    int
	Was, Now string
}

// Changes says who reads what, before and afterwards, the fewest readers first.
func (r Relocation) Changes() (all []Change) {
	for _, a := range accesses() {
		n := 0
		for _, p := range r.Nodes {
			if p.Access == a {
				n++
			}
		}
		if n > 0 {
			all = append(all, Change{n, a.in(r.Of.Kind, r.Of.UnitName), a.in(r.To.Kind, r.To.Name)})
		}
	}
	return all
}

// targets lists the archives into which v may take a page of another.
func targets(tx *store.Tx, unit int64, v who.Viewer, now time.Time) ([]Archive, error) {
	all, err := archives(tx, v, now)
	return slices.DeleteFunc(all, func(a Archive) bool { return !a.Write || a.Unit == unit }), err
}

// relocation plans to take a page of v into the archive of a unit.
func relocation(tx *store.Tx, p Page, unit int64, v who.Viewer, now time.Time) (r Relocation, err error) {
	r.Of = p
	all, err := targets(tx, p.Unit, v, now)
	if err != nil {
		return r, err
	}
	i := slices.IndexFunc(all, func(a Archive) bool { return a.Unit == unit })
	if i < 0 {
		return r, fault.New(fault.Forbidden, "In diesen Wissensspeicher können Sie nichts verschieben.")
	}
	if r.To = all[i]; !p.Removed.IsZero() {
		return r, fault.New(fault.Conflict, "Diese Seite liegt im Papierkorb. Holen Sie sie zuerst zurück.")
	}
	nodes, err := tree(tx, p.Unit, v, p.set)
	if err != nil {
		return r, err
	}
	come := map[int64]bool{p.ID: true}
	var take func(ns []*Node)
	take = func(ns []*Node) {
		for _, n := range ns {
			if come[n.ID] = n.ID == p.ID || come[n.Parent] && n.Write; come[n.ID] {
				r.Nodes = append(r.Nodes, *n)
			}
			take(n.Kids)
		}
	}
	take(grow(nodes))
	set, err := levels(tx, unit, v, now)
	if err != nil {
		return r, err
	}
	if !set["board"] && slices.ContainsFunc(r.Nodes, func(n Node) bool { return n.Access == Board }) {
		return r, fault.New(fault.Conflict, "Darunter ist eine Seite nur für die Leitung. Dort könnten Sie sie selbst nicht mehr lesen.")
	}
	if err := rooted(tx, r.Nodes); err != nil {
		return r, err
	}
	approve, err := approves(tx, unit)
	if err != nil {
		return r, err
	}
	if approve && !set[leading(r.To.Kind)] { // else who writes there could release what they write elsewhere
		return r, fault.New(fault.Conflict, "Dort gibt eine zweite Person alles frei. Hierher verschieben kann nur, wer dort freigeben darf.")
	}
	return r, nil
}

// rooted says which of some pages stays, because the house looks for it where it is.
func rooted(tx *store.Tx, nodes []Node) error {
	var ids []int64
	for _, n := range nodes {
		ids = append(ids, n.ID)
	}
	stay, err := store.All(tx, store.Value[int64], `
		SELECT p.id FROM json_each(?) j CROSS JOIN wiki_page p ON p.id = j.value WHERE p.purpose <> '' LIMIT 1`, store.List(ids))
	if err != nil || len(stay) == 0 {
		return err
	}
	title := nodes[slices.IndexFunc(nodes, func(n Node) bool { return n.ID == stay[0] })].Title
	return fault.New(fault.Conflict, "„%s“ braucht das ganze Haus. Diese Seite bleibt, wo sie ist.", title)
}

// carry takes the pages of a plan into the other archive, to its end.
func (r Relocation) carry(tx *store.Tx) error {
	come := map[int64]bool{}
	for _, n := range r.Nodes {
		come[n.ID] = true
	}
	rank, err := store.One(tx, store.Value[int64], `SELECT 1 + coalesce(max(rank), 0) FROM wiki_page WHERE unit = ? AND parent IS NULL`, r.To.Unit)
	if err != nil {
		return err
	}
	for _, n := range r.Nodes {
		kids, err := store.All(tx, store.Value[int64], `SELECT id FROM wiki_page WHERE parent = ?`, n.ID)
		if err != nil {
			return err
		}
		for _, k := range kids {
			if come[k] {
				continue
			}
			if _, err := tx.Exec(`UPDATE wiki_page SET parent = nullif(?, 0) WHERE id = ?`, r.Of.Parent, k); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`UPDATE wiki_page SET unit = ? WHERE id = ?`, r.To.Unit, n.ID); err != nil {
			return err
		}
		if err := changed(tx, n.ID); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE wiki_page SET parent = NULL, rank = ? WHERE id = ?`, rank, r.Of.ID)
	return err
}

// in says who reads, with the unit that is meant.
func (a Access) in(kind org.Kind, unit string) string {
	if a == House || a == Public {
		return a.Word(kind)
	}
	return a.Word(kind) + " (" + unit + ")"
}
