package barrier

import (
	"context"
	"fmt"
	"strings"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const (
	tellKind   = "barrier.tell"   // tell one of the keepers; ref: the person, arg: what, and the report
	answerKind = "barrier.answer" // send the answer; ref: the report
)

// What keepers are told of.
const (
	arrived = "arrived"
	waits   = "waits"
)

// tell has all keepers told of a report.
func (f feature) tell(tx *store.Tx, report int64, what string) error {
	people, err := store.All(tx, store.Value[int64], `
		SELECT DISTINCT person FROM membership WHERE (1 << role) & ?1 AND state = 'confirmed' AND since <= ?2 AND ?2 < until`, int64(keepers), f.Now().Unix())
	if err != nil {
		return err
	}
	for _, p := range people {
		if err := notice.Plan(tx, f.House, tellKind, p, what, report); err != nil {
			return err
		}
	}
	return nil
}

func (f feature) teller() task.Job {
	return notice.Job(f.House, tellKind, func(tx *store.Tx, v who.Viewer, l *lang.Lang, what string, id int64) (n notice.Notice, err error) {
		r, err := get(tx, id)
		if err != nil || !r.Answered.IsZero() {
			return n, err
		}
		if ok, err := f.may(tx, v); err != nil || !ok {
			return n, err
		}
		n = notice.Notice{Path: fmt.Sprintf("/barriere/%d", id), Tag: fmt.Sprintf("barrier%d", id), Title: l.T("Jemand hat eine Barriere gemeldet")}
		if what == waits {
			n.Title = l.T("Eine gemeldete Barriere wartet auf Antwort")
		}
		n.Body = l.T("Bis %s.", l.DayYear(r.Due()))
		return n, nil
	})
}

// answerer sends an answer to whoever left an address. Whoever was signed in reads it on the page as well.
func (f feature) answerer() task.Job {
	return task.Job{Kind: answerKind, Run: func(ctx context.Context, id int64, _ string) error {
		var r Report
		err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
			r, err = get(tx, id)
			return err
		})
		if fault.KindOf(err) == fault.NotFound || err == nil && r.Mail == "" {
			return nil
		}
		if err != nil {
			return err
		}
		l := lang.Of(r.Lang)
		err = f.Mail.Send(ctx, mail.Message{To: r.Mail, Kind: mail.News, Language: "de", Subject: l.T("Ihre Meldung einer Barriere, Nr. %d", id),
			Text: r.Answer + "\n\n" + l.T("Sie hatten geschrieben:") + "\n\n> " + strings.ReplaceAll(r.Body, "\n", "\n> ")})
		if mail.Refused(err) {
			return task.Drop(err)
		}
		return err
	}}
}

// night reminds of what was not answered yet, twice, and lets go of what is old.
func (f feature) night(ctx context.Context) error {
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		now := f.Now()
		for _, after := range []int{month / 2, month - 3} {
			until := now.AddDate(0, 0, -after)
			ids, err := store.All(tx, store.Value[int64], `SELECT id FROM barrier_report WHERE answered IS NULL AND created <= ? AND reminded < ?`, until.Unix(), after)
			if err != nil {
				return err
			}
			for _, id := range ids {
				if _, err := tx.Exec(`UPDATE barrier_report SET reminded = ? WHERE id = ?`, after, id); err != nil {
					return err
				}
				if err := f.tell(tx, id, waits); err != nil {
					return err
				}
			}
		}
		return forget(tx, now)
	})
}
