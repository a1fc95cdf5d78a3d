package oparl

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
)

// An edition is what the house itself publishes of a city, with a tombstone for each object that it once gave out and no
// longer does. Whatever made an object change, or go, "modified" is when that was written down, minutes later at the most: whoever follows
// the interface misses nothing.
type edition struct {
	items map[oparl.Type][]entry // sorted by UID
	news  []told                 // what has not been written down yet
}

// An entry is an object of an edition.
type entry struct {
	oparl.Item
	of string // uid of the first Organization that it names; "": none
}

// A told is an object as it was given out last. Its words are not kept.
type told struct {
	mark
	of               string
	hash             []byte // of its words; of those that it last had, if it is gone
	created, changed time.Time
	gone             bool
}

// A mark is what an object is known by.
type mark struct {
	typ oparl.Type
	uid string
}

func (t *told) fields() []any {
	return []any{&t.typ, &t.uid, &t.of, &t.hash, (*store.Time)(&t.created), (*store.Time)(&t.changed), &t.gone}
}

// An issue is for which edition one is kept. What begins or ends by the clock comes with the next minute.
type issue struct{ city, minute int64 }

// newsstand keeps editions until something changes that they are made of.
func (f *feature) newsstand() *store.Keep[issue, *edition] {
	tables := []string{"oparl_told", "oparl_object", "unit", "unit_up", "committee", "committee_term", "membership", "person"}
	for _, all := range f.sources {
		for _, s := range all {
			tables = append(tables, s.Tables...)
		}
	}
	return &store.Keep[issue, *edition]{DB: f.DB, Tables: tables, Most: 4}
}

// edition is that of now; nobody must change it.
func (f *feature) edition(tx *store.Tx, city org.Unit) (*edition, error) {
	return f.kept.Get(tx, issue{city.ID, f.Now().Unix() / 60}, func() (*edition, error) { return f.compose(tx, city) })
}

func (f *feature) compose(tx *store.Tx, city org.Unit) (*edition, error) {
	rows, err := store.All(tx, (*told).fields, `SELECT type, uid, organization, hash, created, changed, gone FROM oparl_told WHERE city = ?`, city.ID)
	if err != nil {
		return nil, err
	}
	t, err := f.townOf(tx, city)
	if err != nil {
		return nil, err
	}
	e, before := &edition{items: map[oparl.Type][]entry{}}, map[mark]told{}
	for _, r := range rows {
		before[r.mark] = r
	}
	for _, typ := range oparl.Types() {
		list := t.items[typ]
		for _, s := range f.sources[typ] {
			more, err := s.List(tx, f.at, city.ID)
			if err != nil {
				return nil, err
			}
			list = append(list, more...)
		}
		for _, x := range list {
			n := told{mark{typ, x.UID}, f.organizationOf(x.Object), digest(x.Object), x.Created, f.Now(), false}
			was, known := before[n.mark]
			delete(before, n.mark)
			switch {
			case known && !was.gone && bytes.Equal(was.hash, n.hash):
				n.changed = was.changed
			case len(rows) == 0: // nobody has asked yet
				n.changed = x.Modified
				fallthrough
			default:
				e.news = append(e.news, n)
			}
			x.Modified = n.changed
			e.items[typ] = append(e.items[typ], entry{x, n.of})
		}
	}
	for _, was := range before {
		if !was.gone {
			was.gone, was.changed = true, f.Now()
			e.news = append(e.news, was)
		}
		e.items[was.typ] = append(e.items[was.typ], entry{oparl.Item{UID: was.uid, Created: was.created, Modified: was.changed, Deleted: true}, was.of})
	}
	for _, list := range e.items {
		slices.SortFunc(list, func(a, b entry) int { return cmp.Compare(a.UID, b.UID) })
	}
	for _, list := range e.items {
		for _, x := range list {
			f.date(e, x.Object)
		}
	}
	return e, nil
}

// date gives what stands within an object the same "modified" as where it stands by itself.
func (f *feature) date(e *edition, o oparl.Object) {
	for _, field := range o {
		var all []oparl.Object
		switch v := field.Value.(type) {
		case oparl.Object:
			all = []oparl.Object{v}
		case []oparl.Object:
			all = v
		}
		for _, in := range all {
			path, uid, _ := strings.Cut(strings.TrimPrefix(in.Text("id"), string(f.at)+"/"), "/")
			if x, ok := e.find(oparl.TypeAt(path), uid); ok {
				in.Put("modified", oparl.Moment(x.Modified))
			}
			f.date(e, in)
		}
	}
}

// find finds an object, also one that is no longer published.
func (e *edition) find(typ oparl.Type, uid string) (entry, bool) {
	list := e.items[typ]
	i, ok := slices.BinarySearchFunc(list, uid, func(x entry, uid string) int { return cmp.Compare(x.UID, uid) })
	if !ok {
		return entry{}, false
	}
	return list[i], true
}

// shelf is what an edition lists of a type: of an organization, "": of all.
func (e *edition) shelf(typ oparl.Type, organization string) shelf {
	some := func(q query) (list []oparl.Item) {
		for _, x := range e.items[typ] {
			if x.UID > q.After && (organization == "" || x.of == organization) && (q.Deleted || !x.Deleted) && q.Created.has(x.Created) && q.Modified.has(x.Modified) {
				list = append(list, x.Item)
			}
		}
		return list
	}
	return shelf{
		list: func(_ *store.Tx, q query) ([]oparl.Item, error) {
			list := some(q)
			return list[:min(q.N, len(list))], nil
		},
		count: func(_ *store.Tx, q query) (int, error) {
			q.After = ""
			return len(some(q)), nil
		},
	}
}

// digest is a hash of what an object says, but for when it and those within it were made and changed.
func digest(o oparl.Object) []byte {
	sum := sha256.Sum256(undated(o).JSON(nil))
	return sum[:]
}

func undated(o oparl.Object) (out oparl.Object) {
	for _, x := range o {
		switch v := x.Value.(type) {
		case oparl.Object:
			x.Value = undated(v)
		case []oparl.Object:
			all := make([]oparl.Object, len(v))
			for i := range v {
				all[i] = undated(v[i])
			}
			x.Value = all
		}
		if x.Name != "created" && x.Name != "modified" {
			out = append(out, x)
		}
	}
	return out
}

// organizationOf is the uid of the first organization that an object names; "": none.
func (f *feature) organizationOf(o oparl.Object) string {
	if all, _ := o.Get("organization").([]string); len(all) > 0 {
		return strings.TrimPrefix(all[0], f.at.Of(oparl.Organization, ""))
	}
	return ""
}

// settle writes down what is given out from now on, if that is anything new. What has changed again meanwhile is new the
// next time.
func (f *feature) settle(ctx context.Context) error {
	news := map[int64][]told{} // by city
	err := f.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := cities(tx)
		for _, c := range all {
			e, err := f.edition(tx, c)
			if err != nil {
				return err
			}
			if len(e.news) > 0 {
				news[c.ID] = e.news
			}
		}
		return err
	})
	if err != nil || len(news) == 0 {
		return err
	}
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		for city, all := range news {
			for _, n := range all {
				if _, err := tx.Exec(`
					INSERT INTO oparl_told (type, uid, city, organization, hash, created, changed, gone) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
					ON CONFLICT (type, uid) DO UPDATE SET city = excluded.city, organization = excluded.organization, hash = excluded.hash,
					created = excluded.created, changed = excluded.changed, gone = excluded.gone`,
					n.typ, n.uid, city, n.of, n.hash, n.created.Unix(), n.changed.Unix(), n.gone); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// own finds an object of the house, whatever city it is of, also one that is no longer published.
func (f *feature) own(tx *store.Tx, typ oparl.Type, uid string) (oparl.Item, error) {
	all, err := cities(tx)
	if err != nil {
		return oparl.Item{}, err
	}
	for _, c := range all {
		e, err := f.edition(tx, c)
		if err != nil {
			return oparl.Item{}, err
		}
		if x, ok := e.find(typ, uid); ok {
			return x.Item, nil
		}
	}
	return oparl.Item{}, fault.Gone()
}
