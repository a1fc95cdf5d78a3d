package oparl

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const spec = "../../../../shared/data/02-oparl/spec-1.1/" // beside the repository; not part of it

// published is a file of the specification's schema.
type published struct {
	Required   []string
	Properties map[string]form
}

type form struct {
	Type, Format, References, Schema string
	Items                            *form
}

// The table of the program says what the schema of the specification says.
func TestTable(t *testing.T) {
	for _, typ := range Types() {
		b, err := os.ReadFile(filepath.Join(spec, "schema", string(typ)+".json"))
		if err != nil {
			t.Skip("../shared/data is not here: the table was not compared with the specification")
		}
		var want published
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		for _, p := range Properties(typ) {
			f, ok := want.Properties[p.Name]
			if !ok {
				if p.Name != "license" && p.Name != "keyword" { // System and Body have one of them in another place, or none
					t.Errorf("%s.%s is not in the specification", typ, p.Name)
				}
				continue
			}
			if p.Required != slices.Contains(want.Required, p.Name) {
				t.Errorf("%s.%s: required %v", typ, p.Name, p.Required)
			}
			if p.Many != (f.Type == "array") {
				t.Errorf("%s.%s: many %v", typ, p.Name, p.Many)
			}
			if got := formOf(f); got != p.form() {
				t.Errorf("%s.%s is %s, and in the specification %s", typ, p.Name, p.form(), got)
			}
		}
		for name := range want.Properties {
			if _, ok := PropertyOf(typ, name); !ok {
				t.Errorf("%s.%s is missing", typ, name)
			}
		}
	}
}

func (p Property) form() string { return string(p.Form) + string(p.Type) }

func formOf(f form) string {
	ref, one := f.References, f
	if f.Items != nil && f.Type == "array" {
		one = *f.Items
		ref += one.References
	}
	switch {
	case one.Type == "object" && one.Schema != "":
		return "{" + strings.TrimSuffix(one.Schema, ".json")
	case ref == "externalList":
		return "@" + strings.TrimSuffix(f.Items.Schema, ".json")
	case ref != "":
		return "*" + ref
	case one.Format == "url":
		return "url"
	case one.Format == "date":
		return "date"
	case one.Format == "date-time":
		return "moment"
	}
	return map[string]string{"string": "text", "integer": "whole", "boolean": "truth", "object": "object"}[one.Type]
}

// The examples of the specification are as it wants them, and come out as they went in.
func TestExamples(t *testing.T) {
	names, _ := filepath.Glob(filepath.Join(spec, "examples", "*.json"))
	if len(names) == 0 {
		t.Skip("../shared/data is not here: 8 examples were not read")
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		err = Read(strings.NewReader(string(b)), false, func(_ int, o Object, err error) error {
			if n++; err != nil {
				t.Errorf("%s: %v", name, err)
			}
			for _, w := range Check(TypeOf(o.Text("type")), o) {
				if w.Path != "agendaItem[0].order" { // which the specification's own example lacks
					t.Errorf("%s: %s", name, w.Words)
				}
			}
			if !same(t, b, o.JSON(nil)) {
				t.Errorf("%s has become %s", name, o.JSON(nil))
			}
			return nil
		})
		if n != 1 || err != nil {
			t.Errorf("%s: %d objects, %v", name, n, err)
		}
	}
}
