// Package lang (Sprache) gives the house its words and dates in the languages of the families.
// The German sentence is the key; what has no translation stays German, because a German sentence is
// better than none. Owner of golang.org/x/text.
package lang

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	catalogue "nestfunk/assets/lang"
)

// Lang is one language with its catalogue. It never changes and may be shared.
type Lang struct {
	Code     string // BCP 47, as the lang attribute wants it
	Name     string // in the language itself
	German   string // the name in German
	Dir      string // "ltr" or "rtl"
	Reviewed bool   // read by a native speaker
	Inner    bool   // nobody chooses it: the house speaks it by itself

	tag     language.Tag
	words   map[string]string
	plurals map[string]forms
	cal     calendar
}

// Du is German as one speaks to young people.
const Du = "de-x-du"

type forms map[plural.Form]string

// all is parsed at first use; the files are part of the binary, so a broken one is a broken build.
var all = sync.OnceValue(func() []*Lang {
	list := []*Lang{
		{Code: "de", Name: "Deutsch", German: "Deutsch", Reviewed: true, cal: german()},
		{Code: "de-x-leicht", Name: "Leichte Sprache", German: "Leichte Sprache", cal: german()},
		{Code: Du, Name: "Deutsch", German: "Deutsch", Reviewed: true, Inner: true, cal: german()},
		{Code: "en", Name: "English", German: "Englisch", cal: english()},
		{Code: "tr", Name: "Türkçe", German: "Türkisch", cal: turkish()},
		{Code: "uk", Name: "Українська", German: "Ukrainisch", cal: ukrainian()},
		{Code: "ru", Name: "Русский", German: "Russisch", cal: russian()},
		{Code: "ar", Name: "العربية", German: "Arabisch", Dir: "rtl", cal: arabic()},
		{Code: "pl", Name: "Polski", German: "Polnisch", cal: polish()},
	}
	for _, l := range list {
		if l.Dir == "" {
			l.Dir = "ltr"
		}
		l.tag = language.MustParse(l.Code)
		if err := l.load(); err != nil {
			panic(err)
		}
	}
	return list
})

func (l *Lang) load() error {
	file := l.Code + ".json"
	b, err := catalogue.Files.ReadFile(file)
	if err != nil {
		return fmt.Errorf("read translations: %w", err)
	}
	var entries map[string]json.RawMessage
	if err := json.Unmarshal(b, &entries); err != nil {
		return fmt.Errorf("read translations %s: %w", file, err)
	}
	l.words, l.plurals = map[string]string{}, map[string]forms{}
	for key, raw := range entries {
		var word string
		if json.Unmarshal(raw, &word) == nil {
			l.words[key] = word
			continue
		}
		var named map[string]string
		if err := json.Unmarshal(raw, &named); err != nil {
			return fmt.Errorf("read translations %s, %q: %w", file, key, err)
		}
		f := forms{}
		for name, text := range named {
			form := slices.Index(formNames, name)
			if form < 0 {
				return fmt.Errorf("read translations %s, %q: no plural form %q", file, key, name)
			}
			f[plural.Form(form)] = text
		}
		l.plurals[key] = f
	}
	return nil
}

// formNames stand in the order of plural.Form.
var formNames = []string{plural.Other: "other", plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many"}

// All gives every language that one can choose, German first.
func All() []*Lang {
	return slices.DeleteFunc(slices.Clone(all()), func(l *Lang) bool { return l.Inner })
}

// German is the language of the keys.
func German() *Lang { return all()[0] }

// Of finds the language of a code such as "tr" or "tr-TR"; one that the house does not speak becomes German.
func Of(code string) *Lang {
	if l := find(code); l != nil {
		return l
	}
	return German()
}

func find(code string) *Lang {
	code = strings.ReplaceAll(code, "_", "-")
	for code != "" {
		for _, l := range all() {
			if strings.EqualFold(l.Code, code) {
				return l
			}
		}
		code = code[:max(0, strings.LastIndexByte(code, '-'))]
	}
	return nil
}

// Accept chooses by an Accept-Language header, for pages before anybody has said who they are.
func Accept(header string) *Lang {
	tags, _, _ := language.ParseAcceptLanguage(header) // sorted by weight; a malformed header gives none
	for _, t := range tags {
		if l := find(t.String()); l != nil {
			return l
		}
	}
	return German()
}

// T translates a German sentence; with arguments it is a format.
func (l *Lang) T(german string, args ...any) string {
	text, ok := l.words[german]
	if !ok {
		text = german
	}
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// N words a number of things: N(1, "%d Kinder") is "1 Kind". The number is put in by hand, not with Sprintf, because
// a form that stands for one number only may leave it out (Arabic has a word of its own for two children).
func (l *Lang) N(n int, key string) string {
	text := key
	if f, speaker := l.forms(key); f != nil {
		text = f[plural.Other]
		if own, ok := f[speaker.form(n)]; ok {
			text = own
		}
	}
	return strings.ReplaceAll(text, "%d", strconv.Itoa(n))
}

// forms finds the plurals of key, German ones where the language has none, and whose rules they follow.
func (l *Lang) forms(key string) (forms, *Lang) {
	if f, ok := l.plurals[key]; ok {
		return f, l
	}
	return German().plurals[key], German()
}

func (l *Lang) form(n int) plural.Form {
	i := max(n, -n) % 10_000_000 // the package wants a small absolute value
	return plural.Cardinal.MatchPlural(l.tag, i, 0, 0, 0, 0)
}
