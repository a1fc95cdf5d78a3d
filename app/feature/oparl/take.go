package oparl

import (
	"crypto/sha256"
	"net/url"
	"slices"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/web"
)

// A piece is an object to be read in: by itself, or within another.
type piece struct {
	source  string
	typ     oparl.Type
	object  oparl.Object
	place   int
	links   []link
	within  []piece
	name    string
	starts  time.Time // zero: none
	created time.Time // zero: it does not say
	deleted bool
	stated  string // the body that it names; "": none
	json    string
	hash    [sha256.Size]byte
}

// A link is a property that leads to another object.
type link struct{ property, target string }

// errNoType is what most files that are no OParl at all end with.
const errNoType = "Das ist kein Objekt von OParl 1.0 oder 1.1: „type“ fehlt oder ist unbekannt."

// dissect checks an object and takes it apart; notes say what is kept although it is not as the standard wants it.
func dissect(o oparl.Object) (p piece, notes []string, err error) {
	t := oparl.TypeOf(o.Text("type"))
	if t == "" {
		return p, nil, fault.New(fault.Invalid, errNoType)
	}
	for _, w := range oparl.Check(t, o) {
		switch {
		case (w.Fault == oparl.BadForm || w.Fault == oparl.ByName) && !idOf(w.Path):
			notes = append(notes, w.Words)
		case w.Fault == oparl.Missing && supplied(w.Path):
			notes = append(notes, w.Words)
		default:
			return p, nil, fault.New(fault.Invalid, "%s", w.Words)
		}
	}
	p, err = cut(t, o, nil)
	return p, notes, err
}

// idOf reports whether a path is that of an id, without which nothing is found again.
func idOf(path string) bool { return path == "id" || strings.HasSuffix(path, ".id") }

// supplied reports whether the house says itself what is missing: lists of a body are its own, a type within another object
// follows from the property, a place in an agenda from the order.
func supplied(path string) bool {
	last := path[strings.LastIndexByte(path, '.')+1:]
	switch last {
	case "organization", "person", "meeting", "paper", "legislativeTerm", "body", "oparlVersion":
		return last == path
	case "type", "order":
		return true
	}
	return false
}

// cut takes an object apart that has been checked; above are the ids of those within which it stands.
func cut(t oparl.Type, o oparl.Object, above []string) (piece, error) {
	p := piece{source: o.Text("id"), typ: t, object: o, name: nameOf(t, o), deleted: o.Deleted(), created: momentOf(o.Text("created"))}
	if slices.Contains(above, p.source) {
		return p, fault.New(fault.Invalid, "%s steht in sich selbst.", p.source)
	}
	above = append(slices.Clip(above), p.source)
	if p.starts = momentOf(o.Text("start")); p.starts.IsZero() {
		p.starts, _ = time.ParseInLocation(time.DateOnly, o.Text("date"), web.Zone()) // zero: none
	}
	for _, f := range o {
		prop, known := oparl.PropertyOf(t, f.Name)
		if !known || prop.Form != oparl.Ref && prop.Form != oparl.Within {
			continue
		}
		for i, v := range values(f.Value) {
			switch v := v.(type) {
			case string:
				p.link(f.Name, v)
			case oparl.Object:
				in, err := cut(prop.Type, v, above)
				if err != nil {
					return p, err
				}
				in.place = i
				p.link(f.Name, in.source)
				if !slices.ContainsFunc(p.within, func(x piece) bool { return x.source == in.source }) { // some systems write one twice
					p.within = append(p.within, in)
				}
			}
		}
	}
	if prop, ok := oparl.PropertyOf(t, "body"); ok && prop.Form == oparl.Ref {
		p.stated = o.Text("body")
	}
	b := o.JSON(nil)
	p.json, p.hash = string(b), sha256.Sum256(b)
	return p, nil
}

// values are those of a list, or the one that is none.
func values(v any) []any {
	if all, ok := v.([]any); ok {
		return all
	}
	return []any{v}
}

func (p *piece) link(property, target string) {
	l := link{property, target}
	if target != "" && !slices.Contains(p.links, l) {
		p.links = append(p.links, l)
	}
}

// nameOf is what a list of objects shows.
func nameOf(t oparl.Type, o oparl.Object) string {
	for _, name := range []string{"name", "description", "fileName", "role"} {
		if s := strings.TrimSpace(o.Text(name)); s != "" {
			return s
		}
	}
	if t == oparl.Location {
		return strings.TrimSpace(o.Text("streetAddress") + " " + o.Text("locality"))
	}
	return ""
}

// momentOf is the zero time for what is no moment.
func momentOf(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return time.Time{}
	}
	return t
}

// host is that of an address; "" for what is none.
func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}
