package announcement

import (
	"context"
	"fmt"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/sms"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
)

const smsKind = "announcement.sms" // send the SMS that wait

// smsJob hands over the SMS of an announcement that wait.
func smsJob(h *house.House) task.Job {
	return task.Job{
		Kind: smsKind,
		Run: func(ctx context.Context, id int64, _ string) error {
			t, ok, err := current(ctx, h, id, channel.SMS, settings.PushDetails)
			if err != nil || !ok {
				return err
			}
			return each(ctx, h, id, channel.SMS, func(l letter) error {
				return handOver(ctx, h, id, channel.SMS, l, h.SMS.Send(ctx, composeSMS(h, t, l)), refusedSMS)
			})
		},
		Failed: func(ctx context.Context, id int64, _ string, cause error) error {
			return abandon(ctx, h, id, channel.SMS, "der SMS-Dienst nahm nichts an")
		},
	}
}

func refusedSMS(err error) string {
	if sms.Refused(err) {
		return sms.Words(err)
	}
	return ""
}

// composeSMS writes it in the language of the person, in one or two parts: what, and where to confirm.
func composeSMS(h *house.House, t told, to letter) sms.Message {
	l, kind := lang.Of(to.Language), sms.Closure
	if t.Kind == News {
		kind = sms.News
	}
	return sms.Message{To: to.Address, Kind: kind, Language: l.Code, Ref: fmt.Sprintf("%d-%d", t.ID, to.Person), Text: shortWords(h, t, l, to)}
}

func shortWords(h *house.House, t told, l *lang.Lang, to letter) string {
	words := t.title(l, false)
	if t.closure != nil && !t.closure.Whole {
		words = t.closure.Name + ": " + words
	}
	link := h.URL("/b/" + token(t.ID, to.Person, to.token) + "?weg=sms")
	if !t.Confirm {
		return words + " " + link
	}
	return words + " " + l.T("Bitte bestätigen:") + " " + link
}

// Texted records what the SMS service reports of a message: "delivered" or "failed".
func Texted(now func() time.Time) func(tx *store.Tx, ref, state, why string) error {
	return func(tx *store.Tx, ref, state, why string) error {
		id, person, ok := refOf(ref)
		if !ok {
			return nil
		}
		now := now()
		n, err := tx.Exec(`
			UPDATE announcement_delivery SET state = ?, reason = ?, at = ? WHERE announcement = ? AND person = ? AND channel = 'sms'
			AND state IN ('waiting', 'handed', 'failed')`, state, why, now.Unix(), id, person)
		if err != nil || n == 0 {
			return err
		}
		to, err := store.One(tx, store.Value[string], `
			SELECT address FROM announcement_delivery WHERE announcement = ? AND person = ? AND channel = 'sms'`, id, person)
		if err != nil {
			return err
		}
		if state == "failed" {
			return channel.Failed(tx, person, channel.SMS, to, why, now)
		}
		return channel.Proved(tx, person, channel.SMS, to, now)
	}
}
