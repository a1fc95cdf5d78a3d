package text

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Skeleton is what two names have in common that look alike: letters without marks and in one alphabet, without blanks and
// signs, and with what the eye takes for each other made the same. It is for comparing, never for showing; "" where
// nothing is left. The pairs are those of Latin letters among Unicode's confusables (UTS 39) that a name can be made of.
func Skeleton(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(strings.ToLower(norm.NFKC.String(s))) {
		if alike, ok := looksLike(r); ok {
			b.WriteString(alike)
		} else if unicode.IsLetter(r) || unicode.IsNumber(r) {
			b.WriteRune(r)
		}
	}
	return strings.NewReplacer("rn", "m", "vv", "w", "cl", "d").Replace(b.String())
}

// looksLike gives Latin letters for those that look like them, and for digits that do.
func looksLike(r rune) (string, bool) {
	const from, to = "0135678|ijıаеорсухкмнтвіјѕԁӏωαβγεικνορτυχ", "olesgtbllllaeopcyxkmhtbllsdlwabyelkvoptux"
	switch r {
	case 'ß':
		return "ss", true
	case 'ø':
		return "o", true
	case 'æ':
		return "ae", true
	case 'œ':
		return "oe", true
	case 'ł':
		return "l", true
	case 'ħ':
		return "h", true
	case 'ŧ':
		return "t", true
	case 'ŋ':
		return "n", true
	case 'þ':
		return "p", true
	case 'đ', 'ð':
		return "d", true
	}
	if i := strings.IndexRune(from, r); i >= 0 {
		n := len([]rune(from[:i]))
		return to[n : n+1], true
	}
	return "", false
}
