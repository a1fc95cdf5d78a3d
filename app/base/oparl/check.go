package oparl

import (
	"encoding/json"
	"fmt"
	neturl "net/url"
	"strconv"
	"time"
)

// A Fault is what is wrong with a property.
type Fault int

// Faults, the worst last.
const (
	BadForm Fault = iota // a string is no address, day or time
	ByName               // an object is named by its address that should stand within this one
	Missing              // it must be there
	BadType              // it is something else: a number where a text should be
	BadRef               // it should lead to another object, and leads nowhere
)

// A Wrong is one thing that is wrong with an object.
type Wrong struct {
	Fault Fault
	Path  string // where: "agendaItem[2].order"
	Words string // German, a sentence
}

// Check compares an object, with all that are within it, with the schema. Nothing wrong: nil.
func Check(t Type, o Object) []Wrong { return check(nil, t, o, "") }

func check(all []Wrong, t Type, o Object, at string) []Wrong {
	s := schema()[t]
	for _, p := range s.all {
		if p.Required && o.Get(p.Name) == nil && !o.Deleted() {
			all = append(all, Wrong{Missing, at + p.Name, fmt.Sprintf("„%s“ fehlt.", at+p.Name)})
		}
	}
	if name := o.Text("type"); name != "" && TypeOf(name) != t {
		all = append(all, Wrong{BadType, at + "type", fmt.Sprintf("„%stype“ ist nicht %s.", at, t.URL())})
	}
	for _, f := range o {
		p, known := s.named[f.Name]
		if !known || f.Value == nil {
			continue
		}
		if !p.Many {
			all = p.check(all, f.Value, at+f.Name)
			continue
		}
		switch list := f.Value.(type) {
		case []any:
			for i, v := range list {
				all = p.check(all, v, at+f.Name+"["+strconv.Itoa(i)+"]")
			}
		case []Object:
			for i, v := range list {
				all = p.check(all, v, at+f.Name+"["+strconv.Itoa(i)+"]")
			}
		case []string:
			for i, v := range list {
				all = p.check(all, v, at+f.Name+"["+strconv.Itoa(i)+"]")
			}
		default:
			all = append(all, Wrong{BadType, at + f.Name, fmt.Sprintf("„%s“ ist keine Liste.", at+f.Name)})
		}
	}
	return all
}

// check looks at one value.
func (p Property) check(all []Wrong, value any, at string) []Wrong {
	bad := func(f Fault, words string) []Wrong {
		return append(all, Wrong{f, at, fmt.Sprintf("„%s“ ist %s.", at, words)})
	}
	switch p.Form {
	case whole:
		switch v := value.(type) {
		case int:
			return all
		case json.Number:
			if n, err := strconv.ParseInt(string(v), 10, 64); err != nil || n > 1<<53 || n < -1<<53 {
				return bad(BadType, "keine ganze Zahl, oder zu groß")
			}
			return all
		}
		return bad(BadType, "keine Zahl")
	case truth:
		if _, ok := value.(bool); !ok {
			return bad(BadType, "weder true noch false")
		}
		return all
	case object:
		if _, ok := value.(Object); !ok {
			return bad(BadType, "kein Objekt")
		}
		return all
	case Within:
		if in, ok := value.(Object); ok {
			return check(all, p.Type, in, at+".")
		}
		if s, ok := value.(string); ok && IsURL(s) {
			return bad(ByName, "nur eine Adresse")
		}
		return bad(BadType, "kein Objekt")
	}
	s, ok := value.(string)
	switch {
	case !ok:
		return bad(BadType, "kein Text")
	case p.Form == Ref && s != "" && !IsURL(s):
		return bad(BadRef, "keine Adresse: der Verweis führt nirgendwohin")
	case (p.Form == url || p.Form == List || p.Form == Ref) && !IsURL(s):
		return bad(BadForm, "keine Adresse")
	case p.Form == date && !isDay(s):
		return bad(BadForm, "kein Tag wie 2026-03-02")
	case p.Form == moment && !isMoment(s):
		return bad(BadForm, "kein Zeitpunkt wie 2026-03-02T18:00:00+01:00")
	}
	return all
}

// mostURL is the length of an address, in bytes, that anybody has.
const mostURL = 2000

// IsURL reports whether s is an address on the web.
func IsURL(s string) bool {
	u, err := neturl.Parse(s)
	return err == nil && len(s) <= mostURL && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isMoment(s string) bool {
	_, err := time.Parse(time.RFC3339, s)
	return err == nil
}
