package wiki

import (
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// readersFor are the readers that a viewer with these levels may give a page of a unit.
func readersFor(kind org.Kind, set map[string]bool) (all []Choice) {
	for _, a := range accesses() {
		if mayOpen(a, set) == nil {
			all = append(all, Choice{string(a), a.Word(kind)})
		}
	}
	return all
}

// mayOpen says why a viewer with these levels may not give a page these readers.
func mayOpen(access Access, set map[string]bool) error {
	switch {
	case !slices.Contains(accesses(), access):
		return fault.At("access", "Bitte wählen Sie, wer die Seite lesen darf.")
	case access == Board && !set["board"]:
		return fault.At("access", "Diese Seite könnten Sie dann selbst nicht mehr lesen.")
	}
	return nil
}

// stands says why a page cannot stand below another of the pages that the viewer sees. Page 0: a new one; parent 0: at
// the top. Pages between the two count, also those that the viewer does not see: else they would become a ring.
func stands(tx *store.Tx, unit int64, nodes []Node, parent, page int64) error {
	if parent == 0 {
		return nil
	}
	if !slices.ContainsFunc(nodes, func(n Node) bool { return n.ID == parent }) {
		return fault.At("parent", "Diese übergeordnete Seite gibt es hier nicht.")
	}
	up, err := parents(tx, unit)
	if err != nil {
		return err
	}
	if page != 0 && under(up, parent, page) {
		return fault.At("parent", "Eine Seite kann nicht unter sich selbst stehen, auch nicht unter einer ihrer Unterseiten.")
	}
	deep := func(id int64) (n int) {
		for ; id != 0 && n <= mostDeep; n++ {
			next, ok := up[id]
			if !ok {
				break
			}
			id = next
		}
		return n
	}
	below := 0 // levels that come along
	for id := range up {
		if page != 0 && under(up, id, page) {
			below = max(below, deep(id)-deep(page))
		}
	}
	if deep(parent)+1+below > mostDeep {
		return fault.At("parent", "So tief kann eine Seite nicht stehen: höchstens %d Ebenen.", mostDeep)
	}
	return nil
}

// parents are the pages above those of a unit, whoever may see them; 0: a page stands at the top.
func parents(tx *store.Tx, unit int64) (map[int64]int64, error) {
	type place struct{ page, parent int64 }
	all, err := store.All(tx, func(p *place) []any { return []any{&p.page, &p.parent} }, `
		SELECT id, coalesce(parent, 0) FROM wiki_page WHERE unit = ? AND removed IS NULL`, unit)
	up := make(map[int64]int64, len(all))
	for _, p := range all {
		up[p.page] = p.parent
	}
	return up, err
}

// put moves a page below another, behind one of its siblings; after 0: to the front.
func put(tx *store.Tx, p Page, parent, after int64) error {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT id FROM wiki_page WHERE unit = ?1 AND parent IS nullif(?2, 0) AND id <> ?3 AND removed IS NULL ORDER BY rank, id`, p.Unit, parent, p.ID)
	if err != nil {
		return err
	}
	at := 0
	if i := slices.Index(ids, after); i >= 0 {
		at = i + 1
	}
	for i, id := range slices.Insert(ids, at, p.ID) {
		if _, err := tx.Exec(`UPDATE wiki_page SET rank = ? WHERE id = ?`, i+1, id); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE wiki_page SET parent = nullif(?, 0) WHERE id = ?`, parent, p.ID)
	return err
}

// discard puts a page into the bin; what stood below it stands in its place.
func discard(tx *store.Tx, p Page, now time.Time) error {
	if _, err := tx.Exec(`UPDATE wiki_page SET parent = nullif(?, 0) WHERE parent = ?`, p.Parent, p.ID); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE wiki_page SET removed = ? WHERE id = ?`, now.Unix(), p.ID); err != nil {
		return err
	}
	return changed(tx, p.ID)
}

// retrieve takes a page out of the bin, to the end of the archive.
func retrieve(tx *store.Tx, p Page) error {
	_, err := tx.Exec(`
		UPDATE wiki_page SET removed = NULL, parent = NULL, rank = 1 + coalesce((SELECT max(rank) FROM wiki_page WHERE unit = ?2 AND parent IS NULL), 0)
		WHERE id = ?1`, p.ID, p.Unit)
	if err != nil {
		return err
	}
	return changed(tx, p.ID)
}
