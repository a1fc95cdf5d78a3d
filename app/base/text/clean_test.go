package text_test

import (
	"testing"

	"nestfunk/app/base/text"
)

func TestLine(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a title", "  Plan  für\u00a0 Mai\n", "Plan für Mai"},
		{"letters in two parts", "Ka\u0308fer", "Käfer"},
		{"turned around", "Plan \u202efdp.exe\u2069", "Plan fdp.exe"},
		{"letters that are joined", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 👩‍👧", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 👩‍👧"},
		{"nothing to see", "\u202e\u200b\u200d\ufeff\u00ad", ""},
		{"a sign alone", "?", "?"},
	} {
		if got := text.Line(c.in); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	for _, c := range []string{"a\x00b", "\x07", "\xff"} { // what is refused afterwards must still be there
		if got := text.Line(c); got == "" || got == "ab" {
			t.Errorf("%q becomes %q", c, got)
		}
	}
}
