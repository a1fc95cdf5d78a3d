// Package youth (Jugend) is the door of youth rooms: young people come in with a code of the team, under an alias, and back
// in with six words. The house knows nothing else of them, so it has nothing to tell, and it forgets them 90 days after
// they were last there. What the team notes is whether somebody is 16, and whether guardians agree.
//
// What is said inside is no part of it: a room asks for the alias of who writes, and nothing more.
package youth

import (
	"fmt"

	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Room is what the door knows of one.
type Room struct {
	ID        int64
	Name      string
	Hours     string // when the team reads
	Youth     bool
	Moderates bool // the viewer does
}

// Path is the page of the room.
func (r Room) Path() string { return fmt.Sprintf("/raum/%d", r.ID) }

// Rooms are what lies behind the door.
type Rooms struct {
	See    func(tx *store.Tx, room int64, v who.Viewer) (Room, error) // that the viewer may come into; any other is not found
	Mine   func(tx *store.Tx, v who.Viewer) ([]Room, error)
	Team   func(tx *store.Tx, room int64) (names []string, err error) // of who looks after it: nobody else is called that
	Leave  func(tx *store.Tx, room, person int64, words bool) error   // words: what the person has written goes, too
	Forget func(tx *store.Tx, s house.Subject) error                  // who has written something anywhere
}
