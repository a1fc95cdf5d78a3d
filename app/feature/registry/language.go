package registry

import "nestfunk/app/base/lang"

// languages are those that the house speaks, by their German names and their own. A code that an imported list has
// brought, and that nobody has translated yet, stays one to choose as long as it is stored.
func languages(stored string) (all []Named) {
	known := false
	for _, l := range lang.All() {
		known = known || l.Code == stored
		all = append(all, Named{l.Code, languageWord(l.Code)})
	}
	if !known && stored != "" {
		all = append(all, Named{stored, languageWord(stored)})
	}
	return all
}

// languageWord names a language: "Türkisch · Türkçe". One that the house does not speak is told as its code.
func languageWord(code string) string {
	for _, l := range lang.All() {
		switch {
		case l.Code != code:
		case l.German == l.Name:
			return l.Name
		default:
			return l.German + " · " + l.Name
		}
	}
	return code + " (noch nicht übersetzt)"
}
