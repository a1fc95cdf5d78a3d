package youth

import (
	"strings"
	"testing"
)

func TestCode(t *testing.T) {
	code := newCode()
	for _, typed := range []string{code, shownCode(code), " " + strings.ToLower(shownCode(code)) + "\n"} {
		if got, err := readCode(typed); got != code || err != nil {
			t.Errorf("%q is read as %q, %v", typed, got, err)
		}
	}
	for _, typed := range []string{"", "0000", "0000-00ä0", strings.Repeat("0", 9)} {
		if _, err := readCode(typed); err == nil {
			t.Errorf("%q is a code", typed)
		}
	}
	if n := len(wordList()); n != 256 {
		t.Errorf("%d words", n)
	}
	seen := map[string]bool{}
	for _, w := range wordList() {
		if seen[w] {
			t.Errorf("%s stands twice in the list", w)
		}
		seen[w] = true
	}
	if w := newWords(); strings.Count(w, " ") != wordCount-1 {
		t.Errorf("%q", w)
	}
}
