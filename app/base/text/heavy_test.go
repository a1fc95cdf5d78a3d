package text_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"nestfunk/app/base/text"
)

// hostile are texts of n bytes that a reader of Markdown finds hard.
func hostile(n int) map[string]string {
	all := map[string]string{
		"half": strings.Repeat("[[", n/4) + strings.Repeat("]]", n/4), "halves": strings.Repeat("[", n/2) + strings.Repeat("]", n/2),
		"lazy": strings.Repeat(">", n/2) + strings.Repeat("\na", n/4), "lazy lists": strings.Repeat("- ", 1000) + strings.Repeat("\na", n/4),
		"lazy few": strings.Repeat(">", 30) + strings.Repeat("\na", n/2), "table": "|" + strings.Repeat("a|", n/8) + "\n|" + strings.Repeat("-|", n/8) + "\n" + strings.Repeat("|a\n", n/8),
		"link (": "[a](" + strings.Repeat("(", n), "link \\(": "[a](" + strings.Repeat("\\(", n/2), "link title": `[a](b "` + strings.Repeat("a", n), "www": "www." + strings.Repeat("a", n),
		"dashes": "a\n" + strings.Repeat("-|", n/2), "heads": "|a|b|\n|-|-|\n" + strings.Repeat("|*a*|\n", n/6),
	}
	for _, s := range []string{">", "> ", "- ", "* ", "1. ", "[", "![", "[[", "*", "*a ", "a**b", "_a __b ", "_", "*a_", "`", "~", "~~a ", "<", "<a ", "<http:", "[a](", "[a](<b", "[a]: u\n",
		"[a][", "|", "|\n", "[^a]", "[^a]: b\n", "a\n: b\n", ": ", "> [!hinweis]\n", "# a\n", "a\n=\n", "#", "x", " ", "\t", "-\t", "\n", "http://a.", "www.", "a@", "a@b.", "a.", `\`, "&", "&a", "&#x",
		">- ", "```\n", "~~~a\n", "a\n\n", "- a\n", "-\n\n", "1) a\n\n", "- [ ] a\n", "* * *\n", "<div>\n", "<![CDATA[", "<!--", "ä*", "\x00*", "\xff", "   *\n", "a:", `"a`, `[a](b "`, "[[a]] ", "(", "a b\\\n"} {
		all[s] = strings.Repeat(s, n/len(s))
	}
	var ticks, notes, refs, lists, quotes strings.Builder
	for i := 1; ticks.Len() < n; i++ {
		ticks.WriteString("a" + strings.Repeat("`", i))
	}
	for i := 0; notes.Len() < n; i++ {
		fmt.Fprintf(&notes, "[^%d]\n\n[^%d]: x\n\n", i, i)
	}
	for i := 0; refs.Len() < n; i++ {
		fmt.Fprintf(&refs, "[%d]: u\n\n[%d] ", i, i)
	}
	for i := 0; lists.Len() < n; i++ {
		lists.WriteString(strings.Repeat("  ", i) + "- a\n")
	}
	for i := 0; quotes.Len() < n; i++ {
		quotes.WriteString(strings.Repeat(">", i) + "a\n")
	}
	all["ticks"], all["notes"], all["refs"], all["lists"], all["quotes"] = ticks.String(), notes.String(), refs.String(), lists.String(), quotes.String()
	return all
}

// TestHostile: whatever is written, it is shown within moments and with little memory. Without the limits, some of these
// take minutes, and a table of short rows fills the machine.
func TestHostile(t *testing.T) {
	for name, s := range hostile(hostileSize) {
		for _, f := range []struct {
			name string
			run  func(string)
		}{
			{"Archive", func(s string) { text.Archive(s) }}, {"Words", func(s string) { text.Words(s, 0) }}, {"Check", func(s string) { _ = text.Check(s) }},
		} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begin := time.Now()
			f.run(s)
			took := time.Since(begin)
			runtime.ReadMemStats(&after)
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 8*time.Second || mb > 500 {
				t.Errorf("%s of %q takes %s and %d MB", f.name, name, took.Round(time.Millisecond), mb)
			}
		}
	}
}

// TestCheck: what people write is not refused, however long; what nobody writes is, and shows as its source.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		name, text string
		ok         bool
	}{
		{"a long table", "|Tag|Von|Bis|\n|:--|---|--:|\n" + strings.Repeat("|**Mo** 2.3.2026|8:00|[16:00](/seite/1)|\n", 5000), true},
		{"a long list of links", strings.Repeat("- [Satzung](https://www.example.org/a_b) vom 1.2.2026\n", 5000), true},
		{"a long line", strings.Repeat("Wort. ", 50_000), true},
		{"many paragraphs", strings.Repeat("Das ist **wichtig**, siehe [[Plan]] (S. 3).\n\n", 8000), true},
		{"a thousand footnotes", strings.Repeat("x[^1] ", 500) + strings.Repeat("\n\n[^1]: y", 1000), true},
		{"quotations in each other", strings.Repeat("> ", 12) + "tief", true},
		{"100,000 quotations", strings.Repeat(">", 100_000), false},
		{"100,000 lists", strings.Repeat("- ", 100_000), false},
		{"100,000 brackets", strings.Repeat("[", 100_000), false},
		{"100,000 stars", strings.Repeat("*a_", 100_000), false},
		{"10,000 footnotes", strings.Repeat("\n\n[^1]: y", 10_000), false},
		{"a table of 5,000 columns", "|" + strings.Repeat("a|", 5000) + "\n|" + strings.Repeat("-|", 5000) + strings.Repeat("\n|b", 1000), false},
		{"10 MB", strings.Repeat("x", 10<<20), false},
	} {
		if err := text.Check(c.text); (err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, err)
		}
		if shown := strings.HasPrefix(string(text.Archive(c.text)), "<pre><code>"); shown == c.ok {
			t.Errorf("%s is shown as its source: %v", c.name, shown)
		}
	}
	if got := text.Words(strings.Repeat("[", 100_000), 10); got == "" {
		t.Error("no words")
	}
}
