package catalogue

import (
	"reflect"
	"strings"
	"testing"

	"nestfunk/app/base/retention"
)

func TestParse(t *testing.T) {
	all, wrong := Parse(`
-- Lines with "-- #" are not read before a section.
-- base/org ------

-- Einheit.
-- # keine Personen
CREATE TABLE unit (
	id INTEGER -- # keine Personen
) STRICT;

-- base/person ---
-- ## Familien; children, guardians

-- A child.
-- # Name des Kindes; Kinder benennen; task; house; team, family
-- # born, height: Geburtstag: wann; Alter kennen; consent; year-less; registrars
CREATE TABLE child (
`)
	if len(wrong) != 1 || !strings.HasPrefix(wrong[0], "no such class") {
		t.Errorf("%q", wrong)
	}
	want := Catalogue{
		{Owner: "base/org", Tables: []Table{{Name: "unit"}}},
		{Owner: "base/person", Name: "Familien", Subjects: []Key{"children", "guardians"}, Tables: []Table{{"child", []Entry{
			{nil, "Name des Kindes", "Kinder benennen", "task", retention.House, []Key{"team", "family"}},
		}}}},
	}
	if !reflect.DeepEqual(all, want) {
		t.Errorf("%+v", all)
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	const head, child = "-- base/person ---\n-- ## Familien; children\n", "\nCREATE TABLE child (\n\tid INTEGER\n) STRICT;"
	whole := "-- # Name; Kinder benennen; task; house; team"
	for name, c := range map[string]struct{ schema, want string }{
		"whole":               {head + whole + child, ""},
		"a column of its own": {head + whole + "\n-- # born: Alter; Alter kennen; task; house; team" + child, ""},
		"nobody in it":        {"-- base/person ---\n-- # keine Personen" + child, ""},
		"none":                {head + "-- A child." + child, "child has no entry"},
		"people and none":     {head + whole + "\n-- # keine Personen" + child, "people and none"},
		"one column only":     {head + "-- # born: Alter; Alter kennen; task; house; team" + child, "most columns"},
		"no data":             {head + "-- # ; Kinder benennen; task; house; team" + child, "not Daten; Zweck"},
		"no purpose":          {head + "-- # Name; ; task; house; team" + child, "not Daten; Zweck"},
		"as it was once":      {head + "-- # Kinder benennen; task; house; team" + child, "not Daten; Zweck"},
		"basis":               {head + "-- # Name; Kinder benennen; mood; house; team" + child, "no such basis"},
		"class":               {head + "-- # Name; Kinder benennen; task; ever; team" + child, "no such class"},
		"recipient":           {head + "-- # Name; Kinder benennen; task; house; team, friends" + child, "no such recipient"},
		"twice":               {head + whole + "\n" + whole + child, "said twice"},
		"a column twice":      {head + whole + "\n-- # born: A; b; task; house; team\n-- # id, born: A; b; task; house; team" + child, "said twice"},
		"lost":                {head + "-- # keine Personen\n\n" + whole + child, "without a table"},
		"no activity":         {"-- base/person ---\n" + whole + child, "has people in child and no name"},
		"two names":           {head + "-- ## Noch einer; children\n" + whole + child, "not one name"},
		"a late name":         {"-- base/person ---\n-- # keine Personen" + child + "\n-- ## Familien; children", "not one name"},
		"subject":             {"-- base/person ---\n-- ## Familien; dogs\n" + whole + child, "no such subject"},
		"no section":          {whole + child, "without the heading"},
	} {
		_, wrong := Parse(c.schema)
		if c.want == "" && len(wrong) > 0 || c.want != "" && (len(wrong) == 0 || !strings.Contains(strings.Join(wrong, "\n"), c.want)) {
			t.Errorf("%s: %q, want %q", name, wrong, c.want)
		}
	}
}
