// Package account (Anmelden, Einladungen, Konto) lets people in: by letter the first time, then by passkey, by a link in
// a mail, or by password and, for the team, a second step. Nobody registers; who belongs to the house is decided
// elsewhere, and told by a letter.
//
// Whatever can be guessed is long and stored hashed, works once, and has an end. An answer never tells a stranger
// whether an address is known. It owns go-webauthn, x/crypto, pquerna/otp and rsc.io/qr.
package account

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// How long things hold.
const (
	mailFor    = 10 * time.Minute
	consoleFor = 60 * time.Minute
	letterFor  = 21 * 24 * time.Hour
	rite       = 5 * time.Minute // a passkey ceremony
)

// Limits of what can be guessed or costs something. There is no limit by address of the browser alone
// where a whole town hall shares one and nothing can be guessed.
func linkToAddress() web.Limit  { return web.Limit{Name: "link address", N: 3, In: time.Hour} }
func linkFromPrefix() web.Limit { return web.Limit{Name: "link prefix", N: 10, In: time.Hour} }
func passwordOf() web.Limit     { return web.Limit{Name: "password account", N: 5, In: 15 * time.Minute} }
func passwordFrom() web.Limit   { return web.Limit{Name: "password prefix", N: 50, In: 15 * time.Minute} }
func codeFrom() web.Limit       { return web.Limit{Name: "code prefix", N: 10, In: time.Hour} }
func codesTogether() web.Limit  { return web.Limit{Name: "code all", N: 49, In: time.Hour} }
func alarm() web.Limit          { return web.Limit{Name: "code alarm", N: 1, In: time.Hour} }
func ceremoniesFrom() web.Limit { return web.Limit{Name: "passkey prefix", N: 300, In: time.Hour} }

// A Card lets somebody look at the demo as one of its people.
type Card struct {
	Person            int64
	Role, Name, Words string
}

// families are the roles for which a passkey without PIN or finger is enough: everybody else can write to many.
const families = who.Right(1<<who.Parent | 1<<who.Delegate | 1<<who.Youth | 1<<who.Waiting)

func careful(v who.Viewer) bool { return v.Roles()&^families != 0 }

// secret is a new random value of n bytes, to be shown once.
func secret(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

// same compares two secrets in a time that tells nothing about them.
func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func hash(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}

// address checks a mail address, and makes it the same whoever types it: in small letters, without umlauts.
func address(field, s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" {
		return "", fault.At(field, "Bitte geben Sie eine E-Mail-Adresse ein.")
	}
	plain, ok := mail.Plain(s)
	if name, _, _ := strings.Cut(s, "@"); !ok && strings.ContainsAny(name, "äöüß") {
		return "", fault.At(field, "Vor dem @ gehen keine Umlaute. Oft heißt es dort ae, oe, ue oder ss.")
	}
	if !ok {
		return "", fault.At(field, "Das ist keine E-Mail-Adresse. Sie sieht so aus: name@beispiel.de")
	}
	return plain, nil
}

// shortest is the length from which a password is accepted; what it is made of is nobody's business (NIST SP 800-63B).
const shortest, longest = 10, 200

// password checks what somebody wants to use from now on.
func password(s, mail string) error {
	low := strings.ToLower(s)
	switch {
	case utf8.RuneCountInString(s) < shortest:
		return fault.At("password", "Das Passwort braucht mindestens %d Zeichen. Leicht zu merken sind drei oder vier Wörter.", shortest)
	case len(s) > longest:
		return fault.At("password", "Das Passwort ist zu lang.")
	case low == mail, worst(low):
		return fault.At("password", "Dieses Passwort probieren Fremde als Erstes. Bitte nehmen Sie ein anderes.")
	}
	return nil
}

// worst reports the passwords that head every leaked list, as far as they are long enough at all.
func worst(s string) bool {
	if strings.Count(s, s[:1]) == len(s) {
		return true
	}
	const list = " 1234567890 0123456789 12345678910 123456789a 1234567891 0987654321 9876543210 1q2w3e4r5t 1qaz2wsx3edc q1w2e3r4t5 " +
		"qwertzuiop qwertyuiop qwertz1234 qwertz12345 qwerty12345 qwerty1234 asdfghjklö asdfghjkl1 abcdefghij abc1234567 " +
		"password12 password123 password1234 passwort12 passwort123 passwort1234 passwort12345 passwort2024 passwort2025 passwort2026 " +
		"hallo12345 hallohallo halloduda1 willkommen willkommen1 willkommen123 schalke04! schatz1234 ichliebedich iloveyou12 iloveyou123 " +
		"geheim1234 geheim12345 testtest12 testtest123 administrator admin12345 admin123456 changeme123 letmein1234 welcome123 welcome1234 " +
		"sommer2024 sommer2025 sommer2026 winter2024 winter2025 winter2026 fruehling2026 " +
		"nestfunk12 nestfunk123 nestfunk1234 kindergarten kindergarten1 kitakitakita kita123456 kita1234567 sonnenblume sonnenschein regenbogen schmetterling " +
		"1122334455 1212121212 1231231231 123123123123 1111122222 a123456789 aa12345678 qqww1122 michael123 fussball123 bayernmuenchen "
	return strings.Contains(list, " "+s+" ")
}
