package consent

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const tellKind = "consent.tell" // ref is the person, the argument a purpose and a child

// tell has a custodian told that a signature is missing, outside quiet hours.
func tell(tx *store.Tx, h *house.House, to, purpose, child int64) error {
	at, err := notice.At(tx, to, h.Now())
	if err != nil {
		return err
	}
	return h.Tasks.AddAt(tx, tellKind, to, fmt.Sprintf("%d %d", purpose, child), at)
}

func tellJob(h *house.House) task.Job {
	return task.Job{Kind: tellKind, Run: func(ctx context.Context, to int64, arg string) error {
		first, second, _ := strings.Cut(arg, " ")
		purpose, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		child, err := strconv.ParseInt(second, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return notice.Send(ctx, h, to, func(tx *store.Tx, v who.Viewer, l *lang.Lang) (notice.Notice, error) {
			return missing(tx, v, l, purpose, child, h.Now())
		})
	}}
}

// missing says that a signature is missing; the zero Notice where that is no longer so. It does not say who has signed.
func missing(tx *store.Tx, v who.Viewer, l *lang.Lang, purpose, child int64, now time.Time) (notice.Notice, error) {
	p, err := getPurpose(tx, purpose)
	if err != nil || p.Ended() {
		return notice.Notice{}, err
	}
	c, err := person.GetChild(tx, child, now)
	if err != nil {
		return notice.Notice{}, err
	}
	s, err := stands(tx, p, c, now)
	if err != nil || !slices.Contains(s.Missing, v.ID) {
		return notice.Notice{}, err
	}
	if c.Group == 0 {
		return notice.Notice{}, fault.Gone()
	}
	return notice.Notice{Title: l.T("Ihre Unterschrift fehlt noch"), Body: p.Title, Path: "/einwilligungen", Tag: fmt.Sprintf("e%d-%d", purpose, child), From: p.UnitName}, nil
}
