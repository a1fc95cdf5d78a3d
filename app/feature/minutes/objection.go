package minutes

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// mostObjections is how many somebody may have waiting for an answer.
const mostObjections = 20

// objections lists those against minutes, in the order in which they came.
func objections(tx *store.Tx, id int64) ([]Objection, error) {
	all, err := store.All(tx, func(o *Objection) []any {
		return []any{&o.ID, &o.Minutes, &o.Item, &o.Body, store.Null(&o.Person), &o.Name, (*store.Time)(&o.At), &o.Answer, &o.Reason, (*store.Time)(&o.Answered)}
	}, `
		SELECT o.id, o.minutes, o.item, o.body, o.person, coalesce(p.given || ' ' || p.family, ''), o.at, o.answer, o.reason, o.answered
		FROM minutes_objection o LEFT JOIN person p ON p.id = o.person WHERE o.minutes = ? ORDER BY o.id`, id)
	for i := range all {
		all[i].Name = nameOr(all[i].Name)
	}
	return all, err
}

// waiting counts the objections that nobody has answered.
func waiting(tx *store.Tx, id int64) (int, error) {
	return store.One(tx, store.Value[int], `SELECT count(*) FROM minutes_objection WHERE minutes = ? AND answer = ''`, id)
}

// object notes what a member says against minutes. The same words once more change nothing.
func (f *feature) object(tx *store.Tx, id int64, v who.Viewer, item int64, body string) error {
	now := f.Now()
	m, err := get(tx, id, v, now)
	if err == nil && !m.Whole() {
		err = fault.Gone()
	}
	if err != nil {
		return err
	}
	switch {
	case m.State == Draft:
		return fault.New(fault.Conflict, "Dieses Protokoll ist noch nicht versandt. Sprechen Sie mit denen, die es schreiben.")
	case m.State == Approved:
		return m.open()
	case !m.Objecting(now):
		return fault.New(fault.Conflict, "Einwände waren bis %s möglich. Bitte sagen Sie es in der Sitzung, die das Protokoll genehmigt.", lang.German().DayYear(house.Local(m.Last())))
	}
	if body, err = words("body", body); err != nil {
		return err
	}
	rev, err := latest(tx, id)
	if err != nil {
		return err
	}
	c, err := read(rev.Content)
	if err != nil {
		return err
	}
	if _, ok := c.Record.item(item); !ok {
		return fault.At("item", "Bitte wählen Sie einen Punkt.")
	}
	all, err := objections(tx, id)
	if err != nil {
		return err
	}
	mine := 0
	for _, o := range all {
		if o.Person != v.ID {
			continue
		}
		if o.Item == item && o.Body == body {
			return nil
		}
		if mine++; mine >= mostObjections {
			return fault.New(fault.TooMany, "Sie haben schon %d Einwände geschrieben. Bitte sprechen Sie mit dem Vorstand.", mostObjections)
		}
	}
	if _, err := tx.Exec(`INSERT INTO minutes_objection (minutes, item, body, person, at) VALUES (?, ?, ?, ?, ?)`, id, item, body, v.ID, now.Unix()); err != nil {
		return err
	}
	if err := f.leading(tx, m.Unit, id, v.ID, newsObjected); err != nil {
		return err
	}
	if err := f.told(tx, m.Unit); err != nil {
		return err
	}
	return f.log(tx, now, v.ID, "minutes.objected", id)
}

// answer says what becomes of an objection.
func (f *feature) answer(tx *store.Tx, id, objection int64, v who.Viewer, how, reason string) error {
	now := f.Now()
	m, err := led(tx, id, v, now)
	if err == nil {
		err = m.open()
	}
	if err != nil {
		return err
	}
	if how != Taken && how != Refused {
		return fault.At("answer", "Bitte wählen Sie eine Antwort.")
	}
	if reason != "" || how == Refused {
		if reason, err = words("reason", reason); err != nil {
			return err
		}
	}
	type open struct {
		person   int64
		answered time.Time
	}
	o, err := store.One(tx, func(o *open) []any { return []any{store.Null(&o.person), (*store.Time)(&o.answered)} }, `
		SELECT person, answered FROM minutes_objection WHERE id = ? AND minutes = ?`, objection, id)
	if err != nil {
		return err
	}
	if !o.answered.IsZero() {
		return fault.New(fault.Conflict, "Dieser Einwand ist schon beantwortet.")
	}
	if _, err := tx.Exec(`UPDATE minutes_objection SET answer = ?, reason = ?, answerer = ?, answered = ? WHERE id = ?`, how, reason, v.ID, now.Unix(), objection); err != nil {
		return err
	}
	if o.person != 0 && o.person != v.ID {
		if err := f.tell(tx, id, o.person, newsAnswered); err != nil {
			return err
		}
	}
	if err := f.told(tx, m.Unit); err != nil {
		return err
	}
	return f.log(tx, now, v.ID, "minutes.answered", id)
}
