package person

import (
	"regexp"
	"time"

	"nestfunk/app/base/mail"
)

// These look at single values and return German words about what is wrong, or "". An empty value is never wrong.

// CheckMail looks at a mail address.
func CheckMail(s string) string {
	if s != "" && !mail.Valid(s) {
		return "Das ist keine vollständige Mailadresse."
	}
	return ""
}

var phoneShape = regexp.MustCompile(`^\+?[0-9 ()/-]+$`)

// CheckPhone looks at a phone number as people write it.
func CheckPhone(s string) string {
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

var languageShape = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$`)

// CheckLanguage looks at a code of BCP 47. It need not be one that the house speaks.
func CheckLanguage(s string) string {
	if s != "" && !languageShape.MatchString(s) {
		return "Bitte geben Sie die Sprache als Kürzel an, zum Beispiel de, tr oder uk."
	}
	return ""
}

// Day reads 2021-03-09 and 9.3.2021 and returns the first form; what is no day comes back as it is.
func Day(s string) (string, bool) {
	for _, form := range []string{time.DateOnly, "2.1.2006"} {
		if t, err := time.Parse(form, s); err == nil {
			return t.Format(time.DateOnly), true
		}
	}
	return s, false
}

// Oldest is how old a child of the house may be: youth work ends at 27 (§ 7 Abs. 1 Nr. 4 SGB VIII).
const Oldest = 27

// CheckBorn looks at a day in the form 2006-01-02.
func CheckBorn(s string, now time.Time) string {
	if s == "" {
		return ""
	}
	t, err := time.ParseInLocation(time.DateOnly, s, now.Location())
	switch {
	case err != nil:
		return "Das ist kein Datum. Schreiben Sie zum Beispiel 2021-03-09 oder 9.3.2021."
	case t.After(now):
		return "Dieses Geburtsdatum liegt in der Zukunft."
	case t.Before(now.AddDate(-Oldest, 0, 0)):
		return "Dieses Geburtsdatum liegt zu weit zurück."
	}
	return ""
}
