package slip

import (
	"fmt"
	"strings"
	"testing"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
)

// The stories of slips are told in app/slip_test.go: they need announcements.

func TestRead(t *testing.T) {
	s := Slip{Questions: []Question{
		{ID: 1, Kind: One, Choices: []string{"Ja", "Nein"}, Required: true},
		{ID: 2, Kind: Many, Choices: []string{"Brot", "Saft", "Obst"}},
		{ID: 3, Kind: Number},
		{ID: 4, Kind: Text},
	}}
	for _, c := range []struct {
		name  string
		form  map[string][]string
		want  string
		wrong string // fields
	}{
		{"all", map[string][]string{"q1": {"Ja"}, "q2": {"Obst", "Brot"}, "q3": {" 007 "}, "q4": {" gern "}}, "map[1:[Ja] 2:[Brot Obst] 3:[7] 4:[gern]]", ""},
		{"only what must be", map[string][]string{"q1": {"Nein"}, "q3": {""}}, "map[1:[Nein]]", ""},
		{"nothing", nil, "", "q1"},
		{"two of one", map[string][]string{"q1": {"Ja", "Nein"}}, "", "q1"},
		{"what cannot be chosen", map[string][]string{"q1": {"Vielleicht"}, "q2": {"Bier"}}, "", "q1 q2"},
		{"no number", map[string][]string{"q1": {"Ja"}, "q3": {"-1"}}, "", "q3"},
		{"too many", map[string][]string{"q1": {"Ja"}, "q3": {"99999999999999999999"}}, "", "q3"},
		{"a novel", map[string][]string{"q1": {"Ja"}, "q4": {strings.Repeat("ä", 1001)}}, "", "q4"},
	} {
		got, err := s.read(lang.German(), func(name string) []string { return c.form[name] })
		for _, f := range strings.Fields(c.wrong) {
			if fault.Fields(err)[f] == "" {
				t.Errorf("%s: %s is not refused: %v", c.name, f, err)
			}
		}
		if len(fault.Fields(err)) != len(strings.Fields(c.wrong)) || err == nil && fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, %v", c.name, got, err)
		}
	}
}

// FuzzSignature: whatever is taken for a drawing is numbers and nothing else.
func FuzzSignature(f *testing.F) {
	f.Add("M1 1L2 2")
	f.Add("M1 1L2 2\"/><script>")
	f.Add("M1 1L2 2\n")
	f.Fuzz(func(t *testing.T, drawing string) {
		if drawing != "" && (Signature{Drawing: drawing}).check(Drawn, lang.German()) == nil && strings.Trim(drawing, "ML0123456789 ") != "" {
			t.Errorf("%q is taken", drawing)
		}
	})
}
