package oparl

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/oparl"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// asking is what a network may ask of the interface: a program that takes over a city of 100,000 objects asks for 1,000
// pages, as fast as it gets them.
func asking() web.Limit { return web.Limit{Name: "oparl", N: 3000, In: 10 * time.Minute} }

func (f *feature) toSystem(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
	http.Redirect(w, r, string(f.at)+"/system", http.StatusMovedPermanently)
	return nil
}

// A result is what the interface answers: JSON, or nil where a file was written.
type result struct {
	object   oparl.Object
	modified time.Time // zero: not told
}

// answer makes a handler that answers in JSON, also what went wrong (2.9 of the specification). Who asks does not matter:
// the interface shows everybody the same.
func (f *feature) answer(find func(w http.ResponseWriter, r *http.Request) (result, error)) web.Handler {
	return func(w http.ResponseWriter, r *http.Request, _ who.Viewer) error {
		err := f.Limits.Take(asking(), web.Prefix(r))
		var x result
		if err == nil {
			x, err = find(w, r)
		}
		h := w.Header()
		h.Set("Access-Control-Allow-Origin", "*")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if err != nil {
			return f.fail(w, r, err)
		}
		if x.object == nil {
			return nil
		}
		b := x.object.JSON(nil)
		sum := sha256.Sum256(b)
		tag := `"` + hex.EncodeToString(sum[:16]) + `"`
		h.Set("ETag", tag)
		h.Set("Cache-Control", "public, no-cache")
		if !x.modified.IsZero() {
			h.Set("Last-Modified", x.modified.UTC().Format(http.TimeFormat))
		}
		if fresh(r, tag, x.modified) {
			w.WriteHeader(http.StatusNotModified)
			return nil
		}
		h.Set("Content-Type", "application/json; charset=utf-8")
		_, err = w.Write(b)
		return err
	}
}

// fresh reports whether who asks has it already, as RFC 9110 section 13 has it.
func fresh(r *http.Request, tag string, modified time.Time) bool {
	if list := r.Header.Get("If-None-Match"); list != "" {
		for t := range strings.SplitSeq(list, ",") {
			t = strings.TrimPrefix(strings.TrimSpace(t), "W/")
			if t == tag || t == "*" || strings.TrimSuffix(t, `-gzip"`) == strings.TrimSuffix(tag, `"`) {
				return true
			}
		}
		return false
	}
	since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
	return err == nil && !modified.IsZero() && !modified.Truncate(time.Second).After(since)
}

// fail answers what went wrong. The words are for people, "debug" says what was asked.
func (f *feature) fail(w http.ResponseWriter, r *http.Request, err error) error {
	code := http.StatusInternalServerError
	switch fault.KindOf(err) {
	case fault.NotFound:
		code = http.StatusNotFound
	case fault.Malformed, fault.Invalid:
		code = http.StatusBadRequest
	case fault.TooMany:
		code = http.StatusTooManyRequests
		w.Header().Set("Retry-After", "600")
	default:
		slog.Error("oparl", "err", err)
	}
	o := oparl.Object{{Name: "type", Value: oparl.Namespace + "Error"}, {Name: "message", Value: fault.Words(err)}, {Name: "debug", Value: strconv.Itoa(code) + " " + r.URL.RequestURI()}}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_, err = w.Write(o.JSON(nil))
	return err
}

// top answers /system and the list of bodies.
func (f *feature) top(_ http.ResponseWriter, r *http.Request) (x result, err error) {
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		switch web.Word(r, "kind") {
		case "system":
			x, err = f.system(tx)
		case "body":
			x, err = f.bodies(tx, r)
		default:
			err = nothing()
		}
		return err
	})
	return x, err
}

func nothing() error {
	return fault.New(fault.NotFound, "Das gibt es in dieser Schnittstelle nicht.")
}

func (f *feature) system(tx *store.Tx) (result, error) {
	all, err := cities(tx)
	if err != nil {
		return result{}, err
	}
	at, name := time.Unix(0, 0), "Nestfunk"
	if len(all) > 0 {
		name = all[0].Name
	}
	for _, c := range all {
		e, err := f.edition(tx, c)
		if err != nil {
			return result{}, err
		}
		for _, b := range e.items[oparl.Body] {
			at = later(at, b.Modified)
		}
	}
	o := oparl.Object{{Name: "id", Value: string(f.at) + "/system"}, {Name: "type", Value: oparl.System.URL()}, {Name: "oparlVersion", Value: oparl.Namespace},
		{Name: "body", Value: string(f.at) + "/body"}, {Name: "name", Value: name}, {Name: "website", Value: f.URL("/")},
		{Name: "web", Value: f.URL("/gremien")}, {Name: "created", Value: oparl.Moment(time.Unix(0, 0))}, {Name: "modified", Value: oparl.Moment(at)}}
	if len(all) > 0 {
		o.Put("created", oparl.Moment(all[0].Since))
	}
	return result{o, at}, nil
}

// single answers one object.
func (f *feature) single(_ http.ResponseWriter, r *http.Request) (x result, err error) {
	typ := oparl.TypeAt(web.Word(r, "kind"))
	if typ == "" {
		return x, nothing()
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		item, err := f.find(tx, typ, web.Word(r, "uid"))
		x = result{f.at.Object(typ, item), item.Modified}
		return err
	})
	return x, err
}

// find finds an object by the last part of its address.
func (f *feature) find(tx *store.Tx, typ oparl.Type, uid string) (oparl.Item, error) {
	item, err := f.readIn(tx, typ, uid)
	if fault.KindOf(err) == fault.NotFound {
		item, err = f.own(tx, typ, uid)
	}
	if fault.KindOf(err) == fault.NotFound {
		err = nothing()
	}
	return item, err
}

// below answers a list of a body or an organization, and the content of a file.
func (f *feature) below(w http.ResponseWriter, r *http.Request) (x result, err error) {
	kind, uid, name := oparl.TypeAt(web.Word(r, "kind")), web.Word(r, "uid"), web.Word(r, "list")
	if kind == oparl.File && (name == "access" || name == "download") {
		return x, f.file(w, r, uid, name == "download")
	}
	p, ok := oparl.PropertyOf(kind, name)
	if !ok || p.Form != oparl.List || kind == oparl.System {
		return x, nothing()
	}
	err = f.DB.Read(r.Context(), func(tx *store.Tx) error {
		at := f.at.Of(kind, uid) + "/" + name
		if kind == oparl.Organization {
			x, err = f.listOfOrganization(tx, r, p.Type, at, uid)
			return err
		}
		all, err := cities(tx)
		if err != nil {
			return err
		}
		for _, c := range all {
			if c.UID == uid {
				e, err := f.edition(tx, c)
				if err == nil {
					x, err = f.list(tx, r, p.Type, at, f.URL("/gremien"), e.shelf(p.Type, ""))
				}
				return err
			}
		}
		b, err := byUID(tx, oparl.Body, uid)
		if err != nil {
			return err
		}
		x, err = f.list(tx, r, p.Type, at, "", f.imported(p.Type, b.id, ""))
		return err
	})
	return x, err
}

func (f *feature) listOfOrganization(tx *store.Tx, r *http.Request, typ oparl.Type, at, uid string) (result, error) {
	o, err := byUID(tx, oparl.Organization, uid)
	if err == nil {
		return f.list(tx, r, typ, at, f.page(o), f.imported(typ, o.body, o.source))
	}
	if fault.KindOf(err) != fault.NotFound {
		return result{}, err
	}
	all, err := cities(tx)
	if err != nil {
		return result{}, err
	}
	for _, c := range all {
		e, err := f.edition(tx, c)
		if err != nil {
			return result{}, err
		}
		if x, ok := e.find(oparl.Organization, uid); ok {
			return f.list(tx, r, typ, at, x.Object.Text("web"), e.shelf(typ, uid))
		}
	}
	return result{}, nothing()
}

// bodies answers the list of bodies: the cities of the house, and those that were read in.
func (f *feature) bodies(tx *store.Tx, r *http.Request) (result, error) {
	all, err := cities(tx)
	if err != nil {
		return result{}, err
	}
	shelves := []shelf{f.imported(oparl.Body, 0, "")}
	for _, c := range all {
		e, err := f.edition(tx, c)
		if err != nil {
			return result{}, err
		}
		shelves = append(shelves, e.shelf(oparl.Body, ""))
	}
	return f.list(tx, r, oparl.Body, string(f.at)+"/body", "", shelves...)
}
