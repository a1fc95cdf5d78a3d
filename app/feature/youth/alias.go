package youth

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/text"
)

const (
	minAlias = 2
	maxAlias = 20
)

// scripts are the alphabets that an alias can be written in.
func scripts() []*unicode.RangeTable {
	return []*unicode.RangeTable{unicode.Latin, unicode.Cyrillic, unicode.Greek, unicode.Arabic, unicode.Hebrew, unicode.Armenian, unicode.Georgian}
}

// cleanAlias gives a name that a young person wants to have, and its skeleton, or says why nobody can have it. Nothing is
// put right silently that others could not see: a name with hidden signs is refused, not cleaned. team are names of those
// who look after the room.
func cleanAlias(name string, team []string) (alias, skeleton string, err error) {
	wrong := func(words string, args ...any) (string, string, error) {
		return "", "", fault.At("alias", words, args...)
	}
	if strings.ContainsFunc(name, func(r rune) bool {
		return unicode.In(r, unicode.Cf, unicode.Cc, unicode.Co, unicode.Zl, unicode.Zp) || r == utf8.RuneError
	}) {
		return wrong("In diesem Namen sind unsichtbare Zeichen. Bitte tippe ihn neu ein.")
	}
	alias = strings.Join(strings.Fields(text.Clean(name)), " ")
	switch n := utf8.RuneCountInString(alias); {
	case alias == "":
		return wrong("Bitte such dir einen Namen aus.")
	case n < minAlias || n > maxAlias:
		return wrong("Der Name braucht %d bis %d Zeichen.", minAlias, maxAlias)
	}
	var script *unicode.RangeTable
	for _, r := range alias {
		switch {
		case unicode.Is(unicode.Latin, r) && !typed(r):
			return wrong("Der Name hat ein Zeichen, das man leicht verwechselt. Bitte nimm andere Buchstaben.")
		case unicode.IsLetter(r):
			i := slices.IndexFunc(scripts(), func(t *unicode.RangeTable) bool { return unicode.Is(t, r) })
			if i < 0 || script != nil && script != scripts()[i] {
				return wrong("Bitte nimm Buchstaben aus nur einem Alphabet.")
			}
			script = scripts()[i]
		case r >= '0' && r <= '9', strings.ContainsRune(" -_.", r):
		default:
			return wrong("Ein Name hat Buchstaben, Ziffern, Leerzeichen, Punkt und Bindestrich.")
		}
	}
	if skeleton = text.Skeleton(alias); script == nil || utf8.RuneCountInString(skeleton) < minAlias {
		return wrong("In dem Namen müssen Buchstaben vorkommen.")
	}
	for _, word := range taken() {
		if strings.Contains(skeleton, text.Skeleton(word)) {
			return wrong("So heißt hier niemand, damit keiner mit dem Team verwechselt wird. Bitte such dir einen anderen Namen aus.")
		}
	}
	for _, name := range team {
		if s := text.Skeleton(name); s != "" && s == skeleton {
			return wrong("So heißt jemand vom Team. Bitte such dir einen anderen Namen aus.")
		}
	}
	return alias, skeleton, nil
}

// typed reports whether a Latin letter stands on keyboards: those of phonetics and of other centuries look like others.
func typed(r rune) bool {
	return r < 0x180 && r != 'ſ' && r != 'ĸ' || r >= 0x218 && r <= 0x21b || r >= 0x1e00 && r <= 0x1eff
}

// taken are words that would make an alias look like somebody in charge.
func taken() []string {
	return []string{"leitung", "leiter", "moderat", "admin", "team", "betreu", "fachkraft", "erzieh", "sozialarb", "jugendarb", "jugendamt",
		"verwaltung", "polizei", "nestfunk", "support", "beratung", "ehemals im Haus", "chef"}
}
