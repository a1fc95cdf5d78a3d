package sms

import (
	"slices"
	"time"

	"nestfunk/app/base/retention"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
)

const (
	patience = 15 * time.Minute    // with an SMS of which nobody knows whether it went out
	quick    = 2 * time.Minute     // a report may be faster than the answer to the SMS
	inquiry  = 30 * 24 * time.Hour // providers reuse their ids some day
)

// A row is an SMS as it is kept.
type row struct {
	id     int64
	ref    string
	state  string
	reason string
	parts  int
	at     time.Time
}

func (r *row) fields() []any {
	return []any{&r.id, &r.ref, &r.state, &r.reason, &r.parts, (*store.Time)(&r.at)}
}

// Stopped reports whether a number of E.164 has sent STOPP.
func Stopped(tx *store.Tx, number string) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM sms_stop WHERE number = ?`, number)
	return n > 0, err
}

// Stops counts the numbers that have sent STOPP.
func Stops(tx *store.Tx) (int, error) {
	return store.One(tx, store.Value[int], `SELECT count(*) FROM sms_stop`)
}

// Spent is what was given to the provider on the house's day that holds t.
func Spent(tx *store.Tx, t time.Time) (Cost, error) {
	from, to := day(t)
	return store.One(tx, func(c *Cost) []any { return []any{&c.SMS, &c.Price} }, `
		SELECT coalesce(sum(parts), 0), coalesce(sum(price), 0) FROM sms_message WHERE at >= ? AND at < ?`, from, to)
}

// Left counts the messages that the limit kept from going out on the house's day that holds t.
func Left(tx *store.Tx, t time.Time) (int, error) {
	from, to := day(t)
	return store.One(tx, store.Value[int], `
		SELECT count(DISTINCT ref || ' ' || number) FROM sms_message WHERE at >= ? AND at < ? AND parts = 0 AND reason = ?`, from, to, tooMany)
}

// day begins and ends at midnight in the house's zone, in Unix seconds; a day may have 23 or 25 hours.
func day(t time.Time) (from, to int64) {
	y, m, d := t.In(web.Zone()).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, web.Zone()).Unix(), time.Date(y, m, d+1, 0, 0, 0, 0, web.Zone()).Unix()
}

const (
	tooMany   = "Tagesgrenze erreicht"
	nobodySay = "Es blieb unklar, ob die SMS hinausging; sie wurde noch einmal gesendet."
)

// A claim is the permission to give an SMS to the provider; without one, err says why not, or nothing is left to do.
type claim struct {
	id   int64 // 0: not to be sent
	done error // what is to be answered then; nil: it has been sent before
}

// begin claims an SMS before it goes out.
func begin(tx *store.Tx, c config, m Message, parts int, now time.Time) (claim, error) {
	if stop, err := Stopped(tx, m.To); err != nil || stop {
		return claim{done: NumberBlocked()}, err
	}
	if m.Ref != "" {
		before, err := store.All(tx, (*row).fields, `
			SELECT id, ref, state, reason, parts, at FROM sms_message WHERE ref = ? AND number = ? ORDER BY id DESC LIMIT 1`, m.Ref, m.To)
		if err != nil {
			return claim{}, err
		}
		for _, r := range before {
			switch {
			case r.state == "handed", r.state == "delivered":
				return claim{}, nil
			case r.state == "failed" && r.parts > 0 && r.reason != nobodySay: // by a report that came since
				return claim{done: &failure{step: refused, words: r.reason}}, nil
			case r.state == "waiting" && now.Sub(r.at) < patience:
				return claim{done: &failure{step: unknown, words: "Es ist noch unklar, ob die SMS hinausging. Das Programm wartet auf einen Bericht."}}, nil
			case r.state == "waiting":
				if _, err := tx.Exec(`UPDATE sms_message SET state = 'failed', reason = ? WHERE id = ?`, nobodySay, r.id); err != nil {
					return claim{}, err
				}
			}
		}
	}
	spent, err := Spent(tx, now)
	if err != nil {
		return claim{}, err
	}
	if spent.SMS+parts > c.limit {
		_, err := tx.Exec(`INSERT INTO sms_message (ref, number, parts, price, state, reason, at) VALUES (?, ?, 0, 0, 'failed', ?, ?)`,
			m.Ref, m.To, tooMany, now.Unix())
		return claim{done: LimitReached(c.limit)}, err
	}
	id, err := store.One(tx, store.Value[int64], `
		INSERT INTO sms_message (ref, number, parts, price, state, at) VALUES (?, ?, ?, ?, 'waiting', ?) RETURNING id`,
		m.Ref, m.To, parts, parts*c.price, now.Unix())
	return claim{id: id}, err
}

// settle notes what became of a claim. An SMS of which nobody knows stays as it is.
func settle(tx *store.Tx, id int64, a accepted, result error) (err error) {
	s, known := stepOf(result)
	switch {
	case result == nil:
		_, err = tx.Exec(`UPDATE sms_message SET state = 'handed', provider = ?, parts = ?, price = ? WHERE id = ? AND state = 'waiting'`,
			a.id, a.parts, a.price, id)
	case s == unknown:
	case !known || s == unsent:
		_, err = tx.Exec(`DELETE FROM sms_message WHERE id = ? AND state = 'waiting'`, id)
	default:
		_, err = tx.Exec(`UPDATE sms_message SET state = 'failed', reason = ?, parts = 0, price = 0 WHERE id = ? AND state = 'waiting'`,
			Words(result), id)
	}
	return err
}

// stop notes that a number wants no SMS.
func stop(tx *store.Tx, number string, now time.Time) error {
	_, err := tx.Exec(`INSERT INTO sms_stop (number, at) VALUES (?, ?) ON CONFLICT DO NOTHING`, number, now.Unix())
	return err
}

// start takes a STOPP back.
func start(tx *store.Tx, number string) error {
	_, err := tx.Exec(`DELETE FROM sms_stop WHERE number = ?`, number)
	return err
}

// find looks for the SMS that a report speaks of, the youngest first; none: it is not ours. A report without a number
// speaks of any.
func find(tx *store.Tx, ids []string, number string, now time.Time) ([]row, error) {
	for _, id := range slices.Compact(ids) {
		found, err := store.All(tx, (*row).fields, `
			SELECT id, ref, state, reason, parts, at FROM sms_message
			WHERE provider = ?1 AND provider <> '' AND (?2 = '' OR number = ?2) AND at > ?3 ORDER BY id DESC LIMIT 1`,
			id, number, now.Add(-inquiry).Unix())
		if err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

// underway reports whether the answer to an SMS may still be on its way, so that a report cannot be matched yet.
func underway(tx *store.Tx, now time.Time) (bool, error) {
	n, err := store.One(tx, store.Value[int], `SELECT count(*) FROM sms_message WHERE state = 'waiting' AND at > ?`, now.Add(-quick).Unix())
	return n > 0, err
}

func turn(tx *store.Tx, id int64, state, why string) error {
	_, err := tx.Exec(`UPDATE sms_message SET state = ?, reason = ? WHERE id = ?`, state, why, id)
	return err
}

// Sweep drops what nobody needs to know any more, and returns how much. A STOPP stays, and so does everything while an incident
// has records frozen.
func Sweep(tx *store.Tx, now time.Time) (int, error) {
	n, err := tx.Exec(`DELETE FROM sms_message WHERE at < ? AND NOT EXISTS (SELECT 1 FROM frozen)`, retention.Usual(retention.SMS).Before(now).Unix())
	return int(n), err
}

// A Trace is one SMS to a person, for the export of what the house knows of them.
type Trace struct {
	At     time.Time `json:"at"`
	Number string    `json:"number"`
	State  string    `json:"state"`
	Reason string    `json:"reason,omitempty"`
	Stop   bool      `json:"stop"` // the number has sent STOPP
}

func (t *Trace) fields() []any {
	return []any{(*store.Time)(&t.At), &t.Number, &t.State, &t.Reason, &t.Stop}
}

// LastTest is what became of the last SMS without a Ref; State is "" where there was none.
func LastTest(tx *store.Tx) (t Trace, err error) {
	all, err := store.All(tx, (*Trace).fields, `
		SELECT m.at, m.number, m.state, m.reason, EXISTS (SELECT 1 FROM sms_stop s WHERE s.number = m.number)
		FROM sms_message m WHERE m.ref = '' AND m.number <> '' ORDER BY m.id DESC LIMIT 1`)
	if len(all) > 0 {
		t = all[0]
	}
	return t, err
}

// Of lists what was sent to a person.
func Of(tx *store.Tx, person int64) ([]Trace, error) {
	return store.All(tx, (*Trace).fields, `
		SELECT m.at, m.number, m.state, m.reason, EXISTS (SELECT 1 FROM sms_stop s WHERE s.number = m.number)
		FROM sms_message m WHERE m.ref LIKE '%-' || ? ORDER BY m.id`, person)
}

// Erase removes what was sent to a person, and the STOPP of numbers that nobody else was written to at. What was
// charged stays in the sums of its day.
func Erase(tx *store.Tx, person int64) error {
	if _, err := tx.Exec(`
		DELETE FROM sms_stop WHERE number IN (SELECT number FROM sms_message WHERE ref LIKE '%-' || ?1)
			AND number NOT IN (SELECT number FROM sms_message WHERE ref NOT LIKE '%-' || ?1)`, person); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE sms_message SET ref = '', number = '', provider = '', reason = '' WHERE ref LIKE '%-' || ?`, person)
	return err
}
