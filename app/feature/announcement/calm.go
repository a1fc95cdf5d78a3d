package announcement

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/push"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const calmKind = "announcement.calm" // tell the other guardians that one has confirmed

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
			left, err := missing(tx, id)
			if err != nil {
				return err
			}
			var quiet []int64
			for _, p := range all {
				if left[p] {
					continue
				}
				quiet = append(quiet, p)
				if languages[p], err = store.One(tx, store.Value[string], `SELECT language FROM person WHERE id = ?`, p); err != nil {
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

// toCall tells those who may know the families that the list of those to
// telephone begins: over their devices, or by mail where they have none.
func toCall(ctx context.Context, h *house.House, a Announcement) error {
	type member struct {
		person int64
		mail   string
		name   string
		open   int
	}
	var team []member
	var devices []push.Subscription
	t, err := tellable(ctx, h, a, settings.PushDetails)
	if err != nil {
		return err
	}
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		all, err := store.All(tx, func(m *member) []any { return []any{&m.person, &m.mail, &m.name} }, `
			WITH near (unit) AS (
				SELECT p.unit FROM announcement_audience t JOIN unit_up p ON p.above = t.unit WHERE t.announcement = ?1
				UNION SELECT p.above FROM announcement_audience t JOIN unit_up p ON p.unit = t.unit WHERE t.announcement = ?1)
			SELECT m.person, max(m.mail), n.given || ' ' || n.family
			FROM near JOIN membership m ON m.unit = near.unit JOIN person n ON n.id = m.person
			WHERE m.role IN (4, 5) AND m.state = 'confirmed' AND m.since <= ?2 AND m.until > ?2 GROUP BY m.person`, a.ID, h.Now().Unix())
		if err != nil {
			return err
		}
		var people []int64
		for _, m := range all {
			c, err := covered(tx, a.ID, who.Viewer{ID: m.person}, names(), h.Now())
			if err != nil {
				return err
			}
			if m.open = c.Open(); m.open > 0 {
				team, people = append(team, m), append(people, m.person)
			}
		}
		devices, err = push.Of(tx, h.Now(), people...)
		return err
	})
	if err != nil {
		return err
	}
	l := lang.German()
	rung := map[int64]bool{}
	link := h.URL(fmt.Sprintf("/mitteilung/%d/stand", a.ID))
	words := func(m member) string { return l.N(m.open, "Noch %d Kinder offen: Bitte rufen Sie an.") }
	byPerson := map[int64]member{}
	for _, m := range team {
		byPerson[m.person] = m
	}
	var errs []error
	for _, d := range devices {
		err := h.Push.Send(ctx, d, push.Message{Title: words(byPerson[d.Person]), Body: t.title(l, false), Navigate: link, Lang: l.Code,
			Tag: fmt.Sprintf("a%d", a.ID), Urgency: push.High, TTL: 2 * time.Hour})
		rung[d.Person] = rung[d.Person] || err == nil
	}
	for _, m := range team {
		if rung[m.person] || m.mail == "" || !h.Mail.Configured(ctx) {
			continue
		}
		err := h.Mail.Send(ctx, mail.Message{To: m.mail, Name: m.name, Kind: mail.Closure, Urgent: true, Language: l.Code,
			Subject: words(m), Text: t.title(l, true) + "\n\n" + link})
		if err != nil && !mail.Refused(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, shout(ctx, h, a.ID))...)
}
