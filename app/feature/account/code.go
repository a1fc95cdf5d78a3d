package account

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"

	"nestfunk/app/base/fault"
)

// A code of a letter: 20 characters of Crockford's base32 are 100 bits; the 21st is Crockford's check symbol, so that a
// slip of the finger is told from a guess (https://www.crockford.com/base32.html).
const (
	codeLength = 20
	digits     = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	checks     = digits + "*~$=U"
)

// newCode makes a code, without its check symbol.
func newCode() string {
	b := make([]byte, codeLength)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = digits[b[i]%32] // 256 is a multiple of 32: every character is as likely
	}
	return string(b)
}

// check is the symbol that follows a code: the number it stands for, modulo 37.
func check(code string) byte {
	sum := 0
	for i := range len(code) {
		sum = (sum*32 + strings.IndexByte(digits, code[i])) % 37
	}
	return checks[sum]
}

// shown is the code as it is printed: five groups, and the check symbol.
func shown(code string) string {
	var b strings.Builder
	for i := 0; i < len(code); i += 4 {
		b.WriteString(code[i:i+4] + "-")
	}
	b.WriteByte(check(code))
	return b.String()
}

// readCode reads what somebody typed or scanned; a fault says that it cannot be the code of any letter.
func readCode(s string) (string, error) {
	wrong := fault.At("code", "Bitte prüfen Sie den Code: Ein Zeichen stimmt nicht oder fehlt.")
	s = strings.NewReplacer(" ", "", "-", "", "–", "", "\t", "", "\n", "", "#", "").Replace(strings.ToUpper(s))
	if s == "" {
		return "", fault.At("code", "Bitte geben Sie den Code aus dem Brief ein.")
	}
	if len(s) != codeLength+1 {
		return "", wrong
	}
	code := strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s[:codeLength])
	for i := range len(code) {
		if strings.IndexByte(digits, code[i]) < 0 {
			return "", wrong
		}
	}
	last := strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(s[codeLength:])
	if last[0] != check(code) {
		return "", wrong
	}
	return code, nil
}

func codeHash(code string) []byte {
	h := sha256.Sum256([]byte(code))
	return h[:]
}
