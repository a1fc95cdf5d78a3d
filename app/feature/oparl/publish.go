package oparl

import (
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
)

// vendor begins the names of properties that are the house's own: what a source says in a form that the standard does not
// know, and what has to be another address here.
const vendor = "nestfunk:"

// publisher writes rows as the interface gives them out. What a source has said is passed on as it is. Only what has to
// change changes: addresses of objects and lists that are in the house become those of the house, "modified" is when the
// house has read it, and the source's own words then stand beside it with the vendor's prefix.
type publisher struct {
	at    oparl.Addresses
	web   func(row) string // the page of an object; "": none
	known map[string]row   // by source: what the objects name
	backs map[string][]back
	texts map[string]oparl.Object // of what stands within others by its address only
}

// A back is an object within which another stands.
type back struct {
	target, property string
	typ              oparl.Type
	uid              string
}

// publish writes rows, each as an item.
func publish(tx *store.Tx, at oparl.Addresses, web func(row) string, rows []row) ([]oparl.Item, error) {
	p := publisher{at: at, web: web, known: map[string]row{}, backs: map[string][]back{}, texts: map[string]oparl.Object{}}
	objects := make([]oparl.Object, len(rows))
	var named, byName []string
	for i, r := range rows {
		if r.deleted || r.json == "" {
			continue
		}
		o, err := oparl.Parse([]byte(r.json))
		if err != nil {
			return nil, err
		}
		objects[i] = o
		named, byName = collect(r.typ, o, named, byName)
		named = append(named, r.source)
	}
	if err := p.read(tx, named, byName, rows); err != nil {
		return nil, err
	}
	all := make([]oparl.Item, len(rows))
	for i, r := range rows {
		all[i] = oparl.Item{UID: r.uid, Created: r.made, Modified: r.changed, Deleted: r.deleted}
		if r.deleted {
			continue
		}
		o := p.object(r, objects[i], r.place, nil)
		p.addBacks(r, &o)
		all[i].Object = o
	}
	return all, nil
}

// collect lists the addresses that an object names, and of these the ones that stand where an object should.
func collect(t oparl.Type, o oparl.Object, named, byName []string) (_, _ []string) {
	for _, f := range o {
		p, known := oparl.PropertyOf(t, f.Name)
		if !known || p.Form != oparl.Ref && p.Form != oparl.Within {
			continue
		}
		for _, v := range values(f.Value) {
			switch v := v.(type) {
			case string:
				named = append(named, v)
				if p.Form == oparl.Within {
					byName = append(byName, v)
				}
			case oparl.Object:
				named = append(named, v.Text("id"))
				named, byName = collect(p.Type, v, named, byName)
			}
		}
	}
	return named, byName
}

// read finds in the house what objects name.
func (p *publisher) read(tx *store.Tx, named, byName []string, rows []row) error {
	find := func(addresses []string) error {
		all, err := store.All(tx, (*row).fields, `
			SELECT o.id, o.uid, o.source, o.type, o.body, o.parent, o.place, o.unit, o.name, o.starts, '', o.hash, o.made, o.changed, o.deleted
			FROM (SELECT DISTINCT value FROM json_each(?)) j JOIN oparl_object o ON o.source = j.value`, store.List(addresses))
		for _, r := range all {
			p.known[r.source] = r
		}
		return err
	}
	if err := find(named); err != nil {
		return err
	}
	if len(byName) > 0 {
		type text struct{ source, json string }
		all, err := store.All(tx, func(t *text) []any { return []any{&t.source, &t.json} }, `
			SELECT o.source, o.json FROM json_each(?) j JOIN oparl_object o ON o.source = j.value WHERE o.deleted = 0 AND o.json <> ''`, store.List(byName))
		if err != nil {
			return err
		}
		var more []string
		for _, t := range all {
			if p.texts[t.source], err = oparl.Parse([]byte(t.json)); err != nil {
				return err
			}
			more, _ = collect(p.known[t.source].typ, p.texts[t.source], more, nil)
		}
		if err := find(more); err != nil {
			return err
		}
	}
	var within, owners []string
	for _, r := range rows {
		if r.typ == oparl.File || r.typ == oparl.AgendaItem || r.typ == oparl.Consultation || r.typ == oparl.Membership || r.typ == oparl.LegislativeTerm || r.typ == oparl.Location {
			within = append(within, r.source)
		}
		if r.typ == oparl.Body {
			p.known["#"+strconv.FormatInt(r.id, 10)] = r
		} else if r.body != 0 {
			owners = append(owners, strconv.FormatInt(r.body, 10))
		}
	}
	all, err := store.All(tx, func(b *back) []any { return []any{&b.target, &b.property, &b.typ, &b.uid} }, `
		SELECT l.target, l.property, o.type, o.uid FROM json_each(?) j JOIN oparl_link l ON l.target = j.value JOIN oparl_object o ON o.id = l.object
		WHERE o.deleted = 0 ORDER BY o.uid`, store.List(within))
	for _, b := range all {
		p.backs[b.target] = append(p.backs[b.target], b)
	}
	if err != nil {
		return err
	}
	list, err := store.All(tx, (*row).fields, `
		SELECT o.id, o.uid, o.source, o.type, o.body, o.parent, o.place, o.unit, o.name, o.starts, '', o.hash, o.made, o.changed, o.deleted
		FROM (SELECT DISTINCT value FROM json_each(?)) j JOIN oparl_object o ON o.id = CAST(j.value AS INTEGER)`, store.List(owners))
	for _, r := range list {
		p.known["#"+strconv.FormatInt(r.id, 10)] = r
	}
	return err
}

// object writes what an object says besides id, type, created, modified and deleted; above are the addresses within
// which it stands.
func (p *publisher) object(r row, o oparl.Object, place int, above []string) oparl.Object {
	out := oparl.Object{}
	own := oparl.Object{{Name: vendor + "id", Value: r.source}}
	for _, f := range o {
		prop, known := oparl.PropertyOf(r.typ, f.Name)
		switch {
		case f.Name == "id" || f.Name == "deleted" || f.Name == "type" && f.Value == r.typ.URL():
		case f.Name == "created" && !momentOf(o.Text("created")).IsZero():
		case f.Name == "type" || f.Name == "created" || f.Name == "modified":
			own = append(own, oparl.Field{Name: vendor + f.Name, Value: f.Value})
		case !known:
			out = append(out, f)
		case f.Value == nil: // says nothing
		case prop.Form == oparl.List || f.Name == "body" || f.Name == "system": // those of the house come below
			own = append(own, oparl.Field{Name: vendor + f.Name, Value: p.ours(f.Value)})
		case prop.Form == oparl.Ref || prop.Form == oparl.Within:
			p.refer(&out, &own, prop, f, above)
		case !fits(r.typ, f):
			own = append(own, oparl.Field{Name: vendor + f.Name, Value: f.Value})
		default:
			out = append(out, f)
		}
	}
	p.supply(r, &out, place)
	return append(out, own...)
}

// fits reports whether a property is as the standard wants it.
func fits(t oparl.Type, f oparl.Field) bool {
	for _, w := range oparl.Check(t, oparl.Object{f}) {
		if w.Fault != oparl.Missing {
			return false
		}
	}
	return true
}

// ours is the address in the house of an object that is there, else the one that was given.
func (p *publisher) ours(v any) any {
	s, ok := v.(string)
	if r := p.known[s]; ok && r.id != 0 {
		return p.at.Of(r.typ, r.uid)
	}
	return v
}

// refer writes a property that leads to other objects or holds them.
func (p *publisher) refer(out, own *oparl.Object, prop oparl.Property, f oparl.Field, above []string) {
	var good, bad []any
	for i, v := range values(f.Value) {
		switch v := v.(type) {
		case oparl.Object:
			r := p.known[v.Text("id")]
			if r.deleted { // OParl shows none of these within others
				continue
			}
			good = append(good, p.inside(r, v, i, above))
		case string:
			in, text := p.known[v], p.texts[v]
			switch {
			case prop.Form == oparl.Ref && oparl.IsURL(v):
				good = append(good, p.ours(v))
			case prop.Form == oparl.Within && text != nil && !strings.Contains("\n"+strings.Join(above, "\n")+"\n", "\n"+v+"\n"):
				good = append(good, p.inside(in, text, i, above))
			default:
				bad = append(bad, p.ours(v))
			}
		default:
			bad = append(bad, v)
		}
	}
	put := func(to *oparl.Object, name string, all []any) {
		switch {
		case prop.Many && (len(all) > 0 || to == out && len(values(f.Value)) == 0):
			*to = append(*to, oparl.Field{Name: name, Value: append([]any{}, all...)})
		case !prop.Many && len(all) > 0:
			*to = append(*to, oparl.Field{Name: name, Value: all[0]})
		}
	}
	put(out, f.Name, good)
	put(own, vendor+f.Name, bad)
}

// inside is an object as it stands within another.
func (p *publisher) inside(r row, o oparl.Object, place int, above []string) oparl.Object {
	in := oparl.Item{UID: r.uid, Created: r.made, Modified: r.changed}
	if made := momentOf(o.Text("created")); !made.IsZero() {
		in.Created = made
	}
	in.Object = p.object(r, o, place, append(append([]string{}, above...), r.source))
	return p.at.Object(r.typ, in)
}

// supply adds what the standard wants to be there.
func (p *publisher) supply(r row, out *oparl.Object, place int) {
	body := p.known["#"+strconv.FormatInt(r.body, 10)]
	if prop, ok := oparl.PropertyOf(r.typ, "body"); ok && prop.Form == oparl.Ref && body.id != 0 {
		out.Put("body", p.at.Of(oparl.Body, body.uid))
	}
	switch r.typ {
	case oparl.System:
		if !out.Has("oparlVersion") {
			out.Put("oparlVersion", oparl.Namespace)
		}
		out.Put("body", string(p.at)+"/body")
	case oparl.Body:
		if !out.Has("name") {
			out.Put("name", r.name)
		}
		addLists(p.at, r.uid, out)
	case oparl.AgendaItem:
		if !out.Has("order") {
			out.Put("order", place)
		}
	case oparl.Organization:
		out.Put("meeting", p.at.Of(r.typ, r.uid)+"/meeting")
		out.Put("consultation", p.at.Of(r.typ, r.uid)+"/consultation")
	}
	if !out.Has("web") {
		out.Add("web", p.web(r))
	}
}

// addLists adds the addresses of a body's lists, and of the system.
func addLists(at oparl.Addresses, uid string, out *oparl.Object) {
	out.Put("system", string(at)+"/system")
	for _, p := range oparl.Properties(oparl.Body) {
		if p.Form == oparl.List {
			out.Put(p.Name, at.Of(oparl.Body, uid)+"/"+p.Name)
		}
	}
	if !out.Has("legislativeTerm") {
		out.Put("legislativeTerm", []any{})
	}
}

// addBacks adds what an object stands within, which it says only where it stands by itself.
func (p *publisher) addBacks(r row, o *oparl.Object) {
	for _, b := range p.backs[r.source] {
		from, ok := oparl.PropertyOf(b.typ, b.property)
		if !ok || from.Form != oparl.Within && r.typ != oparl.Location {
			continue
		}
		for _, to := range oparl.Properties(r.typ) {
			if to.Form != oparl.Ref || to.Type != b.typ {
				continue
			}
			address := p.at.Of(b.typ, b.uid)
			have := values(o.Get(to.Name))
			if !to.Many && o.Has(to.Name) || contains(have, address) {
				continue
			}
			if to.Many && o.Has(to.Name) {
				o.Put(to.Name, append(append([]any{}, have...), address))
			} else if to.Many {
				o.Put(to.Name, []any{address})
			} else {
				o.Put(to.Name, address)
			}
		}
	}
}

func contains(all []any, s string) bool {
	for _, v := range all {
		if v == s {
			return true
		}
	}
	return false
}

// stamp is a moment of an object, for a page, in the house's zone; zero for none.
func stamp(s string) time.Time {
	if t := momentOf(s); !t.IsZero() {
		return local(t)
	}
	return time.Time{}
}
