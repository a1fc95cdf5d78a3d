package sms

import (
	"slices"
	"strings"
	"unicode/utf16"
)

const (
	// alphabet is the default alphabet of GSM 03.38 (3GPP TS 23.038, 6.2.1), in order. 27 leads to the second table.
	alphabet = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	escape   = 27
	// What the second table has, and where: each takes the place of two characters.
	second   = "\f^{}\\[~]|€"
	secondAt = "\x0a\x14\x28\x29\x2f\x3c\x3d\x3e\x40\x65"
)

// simple are typographic characters that would make a text of 160 characters one of 70, at twice the price.
var simple = strings.NewReplacer("\r\n", "\n", "„", `"`, "“", `"`, "”", `"`, "‚", "'", "‘", "'", "’", "'", "–", "-", "—", "-", "‑", "-", "…", "...",
	"\u00a0", " ", "\u202f", " ", "\u00ad", "", "•", "-", "·", "-")

// encoded is a text cut into the parts that go over the air.
type encoded struct {
	ucs2  bool // big endian UTF-16; otherwise one octet for each septet of GSM 03.38
	parts [][]byte
}

// encode cuts a text: 160 characters of GSM 03.38 or 70 of any other alphabet, and seven or three fewer in each part of
// a longer one, where a header says which it is (3GPP TS 23.040, 9.2.3.24.1). No character is cut in two.
func encode(text string) encoded {
	text, units := simplify(text)
	if units != nil {
		return encoded{parts: cut(units, 160, 153)}
	}
	for _, r := range text {
		var unit []byte
		for _, u := range utf16.Encode([]rune{r}) {
			unit = append(unit, byte(u>>8), byte(u))
		}
		units = append(units, unit)
	}
	return encoded{ucs2: true, parts: cut(units, 140, 134)}
}

// simplify returns the text as it is sent: with plain quotes and dashes where it then needs nothing but GSM 03.38, whose
// septets of each character it returns; nil: it needs more, and keeps all its characters.
func simplify(text string) (string, [][]byte) {
	simpler := simple.Replace(text)
	if units, ok := gsm(simpler); ok {
		return simpler, units
	}
	return strings.ReplaceAll(text, "\r\n", "\n"), nil
}

// gsm returns the septets of each character, or false where the alphabet lacks one.
func gsm(text string) (units [][]byte, ok bool) {
	units = [][]byte{}
	first := []rune(alphabet)
	for _, r := range text {
		if i := strings.IndexRune(second, r); i >= 0 {
			units = append(units, []byte{escape, secondAt[len([]rune(second[:i]))]})
			continue
		}
		i := slices.Index(first, r)
		if i < 0 || i == escape {
			return nil, false
		}
		units = append(units, []byte{byte(i)})
	}
	return units, true
}

// cut joins units to parts: one, or as many as need be of the shorter kind.
func cut(units [][]byte, one, many int) (parts [][]byte) {
	all := slices.Concat(units...)
	if len(all) <= one {
		return [][]byte{all}
	}
	var part []byte
	for _, u := range units {
		if len(part)+len(u) > many {
			parts, part = append(parts, part), nil
		}
		part = append(part, u...)
	}
	return append(parts, part)
}

// Parts is how many SMS a text is charged as. An empty one counts as one.
func Parts(text string) int { return len(encode(text).parts) }
