package bundle

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRewrite: no text makes the scanner panic, and one whose links lead nowhere comes out as it went in.
func FuzzRewrite(f *testing.F) {
	for _, s := range []string{"[a](b)", "![[a|b]]", "`[a](b)`", "~~~\n[a](b)", "[a][b]\n\n[b]: c", "[[[[[[", "<img src='x'>", "[a](<b c> \"d\")", "\\", "| [[a\\|b]] |"} {
		f.Add(s)
	}
	no2 := func(string, string) (string, bool) { return "", false }
	f.Fuzz(func(t *testing.T, s string) {
		if got := rewriteLinks(s, rewriter{no2, no2, func(string, string, bool) (string, bool) { return "", false }}); got != s && !strings.Contains(s, "![") {
			t.Errorf("%q became %q", s, got)
		}
		yes2 := func(a, b string) (string, bool) { return "x", true }
		rewriteLinks(s, rewriter{yes2, yes2, func(string, string, bool) (string, bool) { return "[[a|b]]", true }})
	})
}

// FuzzFront: what is no front matter is lost nowhere.
func FuzzFront(f *testing.F) {
	for _, s := range []string{"---\na: b\n---\nc", "+++\na = 'b'\n+++\n", "{\"a\": 1}x", "---\n", "---\n---", "---\na: >\n b\n---\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if _, body := front(s); !strings.HasSuffix(s, body) {
			t.Errorf("%q became %q", s, body)
		}
	})
}

// FuzzDokuWiki and FuzzHTML: whatever comes in, valid text comes out, and not without end.
func FuzzDokuWiki(f *testing.F) {
	for _, s := range []string{"====== a ======\n", "  * a\n    - b\n", "^ a ^ b ^\n| [[c|d]] |", "{{a:b.png?3|c}}", "((a ((b))))", "<code x>\na\n</code>", "''a [[b]]''", "//a//", "\x000\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got := fromDokuWiki(s, "ns"); utf8.ValidString(s) && !utf8.ValidString(got) || len(got) > 100+30*len(s) {
			t.Errorf("%q became %q", s, got)
		}
	})
}

func FuzzHTML(f *testing.F) {
	for _, s := range []string{"<p>a<ul><li>b<ol><li>c</ol></ul>", "<table><tr><td>a|b<td>", "<a href='x'><img src=y>", "<pre>```</pre>", "<blockquote><h3>x", "1. a<br>b", strings.Repeat("<div>", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, err := fromHTML(s)
		if err == nil && utf8.ValidString(s) && !utf8.ValidString(got) {
			t.Errorf("%q became %q", s, got)
		}
	})
}

// FuzzZip: bytes that are no ZIP, or one by half, are refused or read, and never more than that.
func FuzzZip(f *testing.F) {
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		s, err := Zip(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			return
		}
		all, err := Read(s, key, 150)
		if err != nil {
			return
		}
		seen := map[string]bool{}
		for _, p := range all.Pages {
			if k := key(p.Title); seen[k] || k == "" || strings.ContainsAny(p.Title, "[]|#\n") {
				t.Errorf("title %q", p.Title)
			} else {
				seen[k] = true
			}
		}
	})
}
