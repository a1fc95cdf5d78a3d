package absence

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/push"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const lateKind = "absence.late" // tell the team of a group, or the one whom the argument names

// A Notice is that something has changed about today after the hour at which the team looks at its list.
type Notice struct {
	Absence int64
	Group   int64
	By      int64 // who has changed it and need not be told
}

// A Tell has the team of a group told of a notice.
type Tell func(tx *store.Tx, n Notice) error

// rings tells the team over the channels of the house: on their devices, else by mail. Another Tell can take its place.
func rings(h *house.House) Tell {
	return func(tx *store.Tx, n Notice) error {
		return h.Tasks.Add(tx, lateKind, n.Absence, fmt.Sprintf("0-%d", n.By))
	}
}

// A teammate works in the group of a child.
type teammate struct {
	person     int64
	mail, name string
}

// team lists the staff and heads of a group; person: only this one, 0: all.
func team(tx *store.Tx, group, person int64, now time.Time) ([]teammate, error) {
	return store.All(tx, func(m *teammate) []any { return []any{&m.person, &m.mail, &m.name} }, `
		SELECT m.person, coalesce(nullif(max(m.mail), ''), (SELECT min(k.mail) FROM account_mail k WHERE k.person = m.person AND k.verified > 0), ''),
			trim(n.given || ' ' || n.family)
		FROM unit_up p JOIN membership m ON m.unit = p.above JOIN person n ON n.id = m.person
		WHERE p.unit = ?1 AND (1 << m.role) & ?3 AND m.state = 'confirmed' AND m.since <= ?2 AND m.until > ?2 AND (?4 = 0 OR m.person = ?4)
		GROUP BY m.person ORDER BY m.person`, group, now.Unix(), int64(names()), person)
}

// lateJob tells the team, each by a task of their own: one mailbox that is busy has nobody else told twice. The argument
// is "0-by", and then "person-by".
func lateJob(h *house.House) task.Job {
	return task.Job{Kind: lateKind, Run: func(ctx context.Context, id int64, arg string) error {
		var person, by int64
		if _, err := fmt.Sscanf(arg, "%d-%d", &person, &by); err != nil {
			return task.Drop(err)
		}
		var a Absence
		var all []teammate
		var group int64
		var name string
		var wish channel.Wish
		var devices []push.Subscription
		err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			if a, err = read(tx, id); err != nil {
				return err
			}
			if group, err = store.One(tx, store.Value[int64], `SELECT unit FROM child_stay WHERE child = ?1 AND since <= ?2 AND until > ?2`, a.Child, h.Now().Unix()); err != nil {
				return err
			}
			if name, err = store.One(tx, store.Value[string], `SELECT name FROM unit WHERE id = ?`, group); err != nil {
				return err
			}
			if all, err = team(tx, group, person, h.Now()); err != nil || person == 0 {
				return err
			}
			if wish, err = channel.WishOf(tx, person); err != nil || !wish.Push {
				return err
			}
			devices, err = push.Of(tx, h.Now(), person)
			return err
		})
		if fault.KindOf(err) == fault.NotFound || err == nil && len(all) == 0 {
			return nil // the child has left, or the teammate
		}
		if err != nil {
			return err
		}
		if person == 0 {
			return h.DB.Write(ctx, func(tx *store.Tx) error {
				for _, m := range all {
					if m.person == by {
						continue
					}
					if err := h.Tasks.Add(tx, lateKind, id, fmt.Sprintf("%d-%d", m.person, by)); err != nil {
						return err
					}
				}
				return nil
			})
		}
		if wish.Quiet(h.Now()).After(h.Now()) {
			return nil // an evening's change for today rings nobody; the list shows it
		}
		return ring(ctx, h, all[0], devices, wish, group, name)
	}}
}

// ring tells one of the team. Neither a lock screen nor a mail names the child.
func ring(ctx context.Context, h *house.House, to teammate, devices []push.Subscription, wish channel.Wish, group int64, name string) error {
	l := lang.German()
	words, link := "Spät gemeldet: "+name, h.URL("/tagesliste/"+strconv.FormatInt(group, 10))
	rung := false
	for _, d := range devices {
		err := h.Push.Send(ctx, d, push.Message{Title: words, Body: "Für heute hat sich etwas geändert. Bitte sehen Sie in die Tagesliste.", Navigate: link,
			Lang: l.Code, Tag: "absence" + strconv.FormatInt(group, 10), Urgency: push.High, TTL: 4 * time.Hour})
		rung = rung || err == nil
	}
	if rung || to.mail == "" || wish.Mail == channel.Never || !h.Mail.Configured(ctx) {
		return nil // the list itself shows it
	}
	err := h.Mail.Send(ctx, mail.Message{To: to.mail, Name: to.name, Kind: mail.News, Language: l.Code, Subject: words,
		Text: "Für heute hat sich nach der gesetzten Uhrzeit etwas geändert. Bitte sehen Sie in die Tagesliste:\n\n" + link})
	if mail.Refused(err) {
		return nil
	}
	return err
}
