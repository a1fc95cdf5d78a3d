package youth

import (
	"fmt"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/text"
)

func TestAlias(t *testing.T) {
	team := []string{"Hanna", "Hanna Leitung"}
	for _, c := range []struct{ name, alias, want string }{
		{"plain", "Falke 7", ""},
		{"umlaut", "Käfer_Süd", ""},
		{"Arabic", "صقر", ""},
		{"Cyrillic", "Сокіл", ""},
		{"empty", " ", "such dir einen Namen aus"},
		{"short", "a", "2 bis 20"},
		{"long", strings.Repeat("a", 21), "2 bis 20"},
		{"zero width", "Fal\u200bke", "unsichtbare"},
		{"joiner", "Fal\u200dke", "unsichtbare"},
		{"right to left", "\u202eeklaF", "unsichtbare"},
		{"two alphabets", "Fаlke", "nur einem Alphabet"}, // a Cyrillic а
		{"a click", "Aǀi", "leicht verwechselt"},
		{"a letter of phonetics", "Fɑlke", "leicht verwechselt"},
		{"small capitals", "Fᴀlke", "leicht verwechselt"},
		{"a long word", "فـلك", "nur einem Alphabet"},
		{"marks on marks", "Fạ̣̣̣lke", "Buchstaben, Ziffern"},
		{"signs", "Falke<b>", "Buchstaben, Ziffern"},
		{"emoji", "Falke🦅", "Buchstaben, Ziffern"},
		{"digits only", "12345", "Buchstaben vorkommen"},
		{"in charge", "Leitung", "mit dem Team"},
		{"in charge, disguised", "Le1tung", "mit dem Team"},
		{"in charge, spread", "T e a m", "mit dem Team"},
		{"one of the team", "hanna", "jemand vom Team"},
		{"one of the team, disguised", "H4nna", ""}, // 4 does not look like a
	} {
		_, _, err := cleanAlias(c.alias, team)
		if got := fmt.Sprint(err); c.want == "" && err != nil || c.want != "" && !strings.Contains(fault.Fields(err)["alias"], c.want) {
			t.Errorf("%s: %q gives %s %q", c.name, c.alias, got, fault.Fields(err)["alias"])
		}
	}
}

func FuzzAlias(f *testing.F) {
	for _, s := range []string{"Falke", "Fal\u200bke", "صقر", "Le1tung", "\xff", "a\u0308b", "ﬁsch"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		alias, skeleton, err := cleanAlias(s, nil)
		if err != nil {
			return
		}
		if n := utf8.RuneCountInString(alias); n < minAlias || n > maxAlias || skeleton == "" || alias != text.Clean(alias) ||
			strings.ContainsFunc(alias, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("%q becomes %q, %q", s, alias, skeleton)
		}
		if again, twin, err := cleanAlias(alias, nil); again != alias || twin != skeleton || err != nil {
			t.Errorf("%q is no alias of its own: %q %v", alias, again, err)
		}
	})
}
