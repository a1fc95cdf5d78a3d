package oparl

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
)

// A query says which objects a list is to have.
type query struct {
	After string // only what has a greater UID
	N     int    // at the most

	Created, Modified span
	Deleted           bool // also what is no longer published
}

// A span is from one moment to another, both included, in Unix seconds.
type span struct{ Since, Until int64 }

func always() span { return span{-1 << 62, 1 << 62} }

func (s span) has(t time.Time) bool { return s.Since <= t.Unix() && t.Unix() <= s.Until }

// A shelf is one of those from which a list is made: it lists by UID in ascending order, byte by byte, and counts what it
// would list, whatever After and N are.
type shelf struct {
	list  func(tx *store.Tx, q query) ([]oparl.Item, error)
	count func(tx *store.Tx, q query) (int, error)
}

const mostListed = 100 // objects on a page, as the specification recommends

// list answers a page of a list that stands at an address; web is its page for people, "": none. Pages begin after an
// object and not at a number: what comes or goes meanwhile moves none.
func (f *feature) list(tx *store.Tx, r *http.Request, typ oparl.Type, at, webPage string, shelves ...shelf) (result, error) {
	var q query
	in := r.URL.Query()
	limit, err := filter(in, &q)
	if err != nil {
		return result{}, err
	}
	q.N = limit + 1
	var all []oparl.Item
	total := 0
	for _, s := range shelves {
		some, err := s.list(tx, q)
		if err != nil {
			return result{}, err
		}
		n, err := s.count(tx, q)
		if err != nil {
			return result{}, err
		}
		all, total = append(all, some...), total+n
	}
	slices.SortFunc(all, func(a, b oparl.Item) int { return cmp.Compare(a.UID, b.UID) })
	more := len(all) > limit
	all = all[:min(limit, len(all))]
	data := make([]any, 0, len(all))
	for _, x := range all {
		o := f.at.Object(typ, x)
		if in.Get("omit_internal") == "true" {
			o = omitted(typ, o)
		}
		data = append(data, o)
	}
	links := oparl.Object{{Name: "first", Value: address(at, in, "")}, {Name: "self", Value: address(at, in, q.After)}}
	if more {
		links = append(links, oparl.Field{Name: "next", Value: address(at, in, all[len(all)-1].UID)})
	}
	links.Add("web", webPage)
	return result{object: oparl.Object{{Name: "data", Value: data},
		{Name: "pagination", Value: oparl.Object{{Name: "totalElements", Value: total}, {Name: "elementsPerPage", Value: limit}}},
		{Name: "links", Value: links}}}, nil
}

// filter reads the parameters of a list, and how many objects a page is to have.
func filter(in url.Values, q *query) (limit int, err error) {
	q.After, q.Created, q.Modified = in.Get("after"), always(), always()
	for name, to := range map[string]*int64{"created_since": &q.Created.Since, "created_until": &q.Created.Until,
		"modified_since": &q.Modified.Since, "modified_until": &q.Modified.Until} {
		s := in.Get(name)
		if s == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339, strings.ReplaceAll(s, " ", "+")) // a plus that nobody has escaped
		if err != nil {
			return 0, fault.New(fault.Malformed, "„%s“ ist kein Zeitpunkt wie 2026-03-02T18:00:00+01:00.", name)
		}
		*to = t.Unix()
		if strings.HasSuffix(name, "_since") && t.Nanosecond() > 0 {
			*to++
		}
	}
	q.Deleted = in.Get("modified_since") != ""
	switch s := in.Get("omit_internal"); s {
	case "", "true", "false":
	default:
		return 0, fault.New(fault.Malformed, "„omit_internal“ ist true oder false.")
	}
	limit = mostListed
	if s := in.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 {
			return 0, fault.New(fault.Malformed, "„limit“ ist keine Zahl von 1 bis %d.", mostListed)
		}
		limit = min(n, mostListed)
	}
	return limit, nil
}

// address is that of a page of a list, in the one form that it has.
func address(at string, in url.Values, after string) string {
	out := url.Values{}
	for _, name := range []string{"created_since", "created_until", "modified_since", "modified_until", "omit_internal", "limit"} {
		if s := in.Get(name); s != "" {
			out.Set(name, s)
		}
	}
	if after != "" {
		out.Set("after", after)
	}
	if len(out) == 0 {
		return at
	}
	return at + "?" + out.Encode()
}

// omitted is an object without the lists within it that omit_internal leaves out.
func omitted(typ oparl.Type, o oparl.Object) oparl.Object {
	for _, name := range map[oparl.Type][]string{oparl.AgendaItem: {"auxiliaryFile"}, oparl.Meeting: {"auxiliaryFile", "agendaItem"},
		oparl.Paper: {"auxiliaryFile", "location"}, oparl.Person: {"membership"}, oparl.Body: {"legislativeTerm"}}[typ] {
		if typ == oparl.Body { // which must not be missing
			o.Put(name, []any{})
			continue
		}
		o = slices.DeleteFunc(o, func(x oparl.Field) bool { return x.Name == name })
	}
	return o
}

// byUID finds an object that was read in.
func byUID(tx *store.Tx, typ oparl.Type, uid string) (row, error) {
	return store.One(tx, (*row).fields, `
		SELECT id, uid, source, type, body, parent, place, unit, name, starts, json, hash, made, changed, deleted
		FROM oparl_object WHERE uid = ? AND type = ?`, uid, string(typ))
}

// readIn finds an object that was read in.
func (f *feature) readIn(tx *store.Tx, typ oparl.Type, uid string) (oparl.Item, error) {
	r, err := byUID(tx, typ, uid)
	if err != nil {
		return oparl.Item{}, err
	}
	all, err := publish(tx, f.at, f.page, []row{r})
	if err != nil {
		return oparl.Item{}, err
	}
	return all[0], nil
}

// imported is what was read in: of a type, of a body (0: of none, which bodies and systems are), and of these what names an
// organization ("": all).
func (f *feature) imported(typ oparl.Type, body int64, organization string) shelf {
	var s shelf
	s.list = func(tx *store.Tx, q query) ([]oparl.Item, error) {
		rows, err := store.All(tx, (*row).fields, `
			SELECT o.id, o.uid, o.source, o.type, o.body, o.parent, o.place, o.unit, o.name, o.starts, o.json, o.hash, o.made, o.changed, o.deleted
			FROM oparl_object o WHERE o.body IS nullif(?1, 0) AND o.type = ?2 AND o.uid > ?3 AND o.made BETWEEN ?4 AND ?5 AND o.changed BETWEEN ?6 AND ?7
			AND (o.deleted = 0 OR ?8) AND (?9 = '' OR EXISTS (SELECT 1 FROM oparl_link l WHERE l.object = o.id AND l.property = 'organization' AND l.target = ?9))
			ORDER BY o.uid LIMIT ?10`, body, string(typ), q.After, q.Created.Since, q.Created.Until, q.Modified.Since, q.Modified.Until, q.Deleted, organization, q.N)
		if err != nil {
			return nil, err
		}
		return publish(tx, f.at, f.page, rows)
	}
	s.count = func(tx *store.Tx, q query) (int, error) {
		return store.One(tx, store.Value[int], `
			SELECT count(*) FROM oparl_object o WHERE o.body IS nullif(?1, 0) AND o.type = ?2 AND o.made BETWEEN ?3 AND ?4 AND o.changed BETWEEN ?5 AND ?6
			AND (o.deleted = 0 OR ?7) AND (?8 = '' OR EXISTS (SELECT 1 FROM oparl_link l WHERE l.object = o.id AND l.property = 'organization' AND l.target = ?8))`,
			body, string(typ), q.Created.Since, q.Created.Until, q.Modified.Since, q.Modified.Until, q.Deleted, organization)
	}
	return s
}
