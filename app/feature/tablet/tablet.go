// Package tablet (Gruppentablet) lets the team of a group share a device: it shows the list of the day of that group and
// takes taps on it, and nothing else of the house.
//
// A head sets the device up with a code that works once. From then on its browser has a cookie of its own (__Host-tablet,
// kept hashed) and is a viewer with one role, who.Tablet: every route that does not name this role is closed to it,
// also the sign-in. Who works at it taps their own tile and types a PIN; after two minutes without a tap it locks, and
// what is tapped carries person and device. Nothing rests on it: its pages are never kept. A key that the browser cannot
// give away (WebCrypto) would have to sign every request in a script; the cookie does without, and is ended by the head
// at once.
package tablet

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"html/template"
	"strings"
	"time"
	"unicode/utf8"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// How long things hold.
const (
	codeFor  = 10 * time.Minute
	idle     = 2 * time.Minute     // without a tap: locked
	unused   = 30 * 24 * time.Hour // without anybody at it: ended
	tries    = 5                   // wrong PINs in a row
	pinSize  = 6                   // digits
	codeSize = 12                  // characters of Crockford's base32: 60 bits, for ten minutes
	maxName  = 60
)

// codeFrom limits guesses of codes by network, and pinAt those of PINs by device.
func codeFrom() web.Limit { return web.Limit{Name: "tablet code", N: 10, In: time.Hour} }
func pinAt() web.Limit    { return web.Limit{Name: "tablet pin", N: 30, In: time.Hour} }

// workers are the roles whose people work at a tablet; leaders set tablets up.
const (
	workers = who.Right(1<<who.Head | 1<<who.Staff)
	leaders = who.Right(1<<who.Head | 1<<who.Manager)
)

// A Tablet is a device of a group.
type Tablet struct {
	ID      int64
	Unit    int64
	In      string // name of the group
	Name    string
	Author  string // who has set it up; "ehemals im Haus" where the person has left
	Created time.Time
	Ready   bool      // it has been set up
	Seen    time.Time // zero: never
	Revoked time.Time // zero: it may be used
}

// Ended reports that the tablet shows nothing any more.
func (t Tablet) Ended(now time.Time) bool {
	return !t.Revoked.IsZero() || now.Sub(t.last()) >= unused
}

func (t Tablet) last() time.Time {
	if t.Seen.IsZero() {
		return t.Created
	}
	return t.Seen
}

// A Child is one on the list of the day.
type Child struct {
	ID       int64
	Name     string
	State    string    // expected, excused, here, gone
	Since    time.Time // here or gone
	Last     string    // uid of the deed that counts; "": none
	Contacts []Contact
}

// A Contact is somebody to be called in an emergency.
type Contact struct{ Name, Phone string }

// A Tap is a deed on the list of the day.
type Tap struct {
	UID     string
	Child   int64
	Kind    string
	Instead string
	Device  string // name of the tablet
}

// Wires are what the feature needs of others.
type Wires struct {
	Log   func(tx *store.Tx, at time.Time, person int64, action string, ref int64) error
	Today func(tx *store.Tx, group int64) ([]Child, error)
	Tap   func(tx *store.Tx, v who.Viewer, group int64, t Tap) error
	Hash  Hash
	Fits  Fits
	QR    func(text string) (template.HTML, error)
}

// checkPIN says what is wrong with a PIN that somebody wants to use from now on.
func checkPIN(s string) error {
	if len(s) != pinSize || strings.Trim(s, "0123456789") != "" {
		return fault.At("pin", "Die PIN hat sechs Ziffern.")
	}
	same, up, down := true, true, true
	for i := 1; i < len(s); i++ {
		same, up, down = same && s[i] == s[i-1], up && s[i] == s[i-1]+1, down && s[i] == s[i-1]-1
	}
	if same || up || down || s[:3] == s[3:] || s[:2] == s[2:4] && s[2:4] == s[4:] {
		return fault.At("pin", "Diese PIN errät man schnell. Bitte nehmen Sie eine andere.")
	}
	return nil
}

func checkName(s string) error {
	if s == "" || utf8.RuneCountInString(s) > maxName {
		return fault.At("name", "Bitte geben Sie dem Gerät einen Namen mit höchstens %d Zeichen.", maxName)
	}
	return nil
}

const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// newCode makes the code that sets a tablet up, in three groups.
func newCode() string {
	b := make([]byte, codeSize)
	_, _ = rand.Read(b) // never fails
	for i := range b {
		b[i] = digits[b[i]%32]
	}
	return string(b[:4]) + "-" + string(b[4:8]) + "-" + string(b[8:])
}

// readCode is a code as it was made, however somebody typed it.
func readCode(s string) string {
	s = strings.NewReplacer(" ", "", "-", "", "–", "", "#", "", "O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(s))
	if len(s) != codeSize {
		return ""
	}
	return s[:4] + "-" + s[4:8] + "-" + s[8:]
}

// newDevice is the value of a tablet's cookie.
func newDevice() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	return base64.RawURLEncoding.EncodeToString(b)
}

func hashOf(s string) []byte {
	h := sha256.Sum256([]byte(s))
	return h[:]
}
