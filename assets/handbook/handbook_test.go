package handbook

import (
	"strings"
	"testing"
)

func TestPages(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range Pages() {
		if seen[p.Slug] {
			t.Errorf("two pages are called %q", p.Slug)
		}
		seen[p.Slug] = true
		if !strings.HasPrefix(p.Body, "## ") {
			t.Errorf("%s does not begin with a section: %.40q", p.Slug, p.Body)
		}
		for line := range strings.Lines(p.Body) {
			if strings.HasPrefix(line, "# ") {
				t.Errorf("%s has a second title: %q", p.Slug, line)
			}
		}
	}
	for _, slug := range []string{"eltern", "kita", "traeger", "betrieb", "begriffe", "datenschutz", "wissen"} {
		if !seen[slug] {
			t.Errorf("no page %q", slug)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ name, source string }{
		{"eltern.md", "# A\nB\n"}, {"01-.md", "# A\nB\n"}, {"01-a.md", "A\nB\n"}, {"01-a.md", "# A\n\nB\n"}, {"01-a.md", ""}, {"01-a.md", "# A\nB\n\n## C"}, {"01-a.md", "# A\nB\nFür: \n\n## C"},
	} {
		if p, err := parse(c.name, c.source); err == nil {
			t.Errorf("%s with %q is %+v", c.name, c.source, p)
		}
	}
}
