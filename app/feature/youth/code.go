package youth

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/text"
)

// A code of the team has eight characters of Crockford's base32: 40 bits, short enough for a wall. It runs out after days
// and uses, and few tries are allowed.
const (
	codeLength = 8
	digits     = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
	maxUses    = 200
	maxDays    = 30
	wordCount  = 6 // that lead back in: 48 bits
)

// newCode makes a code.
func newCode() string {
	b := make([]byte, codeLength)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = digits[b[i]%32]
	}
	return string(b)
}

// shownCode is a code as people read it.
func shownCode(code string) string { return code[:4] + "-" + code[4:] }

// readCode reads what somebody typed.
func readCode(s string) (string, error) {
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune(" -–\t\n", r):
			return -1
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(s))
	if s == "" {
		return "", fault.At("code", "Bitte gib den Code vom Team ein.")
	}
	if len(s) != codeLength || strings.Trim(s, digits) != "" {
		return "", wrongCode()
	}
	return s, nil
}

// wrongCode does not say whether there was such a code once.
func wrongCode() error {
	return fault.At("code", "Dieser Code gilt nicht oder nicht mehr. Bitte frag das Team nach einem neuen.")
}

// newWords makes the words that lead back in.
func newWords() string {
	b := make([]byte, wordCount)
	_, _ = rand.Read(b) // never fails
	all := make([]string, wordCount)
	for i := range b {
		all[i] = text.Nouns()[b[i]]
	}
	return strings.Join(all, " ")
}

// readWords reads words that somebody typed: in any case and with any blanks or commas between them.
func readWords(s string) (string, error) {
	all := strings.FieldsFunc(strings.ToLower(text.Clean(s)), func(r rune) bool { return r == ' ' || r == ',' || r == '\n' || r == '\t' || r == '-' })
	if len(all) != wordCount {
		return "", fault.At("words", "Bitte gib alle %d Wörter ein.", wordCount)
	}
	return strings.Join(all, " "), nil
}

func hash(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

// A Code that the team has handed out, without its characters: those are shown once.
type Code struct {
	ID         int64
	Expires    time.Time
	Uses, Used int
}
