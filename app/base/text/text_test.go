package text

import (
	"encoding/json"
	"errors"
	"html"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestHTML(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a newline is a break", "eins\nzwei", "<p>eins<br>\nzwei</p>\n"},
		{"a newline from a browser", "eins\r\nzwei\r\n\r\ndrei", "<p>eins<br>\nzwei</p>\n<p>drei</p>\n"},
		{"headings begin at h3", "# A\n## B", "<h3>A</h3>\n<h4>B</h4>\n"},
		{"no gap between headings", "## A\n##### B", "<h3>A</h3>\n<h4>B</h4>\n"},
		{"six levels", "# A\n## B\n### C\n#### D\n##### E", "<h3>A</h3>\n<h4>B</h4>\n<h5>C</h5>\n<h6>D</h6>\n<h6>E</h6>\n"},
		{"strikethrough", "~~weg~~", "<p><del>weg</del></p>\n"},
		{"tasks are characters", "- [x] da\n- [ ] fehlt", "<ul>\n<li class=\"task\">☑ da</li>\n<li class=\"task\">☐ fehlt</li>\n</ul>\n"},
		{"table", "|a|\n|-:|\n|1|", "<table>\n<thead>\n<tr>\n<th align=\"right\">a</th>\n</tr>\n</thead>\n<tbody>\n<tr>\n<td align=\"right\">1</td>\n</tr>\n</tbody>\n</table>\n"},
		{"HTML is text", "<b onclick=x>fett</b>", "<p>&lt;b onclick=x&gt;fett&lt;/b&gt;</p>\n"},
		{"HTML block is text", "<script>\nalert(1)\n</script>", "<p>&lt;script&gt;<br>\nalert(1)<br>\n&lt;/script&gt;</p>\n"},
		{"link", "[x](https://a.de/?b=1&c=2 \"Titel\")", "<p><a href=\"https://a.de/?b=1&amp;c=2\" rel=\"noopener noreferrer\">x</a></p>\n"},
		{"bare address", "www.kita.de", "<p><a href=\"http://www.kita.de\" rel=\"noopener noreferrer\">www.kita.de</a></p>\n"},
		{"telephone", "[0361 1](tel:+493611)", "<p><a href=\"tel:+493611\" rel=\"noopener noreferrer\">0361 1</a></p>\n"},
		{"mail", "a@b.de", "<p><a href=\"mailto:a@b.de\" rel=\"noopener noreferrer\">a@b.de</a></p>\n"},
		{"script as link keeps the words", "[**lies** mich](JavaScript:alert(1))", "<p><strong>lies</strong> mich</p>\n"},
		{"script behind entities", "[x](&#106;avascript:alert(1))", "<p>x</p>\n"},
		{"script in angle brackets", "<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"},
		{"a path of this house is no link", "[x](/konto)", "<p>x</p>\n"},
		{"picture", "![Ein *Bild*](https://a.de/x.png)", "<p>Ein <em>Bild</em></p>\n"},
		{"picture in a bad link", "[![Bild](x.png)](data:text/html,x)", "<p>Bild</p>\n"},
		{"no class", "```js\nx\n```", "<pre><code>x\n</code></pre>\n"},
		{"invalid bytes", "a\xffb\x00", "<p>a\uFFFDb\uFFFD</p>\n"},
		{"empty", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(HTML(c.in)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestPage(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"lines flow", "eins\nzwei", "<p>eins\nzwei</p>\n"},
		{"headings begin at h2", "## A\n### B", "<h2>A</h2>\n<h3>B</h3>\n"},
		{"path of this house", "[x](/konto)", "<p><a href=\"/konto\" rel=\"noopener noreferrer\">x</a></p>\n"},
		{"another house", "[x](//b%C3%B6se.de)", "<p>x</p>\n"},
		{"a backslash stays in this house", "[x](/\\\\b.de)", "<p><a href=\"/%5Cb.de\" rel=\"noopener noreferrer\">x</a></p>\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(Page(c.in)); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestPlain(t *testing.T) {
	for _, c := range []struct {
		name, in string
		max      int
		want     string
	}{
		{"marks are gone", "# Titel\n\n**fett** und [Link](https://a.de)\n\n- eins\n- zwei", 0, "Titel fett und Link eins zwei"},
		{"escapes are resolved", "1\\. Mai &amp; \\*Feier\\* `a*b`", 0, "1. Mai & *Feier* a*b"},
		{"fits exactly", "Kita zu", 7, "Kita zu"},
		{"cut between words", "Die Igelgruppe bleibt heute geschlossen", 20, "Die Igelgruppe…"},
		{"cut after a whole word", "eins zwei drei", 10, "eins zwei…"},
		{"no comma before the dots", "Heute, morgen und dann", 9, "Heute…"},
		{"one endless word", "Donaudampfschifffahrt", 6, "Donau…"},
		{"characters, not bytes", "ÄÖÜ ÄÖÜ", 7, "ÄÖÜ ÄÖÜ"},
		{"no line for a header", "a\r\nBcc: x@y.de", 0, "a Bcc: x@y.de"},
		{"no control characters", "a&#10;b&#13;c&#7;d", 0, "a b c d"},
		{"empty", "", 10, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := Plain(c.in, c.max); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestForMail(t *testing.T) {
	in := "# Heute zu\r\n\r\nLiebe Eltern,\r\nes ist **Streik**.\r\n\r\n- Plätze: 8\r\n  - Igel\r\n- [Anfragen](https://a.de/x)\r\n\r\n" +
		"3. drei\n4. vier\n\n> Zitat\n> weiter\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n<https://b.de> [0361 1](tel:0361) <b>x</b>\n\n    Code\n    mehr\n\n---\nEnde"
	want := `Heute zu

Liebe Eltern,
es ist Streik.

- Plätze: 8
  - Igel
- Anfragen (https://a.de/x)

3. drei
4. vier

> Zitat
> weiter

a | b
1 | 2

https://b.de 0361 1 (0361) <b>x</b>

Code
mehr

----

Ende`
	if got := ForMail(in); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

// allowedTags names every tag that may come out, with its attributes.
var allowedTags = map[string][]string{
	"p": nil, "br": nil, "hr": nil, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil, "strong": nil, "em": nil, "del": nil, "code": nil, "pre": nil,
	"ul": nil, "ol": {"start"}, "li": {"class"}, "blockquote": nil, "a": {"href", "rel"},
	"table": nil, "thead": nil, "tbody": nil, "tr": nil, "th": {"align"}, "td": {"align"},
}

// editorTags are those that only the editor is given. Its links may lead nowhere yet: nobody follows them there.
var editorTags = map[string][]string{
	"h1": nil, "i": {"data-done"}, "div": {"data-box", "data-heading"}, "pre": {"data-source"}, "code": {"class"}, "span": {"data-source"},
	"img": {"src", "alt", "title"}, "a": {"href", "rel", "title", "data-title"},
}

// archiveTags are those that only a page of the archive has.
var archiveTags = map[string][]string{
	"h2": {"id"}, "h3": {"id"}, "h4": {"id"}, "h5": {"id"}, "h6": {"id"}, "sup": {"id"}, "li": {"id", "class"}, "dl": nil, "dt": nil, "dd": nil,
	"div": {"class", "role"}, "span": {"class"}, "a": {"href", "rel", "class", "title", "role", "data-title"},
	"img": {"src", "alt", "width", "height", "loading", "decoding"},
}

var (
	tag       = regexp.MustCompile(`^<(/?)([a-z][a-z0-9]*)((?: [a-z-]+="[^"<>]*")*)>`)
	reSource  = regexp.MustCompile(`^/datei/[1-9][0-9]*$`)
	attribute = regexp.MustCompile(` ([a-z-]+)="([^"<>]*)"`)
)

// check reads output more strictly than any browser: what is not one of our tags may hold neither < nor >, so there is
// nothing left that a browser could read in another way.
func check(t *testing.T, in, out string, paths bool, more ...map[string][]string) {
	t.Helper()
	ids, tags := map[string]bool{}, map[string][]string{}
	if len(more) > 0 {
		tags = more[0]
	}
	var open []string
	for rest := out; rest != ""; {
		i := strings.IndexAny(rest, "<>")
		if i < 0 {
			break
		}
		m := tag.FindStringSubmatch(rest[i:])
		if m == nil {
			t.Fatalf("%q gives a stray bracket: %q in %q", in, rest[i:], out)
		}
		rest = rest[i+len(m[0]):]
		attrs, ok := allowedTags[m[2]]
		if x, too := tags[m[2]]; too {
			attrs, ok = x, true
		}
		if !ok {
			t.Fatalf("%q gives <%s>: %q", in, m[2], out)
		}
		if m[1] == "/" {
			if len(open) == 0 || open[len(open)-1] != m[2] {
				t.Fatalf("%q closes <%s> inside %v: %q", in, m[2], open, out)
			}
			open = open[:len(open)-1]
			continue
		}
		if m[2] != "br" && m[2] != "hr" && m[2] != "img" {
			open = append(open, m[2])
		}
		for _, a := range attribute.FindAllStringSubmatch(m[3], -1) {
			if !slices.Contains(attrs, a[1]) {
				t.Fatalf("%q gives %s with %s: %q", in, m[2], a[1], out)
			}
			if _, edit := tags["i"]; edit && a[1] == "href" && !strings.Contains(html.UnescapeString(a[2]), ":") {
				continue
			}
			if a[1] == "href" && !safe(html.UnescapeString(a[2]), paths) && !(len(more) > 0 && strings.HasPrefix(a[2], "#h")) {
				t.Fatalf("%q links to %q: %q", in, a[2], out)
			}
			if a[1] == "src" && !reSource.MatchString(a[2]) {
				t.Fatalf("%q shows %q: %q", in, a[2], out)
			}
			if a[1] == "id" {
				if !strings.HasPrefix(a[2], "h") || ids[a[2]] {
					t.Fatalf("%q gives the id %q (again): %q", in, a[2], out)
				}
				ids[a[2]] = true
			}
		}
		if inner := strings.Contains(m[3], ` href="#h`) || strings.Contains(m[3], " data-title=") || strings.Contains(m[3], ` href="/seite/`) || tags["i"] != nil; m[2] == "a" && !(inner && len(more) > 0) && !strings.HasSuffix(m[3], ` rel="noopener noreferrer"`) {
			t.Fatalf("%q gives a link without rel: %q", in, out)
		}
	}
	if len(open) > 0 {
		t.Fatalf("%q leaves open %v: %q", in, open, out)
	}
}

func safe(href string, paths bool) bool {
	if strings.ContainsFunc(href, func(r rune) bool { return r <= ' ' || r == 0x7f }) { // browsers drop these inside a scheme
		return false
	}
	if paths && strings.HasPrefix(href, "/") {
		return !strings.HasPrefix(href, "//") && !strings.HasPrefix(href, `/\`)
	}
	href = strings.ToLower(href)
	for _, scheme := range []string{"http:", "https:", "mailto:", "tel:"} {
		if strings.HasPrefix(href, scheme) {
			return true
		}
	}
	return false
}

func checkAll(t *testing.T, in string) {
	t.Helper()
	check(t, in, string(HTML(in)), false)
	check(t, in, string(Page(in)), true)
	for i, find := range []func(string) (string, bool){
		func(string) (string, bool) { return "", false },
		func(title string) (string, bool) { return "/seite/1", len(title)%2 == 0 },
	} {
		if i == 0 {
			check(t, in, string(Archive(in)), true, archiveTags)
		}
		sized := Sized(Resolve(Archive(in), find), func(id int64) (int, int, bool) { return 640, 480, id%2 == 0 })
		check(t, in, string(sized), true, archiveTags)
	}
	check(t, in, strings.ReplaceAll(string(Editor(in)), "<pre data-source>", "<pre>"), true, editorTags)
	Titles(in)
	Files(in)
	Words(in, 0)
	if line := Plain(in, 20); len([]rune(line)) > 20 || strings.ContainsAny(line, "\r\n\x00") {
		t.Fatalf("%q gives the line %q", in, line)
	}
	ForMail(in)
}

// TestCheckBites shows that the check would see what it looks for.
func TestCheckBites(t *testing.T) {
	for _, out := range []string{
		"<script>", "<p onclick=\"x\">a</p>", "<p onclick=x>a</p>", "<a href=\"javascript:x\" rel=\"noopener noreferrer\">x</a>",
		"<a href=\"https://a.de\">x</a>", "<p>", "</p>", "<p><em>a</p></em>", "a<b", "<!-- -->", "<img src=\"x\">",
		"<a href=\"java&#9;script:x\" rel=\"noopener noreferrer\">x</a>", "<P>a</P>", "<a href=\"//b.de\" rel=\"noopener noreferrer\">x</a>",
	} {
		done := make(chan bool)
		go func() { // Fatalf ends the goroutine it is called in
			inner := &testing.T{}
			defer func() { done <- inner.Failed() }()
			check(inner, "", out, true)
		}()
		if !<-done {
			t.Errorf("not seen: %q", out)
		}
	}
}

const lists = "../../../../shared/data/05-security/" // beside the repository; not part of it

func TestNaughtyStrings(t *testing.T) {
	b, err := os.ReadFile(lists + "blns/blns.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the Big List of Naughty Strings is not in " + lists)
	}
	var strs []string
	if err == nil {
		err = json.Unmarshal(b, &strs)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range strs {
		checkAll(t, s)
		checkAll(t, "["+s+"]("+s+")")
		checkAll(t, "![x](<"+s+"> \""+s+"\")")
		checkAll(t, "!["+s+"](/datei/12 \""+s+"\")")
		checkAll(t, "<"+s+">")
	}
}

func TestCommonMarkExamples(t *testing.T) {
	b, err := os.ReadFile(lists + "commonmark/spec.json")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the CommonMark examples are not in " + lists)
	}
	var examples []struct{ Markdown string }
	if err == nil {
		err = json.Unmarshal(b, &examples)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range examples {
		checkAll(t, e.Markdown)
	}
}

func TestFilterEvasion(t *testing.T) {
	b, err := os.ReadFile(lists + "owasp/XSS_Filter_Evasion_Cheat_Sheet.md")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the OWASP cheat sheet is not in " + lists)
	}
	if err != nil {
		t.Fatal(err)
	}
	checkAll(t, string(b))
	for line := range strings.Lines(string(b)) {
		checkAll(t, line)
		checkAll(t, "[x]("+strings.TrimSpace(line)+")")
	}
}

func FuzzMarkdown(f *testing.F) {
	for _, s := range []string{
		"# a\n\n- [x] b\n1. c\n\n> d\n\n|a|b|\n|:-|-:|\n|1|2|", "[a](javascript:b) <data:x> www.a.de a@b.de ![i](j \"k\")", "<b>&lt;&#x3c;\\<",
		"[a]: javascript:x\n[a]", "``` x\"onclick=\ny", "[x](&#x6A;avascript:y)", "[a](https://b\"onclick=x)", "***a~~b***c~~", "&#0;\x00\xff", "<https://a`\">", "# !\n[](#)",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkAll(t, s) })
}
