package wiki

import (
	"fmt"
	"net/http"
	"strconv"

	"nestfunk/app/base/search"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// caring is what the settings of a page say of how it is kept true.
type caring struct {
	Care    Care
	Asks    []Choice
	Owners  []Choice
	Every   []Choice
	Targets []Archive // into which the page may be taken
	First   bool      // it stands before all others of its place
	Last    bool
}

// load fills it for a page whose writer asks, and sets what no form has sent.
func (c *caring) load(tx *store.Tx, f *feature, of Page, form *web.Form, v who.Viewer) (err error) {
	now := f.Now()
	if c.Care, err = careOf(tx, of.ID); err != nil {
		return err
	}
	for _, a := range of.Access.asks() {
		c.Asks = append(c.Asks, Choice{string(a), a.Word(of.Kind)})
	}
	people, err := with(tx, of.Unit, "write", now)
	if err != nil {
		return err
	}
	c.Owners = []Choice{{"0", "niemand Bestimmtes"}}
	for _, p := range people {
		c.Owners = append(c.Owners, Choice{strconv.FormatInt(p.ID, 10), p.Name})
	}
	for _, n := range reviewEvery() {
		words := fmt.Sprintf("alle %d Monate", n)
		if n == 0 {
			words = "nicht noch einmal"
		}
		c.Every = append(c.Every, Choice{strconv.Itoa(n), words})
	}
	first(form, "asks", string(c.Care.Asks))
	first(form, "owner", strconv.FormatInt(of.Owner, 10))
	first(form, "every", strconv.Itoa(c.Care.Every))
	first(form, "review", of.Review)
	c.Targets, err = targets(tx, of.Unit, v, now)
	return err
}

// first sets a field that no form has sent.
func first(form *web.Form, field, value string) {
	if _, sent := form.Values[field]; !sent {
		form.Set(field, value)
	}
}

// plan sets when a page is reviewed, and by whom.
func (f *feature) plan(tx *store.Tx, p Page, form web.Form, v who.Viewer) error {
	people, err := with(tx, p.Unit, "write", f.Now())
	if err != nil {
		return err
	}
	r := plan{Owner: form.ID("owner"), Every: int(form.ID("every")), Day: form.Get("review")}
	if err := r.check(people, f.Now()); err != nil {
		return err
	}
	if err := setPlan(tx, p.ID, r); err != nil {
		return err
	}
	return f.log(tx, f.Now(), v.ID, "page.planned", p.ID)
}

// holds notes that a page still holds.
func (f *feature) holds(tx *store.Tx, p Page, _ web.Form, v who.Viewer) error {
	c, err := careOf(tx, p.ID)
	if err != nil {
		return err
	}
	if err := holds(tx, p.ID, c.Every, f.Now()); err != nil {
		return err
	}
	return f.log(tx, f.Now(), v.ID, "page.reviewed", p.ID)
}

// offer makes a page a template, or a page again.
func (f *feature) offer(tx *store.Tx, p Page, form web.Form, v who.Viewer) error {
	if err := offer(tx, p, form.On("on")); err != nil {
		return err
	}
	if err := search.Changed(tx, "wiki", p.ID); err != nil {
		return err
	}
	return f.log(tx, f.Now(), v.ID, "page.offered", p.ID)
}

// shift moves a page before or behind its neighbour.
func (f *feature) shift(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "go")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		p, err := written(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		nodes, err := tree(tx, p.Unit, v, p.set)
		if err != nil {
			return err
		}
		after, ok := neighbour(nodes, id, form.Get("go") == "up")
		if !ok {
			return nil
		}
		if err := put(tx, p, p.Parent, after); err != nil {
			return err
		}
		return f.log(tx, f.Now(), v.ID, "page.moved", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, seite(id)+"/einrichten#platz")
}

// neighbour is behind which page a page stands once it is one place further up or down; 0: before all. False: it stands
// at that end already.
func neighbour(nodes []Node, id int64, up bool) (after int64, ok bool) {
	line := siblings(nodes, id)
	for i, n := range line {
		switch {
		case n != id:
		case up && i == 1:
			return 0, true
		case up && i > 1:
			return line[i-2], true
		case !up && i+1 < len(line):
			return line[i+1], true
		}
	}
	return 0, false
}

// siblings are the pages in one place with a page, in their order, with itself.
func siblings(nodes []Node, id int64) (line []int64) {
	var parent int64 = -1
	for _, n := range nodes {
		if n.ID == id {
			parent = n.Parent
		}
	}
	for _, n := range nodes {
		if n.Parent == parent {
			line = append(line, n.ID)
		}
	}
	return line
}

type relocatePage struct {
	web.Page
	Plan Relocation
}

// relocation shows who reads a page once it stands in another archive.
func (f *feature) relocation(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	q := web.Form{Values: r.URL.Query()}
	p := relocatePage{Page: f.page(r, v, "In einen anderen Wissensspeicher")}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		of, err := written(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		p.Plan, err = relocation(tx, of, q.ID("archiv"), v, f.Now())
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "relocate.html", p)
}

func (f *feature) relocate(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	form, err := web.ReadForm(r, "unit")
	if err != nil {
		return err
	}
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		of, err := written(tx, id, v, f.Now())
		if err != nil {
			return err
		}
		plan, err := relocation(tx, of, form.ID("unit"), v, f.Now())
		if err != nil {
			return err
		}
		if err := plan.carry(tx); err != nil {
			return err
		}
		for _, n := range plan.Nodes {
			if err := search.Changed(tx, "wiki", n.ID); err != nil {
				return err
			}
		}
		return f.log(tx, f.Now(), v.ID, "page.relocated", id)
	})
	if err != nil {
		return err
	}
	return web.Done(w, r, seite(id), "Verschoben. Verweise auf diese Seite bleiben gültig.")
}

// giveBack sends a revision back to its author, with a reason.
func (f *feature) giveBack(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	form, err := web.ReadForm(r, "reason")
	if err != nil {
		return err
	}
	var id int64
	err = f.DB.Write(r.Context(), func(tx *store.Tx) error {
		rev, p, err := f.of(tx, r, v)
		if err != nil {
			return err
		}
		id = rev.ID
		if err := mayRelease(tx, p, rev, v); err != nil {
			return err
		}
		reason, err := reasonable(form.Get("reason"))
		if err != nil {
			return err
		}
		if err := giveBack(tx, rev, v, reason, f.Now()); err != nil {
			return err
		}
		if rev.Author != 0 && rev.Author != v.ID {
			if err := tell(tx, f.House, p.ID, goneBack, rev.Author); err != nil {
				return err
			}
		}
		return f.log(tx, f.Now(), v.ID, "page.returned", p.ID)
	})
	if web.Again(err) {
		return f.revise(w, r, v, form.With(err))
	}
	if err != nil {
		return err
	}
	return web.Done(w, r, fmt.Sprintf("/fassung/%d", id), "Zurückgegeben. Was geschrieben wurde, bleibt erhalten.")
}
