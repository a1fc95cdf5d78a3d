package announcement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
)

const (
	askKind  = "announcement.ask"  // freeze who is asked, and write who is to get a mail
	mailKind = "announcement.mail" // send the mails that wait
	joinKind = "announcement.join" // look who came to or left the audience

	chunk = 200 // rows in one write: nobody else waits for more than a few milliseconds
)

// askJob writes, in chunks, which children are asked and which person gets a
// mail. It may be repeated: what stands there already stays.
func askJob(h *house.House) task.Job {
	return task.Job{Kind: askKind, Run: func(ctx context.Context, id int64, _ string) error {
		a, err := loaded(ctx, h, id)
		if err != nil {
			return err
		}
		if a.Confirm {
			if err := freeze(ctx, h, a); err != nil {
				return err
			}
		}
		if err := deliver(ctx, h, a); err != nil {
			return err
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			if _, err := tx.Exec(`UPDATE announcement SET frozen = 1 WHERE id = ?`, id); err != nil {
				return err
			}
			held, err := above(tx, id)
			tx.After(func() { h.Live.Publish(live.Event{Held: held}) })
			return err
		})
	}}
}

func loaded(ctx context.Context, h *house.House, id int64) (a Announcement, err error) {
	err = h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = plain(tx, id)
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		err = task.Drop(err)
	}
	return a, err
}

// asked is a child in its group.
type asked struct{ Child, Unit int64 }

// meantChildren lists the children of an audience as it is now.
func meantChildren(tx *store.Tx, id int64, now time.Time) ([]asked, error) {
	return store.All(tx, func(a *asked) []any { return []any{&a.Child, &a.Unit} }, `
		SELECT DISTINCT s.child, s.unit
		FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN child_stay s ON s.unit = p.unit
		WHERE t.announcement = ?1 AND (t.roles & 64) <> 0 AND s.since <= ?2 AND s.until > ?2 ORDER BY s.child`, id, now.Unix())
}

func freeze(ctx context.Context, h *house.House, a Announcement) error {
	now := h.Now()
	var all []asked
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = meantChildren(tx, a.ID, now)
		return err
	})
	if err != nil {
		return err
	}
	return inChunks(ctx, h, all, func(tx *store.Tx, part string) error {
		_, err := tx.Exec(`
			INSERT INTO announcement_asked (announcement, child, unit, asked)
			SELECT ?1, value ->> 'Child', value ->> 'Unit', ?2 FROM json_each(?3) WHERE true
			ON CONFLICT (announcement, child) DO UPDATE SET gone = NULL WHERE gone IS NOT NULL`, a.ID, now.Unix(), part)
		return err
	})
}

// inChunks has rows written two hundred at a time, as one statement with a JSON list: everybody else who
// writes waits for one chunk at the most, and a statement for each row would take four times as long.
func inChunks[T any](ctx context.Context, h *house.House, all []T, write func(tx *store.Tx, part string) error) error {
	for part := range slices.Chunk(all, chunk) {
		b, err := json.Marshal(part)
		if err != nil {
			return err
		}
		if err := h.DB.Write(ctx, func(tx *store.Tx) error { return write(tx, string(b)) }); err != nil {
			return err
		}
	}
	return nil
}

// A recipient is a person with the address at which the announcement reaches
// them: the one the carrier knows for the child or the membership that it
// concerns, else the address of their own sign-in.
type recipient struct {
	Person   int64
	Mail     string
	Name     string
	Language string
	out      bool // wants no mails of ordinary announcements
}

func (r *recipient) fields() []any { return []any{&r.Person, &r.Mail, &r.Name, &r.Language} }

func recipients(tx *store.Tx, id int64, now time.Time) ([]recipient, error) {
	return store.All(tx, func(r *recipient) []any { return append(r.fields(), &r.out) }, `
		WITH meant (person, mail, language) AS (
			SELECT g.person, max(g.mail), max(g.language)
			FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN child_stay s ON s.unit = p.unit JOIN guardian g ON g.child = s.child
			WHERE t.announcement = ?1 AND (t.roles & 64) <> 0 AND s.since <= ?2 AND s.until > ?2
				AND g.informed = 1 AND g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2
			GROUP BY g.person
			UNION ALL
			SELECT m.person, max(m.mail), ''
			FROM announcement_audience t JOIN unit_up p ON p.above = t.unit JOIN membership m ON m.unit = p.unit
			WHERE t.announcement = ?1 AND (t.roles & (1 << m.role)) <> 0 AND m.state = 'confirmed' AND m.since <= ?2 AND m.until > ?2
			GROUP BY m.person
			UNION ALL
			SELECT m.person, max(m.mail), ''
			FROM announcement_audience t JOIN unit_up p ON p.unit = t.unit JOIN membership m ON m.unit = p.above
			WHERE t.announcement = ?1 AND p.depth > 0 AND m.role IN (2, 3, 4, 5) AND (t.roles & (1 << m.role)) <> 0
				AND m.state = 'confirmed' AND m.since <= ?2 AND m.until > ?2
			GROUP BY m.person)
		SELECT meant.person, coalesce(nullif(max(meant.mail), ''), (SELECT min(k.mail) FROM account_mail k WHERE k.person = meant.person), ''),
			n.given || ' ' || n.family, coalesce(nullif(max(meant.language), ''), n.language),
			EXISTS (SELECT 1 FROM announcement_optout o WHERE o.person = meant.person)
		FROM meant JOIN person n ON n.id = meant.person GROUP BY meant.person ORDER BY meant.person`, id, now.Unix())
}

// deliver writes one row for each person and has the mails sent.
func deliver(ctx context.Context, h *house.House, a Announcement) error {
	now := h.Now()
	var all []recipient
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = recipients(tx, a.ID, now)
		return err
	})
	if err != nil {
		return err
	}
	configured := h.Mail.Configured(ctx)
	type delivery struct {
		Person              int64
		State, Reason, Mail string
	}
	rows := make([]delivery, len(all))
	for i, r := range all {
		rows[i] = delivery{Person: r.Person, State: "waiting", Mail: r.Mail}
		switch {
		case r.Mail == "":
			rows[i].State, rows[i].Reason = "skipped", "keine Mailadresse"
		case !configured:
			rows[i].State, rows[i].Reason = "skipped", "kein Mailserver eingerichtet"
		case r.out && !a.Confirm:
			rows[i].State, rows[i].Reason = "skipped", "möchte keine Mails zu gewöhnlichen Mitteilungen"
		}
	}
	err = inChunks(ctx, h, rows, func(tx *store.Tx, part string) error {
		_, err := tx.Exec(`
			INSERT INTO announcement_delivery (announcement, person, channel, state, reason, address, at)
			SELECT ?1, value ->> 'Person', 'mail', value ->> 'State', value ->> 'Reason', value ->> 'Mail', ?2 FROM json_each(?3) WHERE true
			ON CONFLICT DO NOTHING`, a.ID, now.Unix(), part)
		return err
	})
	if err != nil {
		return err
	}
	return h.DB.Write(ctx, func(tx *store.Tx) error { return h.Tasks.Add(tx, mailKind, a.ID, "") })
}

// A letter is one mail that waits.
type letter struct {
	recipient
	token []byte
}

const together = 4 // mails handed over at the same time

// mailJob hands over the mails of an announcement that wait. A refusal is
// recorded and final; any other failure leaves the mail waiting for the next try.
func mailJob(h *house.House) task.Job {
	return task.Job{
		Kind: mailKind,
		Run: func(ctx context.Context, id int64, _ string) error {
			a, err := loaded(ctx, h, id)
			if err != nil {
				return err
			}
			if a.Kind == ClosureKind && (a.Over(h.Now()) || a.Replaced != 0) {
				return abandon(ctx, h, id, "nicht mehr aktuell, bevor die Mail abging")
			}
			for after := int64(0); ; {
				var batch []letter
				err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
					batch, err = store.All(tx, func(l *letter) []any { return append(l.fields(), &l.token) }, `
						SELECT d.person, d.address, p.given || ' ' || p.family,
							coalesce((SELECT g.language FROM guardian g WHERE g.person = p.id AND g.state = 'confirmed' LIMIT 1), p.language), a.token
						FROM announcement_delivery d JOIN person p ON p.id = d.person JOIN announcement a ON a.id = d.announcement
						WHERE d.announcement = ? AND d.channel = 'mail' AND d.state = 'waiting' AND d.person > ? ORDER BY d.person LIMIT 100`, id, after)
					return err
				})
				if err != nil || len(batch) == 0 {
					return err
				}
				if err := send(ctx, h, a, batch); err != nil {
					return err
				}
				after = batch[len(batch)-1].Person
			}
		},
		Failed: func(ctx context.Context, id int64, _ string, cause error) error {
			return abandon(ctx, h, id, "der Mailserver nahm nichts an")
		},
	}
}

func abandon(ctx context.Context, h *house.House, id int64, why string) error {
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`
			UPDATE announcement_delivery SET state = 'failed', reason = ?, at = ? WHERE announcement = ? AND channel = 'mail' AND state = 'waiting'`,
			why, h.Now().Unix(), id)
		return err
	})
}

func send(ctx context.Context, h *house.House, a Announcement, batch []letter) error {
	var wg sync.WaitGroup
	slots := make(chan struct{}, together)
	errs := make([]error, len(batch))
	for i, l := range batch {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = sendOne(ctx, h, a, l)
		})
	}
	wg.Wait()
	if err := h.DB.Write(ctx, func(tx *store.Tx) error {
		held, err := above(tx, a.ID)
		tx.After(func() { h.Live.Publish(live.Event{Held: held}) })
		return err
	}); err != nil {
		return err
	}
	return errors.Join(errs...)
}

func sendOne(ctx context.Context, h *house.House, a Announcement, l letter) error {
	m, err := compose(ctx, h, a, l)
	if err != nil {
		return err
	}
	state, reason := "handed", ""
	if err := h.Mail.Send(ctx, m); mail.Refused(err) {
		state, reason = "failed", "die Adresse wurde abgelehnt"
	} else if err != nil {
		return err
	}
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`
			UPDATE announcement_delivery SET state = ?, reason = ?, at = ?
			WHERE announcement = ? AND person = ? AND channel = 'mail' AND state = 'waiting'`, state, reason, h.Now().Unix(), a.ID, l.Person)
		return err
	})
}

// compose writes the mail in the language of the person.
func compose(ctx context.Context, h *house.House, a Announcement, to letter) (mail.Message, error) {
	l := lang.Of(to.Language)
	now := h.Now()
	m := mail.Message{To: to.Mail, Name: to.Name, Kind: a.Kind, Language: l.Code, Subject: a.Title,
		Ref: fmt.Sprintf("%d-%d", a.ID, to.Person), Urgent: a.Kind == ClosureKind}
	var lines []string
	if a.Kind == ClosureKind {
		var c Closure
		if err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
			c, err = closureOf(tx, a.Closure)
			return err
		}); err != nil {
			return m, err
		}
		m.Subject = c.Title(l, now)
		lines = append(lines, c.Name, l.T("Wann")+": "+c.Span(l, now), l.T("Warum")+": "+c.Why(l))
		if c.Places > 0 && c.State == Running {
			lines = append(lines, l.T("Notbetreuung")+": "+l.N(c.Places, "Es gibt %d Plätze."))
		}
	}
	if a.Body != "" {
		lines = append(lines, text.ForMail(a.Body))
	}
	link := h.URL("/b/" + token(a.ID, to.Person, to.token))
	if a.Confirm {
		lines = append(lines, l.T("Bitte bestätigen Sie, dass Sie das gelesen haben:")+"\n"+link, l.T("Sie müssen sich dafür nicht anmelden."))
	} else {
		lines = append(lines, h.URL("/mitteilung/"+strconv.FormatInt(a.ID, 10)))
	}
	lines = append(lines, l.T("Diese Nachricht kommt von %s.", a.UnitName))
	if a.Kind == News && !a.Confirm {
		m.Unsubscribe = link + "/abmelden"
		lines = append(lines, l.T("Keine Mails zu gewöhnlichen Mitteilungen mehr: %s", m.Unsubscribe))
	}
	m.Text = strings.Join(lines, "\n\n")
	return m, nil
}

// Bounced records that a mail came back. Ref is "announcement-person".
func Bounced(tx *store.Tx, ref, recipient, why string) error {
	first, second, ok := strings.Cut(ref, "-")
	id, err1 := strconv.ParseInt(first, 10, 64)
	person, err2 := strconv.ParseInt(second, 10, 64)
	if !ok || err1 != nil || err2 != nil {
		return nil // of another kind of mail
	}
	_, err := tx.Exec(`
		UPDATE announcement_delivery SET state = 'failed', reason = ? WHERE announcement = ? AND person = ? AND channel = 'mail'
		AND (? = '' OR lower(address) = lower(?))`, "kam zurück: "+why, id, person, recipient, recipient)
	return err
}

// joinJob adds families that came to the audience of a running announcement,
// and marks those that left; nothing is deleted. It comes back every ten minutes.
func joinJob(h *house.House) task.Job {
	return task.Job{Kind: joinKind, Run: func(ctx context.Context, _ int64, _ string) error {
		now := h.Now()
		var running []Announcement
		err := h.DB.Read(ctx, func(tx *store.Tx) error {
			ids, err := store.All(tx, store.Value[int64], `
				SELECT id FROM announcement WHERE confirm = 1 AND frozen = 1 AND replaced IS NULL AND published > ?
				AND (expires IS NULL OR expires > ?)`, now.AddDate(0, 0, -30).Unix(), now.Unix())
			for _, id := range ids {
				a, err := plain(tx, id)
				if err != nil {
					return err
				}
				running = append(running, a)
			}
			return err
		})
		if err != nil {
			return err
		}
		for _, a := range running {
			if err := renew(ctx, h, a); err != nil {
				return err
			}
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error { return h.Tasks.AddAt(tx, joinKind, 0, "", now.Add(10*time.Minute)) })
	}}
}

func renew(ctx context.Context, h *house.House, a Announcement) error {
	var now []asked
	var had []int64
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if now, err = meantChildren(tx, a.ID, h.Now()); err != nil {
			return err
		}
		had, err = store.All(tx, store.Value[int64], `SELECT child FROM announcement_asked WHERE announcement = ? AND gone IS NULL`, a.ID)
		return err
	})
	if err != nil {
		return err
	}
	here := map[int64]bool{}
	for _, c := range now {
		here[c.Child] = true
	}
	left := slices.DeleteFunc(had, func(c int64) bool { return here[c] })
	if len(now) == len(had)-len(left) && len(left) == 0 {
		return nil
	}
	for part := range slices.Chunk(left, chunk) {
		if err := h.DB.Write(ctx, func(tx *store.Tx) error {
			for _, c := range part {
				if _, err := tx.Exec(`UPDATE announcement_asked SET gone = ? WHERE announcement = ? AND child = ?`, h.Now().Unix(), a.ID, c); err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	if err := freeze(ctx, h, a); err != nil {
		return err
	}
	return deliver(ctx, h, a)
}

// start has the returning job run, once.
func start(ctx context.Context, h *house.House) error {
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ?`, joinKind)
		if err != nil || n > 0 {
			return err
		}
		return h.Tasks.Add(tx, joinKind, 0, "")
	})
}
