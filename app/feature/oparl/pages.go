package oparl

import (
	"html/template"
	"net/http"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// A Sitting is a meeting in a list.
type Sitting struct {
	ID        int64
	Name      string
	Starts    time.Time // zero: not told
	Items     int
	Decided   int // items with a result
	Cancelled bool
}

const shownSittings = 5 // on the page of a committee

// sittings lists meetings of an organization, the newest first: of a year (0: of all), n at the most.
func sittings(tx *store.Tx, organization string, year, n int) ([]Sitting, error) {
	from, to := int64(-1<<62), int64(1<<62)
	if year != 0 {
		from = time.Date(year, 1, 1, 0, 0, 0, 0, web.Zone()).Unix()
		to = time.Date(year+1, 1, 1, 0, 0, 0, 0, web.Zone()).Unix()
	}
	return store.All(tx, func(s *Sitting) []any {
		return []any{&s.ID, &s.Name, (*store.Time)(&s.Starts), &s.Items, &s.Decided, &s.Cancelled}
	}, `
		SELECT o.id, o.name, o.starts, count(i.id), coalesce(sum(json_extract(i.json, '$.result') <> ''), 0), coalesce(json_extract(o.json, '$.cancelled'), 0)
		FROM oparl_link l JOIN oparl_object o ON o.id = l.object LEFT JOIN oparl_object i ON i.parent = o.id AND i.type = 'AgendaItem' AND i.deleted = 0
		WHERE l.target = ?1 AND l.property = 'organization' AND o.type = 'Meeting' AND o.deleted = 0 AND coalesce(o.starts, 0) >= ?2 AND coalesce(o.starts, 0) < ?3
		GROUP BY o.id ORDER BY o.starts DESC, o.id DESC LIMIT ?4`, organization, from, to, n)
}

type councilPart struct {
	ID   int64 // of the organization
	All  []Sitting
	More bool
	From origin
}

// An origin is where an object comes from, as its page says it.
type origin struct {
	Name, URL string
	Read      time.Time
}

// from finds where an object comes from.
func from(tx *store.Tx, r row) (origin, error) {
	s := origin{Name: plain(r.source), URL: r.source, Read: r.changed}
	if r.body == 0 {
		return s, nil
	}
	b, err := get(tx, r.body)
	if b.name != "" {
		s.Name = b.name
	}
	return s, err
}

// council is the part of a committee's page that was read in.
func (f *feature) council(tx *store.Tx, p web.Page, c house.Council) (template.HTML, error) {
	r, err := store.One(tx, (*row).fields, `
		SELECT id, uid, source, type, body, parent, place, unit, name, starts, json, hash, made, changed, deleted
		FROM oparl_object WHERE unit = ? AND deleted = 0`, c.Unit.ID)
	if fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	part := councilPart{ID: r.id}
	if part.All, err = sittings(tx, r.source, 0, shownSittings+1); err != nil {
		return "", err
	}
	if part.More = len(part.All) > shownSittings; part.More {
		part.All = part.All[:shownSittings]
	}
	if part.From, err = from(tx, r); err != nil {
		return "", err
	}
	return f.pages.Part("organization.html", "council", "de", part)
}

type organizationPage struct {
	web.Page
	ID    int64
	Unit  int64 // 0: none
	Name  string
	Type  string
	Years []int
	Year  int
	All   []Sitting
	From  origin
}

// organization shows the meetings of an organization year by year.
func (f *feature) organization(w http.ResponseWriter, r *http.Request, v who.Viewer) error {
	p := organizationPage{}
	err := f.read(r, oparl.Organization, func(tx *store.Tx, x row, o oparl.Object) (err error) {
		p.Page, p.ID, p.Unit, p.Name, p.Type = newPage(r, v, x.name), x.id, x.unit, x.name, o.Text("organizationType")
		p.Years, err = store.All(tx, store.Value[int], `
			SELECT DISTINCT CAST(strftime('%Y', o.starts, 'unixepoch') AS INTEGER) FROM oparl_link l JOIN oparl_object o ON o.id = l.object
			WHERE l.target = ? AND l.property = 'organization' AND o.type = 'Meeting' AND o.deleted = 0 AND o.starts IS NOT NULL ORDER BY 1 DESC`, x.source)
		if err != nil {
			return err
		}
		p.Year, _ = strconv.Atoi(r.URL.Query().Get("jahr"))
		if len(p.Years) > 0 && !slices.Contains(p.Years, p.Year) {
			p.Year = p.Years[0]
		}
		if p.All, err = sittings(tx, x.source, p.Year, 400); err != nil {
			return err
		}
		p.From, err = from(tx, x)
		return err
	})
	if err != nil {
		return err
	}
	return f.pages.Render(w, r, "organization.html", p)
}

// read finds the object of a type whose number the path has.
func (f *feature) read(r *http.Request, typ oparl.Type, show func(tx *store.Tx, x row, o oparl.Object) error) error {
	id, err := web.Path(r, "id")
	if err != nil {
		return err
	}
	return f.DB.Read(r.Context(), func(tx *store.Tx) error {
		x, err := get(tx, id)
		if err != nil || x.typ != typ || x.deleted {
			return fault.Gone()
		}
		o, err := oparl.Parse([]byte(x.json))
		if err != nil {
			return err
		}
		return show(tx, x, o)
	})
}

// A Document is a file of a source, which stays there.
type Document struct {
	Name, URL, Type string
	Date            string
}

// documents are the files within an object, under the properties that hold some.
func documents(t oparl.Type, o oparl.Object) (all []Document) {
	for _, f := range o {
		p, ok := oparl.PropertyOf(t, f.Name)
		if !ok || p.Form != oparl.Within || p.Type != oparl.File {
			continue
		}
		for _, v := range values(f.Value) {
			in, ok := v.(oparl.Object)
			if !ok || in.Deleted() || !oparl.IsURL(in.Text("accessUrl")) {
				continue
			}
			d := Document{Name: nameOf(oparl.File, in), URL: in.Text("accessUrl"), Type: in.Text("mimeType")}
			if d.Name == "" {
				d.Name = "Datei"
			}
			if t, err := time.Parse(time.DateOnly, in.Text("date")); err == nil {
				d.Date = t.Format("2.1.2006")
			}
			all = append(all, d)
		}
	}
	return all
}

// A Named is another object's page.
type Named struct{ Name, Path string }

// named finds the pages of objects by their addresses; what is not in the house is missing.
func named(tx *store.Tx, addresses []any) (all []Named, err error) {
	for _, v := range addresses {
		s, ok := v.(string)
		if !ok {
			continue
		}
		r, err := rowOf(tx, s)
		if err != nil {
			return nil, err
		}
		if r.id == 0 || r.deleted || r.name == "" {
			continue
		}
		n := Named{r.name, pageOf(r)}
		if r.typ == oparl.Organization && n.Path == "" {
			n.Path = "/ratsgremium/" + itoa(r.id)
		}
		all = append(all, n)
	}
	return all, nil
}

// placeOf says where something is.
func placeOf(o oparl.Object) string {
	in, ok := o.Get("location").(oparl.Object)
	if !ok {
		return ""
	}
	if s := in.Text("description"); s != "" {
		return s
	}
	s := in.Text("room")
	for _, part := range []string{in.Text("streetAddress"), in.Text("postalCode") + " " + in.Text("locality")} {
		if part != "" && part != " " {
			if s != "" {
				s += ", "
			}
			s += part
		}
	}
	return s
}
