package resolution

import (
	"context"
	"fmt"
	"slices"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const (
	remindKind = "resolution.remind" // remind who has not voted; ref: the circular resolution
	tellKind   = "resolution.tell"   // tell one person; ref: the person, arg: what, and the circular resolution
)

// What a person is told of.
const (
	asked    = "asked"    // a vote has begun
	reminded = "reminded" // it ends soon, and the person has not voted
	result   = "result"   // it has ended
)

// remindJob reminds who has not voted. Where the end was put off, it waits.
func remindJob(h *house.House, vote *Vote) task.Job {
	return task.Job{Kind: remindKind, Run: func(ctx context.Context, id int64, _ string) error {
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			c, err := circularOf(tx, id, 0)
			if err != nil {
				return err
			}
			t, err := vote.see(tx, &c)
			if err != nil || !c.Open(h.Now()) {
				return err
			}
			if due := reminding(c.Opened, c.Closes); due.After(h.Now()) {
				return h.Tasks.AddAt(tx, remindKind, id, "", due)
			}
			for _, p := range t.Missing {
				if err := notice.Plan(tx, h, tellKind, p, reminded, id); err != nil {
					return err
				}
			}
			return nil
		})
	}}
}

// tellJob tells one person, where there still is something to tell.
func tellJob(h *house.House, vote *Vote) task.Job {
	return notice.Job(h, tellKind, func(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, id int64) (notice.Notice, error) {
		return compose(tx, h, vote, v, l, what, id)
	})
}

// compose says what somebody is told of a circular resolution; the zero Notice where that is no longer so, and NotFound where
// they no longer sit in the committee.
func compose(tx *store.Tx, h *house.House, vote *Vote, v who.Viewer, l *lang.Lang, what string, id int64) (n notice.Notice, err error) {
	c, _, err := getCircular(tx, id, v, h.Now())
	if err != nil {
		return n, err
	}
	n = notice.Notice{Path: fmt.Sprintf("/umlaufbeschluss/%d", id), From: c.UnitName, Tag: fmt.Sprintf("u%d", id)}
	if what == result {
		n.Title, n.Body = l.T("Umlaufbeschluss: %s", c.Title), l.T("Er ist zu Ende. Hier steht, wie er ausgegangen ist.")
		return n, nil
	}
	t, err := vote.see(tx, &c)
	if err != nil || !c.Open(h.Now()) || !slices.Contains(t.Missing, v.ID) {
		return notice.Notice{}, err
	}
	n.Title, n.Body, n.Until = l.T("Bitte abstimmen: %s", c.Title), l.T("Bitte bis %s abstimmen.", l.Stamp(house.Local(c.Closes))), c.Closes
	if what == reminded {
		n.Title = l.T("Es fehlt noch Ihre Stimme: %s", c.Title)
	}
	return n, nil
}
