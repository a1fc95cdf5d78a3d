package backup

import (
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/text"

	"filippo.io/age"
)

// A Key (Sicherungsschlüssel) opens backups. It is shown once, as words to be written down or printed, and the house keeps
// its public half only.
type Key struct{ age *age.X25519Identity }

// NewKey makes one.
func NewKey() (Key, error) {
	var secret [32]byte
	_, _ = rand.Read(secret[:]) // it never fails
	return keyOf(secret[:])
}

func keyOf(secret []byte) (Key, error) {
	if _, err := ecdh.X25519().NewPrivateKey(secret); err != nil {
		return Key{}, err
	}
	id, err := age.ParseX25519Identity(strings.ToUpper(bech32("age-secret-key-", secret)))
	return Key{id}, err
}

// Public is the half that encrypts: age1…
func (k Key) Public() string { return k.age.Recipient().String() }

// recipients are what age encrypts to. What is no public half of a key is an Invalid fault.
func recipients(public []string) (all []age.Recipient, err error) {
	for _, p := range public {
		r, err := age.ParseX25519Recipient(p)
		if err != nil {
			return nil, fault.New(fault.Invalid, "„%s“ ist kein öffentlicher Sicherungsschlüssel. Er beginnt mit age1.", p)
		}
		all = append(all, r)
	}
	return all, nil
}

// identities are what age decrypts with.
func identities(keys []Key) (all []age.Identity) {
	for _, k := range keys {
		all = append(all, k.age)
	}
	return all
}

// check are the bytes at the end of the words by which a slip of the pen is noticed.
const check = 2

// Words are the key for paper: 32 words for its bytes and two that check them.
func (k Key) Words() []string {
	secret := unbech32(k.age.String())
	sum := sha256.Sum256(secret)
	var all []string
	for _, b := range append(secret, sum[:check]...) {
		all = append(all, text.Nouns()[b])
	}
	return all
}

// Why words are no key.
var (
	ErrWord  = errors.New("a word is not in the list")
	ErrCount = errors.New("not as many words as a key has")
	ErrCheck = errors.New("the words do not fit together")
)

// ParseKey reads the words of a key as people type them, or a key in age's own form. The error names the word.
func ParseKey(typed string) (Key, error) {
	if id, err := age.ParseX25519Identity(strings.ToUpper(strings.TrimSpace(typed))); err == nil {
		return Key{id}, nil
	}
	place := map[string]int{}
	for i, w := range text.Nouns() {
		place[plain(w)] = i
	}
	var b []byte
	for w := range strings.FieldsFuncSeq(typed, func(r rune) bool { return !isLetter(r) }) {
		i, ok := place[plain(w)]
		if !ok {
			return Key{}, errors.Join(ErrWord, errors.New(w))
		}
		b = append(b, byte(i))
	}
	if len(b) != 32+check {
		return Key{}, ErrCount
	}
	sum := sha256.Sum256(b[:32])
	if string(sum[:check]) != string(b[32:]) {
		return Key{}, ErrCheck
	}
	return keyOf(b[:32])
}

// plain is a word as keyboards without umlauts write it.
func plain(w string) string {
	return strings.NewReplacer("ä", "ae", "ö", "oe", "ü", "ue", "ß", "ss").Replace(strings.ToLower(w))
}

func isLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune("äöüÄÖÜß", r)
}

const charset = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"

// bech32 writes bytes as age writes its keys (BIP 173), in small letters.
func bech32(prefix string, data []byte) string {
	five := regroup(data, 8, 5)
	var sum []byte
	for i, c := 0, polymod(append(spread(prefix), append(five, make([]byte, 6)...)...))^1; i < 6; i++ {
		sum = append(sum, byte(c>>(5*(5-i)))&31)
	}
	var b strings.Builder
	b.WriteString(prefix + "1")
	for _, x := range append(five, sum...) {
		b.WriteByte(charset[x])
	}
	return b.String()
}

// unbech32 are the bytes of what age wrote, which needs no more checks.
func unbech32(s string) []byte {
	s = strings.ToLower(s[strings.LastIndexByte(s, '1')+1:])
	var five []byte
	for _, c := range s[:len(s)-6] {
		five = append(five, byte(strings.IndexRune(charset, c)))
	}
	return regroup(five, 5, 8)[:len(five)*5/8]
}

// regroup makes groups of other sizes of bits; the last is filled with zeros.
func regroup(data []byte, from, to int) (all []byte) {
	acc, bits := 0, 0
	for _, b := range data {
		acc, bits = acc<<from|int(b), bits+from
		for ; bits >= to; bits -= to {
			all = append(all, byte(acc>>(bits-to))&(1<<to-1))
		}
		acc &= 1<<bits - 1
	}
	if bits > 0 {
		all = append(all, byte(acc<<(to-bits)))
	}
	return all
}

func spread(prefix string) (all []byte) {
	for i := range len(prefix) {
		all = append(all, prefix[i]>>5)
	}
	all = append(all, 0)
	for i := range len(prefix) {
		all = append(all, prefix[i]&31)
	}
	return all
}

func polymod(values []byte) uint32 {
	c := uint32(1)
	for _, v := range values {
		top := c >> 25
		c = c&0x1ffffff<<5 ^ uint32(v)
		for i, g := range [...]uint32{0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3} {
			if top>>i&1 == 1 {
				c ^= g
			}
		}
	}
	return c
}
