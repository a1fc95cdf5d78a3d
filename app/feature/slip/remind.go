package slip

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const (
	remindKind = "slip.remind" // remind who has not answered; ref: the announcement, arg: after whom to go on
	tellKind   = "slip.tell"   // remind one person; ref: the person, arg: the announcement
)

// chunk is how many people one write reminds: nobody else waits for more than a few milliseconds.
const chunk = 100

// plan has those reminded in the evening before the deadline who have not answered by then.
func plan(tx *store.Tx, h *house.House, s Slip) error {
	if s.Deadline.IsZero() {
		return nil
	}
	due := channel.Evening(s.Deadline.Add(-24 * time.Hour))
	if !due.After(h.Now()) || !due.Before(s.Deadline) {
		return nil
	}
	return h.Tasks.AddAt(tx, remindKind, s.Announcement, "0", due)
}

// missing lists who could answer and has not: for each child those who decide for it, where they still have to.
func missing(tx *store.Tx, s Slip, now time.Time) ([]int64, error) {
	if s.Per == PerPerson {
		all, err := asked(tx, s, now)
		if err != nil {
			return nil, err
		}
		given, err := answers(tx, s.Announcement, 0)
		var people []int64
		for _, r := range all {
			if !slices.ContainsFunc(given, func(a Answer) bool { return a.Person == r.Person }) {
				people = append(people, r.Person)
			}
		}
		slices.Sort(people)
		return people, err
	}
	return store.All(tx, store.Value[int64], `
		SELECT DISTINCT g.person
		FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN child_stay s ON s.unit = p.unit JOIN guardian g ON g.child = s.child
		WHERE t.announcement = ?1 AND (t.roles & 64) <> 0 AND s.since <= ?2 AND s.until > ?2
			AND g.decides = 1 AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2
			AND NOT EXISTS (SELECT 1 FROM slip_answer a WHERE a.slip = ?1 AND a.child = g.child AND (NOT ?3 OR a.person = g.person))
		ORDER BY g.person`, s.Announcement, now.Unix(), s.Both)
}

func remindJob(h *house.House) task.Job {
	return task.Job{Kind: remindKind, Run: func(ctx context.Context, id int64, arg string) error {
		after, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			s, err := Of(tx, id)
			if err != nil {
				return err
			}
			all, err := missing(tx, s, h.Now())
			if err != nil {
				return err
			}
			all = slices.DeleteFunc(all, func(p int64) bool { return p <= after })
			part := all[:min(len(all), chunk)]
			for _, p := range part {
				due, err := notice.At(tx, p, h.Now())
				if err != nil {
					return err
				}
				if err := h.Tasks.AddAt(tx, tellKind, p, strconv.FormatInt(id, 10), due); err != nil {
					return err
				}
			}
			if len(part) == len(all) {
				return nil
			}
			return h.Tasks.Add(tx, remindKind, id, strconv.FormatInt(part[len(part)-1], 10))
		})
	}}
}

// tellJob reminds one person, who may have answered meanwhile.
func tellJob(h *house.House, about About) task.Job {
	return task.Job{Kind: tellKind, Run: func(ctx context.Context, person int64, arg string) error {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return notice.Send(ctx, h, person, func(tx *store.Tx, v who.Viewer, l *lang.Lang) (n notice.Notice, err error) {
			a, s, err := find(tx, about, id, v)
			if err != nil {
				return n, err
			}
			open, err := missing(tx, s, h.Now())
			if err != nil || s.open(l, h.Now()) != nil || !slices.Contains(open, person) {
				return n, err
			}
			n = notice.Notice{Title: l.T("Bitte antworten: %s", a.Title), Path: fmt.Sprintf("/mitteilung/%d", id), Tag: fmt.Sprintf("r%d", id), From: a.UnitName, Until: s.Deadline}
			if !s.Deadline.IsZero() {
				n.Body = l.T("Bitte bis %s antworten.", l.Stamp(house.Local(s.Deadline)))
			}
			return n, nil
		})
	}}
}

// hour is how long after a reminder there is no other: nobody is reminded twice because two colleagues think of it.
const hour = time.Hour

// remind has all reminded who have not answered. It is refused soon after the last time.
func remind(tx *store.Tx, h *house.House, s Slip) error {
	l, now := lang.German(), h.Now()
	if err := s.open(l, now); err != nil {
		return err
	}
	n, err := tx.Exec(`UPDATE slip SET reminded = ?2 WHERE announcement = ?1 AND coalesce(reminded, 0) <= ?3`, s.Announcement, now.Unix(), now.Add(-hour).Unix())
	if err == nil && n == 0 {
		err = fault.New(fault.Conflict, "Vor weniger als einer Stunde wurde schon erinnert.")
	}
	if err != nil {
		return err
	}
	return h.Tasks.Add(tx, remindKind, s.Announcement, "0")
}
