package lang

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/feature/plural"
)

func TestOf(t *testing.T) {
	for code, want := range map[string]string{
		"tr": "tr", "tr-TR": "tr", "TR": "tr", "uk_UA": "uk", "ar-SY": "ar", "zh": "de", "": "de", "-": "de", "de-AT": "de",
		"de-x-leicht": "de-x-leicht", "DE-X-LEICHT": "de-x-leicht", Du: Du, "en-": "en", "<script>": "de",
	} {
		if got := Of(code).Code; got != want {
			t.Errorf("Of(%q) is %q, want %q", code, got, want)
		}
	}
}

func TestAccept(t *testing.T) {
	for header, want := range map[string]string{
		"": "de", "fr, tr;q=0.8, de;q=0.5": "tr", "ar-SY,ar;q=0.9,en;q=0.8": "ar", "*": "de", "ru-RU;q=x": "de", "en-GB,de": "en",
	} {
		if got := Accept(header).Code; got != want {
			t.Errorf("Accept(%q) is %q, want %q", header, got, want)
		}
	}
}

func TestT(t *testing.T) {
	for _, c := range []struct {
		code, key string
		args      []any
		want      string
	}{
		{"de", "Warum", nil, "Warum"},
		{"en", "Warum", nil, "Why"},
		{"tr", "%s bleibt heute geschlossen", []any{"Kita Sonne"}, "Kita Sonne bugün kapalı"},
		{"de", "%s schließt heute um %s", []any{"Kita Sonne", "14 Uhr"}, "Kita Sonne schließt heute um 14 Uhr"},
		{"ar", "%s schließt heute um %s", []any{"Kita Sonne", "14:00"}, "تغلق Kita Sonne اليوم الساعة 14:00"},
		{"en", "Das steht in keiner Liste: %d", []any{3}, "Das steht in keiner Liste: 3"},
		{"de-x-leicht", "Warum", nil, "Warum"},
		{"en", "100 %", nil, "100 %"},
	} {
		if got := Of(c.code).T(c.key, c.args...); got != c.want {
			t.Errorf("%s, T(%q) is %q, want %q", c.code, c.key, got, c.want)
		}
	}
}

func TestN(t *testing.T) {
	for _, c := range []struct {
		code string
		n    int
		key  string
		want string
	}{
		{"de", 0, "%d Kinder", "0 Kinder"},
		{"de", 1, "%d Kinder", "1 Kind"},
		{"de", 2, "%d Kinder", "2 Kinder"},
		{"de-x-leicht", 1, "%d Kinder", "1 Kind"},
		{"en", 1, "Es gibt %d Plätze.", "There is 1 place."},
		{"tr", 5, "%d Kinder", "5 çocuk"},
		{"pl", 1, "%d Kinder", "1 dziecko"},
		{"pl", 3, "Es gibt %d Plätze.", "Są 3 miejsca."},
		{"pl", 12, "Es gibt %d Plätze.", "Jest 12 miejsc."},
		{"pl", 22, "Es gibt %d Plätze.", "Są 22 miejsca."},
		{"ru", 1, "%d Kinder", "1 ребёнок"},
		{"ru", 21, "%d Kinder", "21 ребёнок"},
		{"ru", 3, "%d Kinder", "3 ребёнка"},
		{"ru", 11, "%d Kinder", "11 детей"},
		{"uk", 5, "Es gibt %d Plätze.", "Є 5 місць."},
		{"uk", 102, "Es gibt %d Plätze.", "Є 102 місця."},
		{"ar", 0, "%d Kinder", "لا أطفال"},
		{"ar", 1, "%d Kinder", "طفل واحد"},
		{"ar", 2, "%d Kinder", "طفلان"},
		{"ar", 3, "%d Kinder", "3 أطفال"},
		{"ar", 11, "%d Kinder", "11 طفلًا"},
		{"ar", 100, "%d Kinder", "100 طفل"},
		{"en", 3, "%d Dinge ohne Eintrag", "3 Dinge ohne Eintrag"},
		{"de", -1, "%d Kinder", "-1 Kind"},
		{"ru", 10_000_001, "%d Kinder", "10000001 ребёнок"},
	} {
		if got := Of(c.code).N(c.n, c.key); got != c.want {
			t.Errorf("%s, N(%d, %q) is %q, want %q", c.code, c.n, c.key, got, c.want)
		}
	}
}

func TestGermanKeysAreThemselves(t *testing.T) {
	for key, text := range German().words {
		if key != text {
			t.Errorf("de.json changes the key %q into %q", key, text)
		}
	}
	for key, f := range German().plurals {
		if f[plural.Other] != key {
			t.Errorf("de.json: the form \"other\" of %q is %q", key, f[plural.Other])
		}
	}
}

func TestEveryKeyIsGerman(t *testing.T) {
	for _, l := range all() {
		for key := range l.words {
			if _, ok := German().words[key]; !ok {
				t.Errorf("%s.json has %q, which de.json does not have as a sentence", l.Code, key)
			}
		}
		for key := range l.plurals {
			if _, ok := German().plurals[key]; !ok {
				t.Errorf("%s.json has %q, which de.json does not have as a plural", l.Code, key)
			}
		}
		if l.Code == "de-x-leicht" || l.Code == Du {
			continue // holds only what is said otherwise than in German
		}
		for _, key := range slices.Sorted(maps.Keys(German().words)) {
			if _, ok := l.words[key]; !ok {
				t.Logf("%s.json lacks %q", l.Code, key)
			}
		}
		for key := range German().plurals {
			if _, ok := l.plurals[key]; !ok {
				t.Logf("%s.json lacks the plural %q", l.Code, key)
			}
		}
	}
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?([^%]|%)`)

// verbs gives the verbs of a format by argument: "%[2]s %[1]d" has d, s.
func verbs(format string) string {
	byArg := map[int]string{}
	next := 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[2] == "%" {
			continue
		}
		if m[1] != "" {
			next = int(m[1][0] - '0')
		}
		byArg[next] = m[2]
		next++
	}
	var s []string
	for _, arg := range slices.Sorted(maps.Keys(byArg)) {
		s = append(s, byArg[arg])
	}
	return strings.Join(s, ",")
}

func TestVerbs(t *testing.T) {
	for _, l := range all() {
		for key, text := range l.words {
			if verbs(key) != verbs(text) {
				t.Errorf("%s: %q and %q have other verbs", l.Code, key, text)
			}
		}
		for key, f := range l.plurals {
			stands := map[plural.Form]int{} // for how many numbers
			for n := range 1000 {
				stands[l.form(n)]++
			}
			stands[plural.Other] += 2 // also for fractions
			for form := range stands {
				text, ok := f[form]
				if !ok {
					t.Errorf("%s: %q lacks the form %q", l.Code, key, formNames[form])
				}
				if n := strings.Count(text, "%d"); n != 1 && (n != 0 || stands[form] > 1) {
					t.Errorf("%s: %q, form %q has %d numbers: %q", l.Code, key, formNames[form], n, text)
				}
			}
			if len(f) != len(stands) {
				t.Errorf("%s: %q has forms that its language does not use: %v", l.Code, key, f)
			}
		}
	}
}

// A mail subject has no dir attribute; the first letter decides which way it runs.
func TestRightToLeftBeginsSo(t *testing.T) {
	for _, l := range all() {
		if l.Dir != "rtl" {
			continue
		}
		for key, text := range l.words {
			if first := []rune(text)[0]; !unicode.Is(unicode.Arabic, first) {
				t.Errorf("%s: %q begins with %q", l.Code, key, first)
			}
		}
	}
}

func TestTidy(t *testing.T) {
	for _, l := range all() {
		for key, text := range l.words {
			if text == "" || text != strings.TrimSpace(text) || strings.Contains(text, "  ") {
				t.Errorf("%s: %q is %q", l.Code, key, text)
			}
			if strings.HasSuffix(key, ":") != strings.HasSuffix(text, ":") {
				t.Errorf("%s: %q and %q differ in the colon at the end", l.Code, key, text)
			}
		}
	}
}
