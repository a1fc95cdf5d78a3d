package app

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/apptest"
	"nestfunk/app/base/catalogue"
	"nestfunk/app/base/store"
)

// incomplete compares a catalogue with the columns of a database, and with the tables that refer to people.
func incomplete(all catalogue.Catalogue, columns map[string][]string, refs []reference) (wrong []string) {
	tables := map[string]catalogue.Table{}
	for _, a := range all {
		for _, t := range a.Tables {
			tables[t.Name] = t
		}
	}
	for name := range columns {
		if _, ok := tables[name]; !ok {
			wrong = append(wrong, name+" has no entry in the data catalogue. "+catalogue.HowEntry)
		}
	}
	for _, t := range tables {
		for _, e := range t.Entries {
			for _, c := range e.Columns {
				if !slices.Contains(columns[t.Name], c) {
					wrong = append(wrong, fmt.Sprintf("%s has no column %s", t.Name, c))
				}
			}
		}
	}
	for _, r := range refs {
		if t, ok := tables[r.table]; ok && len(t.Entries) == 0 {
			wrong = append(wrong, fmt.Sprintf("%v refers to %s, but the data catalogue says that there are no people. %s", r, r.to, catalogue.HowEntry))
		}
	}
	return wrong
}

//go:embed columns.txt
var columnsText string

// unlooked compares the columns of a database with columns.txt, in which they stand once somebody has looked whether the entry
// of their table is right for them.
func unlooked(columns map[string][]string, text string) (wrong []string) {
	looked := map[string][]string{}
	for line := range strings.Lines(text) {
		if name, all, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			looked[name] = strings.Fields(all)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		for _, c := range columns[name] {
			if !slices.Contains(looked[name], c) {
				wrong = append(wrong, fmt.Sprintf("%s.%s: see in schema.sql whether the line above the table is right for this column, too, or give it one of its own; then put it into columns.txt", name, c))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(looked)) {
		for _, c := range looked[name] {
			if !slices.Contains(columns[name], c) {
				wrong = append(wrong, fmt.Sprintf("columns.txt: there is no column %s.%s", name, c))
			}
		}
	}
	return wrong
}

func TestColumnsBite(t *testing.T) {
	columns := map[string][]string{"a": {"id", "name"}}
	bites(t, "as it is", unlooked(columns, "a: id name\n"), "")
	bites(t, "a new column", unlooked(columns, "a: id\n"), "a.name: see in schema.sql")
	bites(t, "a column that is gone", unlooked(columns, "a: id name mail\n"), "no column a.mail")
	bites(t, "a table that is gone", unlooked(columns, "a: id name\nb: id\n"), "no column b.id")
}

// TestDataCatalogue: every column has its data, purpose, legal basis, retention class and recipients (GDPR Art. 5, 30), by the
// entry of its table or one of its own. A table that refers to people has personal data.
func TestDataCatalogue(t *testing.T) {
	all, wrong := catalogue.Parse(apptest.Schema())
	tell(t, wrong)
	columns := map[string][]string{}
	var refs []reference
	err := newHouse(t).DB.Read(t.Context(), func(tx *store.Tx) error {
		rows, err := store.All(tx, func(c *[2]string) []any { return []any{&c[0], &c[1]} }, `
			SELECT t.name, c.name FROM pragma_table_list t JOIN pragma_table_info(t.name) c
			WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%'`)
		for _, r := range rows {
			columns[r[0]] = append(columns[r[0]], r[1])
		}
		if err == nil {
			refs, err = references(tx)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tell(t, incomplete(all, columns, refs))
	tell(t, unlooked(columns, columnsText))
	t.Logf("%d tables, all described", len(columns))
}

func TestDataCatalogueRulesBite(t *testing.T) {
	const head = "-- base/person ---\n-- ## Familien; children\n"
	ref := []reference{{"child", "id", "person"}}
	for _, c := range []struct {
		name, entry string
		refs        []reference
		want        string
	}{
		{"whole", "-- # Name; Kinder benennen; task; house; team", ref, ""},
		{"nobody in it", "-- # keine Personen", nil, ""},
		{"somebody in it", "-- # keine Personen", ref, "refers to person"},
		{"no such column", "-- # Name; Kinder benennen; task; house; team\n-- # height: Größe; Schuhe; task; house; team", nil, "no column height"},
	} {
		all, wrong := catalogue.Parse(head + c.entry + "\nCREATE TABLE child (\n\tid INTEGER\n) STRICT;")
		wrong = append(wrong, incomplete(all, map[string][]string{"child": {"id"}}, c.refs)...)
		bites(t, c.name, wrong, c.want)
	}
	bites(t, "a table that the schema does not name", incomplete(nil, map[string][]string{"child": {"id"}}, nil), "child has no entry")
}
