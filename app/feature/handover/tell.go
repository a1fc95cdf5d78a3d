package handover

import (
	"fmt"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const tellKind = "handover.tell" // tell one person of the coming board; ref: the person, arg: what and the handover

// What they are told of.
const (
	begun  = "begun"  // a handover has begun
	signed = "signed" // the leaving board has signed it
)

// tellBoard has those told who will lead a committee from its day of change on, but for who has done it.
func tellBoard(tx *store.Tx, h *house.House, what string, id, unit int64, changes time.Time, but int64) error {
	people, err := board(tx, unit, changes)
	if err != nil {
		return err
	}
	for _, p := range people {
		if p == but {
			continue
		}
		if err := notice.Plan(tx, h, tellKind, p, what, id); err != nil {
			return err
		}
	}
	return nil
}

func tellJob(h *house.House) task.Job {
	return notice.Job(h, tellKind, func(tx *store.Tx, v who.Viewer, _ *lang.Lang, what string, id int64) (n notice.Notice, err error) {
		x, s, err := get(tx, id, v, h.Now())
		if err != nil || !s.Coming || x.Signed(Coming) != nil {
			return n, err
		}
		n = notice.Notice{Title: "Ihre Übergabe liegt bereit", Path: pathOf(id), From: x.UnitName, Tag: fmt.Sprintf("ue%d", id)}
		if what == signed {
			n.Title = "Der Vorstand hat die Übergabe unterschrieben"
		}
		return n, nil
	})
}
