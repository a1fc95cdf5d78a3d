package announcement

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const (
	calmKind = "announcement.calm" // tell the other guardians that one has confirmed
	callKind = "announcement.call" // tell one of the team, the argument, to telephone
)

// others lists the guardians of somebody's children who have been notified of an announcement and have not confirmed it.
func others(tx *store.Tx, id, person int64) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT DISTINCT o.person
		FROM guardian g JOIN announcement_asked a ON a.announcement = ?1 AND a.child = g.child
		JOIN guardian o ON o.child = g.child AND o.person <> ?2 AND o.state = 'confirmed' AND o.informed = 1
		JOIN announcement_delivery d ON d.announcement = ?1 AND d.person = o.person AND d.channel = 'push' AND d.state IN ('handed', 'delivered')
		WHERE g.person = ?2 AND g.state = 'confirmed' AND g.informed = 1
			AND NOT EXISTS (SELECT 1 FROM announcement_receipt r WHERE r.announcement = ?1 AND r.person = o.person)`, id, person)
}

// calm has the other guardians told, where there are any: their telephone need not worry them any more.
func calm(tx *store.Tx, h *house.House, id, person int64) error {
	all, err := others(tx, id, person)
	if err != nil || len(all) == 0 {
		return err
	}
	return h.Tasks.Add(tx, calmKind, id, strconv.FormatInt(person, 10))
}

// calmJob replaces the notification on the devices of the other guardians,
// without a sound, where nobody else has to be reached for their children.
func calmJob(h *house.House) task.Job {
	return task.Job{Kind: calmKind, Run: func(ctx context.Context, id int64, arg string) error {
		person, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		a, err := loaded(ctx, h, id)
		if err != nil || past(a, h.Now()) {
			return err
		}
		t, err := tellable(ctx, h, a, settings.PushDetails)
		if err != nil {
			return err
		}
		var devices []push.Subscription
		languages := map[int64]string{}
		err = h.DB.Read(ctx, func(tx *store.Tx) error {
			all, err := others(tx, id, person)
			if err != nil {
				return err
			}
			left, err := missing(tx, id, all, h.Now())
			if err != nil {
				return err
			}
			var quiet []int64
			for _, p := range all {
				if left[p].over(channel.Push) {
					continue
				}
				quiet = append(quiet, p)
				if languages[p], err = store.One(tx, store.Value[string], `
					SELECT coalesce((SELECT g.language FROM guardian g WHERE g.person = p.id AND g.state = 'confirmed' LIMIT 1), p.language)
					FROM person p WHERE p.id = ?`, p); err != nil {
					return err
				}
			}
			devices, err = push.Of(tx, h.Now(), quiet...)
			return err
		})
		if err != nil {
			return err
		}
		var errs []error
		for _, d := range devices {
			l := lang.Of(languages[d.Person])
			m := composePush(h, t, letter{Person: d.Person, Language: l.Code})
			m.Body, m.Silent, m.Urgency = l.T("Schon bestätigt: Jemand aus Ihrer Familie weiß Bescheid."), true, push.Low
			if err := h.Push.Send(ctx, d, m); err != nil && !push.Refused(err) {
				errs = append(errs, err)
			}
		}
		return errors.Join(errs...)
	}}
}

// toCall has everybody told who may know the families that the list of those to telephone begins, each by a task of
// their own: a mail that has to wait rings nobody else again.
func toCall(ctx context.Context, h *house.House, a Announcement) error {
	var team []caller
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		team, err = callers(tx, a.ID, 0, h.Now())
		return err
	})
	if err != nil {
		return err
	}
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		for _, c := range team {
			if err := h.Tasks.Add(tx, callKind, a.ID, strconv.FormatInt(c.person, 10)); err != nil {
				return err
			}
		}
		return nil
	})
}

// A caller is one of the team, with the number of children that are still open.
type caller struct {
	person     int64
	mail, name string
	open       int
}

// callers lists the heads and staff of the groups with open children; person: only this one, 0: all.
func callers(tx *store.Tx, id, person int64, now time.Time) ([]caller, error) {
	return store.All(tx, func(c *caller) []any { return []any{&c.person, &c.mail, &c.name, &c.open} }, `
		WITH o (unit, n) AS MATERIALIZED (
			SELECT a.unit, count(*) FROM announcement_asked a WHERE a.announcement = ?1 AND a.gone IS NULL
				AND (?2 = 0 OR a.unit IN (SELECT p.unit FROM membership m JOIN unit_up p ON p.above = m.unit WHERE m.person = ?2))
				AND NOT EXISTS (SELECT 1 FROM announcement_call c WHERE c.announcement = ?1 AND c.child = a.child AND c.reached = 1)
				AND NOT EXISTS (SELECT 1 FROM announcement n JOIN announcement_closure x ON x.announcement = n.closure
						JOIN excused e ON e.child = a.child AND e.first_day <= x.first_day AND e.last_day >= x.last_day WHERE n.id = ?1)
				AND NOT EXISTS (SELECT 1 FROM guardian g CROSS JOIN announcement_receipt r ON r.announcement = ?1 AND r.person = g.person
					WHERE g.child = a.child AND g.state = 'confirmed' AND g.informed = 1)
			GROUP BY a.unit),
		team (person, unit, n, mail) AS (
			SELECT m.person, o.unit, o.n, max(m.mail)
			FROM o JOIN unit_up p ON p.unit = o.unit JOIN membership m ON m.unit = p.above
			WHERE (1 << m.role) & ?4 AND m.state = 'confirmed' AND m.since <= ?3 AND m.until > ?3 AND (?2 = 0 OR m.person = ?2)
			GROUP BY m.person, o.unit)
		SELECT t.person, coalesce(nullif(max(t.mail), ''), (SELECT min(k.mail) FROM account_mail k WHERE k.person = t.person AND k.verified > 0), ''),
			n.given || ' ' || n.family, sum(t.n)
		FROM team t JOIN person n ON n.id = t.person GROUP BY t.person ORDER BY t.person`, id, person, now.Unix(), int64(names()))
}

// callJob rings one of the team: over their devices, or by mail where they have none.
func callJob(h *house.House) task.Job {
	return task.Job{Kind: callKind, Run: func(ctx context.Context, id int64, arg string) error {
		person, err := strconv.ParseInt(arg, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		a, err := loaded(ctx, h, id)
		if err != nil || past(a, h.Now()) {
			return err
		}
		t, err := tellable(ctx, h, a, settings.PushDetails)
		if err != nil {
			return err
		}
		var all []caller
		var devices []push.Subscription
		if err := h.DB.Read(ctx, func(tx *store.Tx) error {
			if all, err = callers(tx, id, person, h.Now()); err != nil || len(all) == 0 {
				return err
			}
			devices, err = push.Of(tx, h.Now(), person)
			return err
		}); err != nil || len(all) == 0 {
			return err // nobody is left to be called by them
		}
		l := lang.German()
		words, link := l.N(all[0].open, "Noch %d Kinder offen: Bitte rufen Sie an."), h.URL(fmt.Sprintf("/mitteilung/%d/stand", id))
		rung := false
		for _, d := range devices {
			err := h.Push.Send(ctx, d, push.Message{Title: words, Body: t.title(l, false), Navigate: link, Lang: l.Code,
				Tag: fmt.Sprintf("a%d", id), Urgency: push.High, TTL: 2 * time.Hour})
			rung = rung || err == nil
		}
		if rung || all[0].mail == "" || !h.Mail.Configured(ctx) {
			return nil
		}
		err = h.Mail.Send(ctx, mail.Message{To: all[0].mail, Name: all[0].name, Kind: mail.Closure, Urgent: true, Language: l.Code,
			Subject: words, Text: t.title(l, true) + "\n\n" + link})
		if err != nil && !mail.Refused(err) {
			return err
		}
		return nil
	}}
}
