package operation

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/push"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const selftestKind = "operation.selftest"

// A verdict is what the last self-test said of a channel.
type verdict struct {
	Channel string
	At      time.Time
	Words   string // what is wrong; "": nothing
}

func (t *verdict) fields() []any { return []any{&t.Channel, (*store.Time)(&t.At), &t.Words} }

// Name is what the channel is called.
func (t verdict) Name() string {
	return map[string]string{channel.Mail: "Mail", channel.SMS: "SMS", channel.Push: "Push-Mitteilungen"}[t.Channel]
}

// selftest tries every channel in the night, without a message to anybody, so that a wrong setting is not found on the
// day on which it matters.
func (f *feature) selftest() task.Job {
	again := func(ctx context.Context) error {
		return f.DB.Write(ctx, func(tx *store.Tx) error {
			return f.Tasks.AddAt(tx, selftestKind, 0, "", night(f.Now()))
		})
	}
	return task.Job{
		Kind: selftestKind,
		Run: func(ctx context.Context, _ int64, _ string) error {
			if _, err := f.examine(ctx); err != nil {
				return err
			}
			return again(ctx)
		},
		Failed: func(ctx context.Context, _ int64, _ string, _ error) error { return again(ctx) },
	}
}

// night is the next half past two.
func night(now time.Time) time.Time {
	at := house.Local(now)
	t := time.Date(at.Year(), at.Month(), at.Day(), 2, 30, 0, 0, at.Location())
	if !t.After(now) {
		t = time.Date(at.Year(), at.Month(), at.Day()+1, 2, 30, 0, 0, at.Location())
	}
	return t
}

// A checker can tell whether it would reach its server, without sending anything.
type checker interface {
	Check(ctx context.Context) error
}

// examine tries the channels that are set up, keeps the verdicts, and writes to the operators about what has broken
// since the last time.
func (f *feature) examine(ctx context.Context) (all []verdict, err error) {
	for _, c := range []struct {
		channel string
		set     bool
		checker any
		words   func(error) string
	}{
		{channel.Mail, f.Mail.Configured(ctx), f.Mail, mail.Words},
		{channel.SMS, f.SMS.Configured(ctx), f.SMS, sms.Words},
		{channel.Push, true, f.Push, push.Words},
	} {
		checked, ok := c.checker.(checker)
		if !ok || !c.set {
			continue
		}
		v := verdict{Channel: c.channel, At: f.Now()}
		if err := checked.Check(ctx); err != nil {
			if v.Words = c.words(err); v.Words == "" {
				return nil, fmt.Errorf("test %s: %w", c.channel, err)
			}
		}
		all = append(all, v)
	}
	var broken []verdict
	err = f.DB.Write(ctx, func(tx *store.Tx) error {
		before, err := verdicts(tx)
		if err != nil {
			return err
		}
		was := map[string]string{}
		for _, v := range before {
			was[v.Channel] = v.Words
		}
		if _, err := tx.Exec(`DELETE FROM operation_check`); err != nil {
			return err
		}
		for _, v := range all {
			if _, err := tx.Exec(`INSERT INTO operation_check (channel, at, failure) VALUES (?, ?, ?)`, v.Channel, v.At.Unix(), v.Words); err != nil {
				return err
			}
			if v.Words != "" && was[v.Channel] == "" {
				broken = append(broken, v)
			}
		}
		return f.warn(tx, broken)
	})
	return all, err
}

const warnKind = "operation.warn" // the argument is what the mail says

// warn has the operators written to, each by a task of their own. Where it is the mail server that has broken, the page
// and its banner are all there is.
func (f *feature) warn(tx *store.Tx, broken []verdict) error {
	var lines []string
	for _, v := range broken {
		if v.Channel == channel.Mail {
			return nil
		}
		lines = append(lines, v.Name()+": "+v.Words)
	}
	if lines == nil {
		return nil
	}
	return Warn(f.House)(tx, "Der Selbsttest in der Nacht hat einen Fehler gefunden. Nachrichten könnten nicht ankommen.\n\n"+strings.Join(lines, "\n\n"))
}

// Warn has those who run the whole house written to, each by a task of their own.
func Warn(h *house.House) func(tx *store.Tx, words string) error {
	return func(tx *store.Tx, words string) error {
		people, err := operators(tx, h.Now())
		if err != nil {
			return err
		}
		for _, p := range people {
			if err := h.Tasks.Add(tx, warnKind, p, words); err != nil {
				return err
			}
		}
		return nil
	}
}

// warning writes to one operator.
func (f *feature) warning() task.Job {
	return task.Job{Kind: warnKind, Run: func(ctx context.Context, person int64, words string) error {
		var to string
		err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
			to, err = addressOf(tx, person, f.Now())
			return err
		})
		if err != nil || to == "" || !f.Mail.Configured(ctx) {
			return err
		}
		err = f.Mail.Send(ctx, mail.Message{To: to, Kind: mail.Test, Language: "de", Urgent: true,
			Subject: "Nestfunk: Im Betrieb ist etwas nicht in Ordnung", Text: words + "\n\n" + f.URL("/betrieb")})
		if mail.Refused(err) {
			return nil
		}
		return err
	}}
}

func verdicts(tx *store.Tx) ([]verdict, error) {
	return store.All(tx, (*verdict).fields, `SELECT channel, at, failure FROM operation_check ORDER BY channel`)
}

// operators lists those who look after the whole house.
func operators(tx *store.Tx, now time.Time) ([]int64, error) {
	return store.All(tx, store.Value[int64], `
		SELECT DISTINCT m.person FROM membership m JOIN unit u ON u.id = m.unit
		WHERE m.role = 1 AND u.parent IS NULL AND m.state = 'confirmed' AND m.since <= ?1 AND m.until > ?1`, now.Unix())
}

// addressOf is where an operator reads mail; "" where nobody knows.
func addressOf(tx *store.Tx, person int64, now time.Time) (string, error) {
	return store.One(tx, store.Value[string], `
		SELECT coalesce((SELECT max(m.mail) FROM membership m JOIN unit u ON u.id = m.unit WHERE m.person = ?1 AND m.role = 1 AND u.parent IS NULL
				AND m.state = 'confirmed' AND m.until > ?2 AND m.mail <> ''),
			(SELECT min(k.mail) FROM account_mail k WHERE k.person = ?1 AND k.verified > 0), '')`, person, now.Unix())
}

// begin has the nightly self-test run, once.
func (f *feature) begin(ctx context.Context) error {
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM task WHERE kind = ?`, selftestKind)
		if err != nil || n > 0 {
			return err
		}
		return f.Tasks.AddAt(tx, selftestKind, 0, "", night(f.Now()))
	})
}
