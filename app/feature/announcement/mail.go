package announcement

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
)

const mailKind = "announcement.mail" // send the mails that wait

const together = 4 // mails or SMS handed over at the same time

// mailJob hands over the mails of an announcement that wait. A refusal is
// recorded and final; any other failure leaves the mail waiting for the next try.
func mailJob(h *house.House) task.Job {
	return task.Job{
		Kind: mailKind,
		Run: func(ctx context.Context, id int64, _ string) error {
			t, ok, err := current(ctx, h, id, channel.Mail, settings.MailDetails)
			if err != nil || !ok {
				return err
			}
			return each(ctx, h, id, channel.Mail, func(l letter) error {
				m := composeMail(h, t, l)
				return handOver(ctx, h, id, channel.Mail, l, h.Mail.Send(ctx, m), refusedMail)
			})
		},
		Failed: func(ctx context.Context, id int64, _ string, cause error) error {
			return abandon(ctx, h, id, channel.Mail, "der Mailserver nahm nichts an")
		},
	}
}

func refusedMail(err error) string {
	if mail.Refused(err) {
		return "die Adresse wurde abgelehnt"
	}
	return ""
}

// current prepares an announcement for a channel; what waits there is given up where it is no longer to be told.
func current(ctx context.Context, h *house.House, id int64, ch, setting string) (t told, ok bool, err error) {
	a, err := loaded(ctx, h, id)
	if err != nil {
		return t, false, err
	}
	if past(a, h.Now()) {
		return t, false, abandon(ctx, h, id, ch, "nicht mehr aktuell, bevor die Nachricht abging")
	}
	t, err = tellable(ctx, h, a, setting)
	return t, true, err
}

// each carries out what waits of a channel, some at the same time, and has the coverage shown anew after every hundred.
// One letter that has to wait holds up no other; when none of a hundred is taken, nobody is there to take them.
func each(ctx context.Context, h *house.House, id int64, ch string, one func(l letter) error) error {
	var failures []error
	for after := int64(0); ; {
		batch, next, err := waiting(ctx, h, id, ch, after, 100)
		if err != nil || next == 0 {
			return errors.Join(append(failures, err)...)
		}
		var wg sync.WaitGroup
		slots := make(chan struct{}, together)
		errs := make([]error, len(batch))
		for i, l := range batch {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				errs[i] = one(l)
			})
		}
		wg.Wait()
		if err := shout(ctx, h, id); err != nil {
			return err
		}
		errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
		if len(errs) > 0 {
			failures = append(failures, errs[0]) // the rest says the same
		}
		if len(batch) > 0 && len(errs) == len(batch) || len(failures) == mostFailures {
			return errors.Join(failures...)
		}
		after = next
	}
}

const mostFailures = 50 // hundreds with a failure, after which a run ends: what waits is tried again anyway

// handOver records what became of a letter. why words a refusal, which is final; "" for any other failure, after which
// the letter waits for the next try.
func handOver(ctx context.Context, h *house.House, id int64, ch string, l letter, err error, why func(error) string) error {
	state, reason := "handed", ""
	if err != nil {
		if reason = why(err); reason == "" {
			return err
		}
		state = "failed"
	}
	return h.DB.Write(ctx, func(tx *store.Tx) error {
		now := h.Now()
		if err := settle(tx, id, l.Person, ch, state, reason, now); err != nil {
			return err
		}
		if state == "failed" {
			return channel.Failed(tx, l.Person, ch, l.Address, reason, now)
		}
		return channel.Handed(tx, l.Person, ch, l.Address, now)
	})
}

// composeMail writes the mail in the language of the person.
func composeMail(h *house.House, t told, to letter) mail.Message {
	l := lang.Of(to.Language)
	m := mail.Message{To: to.Address, Name: to.Name, Kind: mail.Closure, Language: l.Code, Subject: t.title(l, true),
		Ref: fmt.Sprintf("%d-%d", t.ID, to.Person), Urgent: t.Kind != News}
	if t.Kind == News {
		m.Kind = mail.News
	}
	if to.again {
		m.Subject = l.T("Erinnerung: %s", m.Subject)
		m.Ref += "-e"
	}
	lines := t.facts(l)
	if w := t.words(); w != "" {
		lines = append(lines, w)
	}
	if names := addresses(h.URL, t.files); t.details && len(names) > 0 { // a name may tell what the words must not
		lines = append(lines, l.T("Anhänge")+":\n"+strings.Join(names, "\n"))
	}
	link := h.URL("/b/" + token(t.ID, to.Person, to.token))
	if t.Confirm {
		lines = append(lines, l.T("Bitte bestätigen Sie, dass Sie das gelesen haben:")+"\n"+link, l.T("Sie müssen sich dafür nicht anmelden."))
	} else {
		lines = append(lines, h.URL("/mitteilung/"+strconv.FormatInt(t.ID, 10)))
	}
	lines = append(lines, l.T("Diese Nachricht kommt von %s.", t.UnitName))
	if t.Kind == News && !t.Confirm {
		m.Unsubscribe = link + "/abmelden"
		lines = append(lines, l.T("Keine Mails zu gewöhnlichen Mitteilungen mehr: %s", m.Unsubscribe))
	}
	m.Text = strings.Join(lines, "\n\n")
	return m
}

// refOf reads a ref: "announcement-person", with what follows for a reminder. False: it is of another kind of message.
func refOf(ref string) (id, person int64, ok bool) {
	parts := strings.Split(ref, "-")
	if len(parts) < 2 {
		return 0, 0, false
	}
	id, err1 := strconv.ParseInt(parts[0], 10, 64)
	person, err2 := strconv.ParseInt(parts[1], 10, 64)
	return id, person, err1 == nil && err2 == nil
}

// Bounced records that a mail came back. Ref is that of its message.
func Bounced(now func() time.Time) func(tx *store.Tx, ref, recipient, why string) error {
	return func(tx *store.Tx, ref, recipient, why string) error {
		id, person, ok := refOf(ref)
		if !ok {
			return nil
		}
		n, err := tx.Exec(`
			UPDATE announcement_delivery SET state = 'failed', reason = ? WHERE announcement = ? AND person = ? AND channel = 'mail'
			AND (? = '' OR lower(address) = lower(?))`, "kam zurück: "+why, id, person, recipient, recipient)
		if err != nil || n == 0 {
			return err
		}
		to, err := store.One(tx, store.Value[string], `
			SELECT address FROM announcement_delivery WHERE announcement = ? AND person = ? AND channel = 'mail'`, id, person)
		if err != nil {
			return err
		}
		return channel.Failed(tx, person, channel.Mail, to, "kam zurück: "+why, now())
	}
}
