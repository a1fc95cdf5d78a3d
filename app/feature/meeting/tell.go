package meeting

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const (
	tellKind   = "meeting.tell"   // tell one person; ref: the person, arg: what and its id
	remindKind = "meeting.remind" // remind those who have not answered a poll; ref: the poll
)

// What a person is told of, besides meetings.
const (
	asked    = "poll"     // a poll has begun
	reminded = "remind"   // its end is near, and the person has not answered
	answered = "proposal" // a proposal of theirs was decided
)

// tell has a person told, outside the quiet hours.
func tell(tx *store.Tx, h *house.House, person int64, what string, id int64) error {
	return notice.Plan(tx, h, tellKind, person, what, id)
}

// tellProposer has the author of a proposal told how it was decided.
func tellProposer(tx *store.Tx, h *house.House, person, proposal int64) error {
	return tell(tx, h, person, answered, proposal)
}

// tellSeats has all members of a committee told of a poll, but for one who knows: 0 leaves out nobody. missing: only those
// who have not answered.
func tellSeats(tx *store.Tx, h *house.House, p Poll, what string, but int64, missing bool) error {
	seats, err := committee.Seats(tx, p.Unit, h.Now())
	if err != nil {
		return err
	}
	for _, s := range seats {
		if s.Person == but {
			continue
		}
		if missing {
			mine, err := choicesOf(tx, p.ID, s.Person)
			if err != nil {
				return err
			}
			if len(mine) > 0 {
				continue
			}
		}
		if err := tell(tx, h, s.Person, what, p.ID); err != nil {
			return err
		}
	}
	return nil
}

// remindJob reminds those who have not answered a poll.
func remindJob(h *house.House) task.Job {
	return task.Job{Kind: remindKind, Run: func(ctx context.Context, id int64, _ string) error {
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			p, err := plainPoll(tx, id)
			if fault.KindOf(err) == fault.NotFound || err == nil && !p.Open(h.Now()) {
				return nil
			}
			if err != nil {
				return err
			}
			return tellSeats(tx, h, p, reminded, 0, true)
		})
	}}
}

// tellJob tells one person, where there still is something to tell.
func tellJob(h *house.House) task.Job {
	return notice.Job(h, tellKind, func(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, id int64) (notice.Notice, error) {
		if what == answered {
			return aboutProposal(tx, v, l, id, h.Now())
		}
		return aboutPoll(tx, v, l, what, id, h.Now())
	})
}

func aboutPoll(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, id int64, now time.Time) (n notice.Notice, err error) {
	p, err := getPoll(tx, id, v, now)
	if err != nil || !p.Open(now) {
		return n, err
	}
	mine, err := choicesOf(tx, id, v.ID)
	if err != nil || len(mine) > 0 {
		return n, err
	}
	n = notice.Notice{Title: l.T("Wann passt es Ihnen? %s", p.Title), Body: l.T("Bitte antworten Sie bis %s.", l.Stamp(house.Local(p.Closes))),
		Path: fmt.Sprintf("/terminfindung/%d", id), From: p.UnitName, Tag: fmt.Sprintf("mp%d", id), Until: p.Closes}
	if what == reminded {
		n.Title = l.T("Erinnerung: %s", p.Title)
	}
	return n, nil
}

func aboutProposal(tx *store.Tx, v who.Viewer, l *lang.Lang, id int64, now time.Time) (n notice.Notice, err error) {
	p, level, err := proposal(tx, id, v, now)
	if err != nil || level == committee.None {
		return n, err
	}
	path, words := "/vorschlaege", ""
	switch p.State {
	case Taken:
		path, words = fmt.Sprintf("/sitzung/%d", p.Meeting), l.T("Ihr Vorschlag steht auf der Tagesordnung.")
	case Postponed:
		words = l.T("Ihr Vorschlag wurde zurückgestellt.")
	case Refused:
		words = l.T("Ihr Vorschlag kommt nicht auf die Tagesordnung.")
	default: // it waits again
		return n, nil
	}
	u, err := org.Get(tx, p.Unit)
	return notice.Notice{Title: words, Body: p.Title, Lines: []string{strings.TrimSpace(p.Reason)}, Path: path, From: u.Name, Tag: fmt.Sprintf("mv%d", id)}, err
}
