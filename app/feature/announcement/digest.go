package announcement

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
)

const digestKind = "announcement.digest" // send the mails of an evening

// digestAt has the digest of an evening sent, once. One whose time has come may be past this person already: then there
// is another.
func digestAt(tx *store.Tx, h *house.House, evening time.Time) error {
	if !evening.After(h.Now()) {
		return h.Tasks.Add(tx, digestKind, evening.Unix(), "")
	}
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ? AND ref = ?`, digestKind, evening.Unix())
	if err != nil || n > 0 {
		return err
	}
	return h.Tasks.AddAt(tx, digestKind, evening.Unix(), "", evening)
}

// A gathered announcement is one line of somebody's digest.
type gathered struct {
	Person            int64
	Address           string
	Name              string
	Language          string
	id                int64
	unit, title, body string
	shown             bool // a device has shown it already
	lost              bool // the person is no longer meant
	token             []byte
}

func (g *gathered) fields() []any {
	return []any{&g.Person, &g.Address, &g.Name, &g.Language, &g.id, &g.unit, &g.title, &g.body, &g.shown, &g.token}
}

// digestJob sends each person one mail with the ordinary announcements of the
// day. What a device of theirs has shown already is left out, and so is a mail
// in which nothing would be left.
func digestJob(h *house.House) task.Job {
	var one sync.Mutex // the digests of two evenings gather the same
	return task.Job{
		Kind: digestKind,
		Run: func(ctx context.Context, evening int64, _ string) error {
			one.Lock()
			defer one.Unlock()
			var failures []error
			for after := int64(0); ; {
				people, next, err := digestOf(ctx, h, evening, after)
				if err != nil || next == 0 {
					return errors.Join(append(failures, err)...)
				}
				failed := 0
				for _, all := range people {
					if err := sendDigest(ctx, h, all); err != nil {
						if failed++; failed == 1 {
							failures = append(failures, err)
						}
					}
				}
				if failed > 0 && failed == len(people) || len(failures) == mostFailures {
					return errors.Join(failures...)
				}
				after = next
			}
		},
		Failed: func(ctx context.Context, evening int64, _ string, cause error) error {
			return h.DB.Write(ctx, func(tx *store.Tx) error {
				_, err := tx.Exec(`
					UPDATE announcement_delivery SET state = 'failed', reason = 'der Mailserver nahm nichts an', at = ?
					WHERE channel = 'mail' AND state = 'waiting' AND due > 0 AND due <= ?`, h.Now().Unix(), evening)
				return err
			})
		},
	}
}

// digestOf gathers the digests of the next fifty people. Next is after whom to go on; 0: there are no more. Whoever has
// lost the right to an announcement since is not told of it.
func digestOf(ctx context.Context, h *house.House, evening, after int64) (people [][]gathered, next int64, err error) {
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		details, err := h.Settings.Get(tx, settings.MailDetails)
		if err != nil {
			return err
		}
		all, err := store.All(tx, (*gathered).fields, `
			WITH next AS MATERIALIZED (
				SELECT DISTINCT person FROM announcement_delivery
				WHERE channel = 'mail' AND state = 'waiting' AND due > 0 AND due <= ?1 AND person > ?2 ORDER BY person LIMIT 50)
			SELECT d.person, d.address, p.given || ' ' || p.family,
				coalesce((SELECT g.language FROM guardian g WHERE g.person = p.id AND g.state = 'confirmed' LIMIT 1), p.language),
				a.id, u.name, a.title, iif(?3 = '1', a.body, ''), EXISTS (
					SELECT 1 FROM announcement_delivery o WHERE o.announcement = d.announcement AND o.person = d.person
					AND o.channel IN ('app', 'push') AND o.state = 'delivered'),
				a.token
			FROM announcement_delivery d JOIN person p ON p.id = d.person JOIN announcement a ON a.id = d.announcement JOIN unit u ON u.id = a.unit
			WHERE d.person IN (SELECT person FROM next) AND d.channel = 'mail' AND d.state = 'waiting' AND d.due > 0 AND d.due <= ?1
			ORDER BY d.person, a.published, a.id`, evening, after, details)
		if err != nil {
			return err
		}
		for _, g := range all {
			ok, err := meansPerson(tx, g.id, g.Person, anyRole, h.Now())
			if err != nil {
				return err
			}
			g.lost = !ok
			if n := len(people); n > 0 && people[n-1][0].Person == g.Person {
				people[n-1] = append(people[n-1], g)
			} else {
				people = append(people, []gathered{g})
			}
			next = g.Person
		}
		return nil
	})
	return people, next, err
}

func sendDigest(ctx context.Context, h *house.House, all []gathered) error {
	var fresh []gathered
	for _, g := range all {
		if !g.shown && !g.lost {
			fresh = append(fresh, g)
		}
	}
	var sent error
	if len(fresh) > 0 {
		sent = h.Mail.Send(ctx, composeDigest(h, fresh))
		if sent != nil && !mail.Refused(sent) {
			return sent
		}
	}
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		now := h.Now()
		for _, g := range all {
			state, reason := "handed", ""
			switch {
			case g.lost:
				state, reason = "skipped", noLonger
			case g.shown:
				state, reason = "skipped", "auf einem Gerät schon gezeigt"
			case sent != nil:
				state, reason = "failed", refusedMail(sent)
			}
			if err := settle(tx, g.id, g.Person, channel.Mail, state, reason, now); err != nil {
				return err
			}
		}
		switch {
		case len(fresh) == 0:
			return nil
		case sent != nil:
			return channel.Failed(tx, fresh[0].Person, channel.Mail, fresh[0].Address, refusedMail(sent), now)
		}
		return channel.Handed(tx, fresh[0].Person, channel.Mail, fresh[0].Address, now)
	})
}

// composeDigest writes one mail about all that is new. Each announcement has
// its title, its address, and the first words where mails may carry them.
func composeDigest(h *house.House, all []gathered) mail.Message {
	last := all[len(all)-1]
	l := lang.Of(last.Language)
	m := mail.Message{To: last.Address, Name: last.Name, Kind: mail.News, Language: l.Code,
		Subject: l.N(len(all), "%d neue Mitteilungen"), Ref: fmt.Sprintf("%d-%d-s", last.id, last.Person),
		Unsubscribe: h.URL("/b/" + token(last.id, last.Person, last.token) + "/abmelden")}
	if len(all) == 1 {
		m.Subject = last.title
	}
	var lines []string
	for _, g := range all {
		line := g.unit + ": " + g.title + "\n"
		if words := text.Plain(g.body, 200); words != "" {
			line += words + "\n"
		}
		lines = append(lines, line+h.URL("/mitteilung/"+strconv.FormatInt(g.id, 10)))
	}
	lines = append(lines, l.T("Das ist die Zusammenfassung des Tages. Ändern können Sie das hier: %s", h.URL("/konto/wege")),
		l.T("Keine Mails zu gewöhnlichen Mitteilungen mehr: %s", m.Unsubscribe))
	m.Text = strings.Join(lines, "\n\n")
	return m
}
