package text

import (
	"slices"
	"testing"
)

func TestArchive(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"headings can be linked to", "# Der Ablauf\n\n## Der Ablauf", "<h2 id=\"h-der-ablauf\">Der Ablauf</h2>\n<h3 id=\"h-der-ablauf-2\">Der Ablauf</h3>\n"},
		{"a heading without letters", "# …", "<h2 id=\"h\">…</h2>\n"},
		{"link to a heading", "[x](#ablauf)", "<p><a href=\"#h-ablauf\" rel=\"noopener noreferrer\">x</a></p>\n"},
		{"title", "[[Hygieneplan]]", "<p><a data-title=\"Hygieneplan\">Hygieneplan</a></p>\n"},
		{"title with words", "[[Hygieneplan|der Plan]]", "<p><a data-title=\"Hygieneplan\">der Plan</a></p>\n"},
		{"title with a section", "[[Plan#Hände waschen]]", "<p><a data-title=\"Plan#Hände waschen\">Plan, Hände waschen</a></p>\n"},
		{"title in a table", "|a|\n|-|\n|[[P\\|Q]]|", "<table>\n<thead>\n<tr>\n<th>a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td><a data-title=\"P\">Q</a></td>\n</tr>\n</tbody>\n</table>\n"},
		{"no title", "[[]] [[ ]] [[a\nb]]", "<p>[[]] [[ ]] [[a\nb]]</p>\n"},
		{"markup in a title is text", "[[<b>\"]]", "<p><a data-title=\"&lt;b&gt;&quot;\">&lt;b&gt;&quot;</a></p>\n"},
		{"no link in a link", "[a [[b]] c](https://x.de)", "<p><a href=\"https://x.de\" rel=\"noopener noreferrer\">a b c</a></p>\n"},
		{"code is no link", "`[[a]]`", "<p><code>[[a]]</code></p>\n"},
		{"box", "> [!hinweis]\n> Bitte **lesen**.", "<div class=\"callout info\" role=\"note\">\n<p><strong>Hinweis</strong></p>\n<p>Bitte <strong>lesen</strong>.</p>\n</div>\n"},
		{"box with a heading of its own", "> [!WARNING] Läuse\n>\n> - da", "<div class=\"callout warn\" role=\"note\">\n<p><strong>Läuse</strong></p>\n<ul>\n<li>da</li>\n</ul>\n</div>\n"},
		{"no such box", "> [!quatsch]\n> x", "<blockquote>\n<p>[!quatsch]\nx</p>\n</blockquote>\n"},
		{"nothing of a box is lost", "> [!tipp] **a\n> b**", "<blockquote>\n<p>[!tipp] <strong>a\nb</strong></p>\n</blockquote>\n"},
		{"definitions", "Bezugserzieherin\n: begleitet Ihr Kind", "<dl>\n<dt>Bezugserzieherin</dt>\n<dd>begleitet Ihr Kind</dd>\n</dl>\n"},
		{"picture of the house", "![Der *Garten* \\[1\\] \"neu\"](/datei/12 \"Titel\")", "<p><img src=\"/datei/12\" alt=\"Der Garten [1] &quot;neu&quot;\" loading=\"lazy\" decoding=\"async\"></p>\n"},
		{"decoration", "![](/datei/12)", "<p><img src=\"/datei/12\" alt=\"\" loading=\"lazy\" decoding=\"async\"></p>\n"},
		{"no other picture", "![a](https://x.de/datei/1) ![b](/datei/0) ![c](/datei/1/klein) ![d](/datei/1?x) ![e](//datei/1)", "<p>a b c d e</p>\n"},
		{"footnote", "Frist[^1]\n\n[^1]: § 22", "<p>Frist<sup id=\"h-fnref:1\"><a href=\"#h-fn:1\" class=\"footnote-ref\" role=\"doc-noteref\">1</a></sup></p>\n<div class=\"footnotes\" role=\"doc-endnotes\">\n<hr>\n<ol>\n<li id=\"h-fn:1\">\n<p>§ 22&#160;<a href=\"#h-fnref:1\" class=\"footnote-backref\" title=\"Zurück zum Text\" role=\"doc-backlink\">&#x21a9;&#xfe0e;</a></p>\n</li>\n</ol>\n</div>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(Archive(c.in)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			check(t, c.in, string(Archive(c.in)), true, archiveTags)
		})
	}
}

func TestResolve(t *testing.T) {
	find := func(title string) (string, bool) { return "/seite/7", title == "A & B" }
	got := string(Resolve(Archive("[[A & B]] [[A & B#C d|x]] [[Fort]]"), find))
	want := "<p><a href=\"/seite/7\">A &amp; B</a> <a href=\"/seite/7#h-c-d\">x</a> <span class=\"dead\">Fort</span></p>\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestSized(t *testing.T) {
	html := Archive("![Der \"Garten\"](/datei/12) ![Fort & weg](/datei/13)![](/datei/12)")
	if got := Pictures(html); !slices.Equal(got, []int64{12, 13}) {
		t.Errorf("pictures %v", got)
	}
	got := string(Sized(html, func(id int64) (int, int, bool) { return 640, 480, id == 12 }))
	const end = `width="640" height="480" loading="lazy" decoding="async">`
	want := `<p><img src="/datei/12" alt="Der &quot;Garten&quot;" ` + end + ` <span class="dead">Fort &amp; weg</span><img src="/datei/12" alt="" ` + end + "</p>\n"
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestFiles(t *testing.T) {
	if got := Files("![a](/datei/12) [b](/datei/7) [[c]] `![d](/datei/8)` ![a](/datei/12) [e](/seite/9)\n\n> ![f][g]\n\n[g]: /datei/5"); !slices.Equal(got, []int64{12, 7, 5}) {
		t.Errorf("got %v", got)
	}
}

func TestEditor(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"levels stay", "## A\n\n#### B", "<h2>A</h2>\n<h4>B</h4>\n"},
		{"tasks", "- [x] a\n- [ ] b", "<ul>\n<li><i data-done=\"1\"></i>a</li>\n<li><i data-done=\"0\"></i>b</li>\n</ul>\n"},
		{"box", "> [!Achtung] Läuse\n> x", "<div data-box=\"achtung\" data-heading=\"Läuse\">\n<p>x</p>\n</div>\n"},
		{"picture", "![Ein \"Bild\"](a.png)", "<p><span data-source=\"![Ein &quot;Bild&quot;](&lt;a.png&gt;)\"></span></p>\n"},
		{"picture of the house", "![Ein \\[Bild\\]](/datei/3)", "<p><img src=\"/datei/3\" alt=\"Ein [Bild]\"></p>\n"},
		{"relative link", "[x](../y.md)", "<p><a href=\"../y.md\">x</a></p>\n"},
		{"script", "[x](javascript:y)", "<p>x</p>\n"},
		{"footnote", "a[^1]\n\n[^1]: b <c>\n\nd", "<p>a[^1]</p>\n<pre data-source>[^1]: b &lt;c&gt;</pre>\n<p>d</p>\n"},
		{"definition", "Wort\n: heißt", "<pre data-source>Wort\n: heißt</pre>\n"},
		{"fence", "```go\na\n\n[^1]: b\n```", "<pre><code class=\"language-go\">a\n\n[^1]: b\n</code></pre>\n"},
		{"a list with gaps stays one", "1. a\n\n   b\n\n2. c", "<ol>\n<li>\n<p>a</p>\n<p>b</p>\n</li>\n<li>\n<p>c</p>\n</li>\n</ol>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(Editor(c.in)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestTitles(t *testing.T) {
	if got := Titles("[[A#b]] und [[B|x]], [[A]]\n\n    [[Code]]"); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("got %q", got)
	}
}

func TestWords(t *testing.T) {
	if got := Words("# A\n\n[[B|c]]: d[^1]\n\n> [!tipp]\n> e\n\nf\n: g\n\n[^1]: h", 0); got != "A c: d e f g h" {
		t.Errorf("got %q", got)
	}
}

func TestPaths(t *testing.T) {
	got := Paths("[a](../b.md) [c](https://d.de) ![e](f.png) `[g](b.md)`\n\n[h]: i.md\n", func(dest string) string {
		return map[string]string{"../b.md": "/seite/1", "i.md": "/seite/2"}[dest]
	})
	if want := "[a](/seite/1) [c](https://d.de) ![e](f.png) `[g](b.md)`\n\n[h]: i.md\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
