package sms

import (
	"regexp"
	"strings"
)

// A library with the rules of all countries (nyaruka/phonenumbers) would add 6 MB to the program for what is needed here:
// German numbers as people write them, and foreign ones that carry their country.

var (
	// German mobile numbers: 015x has eleven digits after the zero, 016x and 017x have ten or eleven (Bundesnetzagentur,
	// Nummernplan Öffentliche Mobilfunkdienste).
	germanMobile = regexp.MustCompile(`^\+49(15[0-9]{9}|(160|162|163|17[0-9])[0-9]{7,8})$`)
	// The area code begins with 2 to 9; the shortest numbers have two digits after it.
	germanFixed = regexp.MustCompile(`^\+49[2-9][0-9]{4,12}$`)
	typed       = strings.NewReplacer(" ", "", "\t", "", "\u00a0", "", "\u202f", "", "-", "", "\u2010", "", "\u2011", "", "–", "", "/", "", ".", "", "(", "", ")", "")
)

// Number reads a telephone number as people type it: "0171 23 45 678", "0049 171/2345678", "+49 (0)171 2345678". A number
// without + or 00 is German and needs its zero. It returns E.164, such as +491712345678, or "" for what is no number.
func Number(s string) string {
	s = strings.TrimSpace(s)
	abroad := strings.HasPrefix(s, "+") || strings.HasPrefix(s, "00") || strings.HasPrefix(s, "(+") || strings.HasPrefix(s, "(00")
	if abroad { // the zero that is dialled inside the country only
		s = strings.Replace(s, "(0)", "", 1)
	}
	s = typed.Replace(s)
	if rest, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + rest
	} else if rest, ok := strings.CutPrefix(s, "0"); ok {
		s = "+49" + rest
	}
	if rest, ok := strings.CutPrefix(s, "+490"); ok { // +49 0171 is a common mistake, and there is no other number like it
		s = "+49" + rest
	}
	if !e164.MatchString(s) || strings.HasPrefix(s, "+49") && !germanMobile.MatchString(s) && !germanFixed.MatchString(s) {
		return ""
	}
	return s
}

// Mobile reports whether an SMS to a number of E.164 may arrive. In Germany the prefix tells; of other countries it is
// not known here, so that their numbers may.
func Mobile(number string) bool {
	return number != "" && !strings.HasPrefix(number, "+49") || germanMobile.MatchString(number)
}

// international reads a number as providers write it: 491712345678, with or without the plus; a sender in letters is "".
func international(s string) string {
	if s != "" && s[0] >= '1' && s[0] <= '9' {
		s = "+" + s
	}
	return Number(s)
}
