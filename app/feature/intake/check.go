package intake

import (
	"strconv"
	"strings"
)

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
