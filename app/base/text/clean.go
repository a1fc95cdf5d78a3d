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

// Unreadable reports what no text for people holds.
func Unreadable(r rune) bool {
	return r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t'
}
