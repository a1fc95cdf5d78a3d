package wiki

import (
	"html/template"
	"regexp"
	"strings"
	"unicode"

	"nestfunk/app/base/files"
)

// An op says what became of a stretch of a text: a[a0:a1] became b[b0:b1]. Same: they are equal.
type op struct {
	a0, a1, b0, b1 int
	same           bool
}

// most is how large a table of two stretches may be that is filled to compare them exactly.
const most = 4_000_000

// compare finds what two texts have in common: first the parts that occur once in each, then, between those, the
// longest common sequence. Stretches too large for that count as replaced.
func compare(a, b []string) (ops []op) {
	match := make([]int, len(a)) // index in b + 1; 0: none
	pair(a, b, 0, 0, match)
	for i, j := 0, 0; i < len(a) || j < len(b); {
		o := op{a0: i, b0: j}
		if i < len(a) && match[i] == j+1 {
			o.same = true
			for i < len(a) && match[i] == j+1 {
				i, j = i+1, j+1
			}
		} else {
			for i < len(a) && match[i] == 0 {
				i++
			}
			if j = len(b); i < len(a) {
				j = match[i] - 1
			}
		}
		o.a1, o.b1 = i, j
		ops = append(ops, o)
	}
	return ops
}

// pair matches a with b, which begin at i and j of the whole.
func pair(a, b []string, i, j int, match []int) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		match[i] = j + 1
		a, b, i, j = a[1:], b[1:], i+1, j+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		match[i+len(a)-1] = j + len(b)
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	switch {
	case len(a) == 0 || len(b) == 0:
	case len(a)*len(b) <= most:
		longest(a, b, i, j, match)
	default:
		i0, j0 := 0, 0
		for _, m := range anchors(a, b) {
			pair(a[i0:m[0]], b[j0:m[1]], i+i0, j+j0, match)
			match[i+m[0]] = j + m[1] + 1
			i0, j0 = m[0]+1, m[1]+1
		}
		if i0 > 0 {
			pair(a[i0:], b[j0:], i+i0, j+j0, match)
		}
	}
}

// longest matches by the longest common sequence.
func longest(a, b []string, i, j int, match []int) {
	w := len(b) + 1
	table := make([]int32, (len(a)+1)*w)
	for x := len(a) - 1; x >= 0; x-- {
		for y := len(b) - 1; y >= 0; y-- {
			if a[x] == b[y] {
				table[x*w+y] = table[(x+1)*w+y+1] + 1
			} else {
				table[x*w+y] = max(table[(x+1)*w+y], table[x*w+y+1])
			}
		}
	}
	for x, y := 0, 0; x < len(a) && y < len(b); {
		switch {
		case a[x] == b[y]:
			match[i+x] = j + y + 1
			x, y = x+1, y+1
		case table[(x+1)*w+y] >= table[x*w+y+1]:
			x++
		default:
			y++
		}
	}
}

// anchors are the places of what occurs once in each, in ascending order in both.
func anchors(a, b []string) (all [][2]int) {
	type place struct{ n, at int }
	count := func(list []string) map[string]place {
		m := map[string]place{}
		for i, s := range list {
			m[s] = place{m[s].n + 1, i}
		}
		return m
	}
	in, last := count(b), -1
	for s, p := range count(a) {
		if p.n != 1 || in[s].n != 1 {
			delete(in, s)
		}
	}
	seen := count(a)
	for i, s := range a {
		if p, ok := in[s]; ok && seen[s].n == 1 && p.n == 1 && p.at > last {
			all, last = append(all, [2]int{i, p.at}), p.at
		}
	}
	return all
}

// lines cuts a text into lines.
func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}

// words cuts a text into words, blanks and single signs, so that joined again they are the text.
func words(s string) (all []string) {
	kind := func(r rune) int {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r):
			return 1
		case unicode.IsSpace(r):
			return 2
		}
		return 3
	}
	start, was := 0, 0
	for i, r := range s {
		k := kind(r)
		if i > 0 && (k != was || k == 3 || r == '\n') {
			all = append(all, s[start:i])
			start = i
		}
		was = k
	}
	if s != "" {
		all = append(all, s[start:])
	}
	return all
}

// A Stretch is a part of a comparison: words that stayed, that are gone, or that are new.
type Stretch struct {
	Kind string // "", "del", "ins"
	Text string
}

// difference compares two texts: lines first, and within changed lines words. What stays is cut to the lines around a
// change; a gap shows as "…".
func difference(old, now string) (all []Stretch) {
	add := func(kind, text string) {
		if text == "" {
			return
		}
		if n := len(all); n > 0 && all[n-1].Kind == kind {
			all[n-1].Text += text
			return
		}
		all = append(all, Stretch{kind, text})
	}
	a, b := strings.SplitAfter(old, "\n"), strings.SplitAfter(now, "\n")
	for _, o := range compare(a, b) {
		if o.same {
			add("", strings.Join(a[o.a0:o.a1], ""))
			continue
		}
		x, y := words(strings.Join(a[o.a0:o.a1], "")), words(strings.Join(b[o.b0:o.b1], ""))
		for _, p := range compare(x, y) {
			if p.same {
				add("", strings.Join(x[p.a0:p.a1], ""))
				continue
			}
			add("del", strings.Join(x[p.a0:p.a1], ""))
			add("ins", strings.Join(y[p.b0:p.b1], ""))
		}
	}
	const around = 3 // lines
	for i := range all {
		ls := strings.SplitAfter(all[i].Text, "\n")
		if all[i].Kind != "" || len(ls) <= 2*around+2 {
			continue
		}
		head, tail := strings.Join(ls[:around], ""), strings.Join(ls[len(ls)-around:], "")
		switch {
		case len(all) == 1:
		case i == 0:
			all[i].Text = "…\n" + tail
		case i == len(all)-1:
			all[i].Text = head + "…"
		default:
			all[i].Text = head + "…\n" + tail
		}
	}
	return all
}

var reFileMark = regexp.MustCompile(`(!?)\[((?:[^\[\]\\\n]|\\.)*)\]\(/datei/(\d+)(?: "[^"\n]*")?\)`)

// readable is a text as people compare it: pictures and files by what they are called, and with those below it.
func readable(body string, below []files.File) string {
	body = reFileMark.ReplaceAllStringFunc(body, func(s string) string {
		m := reFileMark.FindStringSubmatch(s)
		kind := "Datei "
		if m[1] != "" {
			kind = "Bild "
		}
		if m[2] != "" {
			m[3] += ": " + m[2]
		}
		return "[" + kind + m[3] + "]"
	})
	for i, f := range below {
		if i == 0 {
			body += "\n"
		}
		body += "\n[Datei unter der Seite: " + f.Name + "]"
	}
	return body
}

// diffHTML is a comparison for a reader: also one who cannot see colours, or the page at all.
func diffHTML(all []Stretch) template.HTML {
	var b strings.Builder
	for _, s := range all {
		text := template.HTMLEscapeString(s.Text)
		if s.Kind != "" {
			text = "<" + s.Kind + ">" + text + "</" + s.Kind + ">"
		}
		b.WriteString(text)
	}
	return template.HTML(b.String())
}

// merge puts two changes of the same text together, line by line. Where both have changed the same lines, mine stand
// first, and theirs below them between two marks; clash tells how often. Nothing of either is lost.
func merge(base, mine, theirs string) (merged string, clash int) {
	o, a, b := lines(base), lines(mine), lines(theirs)
	// For each line of the base, where it is in the other; -1: gone.
	place := func(other []string) []int {
		at := make([]int, len(o))
		for i := range at {
			at[i] = -1
		}
		for _, p := range compare(o, other) {
			for k := 0; p.same && k < p.a1-p.a0; k++ {
				at[p.a0+k] = p.b0 + k
			}
		}
		return at
	}
	inA, inB := place(a), place(b)
	var out []string
	i, x, y := 0, 0, 0
	for {
		// The next line that both have kept ends a stretch.
		k := i
		for k < len(o) && (inA[k] < x || inB[k] < y) {
			k++
		}
		ax, by := len(a), len(b)
		if k < len(o) {
			ax, by = inA[k], inB[k]
		}
		was, left, right := strings.Join(o[i:k], "\n"), strings.Join(a[x:ax], "\n"), strings.Join(b[y:by], "\n")
		sameLen := func(n, m int) bool { return n == m }
		changedA := was != left || !sameLen(k-i, ax-x)
		changedB := was != right || !sameLen(k-i, by-y)
		switch {
		case !changedB || left == right && sameLen(ax-x, by-y):
			out = append(out, a[x:ax]...)
		case !changedA:
			out = append(out, b[y:by]...)
		default:
			clash++
			out = append(out, a[x:ax]...)
			out = append(out, "", markOther, "")
			out = append(out, b[y:by]...)
			out = append(out, "", markEnd, "")
		}
		if k == len(o) {
			return strings.Join(out, "\n"), clash
		}
		out = append(out, o[k])
		i, x, y = k+1, ax+1, by+1
	}
}

// What stands around the other's words in a merged text. A page with these marks is not saved.
const (
	markOther = "⟪ Andere Fassung ⟫"
	markEnd   = "⟪ Ende der anderen Fassung ⟫"
)
