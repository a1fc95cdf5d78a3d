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

// The page of figures has each promise once, with what was measured or that nothing was yet.
func TestFigures(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range Figures() {
		if f.Key == "" || f.Promise == "" || f.Test == "" || (f.Figure == "") != (f.Date == "") {
			t.Errorf("%+v is half", f)
		}
		if seen[f.Key] {
			t.Errorf("two promises are called %q", f.Key)
		}
		seen[f.Key] = true
	}
	for _, p := range Pages() {
		if p.Slug == "belege" {
			for _, f := range Figures() {
				if !strings.Contains(p.Body, f.Promise) || !strings.Contains(p.Body, "`"+f.Test+"`") {
					t.Errorf("the page does not have %q", f.Key)
				}
			}
			if strings.Contains(p.Body, figuresMark) {
				t.Error("the page has no table")
			}
		}
	}
	got := table([]Figure{{"a", "Nichts | verloren", "TestKill", "0 von 5", "2026-11-22", "0,1"}, {"b", "Schnell", "TestLoad", "", "", ""}})
	for _, want := range []string{"| Nichts / verloren | 0 von 5, am 22.11.2026 (Last 0,1); Prüfung: `TestKill` |\n", "| Schnell | noch nicht; Prüfung: `TestLoad` |\n"} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q in\n%s", want, got)
		}
	}
}
