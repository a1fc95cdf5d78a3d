package search

import (
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestParse(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  Query
	}{
		{"", Query{}},
		{"  kita   platz ", Query{Terms: []Term{{Text: "kita"}, {Text: "platz"}}}},
		{`"freie Plätze" -hort`, Query{Terms: []Term{{Text: "freie Plätze", Phrase: true}, {Text: "hort", Not: true}}}},
		{`„freie Plätze“`, Query{Terms: []Term{{Text: "freie Plätze", Phrase: true}}}},
		{`-"am Montag"`, Query{Terms: []Term{{Text: "am Montag", Phrase: true, Not: true}}}},
		{`"noch offen`, Query{Terms: []Term{{Text: "noch offen", Phrase: true}}}},
		{`in:"Kita Sonnenblume" VON:Demir seit:2026-03`, Query{In: []string{"Kita Sonnenblume"}, By: []string{"Demir"}, Since: "2026-03"}},
		{"seit:2026", Query{Since: "2026"}},
		{"seit:gestern", Query{Terms: []Term{{Text: "seit:gestern"}}}},
		{"seit:2026-13", Query{Terms: []Term{{Text: "seit:2026-13"}}}},
		{"in: kita", Query{Terms: []Term{{Text: "in:"}, {Text: "kita"}}}},
		{"-", Query{}},
		{`""`, Query{}},
		{"kita-platz", Query{Terms: []Term{{Text: "kita-platz"}}}},
	} {
		if got := Parse(c.typed); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%q: %+v", c.typed, got)
		}
	}
	if q := Parse(strings.Repeat("ä ", 10_000)); len(q.Terms) != mostTerms {
		t.Errorf("a very long query has %d terms", len(q.Terms))
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{`a "b c" -d in:e von:"f g" seit:2026-01`, `"`, `-"`, "in:", `in:"`, "--a", "„“", "\xff", "seit:9999", "a\u0000b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q := Parse(s)
		shown := q.String()
		if utf8.RuneCountInString(shown) > mostLetters {
			return // quotes may make it a little longer than what is read
		}
		if again := Parse(shown); !reflect.DeepEqual(again, q) {
			t.Fatalf("%q is %+v, shown as %q, which is %+v", s, q, shown, again)
		}
	})
}
