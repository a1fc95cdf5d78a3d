package wiki

import (
	_ "embed"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

//go:embed netiquette.md
var netiquette string

// Netiquette is the purpose of the page that says how people treat each other.
const Netiquette = "netiquette"

// seedOf finds the page that waits for a purpose.
func (f *feature) seedOf(purpose string) (house.Seed, bool) {
	i := slices.IndexFunc(f.seeds, func(s house.Seed) bool { return s.Purpose == purpose })
	if i < 0 || purpose == "" {
		return house.Seed{}, false
	}
	return f.seeds[i], true
}

// waiting are the seeds that nobody has written in the archive of a unit; only the city's at the root has any.
func (f *feature) waiting(tx *store.Tx, u org.Unit) (some []house.Seed, err error) {
	if u.Kind != org.City || u.Parent != 0 {
		return nil, nil
	}
	done, err := store.All(tx, store.Value[string], `SELECT purpose FROM wiki_page WHERE unit = ? AND purpose <> ''`, u.ID)
	for _, s := range f.seeds {
		if !slices.Contains(done, s.Purpose) {
			some = append(some, s)
		}
	}
	return some, err
}

// purposed is the page of a purpose in the archive of a unit; 0: nobody has written it.
func purposed(tx *store.Tx, unit int64, purpose string) (int64, error) {
	return store.One(tx, store.Value[int64], `SELECT coalesce((SELECT id FROM wiki_page WHERE unit = ? AND purpose = ?), 0)`, unit, purpose)
}

// wanted says why a page cannot have its purpose.
func (f *feature) wanted(tx *store.Tx, d Draft) error {
	if d.Purpose == "" {
		return nil
	}
	u, err := org.Get(tx, d.Unit)
	if err != nil {
		return err
	}
	left, err := f.waiting(tx, u)
	if err == nil && !slices.ContainsFunc(left, func(s house.Seed) bool { return s.Purpose == d.Purpose }) {
		err = fault.New(fault.Conflict, "Diese Seite hat inzwischen jemand angelegt.")
	}
	return err
}

// Written makes the function that finds what whoever is not signed in reads of the page of a purpose at the root of the
// house; "" as long as there is none for them.
func Written(now func() time.Time) func(tx *store.Tx, purpose string) (template.HTML, error) {
	return func(tx *store.Tx, purpose string) (template.HTML, error) {
		var p Page
		root, err := org.Root(tx)
		if err == nil {
			p.ID, err = purposed(tx, root.ID, purpose)
		}
		if err == nil {
			p, err = get(tx, p.ID, who.Viewer{}, now())
		}
		if fault.KindOf(err) == fault.NotFound {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		return body(tx, p, who.Viewer{}, now())
	}
}

// purpose leads to the page of a purpose, or to the form that begins it.
func (f *feature) purpose(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	s, ok := f.seedOf(web.Word(r, "purpose"))
	if !ok {
		return fault.Gone()
	}
	var id, unit int64
	err := f.DB.Read(r.Context(), func(tx *store.Tx) error {
		root, err := org.Root(tx)
		if err != nil {
			return err
		}
		unit = root.ID
		id, err = purposed(tx, unit, s.Purpose)
		return err
	})
	if err != nil {
		return err
	}
	if id != 0 {
		return web.Done(w, r, seite(id))
	}
	return web.Done(w, r, fmt.Sprintf("/wissen/neu?archiv=%d&zweck=%s", unit, s.Purpose))
}
