// Package who says who is asking and what they may do.
package who

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Role is what a person is to the house, somewhere. Its numbers are stored.
type Role int

const (
	Nobody   Role = iota // not signed in
	Admin                // Betrieb
	Office               // Verwaltung
	Manager              // Trägerverwaltung
	Head                 // Leitung
	Staff                // Fachkraft
	Parent               // Eltern, by guardianship
	Delegate             // Elternbeirat
	Chair                // Vorsitz
	Youth                // junger Mensch
	Auditor              // Datenschutz
	Waiting              // signed in, without any confirmed and current role
	Half                 // signed in, and has not shown the second factor that its roles want
	Tablet               // a device of a group, whoever is at it
)

// Roles are all roles that a person can hold.
func Roles() []Role {
	return []Role{Admin, Office, Manager, Head, Staff, Parent, Delegate, Chair, Youth, Auditor}
}

// Granters may hand out a role, change who has it and open its access: never a role above their own. Roles that nobody is
// given have none.
func (r Role) Granters() Right {
	switch r {
	case Admin, Office, Auditor:
		return Of(Admin)
	case Manager:
		return Of(Admin, Manager)
	case Head, Staff, Chair, Delegate:
		return Keepers
	}
	return 0
}

// Word is the German name of a role, as the sign of an office door would say it.
func (r Role) Word() string {
	return [...]string{"Gast", "Betrieb", "Verwaltung", "Trägerverwaltung", "Leitung", "Fachkraft", "Eltern",
		"Elternbeirat", "Vorsitz", "Junger Mensch", "Datenschutz", "Noch nicht freigegeben", "Halb angemeldet", "Gruppentablet"}[r]
}

// A Right is a set of roles. The zero Right lets nobody in.
type Right uint

// Of is the right of exactly these roles.
func Of(roles ...Role) (r Right) {
	for _, x := range roles {
		r |= 1 << x
	}
	return r
}

// Has reports whether the set contains the role.
func (r Right) Has(x Role) bool { return r&(1<<x) != 0 }

// Rights that several features use.
const (
	Anyone   Right = 1<<(Waiting+1) - 1                          // also without sign-in
	Whoever        = Anyone | 1<<Half | 1<<Tablet                // also who is only half signed in, and tablets: for what is the same for all
	Present        = Anyone &^ (1 << Nobody)                     // anybody behind a session
	SignedIn       = Present &^ (1 << Youth)                     // under a name, also whoever still waits for a role; an alias has a room and no account
	Member         = SignedIn &^ (1 << Waiting)                  // any confirmed and current role
	Team     Right = 1<<Staff | 1<<Head | 1<<Manager | 1<<Office // may announce
	Leaders  Right = 1<<Head | 1<<Manager | 1<<Office            // see coverage of more than their groups
	Keepers  Right = 1<<Head | 1<<Manager | 1<<Admin | 1<<Office // look after units and people
	Families Right = 1 << Parent

	// Registrars read the names of families, change them and print their letters. An office announces to all and sees
	// numbers, never names.
	Registrars Right = 1<<Head | 1<<Manager | 1<<Admin

	// Guarded read or change what others have entrusted to the house: they need a second factor.
	Guarded Right = Team | 1<<Admin | 1<<Auditor

	// Clerks answer to whoever asks what the house knows of them, and have it forget those who have left.
	Clerks Right = 1<<Manager | 1<<Admin
)

// A Holding is a role, held at a unit, confirmed and current.
type Holding struct {
	Role Role
	Unit int64
}

// A Viewer is the person behind a request. The zero Viewer is nobody.
type Viewer struct {
	ID      int64
	Given   string
	Family  string
	Lang    string // BCP 47; "" before sign-in
	Holds   []Holding
	Session []byte // hash of the session; nil for nobody
	Fresh   int64  // Unix seconds of the last proof of identity
	Shared  bool   // others use the device, too: nothing may be kept on it
	Half    bool   // has to show a second factor first
	Tablet  int64  // the device of a group that asks; 0: a person's own browser
}

// ProofLife is how long a proof of identity counts, for changing how one signs in and for taking data along.
const ProofLife = 5 * time.Minute

// Proved reports whether the viewer has proved who it is just now.
func (v Viewer) Proved(now time.Time) bool { return now.Sub(time.Unix(v.Fresh, 0)) <= ProofLife }

// Name is given and family name.
func (v Viewer) Name() string { return strings.TrimSpace(v.Given + " " + v.Family) }

// Initials are at most two letters for an avatar.
func (v Viewer) Initials() string { return Initials(v.Given) + Initials(v.Family) }

// Initials is the first letter of a name; "" for an empty one.
func Initials(name string) string {
	r, n := utf8.DecodeRuneInString(strings.TrimSpace(name))
	if n == 0 {
		return ""
	}
	return strings.ToUpper(string(r))
}

// Roles is what the viewer counts as: the set of roles that it holds anywhere, unless none of them counts yet, or here.
func (v Viewer) Roles() (r Right) {
	switch {
	case v.Tablet != 0:
		return Of(Tablet)
	case v.ID != 0 && v.Half:
		return Of(Half)
	}
	return v.Held()
}

// Held is the set of roles that the viewer holds anywhere, also where they do not count yet.
func (v Viewer) Held() (r Right) {
	if v.ID == 0 {
		return Of(Nobody)
	}
	for _, h := range v.Holds {
		r |= 1 << h.Role
	}
	if r == 0 {
		return Of(Waiting)
	}
	return r
}

// Young reports whether the viewer is here under an alias, and nothing else.
func (v Viewer) Young() bool { return v.Roles() == Of(Youth) }

// May reports whether the viewer is covered by the right.
func (v Viewer) May(r Right) bool { return r&v.Roles() != 0 }

// Units are the units at which the viewer holds one of the roles.
func (v Viewer) Units(r Right) (ids []int64) {
	for _, h := range v.Holds {
		if r.Has(h.Role) && !slices.Contains(ids, h.Unit) {
			ids = append(ids, h.Unit)
		}
	}
	return ids
}
