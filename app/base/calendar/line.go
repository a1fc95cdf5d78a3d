package calendar

import (
	"iter"
	"strings"
)

// A property is one line of a file, put together where it was folded: NAME;PARAM=value:value.
type property struct {
	line   int
	name   string
	params map[string]string
	value  string
}

// properties splits a file. A line that is none, or too long, is a problem.
func (r *reader) properties(file []byte) iter.Seq[property] {
	return func(yield func(property) bool) {
		var whole strings.Builder
		first := 0
		flush := func() bool {
			s := whole.String()
			whole.Reset()
			if strings.TrimSpace(s) == "" {
				return true
			}
			p, ok := parse(s)
			if p.line = first; !ok {
				r.problem(first, "Diese Zeile ist nicht zu lesen.")
				return true
			}
			return yield(p)
		}
		n := 0
		for line := range strings.Lines(string(file)) {
			n++
			line = strings.TrimRight(line, "\r\n")
			if rest, folded := fold(line); folded {
				if whole.Len()+len(rest) <= mostLine {
					whole.WriteString(rest)
				}
				continue
			}
			if !flush() {
				return
			}
			first = n
			whole.WriteString(line[:min(len(line), mostLine)])
		}
		flush()
	}
}

// fold reports whether a line goes on with the one before.
func fold(line string) (string, bool) {
	if line != "" && (line[0] == ' ' || line[0] == '\t') {
		return line[1:], true
	}
	return line, false
}

func parse(s string) (p property, ok bool) {
	quoted := false
	begin, key := 0, ""
	put := func(part string) {
		if begin == 0 {
			p.name = strings.ToUpper(part)
		} else if key, part, ok = strings.Cut(part, "="); ok {
			p.params[strings.ToUpper(key)] = strings.Trim(part, `"`)
		}
	}
	p.params = map[string]string{}
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ';' || c == ':':
			put(s[begin:i])
			begin = i + 1
			if c == ':' {
				p.value = s[begin:]
				return p, p.name != "" && !strings.ContainsAny(p.name, " \t\"")
			}
		}
	}
	return p, false
}

// unescape reads a text (3.3.11).
func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if c := s[i]; c == 'n' || c == 'N' {
			b.WriteByte('\n')
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
