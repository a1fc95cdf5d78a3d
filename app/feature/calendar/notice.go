package calendar

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/org"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const (
	remindKind = "calendar.remind" // tell those who come that a date is near; ref: the date, arg: the instance
	tellKind   = "calendar.tell"   // tell one person; ref: the person, arg: what and the instance
)

// What a person is told of.
const (
	soon   = "soon"
	told   = "changed" // or cancelled
	placed = "placed"  // moved up from the row of those who wait
)

// remindNext has those who come to the next instance reminded. What was planned before is forgotten.
func remindNext(tx *store.Tx, h *house.House, date int64) error {
	if err := h.Tasks.Cancel(tx, remindKind, date); err != nil {
		return err
	}
	type next struct{ instance, due int64 }
	all, err := store.All(tx, func(n *next) []any { return []any{&n.instance, &n.due} }, `
		SELECT i.id, i.starts - 60 * c.remind FROM calendar_instance i JOIN calendar_date c ON c.id = i.date
		WHERE i.date = ? AND c.remind > 0 AND c.answers = 1 AND i.cancelled = 0 AND i.starts - 60 * c.remind > ? ORDER BY i.starts LIMIT 1`, date, h.Now().Unix())
	if err != nil || len(all) == 0 {
		return err
	}
	return h.Tasks.AddAt(tx, remindKind, date, strconv.FormatInt(all[0].instance, 10), time.Unix(all[0].due, 0))
}

func remindJob(h *house.House) task.Job {
	return task.Job{Kind: remindKind, Run: func(ctx context.Context, date int64, arg string) error {
		id, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			t, err := plain(tx, id)
			if fault.KindOf(err) == fault.NotFound {
				return nil // the series goes on without it
			}
			if err == nil && !t.Cancelled && t.Starts.After(h.Now()) {
				err = tell(tx, h, soon, []int64{id})
			}
			if err != nil {
				return err
			}
			return remindNext(tx, h, date)
		})
	}}
}

// tell has everybody told who comes to one of some instances, or waits for it: once each, of the first of them that is
// not over.
func tell(tx *store.Tx, h *house.House, what string, instances []int64) error {
	type pair struct{ person, instance int64 }
	all, err := store.All(tx, func(p *pair) []any { return []any{&p.person, &p.instance} }, `
		WITH t AS MATERIALIZED (
			SELECT a.person, a.instance, row_number() OVER (PARTITION BY a.person ORDER BY i.starts) AS n
			FROM json_each(?1) j CROSS JOIN calendar_instance i ON i.id = j.value JOIN calendar_answer a ON a.instance = i.id
			WHERE i.ends > ?2 AND (a.state = 'yes' OR a.state = 'waiting' AND ?3 <> 'soon'))
		SELECT person, instance FROM t WHERE n = 1`, store.List(instances), h.Now().Unix(), what)
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := tellOne(tx, h, what, p.instance, p.person); err != nil {
			return err
		}
	}
	return nil
}

// tellOne has a person told, outside the quiet hours.
func tellOne(tx *store.Tx, h *house.House, what string, instance, person int64) error {
	w, err := channel.WishOf(tx, person)
	if err != nil {
		return err
	}
	return h.Tasks.AddAt(tx, tellKind, person, fmt.Sprintf("%s %d", what, instance), w.Quiet(h.Now()))
}

// tellJob sends a notification to the devices of a person; who has none, or whose makers refuse, gets a mail.
func tellJob(h *house.House) task.Job {
	return task.Job{Kind: tellKind, Run: func(ctx context.Context, person int64, arg string) error {
		what, number, _ := strings.Cut(arg, " ")
		id, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		n, err := noticeOf(ctx, h, what, id, person)
		if fault.KindOf(err) == fault.NotFound {
			return nil // no longer theirs to know
		}
		if err != nil || n.over {
			return err
		}
		handed, err := n.push(ctx, h)
		if handed || err != nil {
			return err
		}
		return n.mail(ctx, h)
	}}
}

// A notice is what one person is told of one instance.
type notice struct {
	what    string
	t       Termin
	person  int64
	to      string // address; "": none
	name    string
	lang    *lang.Lang
	wish    channel.Wish
	devices []push.Subscription
	details bool // the house lets mails tell more than a title
	over    bool // there is nothing left to tell
}

// noticeOf looks at the moment of sending who is told, and whether there still is something to tell. NotFound: the
// person may no longer see it.
func noticeOf(ctx context.Context, h *house.House, what string, id, person int64) (n notice, err error) {
	n = notice{what: what, person: person}
	now := h.Now()
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		v, err := org.Viewer(tx, person, now)
		if err != nil {
			return err
		}
		if n.t, err = get(tx, id, v, now); err != nil {
			return err
		}
		a, err := answerOf(tx, id, person)
		if err != nil {
			return err
		}
		n.over = !n.t.Ends.After(now) || a.State != Yes && a.State != Waiting || what != told && (n.t.Cancelled || a.State != Yes) ||
			what == soon && !n.t.Starts.After(now)
		if n.wish, err = channel.WishOf(tx, person); err != nil {
			return err
		}
		if n.devices, err = push.Of(tx, now, person); err != nil {
			return err
		}
		details, err := h.Settings.Get(tx, settings.MailDetails)
		if err != nil {
			return err
		}
		n.name, n.lang, n.details = v.Name(), lang.Of(v.Lang), details == "1"
		n.to, err = store.One(tx, store.Value[string], `
			SELECT coalesce(
				(SELECT min(mail) FROM account_mail WHERE person = ?1 AND verified > 0),
				(SELECT min(mail) FROM guardian WHERE person = ?1 AND mail <> '' AND state = 'confirmed' AND since <= ?2 AND until > ?2),
				(SELECT min(mail) FROM membership WHERE person = ?1 AND mail <> '' AND state = 'confirmed' AND since <= ?2 AND until > ?2), '')`, person, now.Unix())
		return err
	})
	return n, err
}

// title says in one line what it is about.
func (n notice) title() string {
	switch {
	case n.t.Cancelled:
		return n.lang.T("Abgesagt: %s", n.t.Title)
	case n.what == soon:
		return n.lang.T("Erinnerung: %s", n.t.Title)
	case n.what == placed:
		return n.lang.T("Sie haben einen Platz: %s", n.t.Title)
	}
	return n.lang.T("Geändert: %s", n.t.Title)
}

func (n notice) path() string { return fmt.Sprintf("/termin/%d", n.t.ID) }

// push sends to all devices of a person; handed: one has taken it.
func (n notice) push(ctx context.Context, h *house.House) (handed bool, err error) {
	if !n.wish.Push {
		return false, nil
	}
	m := push.Message{Title: n.title(), Body: span(n.lang, n.t.Starts, n.t.Ends, n.t.AllDay, h.Now()), Lang: n.lang.Code, Navigate: h.URL(n.path()),
		Tag: fmt.Sprintf("t%d", n.t.ID), Topic: fmt.Sprintf("t%d", n.t.ID), TTL: max(time.Minute, min(24*time.Hour, n.t.Ends.Sub(h.Now()))), Urgency: push.Normal}
	var errs []error
	for _, d := range n.devices {
		e := h.Push.Send(ctx, d, m)
		handed = handed || e == nil
		errs = append(errs, e)
	}
	if handed {
		return true, nil
	}
	for _, e := range errs { // one that may pass is tried again
		if e != nil && !push.Refused(e) {
			return false, e
		}
	}
	return false, nil
}

func (n notice) mail(ctx context.Context, h *house.House) error {
	if n.to == "" || n.wish.Mail == channel.Never || !h.Mail.Configured(ctx) {
		return nil
	}
	lines := []string{span(n.lang, n.t.Starts, n.t.Ends, n.t.AllDay, h.Now())}
	if n.details {
		lines = append(lines, n.t.Place, n.t.Reason)
	}
	lines = append(lines, h.URL(n.path()), n.lang.T("Diese Nachricht kommt von %s.", n.t.UnitName))
	var text []string
	for _, l := range lines {
		if l != "" {
			text = append(text, l)
		}
	}
	err := h.Mail.Send(ctx, mail.Message{To: n.to, Name: n.name, Subject: n.title(), Text: strings.Join(text, "\n\n"), Kind: mail.News, Language: n.lang.Code})
	if err != nil && mail.Refused(err) {
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			return channel.Failed(tx, n.person, channel.Mail, n.to, "die Adresse wurde abgelehnt", h.Now())
		})
	}
	return err
}
