package bundle

import (
	"regexp"
	"strings"
)

// A rewriter gives what stands in the place of a link; false leaves it as it is.
type rewriter struct {
	link  func(label, dest string) (string, bool)
	image func(alt, dest string) (string, bool)
	title func(target, label string, embed bool) (string, bool) // [[target|label]]; label "": none
}

// The most characters of a link's words and of its destination. They bound what a text of brackets alone costs.
const (
	mostLabel = 1_000
	mostDest  = 2_000
)

var (
	reFence      = regexp.MustCompile("^[ >\t]*(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)?(```+|~~~+)([^\n]*)")
	reDefinition = regexp.MustCompile(`(?m)^ {0,3}\[([^\]\[^\n][^\]\[\n]{0,200})\]:[ \t]*(?:<([^>\n]+)>|(\S+))`)
	reTag        = regexp.MustCompile(`^<img\s[^<>]*>`)
	reAttr       = regexp.MustCompile(`\s(src|alt)\s*=\s*(?:"([^"]*)"|'([^']*)')`)
)

// rewriteLinks goes through Markdown and leaves alone what is code.
func rewriteLinks(s string, r rewriter) string {
	w := &scanner{s: s, r: r, defs: map[string]string{}, noTick: map[int]int{}}
	if strings.Contains(s, "]:") {
		for _, m := range reDefinition.FindAllStringSubmatch(s, -1) {
			if name := refName(m[1]); w.defs[name] == "" {
				w.defs[name] = m[2] + m[3]
			}
		}
	}
	w.all()
	return w.out.String()
}

func refName(s string) string { return strings.ToLower(strings.Join(strings.Fields(s), " ")) }

type scanner struct {
	s      string
	at     int
	r      rewriter
	out    strings.Builder
	defs   map[string]string
	noTick map[int]int // number of ticks: up to where none of that number closes
	fence  string
	row    bool // the line is one of a table
}

func (w *scanner) all() {
	for start := true; w.at < len(w.s); {
		if start {
			start = false
			if w.line() {
				start = true
				continue
			}
		}
		c := w.s[w.at]
		n := 0 // what was read
		switch c {
		case '\n':
			start = true
		case '\\':
			n = min(2, len(w.s)-w.at)
			if n == 2 && w.s[w.at+1] == '\n' {
				n = 1
			}
		case '`':
			n = w.code()
		case '!', '[', '<':
			if n = w.element(); n > 0 {
				w.at += n
				continue
			}
		}
		n = max(n, 1)
		w.out.WriteString(w.s[w.at : w.at+n])
		w.at += n
	}
}

// line copies a line that is code, or begins or ends it.
func (w *scanner) line() bool {
	line, _, _ := strings.Cut(w.s[w.at:], "\n")
	w.row = strings.HasPrefix(strings.TrimLeft(line, " >"), "|")
	var m []string
	if strings.Contains(line, "```") || strings.Contains(line, "~~~") {
		m = reFence.FindStringSubmatch(line)
	}
	switch {
	case m != nil && w.fence == "" && (m[1][0] == '~' || !strings.Contains(m[2], "`")):
		w.fence = m[1]
	case m != nil && w.fence != "" && strings.HasPrefix(m[1], w.fence) && strings.TrimSpace(m[2]) == "":
		w.fence = ""
	case w.fence == "":
		return false
	}
	n := min(len(line)+1, len(w.s)-w.at)
	w.out.WriteString(w.s[w.at : w.at+n])
	w.at += n
	return true
}

// code is the length of what stands between ticks; of the ticks alone where nothing closes them.
func (w *scanner) code() int {
	rest := w.s[w.at:]
	n := len(rest) - len(strings.TrimLeft(rest, "`"))
	if w.at < w.noTick[n] {
		return n
	}
	end := strings.Index(rest, "\n\n")
	if end < 0 {
		end = len(rest)
	}
	for i := n; i < end; {
		j := strings.IndexByte(rest[i:end], '`')
		if j < 0 {
			break
		}
		i += j
		k := i
		for k < end && rest[k] == '`' {
			k++
		}
		if k-i == n {
			return k
		}
		i = k
	}
	w.noTick[n] = w.at + end
	return n
}

// element rewrites a link, picture or tag, and tells how long it was; 0: it is none, or stays.
func (w *scanner) element() int {
	s := w.s[w.at:]
	switch {
	case s[0] == '<':
		return w.tag(s)
	case strings.HasPrefix(s, "![["), strings.HasPrefix(s, "[["):
		if n := w.titled(s); n > 0 {
			return n
		}
	}
	image := s[0] == '!'
	from := 0
	if image {
		if from = 1; len(s) < 2 || s[1] != '[' {
			return 0
		}
	}
	end := closing(s[from:])
	if end < 0 {
		return 0
	}
	label := s[from+1 : from+end]
	n, dest := from+end+1, ""
	if d, k, ok := destination(s[n:]); ok {
		dest, n = d, n+k
	} else {
		ref := label
		if strings.HasPrefix(s[n:], "[") {
			k := closing(s[n:])
			if k < 0 {
				return 0
			}
			if k > 1 {
				ref = s[n+1 : n+k]
			}
			n += k + 1
		}
		if dest = w.defs[refName(ref)]; dest == "" || strings.HasPrefix(s[n:], ":") {
			return 0
		}
	}
	do := w.r.link
	if image {
		do = w.r.image
	} else if strings.Contains(label, "![") {
		label = rewriteLinks(label, w.r)
	}
	to, ok := do(label, dest)
	if !ok {
		if image || !strings.Contains(label, "![") {
			return 0
		}
		to = "[" + label + "](" + Dest(dest) + ")"
	}
	w.put(to)
	return n
}

// put writes what stands in the place of a link; in a table its bar must not end the cell.
func (w *scanner) put(to string) {
	if w.row && strings.HasPrefix(to, "[[") {
		to = strings.ReplaceAll(to, "|", `\|`)
	}
	w.out.WriteString(to)
}

// titled rewrites [[target|label]].
func (w *scanner) titled(s string) int {
	from := strings.Index(s, "[[") + 2
	line, _, _ := strings.Cut(s[from:min(len(s), from+mostLabel)], "\n")
	inner, _, ok := strings.Cut(line, "]]")
	if !ok || inner == "" || strings.ContainsAny(inner, "[]") {
		return 0
	}
	target, label, _ := strings.Cut(strings.ReplaceAll(inner, `\|`, "|"), "|")
	n := from + len(inner) + 2
	if to, ok := w.r.title(strings.TrimSpace(target), strings.TrimSpace(label), s[0] == '!'); ok {
		w.put(to)
	} else {
		w.out.WriteString(s[:n])
	}
	return n
}

// tag rewrites a picture that was written as HTML.
func (w *scanner) tag(s string) int {
	m := reTag.FindString(s)
	if m == "" {
		return 0
	}
	var src, alt string
	for _, a := range reAttr.FindAllStringSubmatch(m, -1) {
		if a[1] == "src" {
			src = a[2] + a[3]
		} else {
			alt = a[2] + a[3]
		}
	}
	to, ok := w.r.image(alt, src)
	if src == "" || !ok {
		return 0
	}
	w.out.WriteString(to)
	return len(m)
}

// closing is where the bracket ends with which a text begins; -1: nowhere near, or only in another paragraph.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s) && i < mostLabel; i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			depth++
		case ']':
			if depth--; depth == 0 {
				return i
			}
		case '\n':
			if i+1 < len(s) && s[i+1] == '\n' {
				return -1
			}
		}
	}
	return -1
}

// destination reads "(dest "title")" and tells how long that was.
func destination(s string) (dest string, n int, ok bool) {
	if !strings.HasPrefix(s, "(") {
		return "", 0, false
	}
	s = s[:min(len(s), mostDest)]
	i := 1
	space := func() {
		for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t') {
			i++
		}
	}
	space()
	from := i
	if i < len(s) && s[i] == '<' {
		end := strings.IndexAny(s[i+1:], ">\n")
		if end < 0 || s[i+1+end] == '\n' {
			return "", 0, false
		}
		dest = s[i+1 : i+1+end]
		i += end + 2
	} else {
		for depth := 0; i < len(s) && s[i] > ' ' && (s[i] != ')' || depth > 0); i++ {
			switch s[i] {
			case '\\':
				i++
			case '(':
				depth++
			case ')':
				depth--
			}
		}
		i = min(i, len(s))
		dest = s[from:i]
	}
	space()
	if i < len(s) && (s[i] == '"' || s[i] == '\'') {
		end := strings.IndexByte(s[i+1:], s[i])
		if end < 0 {
			return "", 0, false
		}
		i += end + 2
		space()
	}
	if i >= len(s) || s[i] != ')' {
		return "", 0, false
	}
	return unescape(dest), i + 1, true
}

var reEscaped = regexp.MustCompile("\\\\([!-/:-@\\[-`{-~])")

func unescape(s string) string { return reEscaped.ReplaceAllString(s, "$1") }
