package bundle

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"nestfunk/app/apptest"
)

func key(title string) string { return strings.ToLower(strings.ReplaceAll(title, " ", "")) }

func read(t testing.TB, all ...string) *Bundle {
	t.Helper()
	b := apptest.Zip(all...)
	s, err := Zip(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	got, err := Read(s, key, 150)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// outline is the tree of a bundle, a line a page.
func outline(b *Bundle) string {
	var out strings.Builder
	for _, p := range b.Pages {
		for q := p.Parent; q != nil; q = q.Parent {
			out.WriteString("  ")
		}
		out.WriteString(p.Title + "\n")
	}
	return out.String()
}

func body(t testing.TB, b *Bundle, title string) string {
	t.Helper()
	i := slices.IndexFunc(b.Pages, func(p *Page) bool { return p.Title == title })
	if i < 0 {
		t.Fatalf("no page %q in\n%s", title, outline(b))
	}
	s, err := b.Text(b.Pages[i], func(f *File) string { return "/datei/" + f.Path })
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestTree(t *testing.T) {
	for _, c := range []struct {
		name string
		all  []string
		want string
	}{
		{"one folder around everything", []string{"vault/a.md", "", "vault/b.md", ""}, "a\nb\n"},
		{"folders without a page", []string{"02_Was_fehlt/y.md", "", "01_Anfang/x.md", "", "z.md", ""}, "Anfang\n  x\nWas fehlt\n  y\nz\n"},
		{"the page of a folder, in it", []string{"Haus/index.md", "# Unser Haus\n", "Haus/a.md", "", "x.md", ""}, "Unser Haus\n  a\nx\n"},
		{"the page of a folder, beside it", []string{"Haus.md", "", "Haus/README.md", "# Lies mich\n", "Haus/a.md", ""}, "Haus\n  a\n  Lies mich\n"},
		{"the page of a folder, named like it", []string{"Haus/Haus.md", "", "Haus/README.md", "", "Haus/a.md", "", "x.md", ""}, "Haus\n  a\n  README\nx\n"},
		{"the page of a folder, but for the number", []string{"01_Vor_wort/vor_wort.md", "", "01_Vor_wort/2.md", "", "x.md", ""}, "vor wort\n  2\nx\n"},
		{"the page of everything", []string{"README.md", "# Willkommen", "a/b.md", ""}, "Willkommen\na\n  b\n"},
		{"titles", []string{"a.md", "---\ntitel: \"Eins: zwei\"\n---\n# Eins\n", "b.md", "# Zwei #\n\nText", "c.md", "Drei\n====\n", "5 Freunde.md", "x", "03. Ende.md", "x"},
			"Ende\n5 Freunde\nEins: zwei\nZwei\nDrei\n"},
		{"order", []string{"10.md", "", "9.md", "", "a.md", "---\nweight: 2\n---\n", "b.md", "---\norder: 10\n---\n", "c.md", "---\nnumber: \"1.5\"\n---\n"}, "c\na\nb\n9\n10\n"},
		{"the same title", []string{"Nord/Hygieneplan.md", "", "Süd/Hygieneplan.md", "", "Hygieneplan.md", "", "a/hygiene plan.md", "", "a/b.md", "---\ntitle: Hygieneplan\n---"},
			"a\n  Hygieneplan (a)\n  hygiene plan (2)\nHygieneplan\nNord\n  Hygieneplan (Nord)\nSüd\n  Hygieneplan (Süd)\n"},
		{"no links could be made of it", []string{"a.md", "---\ntitle: \"[x] | #1\"\n---\n", "b.md", "---\ntitle: \"\"\n---\n"}, "(x) / 1\nb\n"},
		{"hidden", []string{".obsidian/a.md", "", "__MACOSX/b.md", "", "x/.trash/c.md", "", "x/d.md", "", "y.md", ""}, "x\n  d\ny\n"},
	} {
		if got := outline(read(t, c.all...)); got != c.want {
			t.Errorf("%s:\n%s\nwant:\n%s", c.name, got, c.want)
		}
	}
}

func TestFront(t *testing.T) {
	for _, c := range []struct {
		in, name, value, body string
	}{
		{"---\ntitle: a\n---\nb", "title", "a", "b"},
		{"---\ntitle:   'it''s' # c\n---\nb", "title", "it's", "b"},
		{"---\ntitle: \"a \\\"b\\\"\"\nx: y\n---\n", "title", `a "b"`, ""},
		{"---\nTITLE: a # b\n---\n", "title", "a", ""},
		{"---\ntags:\n  - x\n  - y\ntitle: a\n---\n", "title", "a", ""},
		{"---\ntitle: >-\n  one\n  two\nx: y\n---\n", "title", "one two", ""},
		{"+++\ntitle = \"a\"\n+++\nb", "title", "a", "b"},
		{"{\"title\": \"a\", \"n\": 1}\n# b", "title", "a", "\n# b"},
		{"---\ntitle: a\n", "title", "", "---\ntitle: a\n"}, // never closed
		{"---\n\nno: more\n---\nb", "no", "more", "b"},
		{"text", "title", "", "text"},
		{"{no json", "title", "", "{no json"},
	} {
		values, body := front(c.in)
		if values[c.name] != c.value || body != c.body {
			t.Errorf("%q: %q, %q", c.in, values, body)
		}
	}
	h := Head{Title: `„Was?“: "A" \ # ä`, UID: "01890000-0000-7000-8000-000000000000", Access: "board", Review: "2026-05-01", Order: 3, Template: true, Changed: time.Unix(0, 0)}
	b := read(t, "a.md", h.String()+"\n# X\n\ny\n")
	if p := b.Pages[0]; p.Title != `„Was?“: "A" \  ä` && p.Title != `„Was?“: "A" \ ä` || p.UID != h.UID || p.Access != "board" || p.Review != h.Review || !p.Template || p.weight != "3" {
		t.Errorf("%+v", p)
	}
}

func TestLinks(t *testing.T) {
	all := []string{"Haus/index.md", "# Haus", "Haus/Hygiene plan.md", "", "Haus/bild 1.png", "x", "Haus/plan.pdf", "x", "Läuse.md", "# Läuse", "Anhang/foto.jpg", "x"}
	for _, c := range []struct{ in, want string }{
		{"[x](Hygiene%20plan.md)", "[[Hygiene plan|x]]"},
		{"[Hygiene plan](<Hygiene plan.md>)", "[[Hygiene plan]]"},
		{"[**Mehr** davon](./Hygiene%20plan.md#hände-waschen)", "[[Hygiene plan#hände-waschen|Mehr davon]]"},
		{"[Hygiene plan, Hände waschen](Hygiene%20plan.md#h%C3%A4nde-waschen \"Titel\")", "[[Hygiene plan#Hände waschen]]"},
		{"[l](../Läuse.md), [l](/Läuse.md), [l](../L%C3%A4use)", "[[Läuse|l]], [[Läuse|l]], [[Läuse|l]]"},
		{"[h](../Haus/)", "[[Haus|h]]"},
		{"![Foto](bild%201.png \"T\")", "![Foto](/datei/Haus/bild 1.png)"},
		{"![[bild 1.png|300]]", "![bild 1](/datei/Haus/bild 1.png)"},
		{"![[foto.jpg]] und ![[plan.pdf]]", "![foto](/datei/Anhang/foto.jpg) und [plan](/datei/Haus/plan.pdf)"},
		{"![Plan](plan.pdf)", "[Plan](/datei/Haus/plan.pdf)"},
		{`<img alt="Bild" src='bild 1.png' width=3>`, "![Bild](/datei/Haus/bild 1.png)"},
		{"[[Läuse|Tiere]] [[läuse]] [[Läuse#Kamm]] [[Läuse#^a1]] ![[Läuse]]", "[[Läuse|Tiere]] [[läuse]] [[Läuse#Kamm]] [[Läuse]] [[Läuse]]"},
		{"[[Haus/Hygiene plan]] [[Gibt es nicht]]", "[[Hygiene plan]] [[Gibt es nicht]]"},
		{"| [[Läuse|x]] | [y](../Läuse.md) |", `| [[Läuse\|x]] | [[Läuse\|y]] |`},
		{"[![Foto](bild%201.png)](../Läuse.md)", "![Foto](/datei/Haus/bild 1.png) [[Läuse]]"},
		{"[![Foto](bild%201.png)](https://example.org)", "[![Foto](/datei/Haus/bild 1.png)](https://example.org)"},
		{"[Tiere][t] und [t]\n\n[t]: ../Läuse.md", "[[Läuse|Tiere]] und [[Läuse|t]]\n\n[t]: ../Läuse.md"},
		{"`[x](../Läuse.md)` ``a ` [[läuse]]``", "`[x](../Läuse.md)` ``a ` [[läuse]]``"},
		{"```\n[x](../Läuse.md)\n```\n[x](../Läuse.md)", "```\n[x](../Läuse.md)\n```\n[[Läuse|x]]"},
		{"- ~~~\n  [x](../Läuse.md)\n  ~~~\n", "- ~~~\n  [x](../Läuse.md)\n  ~~~\n"},
		{`\[x](../Läuse.md) [x\](../Läuse.md)`, `\[x](../Läuse.md) [x\](../Läuse.md)`},
		{"[x](https://example.org/Läuse.md) [x](mailto:a@b.de) [x](#unten) <https://a.de>", "[x](https://example.org/Läuse.md) [x](mailto:a@b.de) [x](#unten) <https://a.de>"},
		{"[x](gibtsnicht.md) [x](../../../etc/passwd)", "[x](gibtsnicht.md) [x](../../../etc/passwd)"},
		{"[x](https://wiki.example.org/books/haus/page/l%C3%A4use) [x](https://w.de/books/a/page/hygiene-plan)", "[x](https://wiki.example.org/books/haus/page/l%C3%A4use) [[Hygiene plan|x]]"},
		{"[offen( [ [[ [[x ]( ![", "[offen( [ [[ [[x ]( !["},
		{"[^1]\n\n[^1]: Fuß", "[^1]\n\n[^1]: Fuß"},
	} {
		b := read(t, append([]string{"Haus/von.md", c.in}, all...)...)
		if got := body(t, b, "von"); got != c.want {
			t.Errorf("%s\nbecame %s\nwant   %s", c.in, got, c.want)
		}
	}
}

func TestObsidian(t *testing.T) {
	b := read(t, ".obsidian/app.json", "{}", "a.md", "==Wichtig== %%geheim%% Satz. ^abc123\n\n> [!note]- Kasten\n> Text")
	if got := body(t, b, "a"); got != "**Wichtig**  Satz.\n\n> [!note] Kasten\n> Text" {
		t.Errorf("%q", got)
	}
}

func TestDokuWiki(t *testing.T) {
	const page = "====== Übergabe ======\n\nEin **fettes**, //schräges//, __unterstrichenes__ und ''festes'' Wort, http://example.org/a//b.\n" +
		"Umbruch\\\\ hier((Eine //Note//.)).\n\n===== Listen =====\n  * eins\n    * zwei\n  - drei\n\n^ Wer ^ Was ^\n| Anna | [[ns:seite|Seite]] |\n\n" +
		"{{ns:bild.png?200|Ein Bild}} [[seite]] [[:start]] [[https://example.org|außen]] [[ns:seite#teil]]\n\n<code go>\na **b**\n</code>\n----\n> Zitat\n"
	const want = "## Listen\n\n- eins\n   - zwei\n1. drei\n\n| Wer | Was |\n| --- | --- |\n| Anna | [[Seite]] |\n\n"
	b := read(t, "dokuwiki/data/pages/start.txt", "====== Start ======\n", "dokuwiki/data/pages/ns/seite.txt", "====== Seite ======\n", "dokuwiki/data/pages/ns/%C3%BCber.txt", page,
		"dokuwiki/data/media/ns/bild.png", "x", "dokuwiki/data/attic/ns/alt.txt", "====== Alt ======\n")
	if got := outline(b); got != "Start\nns\n  Seite\n  Übergabe\n" {
		t.Errorf("tree:\n%s", got)
	}
	got := body(t, b, "Übergabe")
	for _, w := range []string{want, "Ein **fettes**, *schräges*, unterstrichenes und `festes` Wort, http://example.org/a//b.", "Umbruch\\\nhier[^1].", "[^1]: Eine *Note*.",
		"![Ein Bild](/datei/media/ns/bild.png) [[seite]] [[start]] [außen](https://example.org) [[Seite#teil|seite]]", "```go\na **b**\n```", "\n---\n", "> Zitat"} {
		if !strings.Contains(got, w) {
			t.Errorf("%q is missing in\n%s", w, got)
		}
	}
}

func TestBookStack(t *testing.T) {
	const data = `{"instance":{},"book":{"id":8,"name":"Haus","description_html":"<p>Was gilt.</p>","chapters":[{"id":2,"name":"Gesundheit","priority":1,"pages":[
		{"id":40,"name":"Läuse","priority":1,"html":"<h2>Kamm</h2><p class=\"callout warning\">Vorsicht <b>hier</b></p><ul><li>eins<ul><li>zwei</li></ul></li></ul><p><img src=\"[[bsexport:image:a.png]]\" alt=\"Laus\"> <a href=\"[[bsexport:page:41]]\">Fieber</a></p><table><tr><th>a</th><th>b</th></tr><tr><td>1|2</td></tr></table><script>x</script>",
		 "images":[{"name":"laus.png","file":"a.png"}],"attachments":[{"id":7,"name":"Plan","file":"b.pdf"},{"name":"Netz","link":"https://example.org"}]}]}],
		"pages":[{"id":41,"name":"Fieber","priority":0,"markdown":"Siehe [Läuse]([[bsexport:page:40]]) in [[bsexport:chapter:2]] und [Plan]([[bsexport:attachment:7]])."}]}}`
	b := read(t, "data.json", data, "files/a.png", "x", "files/b.pdf", "y")
	if got := outline(b); got != "Haus\n  Fieber\n  Gesundheit\n    Läuse\n" {
		t.Errorf("tree:\n%s", got)
	}
	const want = "## Kamm\n\n> [!achtung]\n> Vorsicht **hier**\n\n- eins\n  - zwei\n\n![Laus](/datei/files/a.png) [[Fieber]]\n\n| a | b |\n| --- | --- |\n| 1\\|2 |  |\n\n## Anhänge\n\n- [Plan](/datei/files/b.pdf)\n- [Netz](<https://example.org>)\n"
	if got := body(t, b, "Läuse"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if got := body(t, b, "Fieber"); !strings.HasPrefix(got, "Siehe [[Läuse]] in ") || !strings.HasSuffix(got, "und [Plan](/datei/files/b.pdf).") {
		t.Error(got)
	}
	if got := body(t, b, "Haus"); got != "Was gilt.\n" {
		t.Errorf("%q", got)
	}
}

func TestName(t *testing.T) {
	taken := map[string]bool{}
	for _, c := range []struct{ in, want string }{
		{"Hygieneplan", "Hygieneplan"}, {"hygieneplan", "hygieneplan 2"}, {"Ein/Aus: \"was\"?", "Ein-Aus- -was--"}, {"CON", "_CON"}, {"com1.x", "_com1.x"}, {"Ende. ", "Ende"},
		{"..", "Seite"}, {"README", "_README"}, {"Über ä", "Über ä"}, {strings.Repeat("ü", 200), strings.Repeat("ü", 60)}, {strings.Repeat("ü", 201), strings.Repeat("ü", 60) + " 2"},
	} {
		if got := Name(c.in, taken); got != c.want {
			t.Errorf("%q: %q, want %q", c.in, got, c.want)
		}
	}
	for _, want := range []string{"a b.pdf", "a b 2.pdf", "a b 3.pdf"} {
		if got := FileName("a b.pdf", taken); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
