package minutes

import (
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// foundKind is the kind of minutes in the search index. Each has two documents there: 2 × id is what only its members read,
// 2 × id + 1 what all around read once it is approved. What is in the one is not in the other, so that nobody finds the same
// words twice.
const foundKind = "minutes"

func source(now func() time.Time) search.Source {
	return search.Source{
		Kind: foundKind, Label: "Protokolle",
		All: func(tx *store.Tx, above int64, n int) ([]int64, error) {
			return store.All(tx, store.Value[int64], `
				SELECT 2 * m.id + p.value FROM minutes m JOIN json_each('[0, 1]') p
				WHERE m.id >= ?1 / 2 AND 2 * m.id + p.value > ?1 AND m.state <> 'draft' ORDER BY 1 LIMIT ?2`, above, n)
		},
		Docs: docs,
		Seen: func(tx *store.Tx, v who.Viewer, ids []int64) (seen []int64, err error) {
			for _, ref := range ids {
				m, err := row(tx, ref/2)
				if err != nil {
					continue // no longer there
				}
				level, err := committee.LevelOf(tx, v, m.Unit, now())
				if err != nil {
					return nil, err
				}
				if ref%2 == 0 && level >= committee.Inside && m.State != Draft || ref%2 == 1 && level > committee.None && m.State == Approved && m.Public {
					seen = append(seen, ref)
				}
			}
			return seen, nil
		},
		Look: func(tx *store.Tx, v who.Viewer, words []string, n int) ([]int64, error) {
			units, err := committee.Seen(tx, v.ID, now())
			if err != nil {
				return nil, err
			}
			var refs []int64
			for _, u := range units {
				level, err := committee.LevelOf(tx, v, u.ID, now())
				if err != nil {
					return nil, err
				}
				// While there is no index, only titles are looked at for those around: a revision holds both parts.
				more, err := store.All(tx, store.Value[int64], `
					SELECT CASE WHEN ?2 >= 3 THEN 2 * m.id + (m.state = 'approved' AND m.public = 1) ELSE 2 * m.id + 1 END
					FROM minutes m JOIN minutes_revision r ON r.minutes = m.id AND r.number = (SELECT max(number) FROM minutes_revision WHERE minutes = m.id)
					WHERE m.unit = ?1 AND (?2 >= 3 AND m.state <> 'draft' OR m.state = 'approved' AND m.public = 1)
						AND NOT EXISTS (SELECT 1 FROM json_each(?3) w WHERE instr(lower(m.title || ' protokoll ' || iif(?2 >= 3, r.content, '')), lower(w.value)) = 0)
					ORDER BY m.held DESC, m.id DESC LIMIT ?4`, u.ID, level, store.List(words), n)
				if err != nil {
					return nil, err
				}
				refs = append(refs, more...)
			}
			return refs[:min(len(refs), n)], nil
		},
	}
}

func docs(tx *store.Tx, refs []int64) (all []search.Doc, err error) {
	for _, ref := range refs {
		m, err := row(tx, ref/2)
		if err != nil || m.State == Draft {
			continue // what is no longer there is missing
		}
		c, _, intact, err := verified(tx, m)
		if err != nil {
			return nil, err
		}
		if !intact {
			continue // the page says so
		}
		u, err := org.Get(tx, m.Unit)
		if err != nil {
			return nil, err
		}
		rules, err := committee.RulesOf(tx, m.Unit)
		if err != nil {
			return nil, err
		}
		if d, ok := doc(m, c, u, rules.Public, ref%2 == 1); ok {
			all = append(all, d)
		}
	}
	return all, nil
}

// doc is one of the two documents of minutes; false: there is nothing in it.
func doc(m Minutes, c Content, u org.Unit, open, public bool) (search.Doc, bool) {
	d := search.Doc{Ref: 2 * m.ID, Unit: m.Unit, Title: m.Name(), At: house.Local(m.Held), Path: m.Path(), Reach: committee.Reach(u, committee.Inside)}
	shown := m.State == Approved && m.Public
	switch {
	case public && !shown:
		return d, false
	case public:
		d.Ref++
		d.Public, d.Reach = open, committee.Reach(u, committee.Around)
		d.Body = c.Record.Title + "\n" + c.wording(true, func(i Item) bool { return i.Public })
	case shown && !c.closed():
		return d, false
	case shown:
		d.Title += " (nichtöffentlicher Teil)"
		d.Body = c.wording(false, func(i Item) bool { return !i.Public })
	default:
		d.Body = c.Record.Title + "\n" + c.wording(true, func(Item) bool { return true })
	}
	return d, true
}
