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
	if w := newWords(); strings.Count(w, " ") != wordCount-1 {
		t.Errorf("%q", w)
	}
}
