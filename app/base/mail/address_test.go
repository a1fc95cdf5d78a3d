package mail

import (
	"strings"
	"testing"
)

func TestAddress(t *testing.T) {
	for _, c := range []struct{ name, typed, plain, shown string }{
		{"usual", "ada@example.org", "ada@example.org", "ada@example.org"},
		{"capitals", "Ada@Example.ORG", "Ada@example.org", "Ada@example.org"},
		{"plus and dots", "a.da+kita@mail.example.org", "a.da+kita@mail.example.org", "a.da+kita@mail.example.org"},
		{"umlaut", "info@müllerstraße.de", "info@xn--mllerstrae-e4a35a.de", "info@müllerstraße.de"},
		{"sharp s is kept, not ss (RFC 5894, 7.2)", "info@kita-größe.de", "info@xn--kita-gre-wya3u.de", "info@kita-größe.de"},
		{"umlaut in capitals", "info@KITA-GRÖSSE.de", "info@xn--kita-grsse-kcb.de", "info@kita-grösse.de"},
		{"two letters for one umlaut", "info@mu\u0308ller.de", "info@xn--mller-kva.de", "info@müller.de"},
		{"written by a program", "info@xn--mller-kva.de", "info@xn--mller-kva.de", "info@müller.de"},
		{"punycode of nothing", "info@xn--99999999.de", "info@xn--99999999.de", "info@xn--99999999.de"},
		{"other script", "info@почта.рф", "info@xn--80a1acny.xn--p1ai", "info@почта.рф"},
		{"umlaut before the @", "müller@kita-größe.de", "", ""},
		{"no domain", "ada@", "", ""},
		{"no name", "@example.org", "", ""},
		{"no dot", "ada@localhost", "", ""},
		{"two @", "ada@b@example.org", "", ""},
		{"quoted", `"a b"@example.org`, "", ""},
		{"with a name", "Ada <ada@example.org>", "", ""},
		{"header", "ada@example.org\r\nBcc: x@example.org", "", ""},
		{"header after an umlaut", "ada@müller.de\r\nBcc: x@example.org", "", ""},
		{"two directions in one word", "info@müllerא.de", "", ""},
		{"too long", strings.Repeat("a", 64) + "@" + strings.Repeat("ü", 200) + ".de", "", ""},
		{"nothing", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			plain, ok := Plain(c.typed)
			if plain != c.plain || ok != (c.plain != "") || Valid(c.typed) != ok {
				t.Errorf("plain: %q %v, want %q", plain, ok, c.plain)
			}
			if got := Shown(plain); ok && got != c.shown {
				t.Errorf("shown: %q, want %q", got, c.shown)
			}
		})
	}
}

func FuzzAddress(f *testing.F) {
	for _, s := range []string{"ada@example.org", "info@kita-größe.de", "info@xn--mller-kva.de", "a@b@c.de", "x@\u0308.de", "x@ａ.de"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		plain, ok := Plain(s)
		if !ok {
			return
		}
		if !ascii(plain) || strings.ContainsAny(plain, " \r\n<>,;") || strings.Count(plain, "@") != 1 {
			t.Errorf("%q becomes %q", s, plain)
		}
		for what, again := range map[string]string{"itself": plain, "what is shown": Shown(plain)} {
			if p, ok := Plain(again); !ok || p != plain {
				t.Errorf("%q, from %s: %q, want %q", s, what, p, plain)
			}
		}
	})
}
