package message

import (
	"fmt"
	"slices"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"

	"github.com/google/uuid"
)

// A Matter is what a guardian has told the house elsewhere, and the team of a unit is to hear as a message.
type Matter struct {
	About string // names it: all that a guardian says about it stands in one conversation
	Child int64
	Unit  int64
	Title string
	Body  string // Markdown
}

// Report says it in the name of the viewer, in the conversation about it or in a new one. It reports whether that was
// possible: where families may not write it says nothing.
func Report(tx *store.Tx, h *house.House, v who.Viewer, m Matter) (bool, error) {
	all, err := desks(tx, v, h.Now())
	if err != nil {
		return false, err
	}
	i := slices.IndexFunc(all, func(d Desk) bool { return d.Child == m.Child && d.Unit == m.Unit })
	if i < 0 || !all[i].Open {
		return false, nil
	}
	uid := uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "report:%d %d %s", v.ID, m.Unit, m.About)).String()
	id, err := store.One(tx, store.Value[int64], `SELECT id FROM message_conversation WHERE uid = ?`, uid)
	switch {
	case fault.KindOf(err) == fault.NotFound:
		id, err = open(tx, h, uid, Family, m.Unit, m.Child, m.Title, false, Party{Person: v.ID}, Party{Unit: m.Unit})
	case err == nil: // something new about it: it is not done with
		_, err = tx.Exec(`UPDATE message_conversation SET closed = NULL WHERE id = ?`, id)
	}
	if err != nil {
		return false, err
	}
	_, err = Send(tx, h, v, id, Draft{Body: m.Body})
	return err == nil, err
}
