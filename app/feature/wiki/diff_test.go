package wiki

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"nestfunk/app/base/files"
)

func TestCompare(t *testing.T) {
	for _, c := range []struct{ a, b, want string }{
		{"", "", ""},
		{"a b c", "a b c", "=a b c"},
		{"a b c", "a x c", "=a -b+x =c"},
		{"", "a", "-+a"},
		{"a", "", "-a+"},
		{"a b c d", "b c d e", "-a+ =b c d -+e"},
	} {
		a, b := strings.Fields(c.a), strings.Fields(c.b)
		var got []string
		for _, o := range compare(a, b) {
			if o.same {
				got = append(got, "="+strings.Join(a[o.a0:o.a1], " "))
			} else {
				got = append(got, "-"+strings.Join(a[o.a0:o.a1], " ")+"+"+strings.Join(b[o.b0:o.b1], " "))
			}
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%q, %q: %q, want %q", c.a, c.b, s, c.want)
		}
	}
}

// TestCompareMuch: two texts of 20,000 lines that differ everywhere are compared without filling the memory.
func TestCompareMuch(t *testing.T) {
	var a, b []string
	for i := range 20_000 {
		a = append(a, fmt.Sprint("Zeile ", i))
		b = append(b, fmt.Sprint("Zeile ", i*3))
	}
	same := 0
	for _, o := range compare(a, b) {
		if o.same {
			same += o.a1 - o.a0
		}
	}
	if same < 6_000 {
		t.Errorf("only %d lines are the same, want 6,667", same)
	}
}

func TestWords(t *testing.T) {
	const s = "Die Kita öffnet,\n\nam 3. März!"
	all := words(s)
	if strings.Join(all, "") != s {
		t.Errorf("words change the text: %q", all)
	}
	if want := []string{"Die", " ", "Kita", " ", "öffnet", ",", "\n", "\n", "am", " ", "3", ".", " ", "März", "!"}; !slices.Equal(all, want) {
		t.Errorf("got %q", all)
	}
}

func TestDifference(t *testing.T) {
	got := string(diffHTML(difference("Wir öffnen um 7 Uhr.\nBitte <klingeln>.", "Wir öffnen um 8 Uhr.\nBitte <klingeln>.")))
	if want := "Wir öffnen um <del>7</del><ins>8</ins> Uhr.\nBitte &lt;klingeln&gt;."; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	long := strings.Repeat("gleich\n", 50)
	got = string(diffHTML(difference("a\n"+long+"b", "A\n"+long+"B")))
	if strings.Count(got, "gleich") != 4 || !strings.Contains(got, "…") {
		t.Errorf("the same lines are not cut: %q", got)
	}
}

// A comparison names pictures and files, and tells of those below the page.
func TestReadable(t *testing.T) {
	for body, want := range map[string]string{
		"![Ein \\[rotes\\] Haus](/datei/12)": "[Bild 12: Ein \\[rotes\\] Haus]",
		`a ![](/datei/3 "Titel") b`:          "a [Bild 3] b",
		"[Plan](/datei/4)":                   "[Datei 4: Plan]",
		"[x](/seite/4) [[Titel]]":            "[x](/seite/4) [[Titel]]",
		"![x](https://example.org/datei/4)":  "![x](https://example.org/datei/4)",
	} {
		if got := readable(body, nil); got != want {
			t.Errorf("%q: %q, want %q", body, got, want)
		}
	}
	if got := readable("x", []files.File{{Name: "a.pdf"}, {Name: "b.pdf"}}); got != "x\n\n[Datei unter der Seite: a.pdf]\n[Datei unter der Seite: b.pdf]" {
		t.Errorf("with files: %q", got)
	}
}

func TestMerge(t *testing.T) {
	for _, c := range []struct {
		name, base, mine, theirs, want string
		clash                          int
	}{
		{"nobody", "a\nb", "a\nb", "a\nb", "a\nb", 0},
		{"only I", "a\nb", "a\nB", "a\nb", "a\nB", 0},
		{"only they", "a\nb", "a\nb", "A\nb", "A\nb", 0},
		{"different lines", "a\nb\nc", "A\nb\nc", "a\nb\nC", "A\nb\nC", 0},
		{"the same change", "a\nb", "a\nX", "a\nX", "a\nX", 0},
		{"both add", "a\nz", "a\nm\nz", "a\nt\nz", "a\nm\n\n" + markOther + "\n\nt\n\n" + markEnd + "\n\nz", 1},
		{"I delete, they keep", "a\nb\nc", "a\nc", "a\nb\nc", "a\nc", 0},
		{"I delete, they change", "a\nb\nc", "a\nc", "a\nB\nc", "a\n\n" + markOther + "\n\nB\n\n" + markEnd + "\n\nc", 1},
		{"from nothing", "", "m", "t", "m\n\n" + markOther + "\n\nt\n\n" + markEnd + "\n", 1},
		{"an empty line goes", "a\n\nb", "a\nb", "a\n\nB", "a\n\n" + markOther + "\n\n\nB\n\n" + markEnd + "\n", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, clash := merge(c.base, c.mine, c.theirs)
			if c.name == "an empty line goes" { // neighbours: one stretch; nothing may be lost
				if clash != 1 || !strings.Contains(got, "b") || !strings.Contains(got, "B") {
					t.Errorf("got %q with %d clashes", got, clash)
				}
				return
			}
			if got != c.want || clash != c.clash {
				t.Errorf("got %q with %d clashes, want %q with %d", got, clash, c.want, c.clash)
			}
		})
	}
}

// FuzzMerge: whatever two people do, each line that one of them has written is in the merged text.
func FuzzMerge(f *testing.F) {
	f.Add("a\nb\nc", "a\nx\nc", "a\nb\ny")
	f.Add("", "a", "b")
	f.Add("a\na\na", "a", "a\na\nb\na")
	f.Fuzz(func(t *testing.T, base, mine, theirs string) {
		got, _ := merge(base, mine, theirs)
		old, in := lines(base), lines(got)
		for _, l := range slices.Concat(lines(mine), lines(theirs)) {
			if !slices.Contains(old, l) && !slices.Contains(in, l) {
				t.Errorf("merge(%q, %q, %q) = %q has lost %q", base, mine, theirs, got, l)
			}
		}
	})
}
