package apptest

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// OParl asks the interface of the house as nobody, and answers what it says.
func (s *Site) OParl(address string) map[string]any {
	t := s.t
	t.Helper()
	a := s.Get(Nobody, strings.TrimPrefix(address, Base))
	if a.Code != 200 || a.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/json") {
		t.Fatalf("%s: %d %v %s", address, a.Code, a.Header, a.Body)
	}
	var o map[string]any
	if err := json.Unmarshal([]byte(a.Body), &o); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return o
}

// OParlList follows a list of the interface to its end, and answers its objects.
func (s *Site) OParlList(address string) (all []map[string]any) {
	t := s.t
	t.Helper()
	for at := address; at != ""; {
		page := s.OParl(at)
		data, ok := page["data"].([]any)
		links, ok2 := page["links"].(map[string]any)
		sums, ok3 := page["pagination"].(map[string]any)
		if !ok || !ok2 || !ok3 {
			t.Fatalf("%s is no page of a list: %v", at, page)
		}
		for _, o := range data {
			all = append(all, o.(map[string]any))
		}
		next, _ := links["next"].(string)
		if next == "" && sums["totalElements"] != float64(len(all)) {
			t.Errorf("%s: %d of %v", address, len(all), sums["totalElements"])
		}
		at = next
	}
	return all
}

// A schema is a file of the specification's own schema, read independently of the program's table.
type schema struct {
	Required   []string
	Properties map[string]rule
}

type rule struct {
	Type, Format, Pattern, Schema, References string
	Items                                     *rule
}

type checker struct {
	t       testing.TB
	schemas map[string]schema
	n       int
}

func newChecker(t testing.TB) *checker {
	c := &checker{t: t, schemas: map[string]schema{}}
	names, _ := filepath.Glob(filepath.Join(Root(), "../shared/data/02-oparl/spec-1.1/schema/*.json")) // beside the repository; not part of it
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var s schema
		if err := json.Unmarshal(b, &s); err != nil {
			t.Fatal(err)
		}
		c.schemas[strings.TrimSuffix(filepath.Base(name), ".json")] = s
	}
	if len(c.schemas) != 12 {
		t.Skip("../shared/data is not here: nothing was checked against the schema of the specification")
	}
	return c
}

var prefixed = regexp.MustCompile(`^[a-zA-Z]+:[a-zA-Z]`)

func (c *checker) object(typ string, o map[string]any) {
	c.t.Helper()
	s, ok := c.schemas[typ]
	if !ok {
		c.t.Errorf("%q is no type", typ)
		return
	}
	c.n++
	for _, name := range append([]string{"created", "modified"}, s.Required...) { // which 3.1 wants in all objects
		if o["deleted"] == true && !slices.Contains([]string{"id", "type", "created", "modified"}, name) {
			continue
		}
		if o[name] == nil {
			c.t.Errorf("%v lacks %s", o["id"], name)
		}
	}
	for name, v := range o {
		r, ok := s.Properties[name]
		if !ok {
			if !prefixed.MatchString(name) && name != "otherOParlVersions" { // as a real system writes it
				c.t.Errorf("%v: nobody knows %s", o["id"], name)
			}
			continue
		}
		c.value(fmt.Sprintf("%v.%s", o["id"], name), r, v)
	}
}

func (c *checker) value(at string, r rule, v any) {
	c.t.Helper()
	switch r.Type {
	case "array":
		all, ok := v.([]any)
		if !ok {
			c.t.Errorf("%s is no list but %v", at, v)
		}
		for i, x := range all {
			c.value(fmt.Sprintf("%s[%d]", at, i), *r.Items, x)
		}
	case "object":
		o, ok := v.(map[string]any)
		if !ok {
			c.t.Errorf("%s is no object but %v", at, v)
		} else if r.Schema != "" {
			c.object(strings.TrimSuffix(r.Schema, ".json"), o)
			if o["deleted"] == true {
				c.t.Errorf("%s is deleted and stands within another", at)
			}
		}
	case "integer":
		if n, ok := v.(float64); !ok || n != float64(int64(n)) {
			c.t.Errorf("%s is no integer but %v", at, v)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			c.t.Errorf("%s is no boolean but %v", at, v)
		}
	case "string":
		text, ok := v.(string)
		good := ok
		switch r.Format {
		case "url":
			u, err := url.Parse(text)
			good = err == nil && u.IsAbs() && u.Host != ""
		case "date":
			good = regexp.MustCompile(`^\d{4}-\d\d-\d\d$`).MatchString(text)
		case "date-time":
			good = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d$`).MatchString(text)
		}
		if r.Pattern != "" {
			good = good && regexp.MustCompile(strings.ReplaceAll(r.Pattern, `\/`, "/")).MatchString(text)
		}
		if !good {
			c.t.Errorf("%s is %v", at, v)
		}
	}
}

// Crawl reads the whole interface by its lists, checks every object by itself, in its list and under its own address, and
// answers all by their ids.
func (s *Site) Crawl() map[string]map[string]any {
	t := s.t
	t.Helper()
	c := newChecker(t)
	all := map[string]map[string]any{}
	system := s.OParl("/oparl/v1.1/system")
	c.object("System", system)
	for _, b := range s.OParlList(system["body"].(string)) {
		all[b["id"].(string)] = b
		c.object("Body", b)
		if b["system"] != system["id"] {
			t.Errorf("%v is of the system %v", b["id"], b["system"])
		}
		if from, _ := b["nestfunk:system"].(string); strings.HasPrefix(from, Base) { // it was read in, too
			all[from] = s.OParl(from)
			c.object("System", all[from])
		}
		for name, r := range c.schemas["Body"].Properties {
			if r.References != "externalList" {
				continue
			}
			typ := strings.TrimSuffix(r.Items.Schema, ".json")
			for _, o := range s.OParlList(b[name].(string)) {
				c.object(typ, o)
				id := o["id"].(string)
				if all[id] != nil {
					t.Errorf("%s is in two lists", id)
				}
				all[id] = o
				single := s.OParl(id)
				if fmt.Sprint(single) != fmt.Sprint(o) {
					t.Errorf("%s by itself: %v\nin the list: %v", id, single, o)
				}
			}
		}
	}
	t.Logf("%d objects were checked against the schema of the specification", c.n)
	return all
}

// SameOParl looks up each object that was read in in what the interface gives out, by its ids, also those within others, and
// compares every property; it answers how many of each type there were.
func SameOParl(t testing.TB, was []map[string]any, is map[string]map[string]any) map[string]int {
	t.Helper()
	c := comparison{t: t, ours: map[string]map[string]any{}, sources: map[string]string{}, n: map[string]int{}}
	for id, o := range is {
		if src, ok := o["nestfunk:id"].(string); ok {
			c.sources[id], c.ours[src] = src, o
		}
	}
	for _, o := range was {
		c.object(o, c.ours[o["id"].(string)])
	}
	return c.n
}

type comparison struct {
	t       testing.TB
	ours    map[string]map[string]any
	sources map[string]string // of our addresses
	n       map[string]int
}

func (c *comparison) object(was, is map[string]any) {
	c.t.Helper()
	if is == nil {
		c.t.Errorf("%v is lost", was["id"])
		return
	}
	typ := was["type"].(string)
	c.n[typ[strings.LastIndexByte(typ, '/')+1:]]++
	for name, v := range was {
		if got, ok := is["nestfunk:"+name]; ok {
			if !c.same(v, got) {
				c.t.Errorf("%v: %s was %v and is %v", was["id"], name, v, got)
			}
			continue
		}
		if !c.same(v, is[name]) {
			c.t.Errorf("%v: %s was %v and is %v", was["id"], name, v, is[name])
		}
	}
}

// same compares values: an address of the house is that of its source, and a moment is the same in each zone.
func (c *comparison) same(was, is any) bool {
	switch was := was.(type) {
	case string:
		text, ok := is.(string)
		if o, within := is.(map[string]any); within { // it was named only, and is there now
			return o["nestfunk:id"] == was
		}
		if !ok {
			return false
		}
		if src, ours := c.sources[text]; ours {
			text = src
		}
		a, err := time.Parse(time.RFC3339, was)
		b, err2 := time.Parse(time.RFC3339, text)
		return was == text || err == nil && err2 == nil && a.Equal(b)
	case []any:
		all, ok := is.([]any)
		if !ok || len(all) != len(was) {
			return false
		}
		for i := range was {
			if !c.same(was[i], all[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		o, ok := is.(map[string]any)
		if ok && was["type"] != nil && o["nestfunk:id"] != nil {
			c.object(was, o)
			return true
		}
		return ok && fmt.Sprint(was) == fmt.Sprint(o)
	}
	return was == is
}
