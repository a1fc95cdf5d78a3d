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
	"nestfunk/app/base/who"
)

const lateKind = "absence.late" // tell the team of a group, or the one whom the argument names

// A Notice is that a guardian has changed something about today after the hour at which the team looks at its list. Its
// words have no reason and no note: what the team keeps of it longer than the absence must not say more than that.
type Notice struct {
	Absence int64
	Child   int64
	Group   int64
	By      who.Viewer
	Title   string
	Body    string // Markdown
}

// A Tell has the team of a group told of a notice in the name of whom it is by. It reports whether it could.
type Tell func(tx *store.Tx, n Notice) (bool, error)

// tell has the team told of what was changed about an absence: by a message of the guardian, or, of what one of the team has
// entered itself and where no family may write, over the channels of the house. Whoever changed it need not be told.
func (f feature) tell(tx *store.Tx, a Absence, w Ward, v who.Viewer, at time.Time, rule Rule) error {
	if !w.Team {
		done, err := f.wires.Tell(tx, notice(a, w, v, at, f.Now(), rule, f.URL(fmt.Sprintf("/abwesenheit/%d", a.ID))))
		if done || err != nil {
			return err
		}
	}
	return f.Tasks.Add(tx, lateKind, a.ID, fmt.Sprintf("0-%d", v.ID))
}

// notice puts a change into words for the team, which reads German.
func notice(a Absence, w Ward, v who.Viewer, at, now time.Time, rule Rule, link string) Notice {
	l := lang.German()
	what := a.Words(l, now)
	if a.Over(now) {
		what = w.Given + " kommt wieder."
	}
	when := "Gemeldet um " + l.Hour(minute(now)) + ", nach " + rule.Clock() + " Uhr."
	if now.Sub(at) > time.Minute {
		when = "Geschrieben um " + l.Hour(minute(at)) + ", ohne Verbindung. Angekommen um " + l.Hour(minute(now)) + "."
		if today(at) != today(now) {
			when = "Geschrieben am " + l.Day(house.Local(at)) + ", ohne Verbindung. Angekommen um " + l.Hour(minute(now)) + "."
		}
	}
	return Notice{Absence: a.ID, Child: w.ID, Group: w.Group, By: v, Title: "Abwesenheit " + w.Given + ", " + l.ShortDay(house.Local(now)), Body: what + "\n\n" + when + "\n\n[Abmeldung ansehen](" + link + ")"}
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
