package minutes

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"nestfunk/app/base/committee"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

const (
	tellKind  = "minutes.tell"  // tell a person something of minutes; ref: the person, arg: what, and which
	nightKind = "minutes.night" // look for what is overdue or damaged
)

// What somebody is told of minutes.
type news string

const (
	newsSent     news = "sent"
	newsRevised  news = "revised"
	newsObjected news = "objected"
	newsAnswered news = "answered"
	newsApproved news = "approved"
	newsNoted    news = "noted"
	newsLate     news = "late"
	newsBroken   news = "broken"
)

// tell has a person told of minutes, once their quiet hours are over.
func (f *feature) tell(tx *store.Tx, id, person int64, what news) error {
	return notice.Plan(tx, f.House, tellKind, person, string(what), id)
}

// leading has those told who lead the committee, but one.
func (f *feature) leading(tx *store.Tx, unit, id, but int64, what news) error {
	seats, err := committee.Seats(tx, unit, f.Now())
	if err != nil {
		return err
	}
	for _, p := range leaders(seats) {
		if p != but {
			if err := f.tell(tx, id, p, what); err != nil {
				return err
			}
		}
	}
	return nil
}

// tellJob tells one person, if they may still read the minutes and it still holds.
func (f *feature) tellJob() task.Job {
	return notice.Job(f.House, tellKind, func(tx *store.Tx, v who.Viewer, _ *lang.Lang, what string, id int64) (n notice.Notice, err error) {
		m, err := get(tx, id, v, f.Now())
		if err != nil {
			return n, err
		}
		if title, body := m.says(news(what), f.Now()); title != "" {
			n = notice.Notice{Title: title, Body: body, Path: m.Path(), From: m.UnitName, Tag: fmt.Sprintf("protokoll%d", id)}
		}
		return n, nil
	})
}

// says is what a notice says; "": nothing any more. It is German, as all pages on which a committee works.
func (m Minutes) says(what news, now time.Time) (title, body string) {
	l := lang.German()
	switch {
	case what == newsSent && m.State == Sent:
		if title = m.Name(); m.Objecting(now) {
			body = "Einwände sind bis " + l.DayYear(house.Local(m.Last())) + " möglich."
		}
	case what == newsRevised && m.State == Sent:
		title, body = m.Name()+" wurde berichtigt", "Die neue Fassung gilt. Was geändert wurde, steht dabei."
	case what == newsObjected && m.State == Sent && m.Leads():
		title, body = "Einwand gegen das "+m.Name(), "Bitte antworten Sie: übernommen, oder abgelehnt mit einem Grund."
	case what == newsAnswered:
		title = "Antwort auf Ihren Einwand gegen das " + m.Name()
	case what == newsApproved && m.State == Approved:
		// The hash goes out of the house: whoever keeps the mail can prove what was approved.
		title, body = m.Name()+" ist genehmigt", "Prüfsumme (SHA-256): "+Print(m.Hash)
	case what == newsNoted && m.State == Approved:
		title = "Berichtigung zum " + m.Name()
	case what == newsLate && m.Late(now):
		title, body = m.Name()+" ist überfällig", "Es sollte bis "+l.DayYear(house.Local(m.DueDay()))+" versandt sein."
	case what == newsBroken && !m.Broken.IsZero():
		title, body = m.Name()+" wurde verändert", "Die Prüfsumme stimmt nicht mehr. Bitte vergleichen Sie mit einem Ausdruck, und sagen Sie es dem Betrieb."
	}
	return title, body
}

// again is how long after a reminder the next one comes.
const again = 7 * 24 * time.Hour

// night reminds of minutes that are overdue, and compares approved ones with their hashes.
func (f *feature) night(ctx context.Context) error {
	var late, approved []int64
	now := f.Now()
	err := f.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if late, err = store.All(tx, store.Value[int64], `
			SELECT id FROM minutes WHERE state = 'draft' AND due <= ? AND reminded <= ? ORDER BY id`, now.Unix(), now.Add(-again).Unix()); err != nil {
			return err
		}
		approved, err = store.All(tx, store.Value[int64], `SELECT id FROM minutes WHERE state = 'approved' AND broken IS NULL ORDER BY id`)
		return err
	})
	if err != nil {
		return err
	}
	var failed error
	for _, id := range late {
		failed = errors.Join(failed, f.DB.Write(ctx, func(tx *store.Tx) error { return f.remind(tx, id) }))
	}
	for _, id := range approved {
		failed = errors.Join(failed, f.compare(ctx, id))
	}
	return failed
}

// remind has those told who owe minutes: who keeps them, else the secretary, else who leads.
func (f *feature) remind(tx *store.Tx, id int64) error {
	m, err := row(tx, id)
	if err != nil {
		return err
	}
	to := m.Keeper
	if to == 0 {
		seats, err := committee.Seats(tx, m.Unit, f.Now())
		if err != nil {
			return err
		}
		if people := leaders(seats); len(people) > 0 {
			to = people[0]
		}
	}
	if _, err := tx.Exec(`UPDATE minutes SET reminded = ? WHERE id = ?`, f.Now().Unix(), id); err != nil || to == 0 {
		return err
	}
	return f.tell(tx, id, to, newsLate)
}

// compare notes approved minutes that no longer fit their hash, and has the board told.
func (f *feature) compare(ctx context.Context, id int64) error {
	var intact bool
	err := f.DB.Read(ctx, func(tx *store.Tx) error {
		m, err := row(tx, id)
		if err != nil {
			return err
		}
		_, _, intact, err = verified(tx, m)
		return err
	})
	if err != nil || intact {
		return err
	}
	slog.Error("approved minutes do not fit their hash", "minutes", id)
	return f.DB.Write(ctx, func(tx *store.Tx) error {
		m, err := row(tx, id)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE minutes SET broken = ? WHERE id = ?`, f.Now().Unix(), id); err != nil {
			return err
		}
		if err := f.leading(tx, m.Unit, id, 0, newsBroken); err != nil {
			return err
		}
		return f.log(tx, f.Now(), 0, "minutes.broken", id)
	})
}
