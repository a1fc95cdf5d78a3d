package registry

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/mail"
)

// These look at single values and return German words about what is wrong, or "".

func checkMail(s string) string {
	if s != "" && !mail.Valid(s) {
		return "Das ist keine vollständige Mailadresse."
	}
	return ""
}

var phoneShape = regexp.MustCompile(`^\+?[0-9 ()/-]+$`)

func checkPhone(s string) string {
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if s != "" && (!phoneShape.MatchString(s) || digits < 4 || digits > 18) {
		return "Das ist keine Telefonnummer. Erlaubt sind Ziffern, Leerzeichen und + ( ) / -."
	}
	return ""
}

// dial is a phone number as tel: links want it.
func dial(phone string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r == '+' {
			return r
		}
		return -1
	}, phone)
}

var languageShape = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)

func checkLanguage(s string) string {
	if s != "" && !languageShape.MatchString(s) {
		return "Bitte geben Sie die Sprache als Kürzel an, zum Beispiel de, tr oder uk."
	}
	return ""
}

// day reads 2021-03-09 and 9.3.2021 and returns the first form.
func day(s string) (string, bool) {
	for _, form := range []string{time.DateOnly, "2.1.2006"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return s, false
}

// oldest is how old a child of the house may be: youth work ends at 27 (§ 7 Abs. 1 Nr. 4 SGB VIII).
const oldest = 27

// checkBorn looks at a day in the form 2006-01-02.
func checkBorn(s string, now time.Time) string {
	if s == "" {
		return ""
	}
	t, err := time.ParseInLocation(time.DateOnly, s, now.Location())
	switch {
	case err != nil:
		return "Das ist kein Datum. Schreiben Sie zum Beispiel 2021-03-09 oder 9.3.2021."
	case t.After(now):
		return "Dieses Geburtsdatum liegt in der Zukunft."
	case t.Before(now.AddDate(-oldest, 0, 0)):
		return "Dieses Geburtsdatum liegt zu weit zurück."
	}
	return ""
}

// number reads a count; "" is -1, "not told".
func number(s string, most int) (int, bool) {
	if s == "" {
		return -1, true
	}
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 0 && n <= most
}

// degrees reads a coordinate and writes it with a point.
func degrees(s string, most float64) (string, bool) {
	s = strings.Replace(s, ",", ".", 1)
	if s == "" {
		return "", true
	}
	f, err := strconv.ParseFloat(s, 64)
	return s, err == nil && f >= -most && f <= most
}

// yes reads an answer of a list; ok is false where it is none.
func yes(s string) (answer, ok bool) {
	switch strings.ToLower(s) {
	case "ja", "j", "1", "true", "wahr", "yes":
		return true, true
	case "nein", "n", "0", "false", "falsch", "no":
		return false, true
	}
	return false, false
}
