package text

import "testing"

func TestNouns(t *testing.T) {
	if n := len(Nouns()); n != 256 {
		t.Errorf("%d words", n)
	}
	seen := map[string]bool{}
	for _, w := range Nouns() {
		if seen[w] {
			t.Errorf("%s stands twice in the list", w)
		}
		seen[w] = true
	}
}
