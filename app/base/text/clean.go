package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Clean composes letters that a Mac writes in two parts, and trims: what is typed or read once finds what was typed or
// read before.
func Clean(s string) string {
	return norm.NFC.String(strings.TrimFunc(strings.ReplaceAll(s, "\u00a0", " "), func(r rune) bool {
		return unicode.IsSpace(r) || r == '\ufeff'
	}))
}

// Line is a title or a name as Clean has it, in one line, and without what cannot be seen or turns the writing around.
func Line(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) && r != '\u200c' && r != '\u200d' { // which join letters
			return -1
		}
		return r
	}, Clean(s))
	if !strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.P, unicode.S) }) {
		return strings.TrimFunc(s, func(r rune) bool { return !unicode.IsControl(r) }) // nothing to be seen; controls are refused
	}
	return strings.Join(strings.Fields(s), " ")
}

// Unreadable reports what no text for people holds.
func Unreadable(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t'
}
