package backup

import (
	"errors"
	"strings"
	"testing"

	"nestfunk/app/base/text"
)

func TestKey(t *testing.T) {
	k, err := NewKey()
	if err != nil {
		t.Fatal(err)
	}
	words := k.Words()
	if len(words) != 34 {
		t.Errorf("%d words", len(words))
	}
	typed := strings.Join(words, " ")
	for _, s := range []string{typed, strings.ToUpper(typed), " " + strings.ReplaceAll(typed, " ", "\n 7. ") + ".", strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue").Replace(typed), k.age.String()} {
		if got, err := ParseKey(s); err != nil || got.Public() != k.Public() {
			t.Errorf("%q: %v", s, err)
		}
	}
	wrong := append([]string(nil), words...)
	for _, w := range text.Nouns() {
		if w != wrong[5] {
			wrong[5] = w
			break
		}
	}
	for s, want := range map[string]error{
		"": ErrCount, typed + " apfel": ErrCount, strings.Join(words[1:], " "): ErrCount,
		strings.Join(wrong, " "): ErrCheck, typed + " gibtesnicht": ErrWord,
	} {
		if _, err := ParseKey(s); !errors.Is(err, want) {
			t.Errorf("%q: %v, want %v", s, err, want)
		}
	}
}

func FuzzParseKey(f *testing.F) {
	k, err := NewKey()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(strings.Join(k.Words(), " "))
	f.Add(k.age.String())
	f.Add("apfel ampel")
	f.Fuzz(func(t *testing.T, s string) {
		if k, err := ParseKey(s); err == nil {
			if again, err := ParseKey(strings.Join(k.Words(), " ")); err != nil || again.Public() != k.Public() {
				t.Errorf("%q is a key whose words are none: %v", s, err)
			}
		}
	})
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("0000000000000000000000000000000000000000000000000000000000000000 7 0000000000000000000000000000000000000000000000000000000000000000\n"))
	f.Add([]byte(`{"Format":1,"Database":{"Name":"../../etc/passwd"}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if lines, err := parseNames(b); err == nil {
			for _, l := range lines {
				if len(l.name) != 64 || strings.ContainsAny(l.name, "./") {
					t.Errorf("a name that is a path: %q", l.name)
				}
			}
		}
		if s, err := parseSnapshot(b); err == nil {
			for _, x := range s.all() {
				if strings.Contains(x.path(), "..") {
					t.Errorf("a blob outside: %q", x.path())
				}
			}
		}
	})
}
