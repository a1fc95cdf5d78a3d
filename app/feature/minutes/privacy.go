package minutes

import (
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
)

type exported struct {
	Texts      []string `json:"protokolltexte"` // that the person has written, as they are now
	Versions   []string `json:"fassungen"`      // and as they were
	Asides     []string `json:"beiseite"`       // what was typed and is not in the minutes
	Sent       []string `json:"versandt"`
	Objections []string `json:"einwaende"`
	Answers    []string `json:"antworten"` // to objections of others
	Notes      []string `json:"berichtigungen"`
	Charge     []string `json:"zustaendig"` // Protokollführung, pen and approvals
}

func export(tx *store.Tx, s house.Subject) (any, error) {
	var e exported
	var err error
	if e.Texts, err = store.All(tx, store.Value[string], `
		SELECT m.title || ': ' || t.body FROM minutes_text t JOIN minutes m ON m.id = t.minutes WHERE t.author = ? ORDER BY t.minutes, t.item`, s.Person); err != nil {
		return nil, err
	}
	if e.Versions, err = store.All(tx, store.Value[string], `
		SELECT datetime(x.at, 'unixepoch') || 'Z ' || m.title || ': ' || x.body FROM minutes_version x JOIN minutes m ON m.id = x.minutes WHERE x.author = ? ORDER BY x.at`, s.Person); err != nil {
		return nil, err
	}
	if e.Asides, err = store.All(tx, store.Value[string], `
		SELECT datetime(a.at, 'unixepoch') || 'Z ' || m.title || ': ' || a.body FROM minutes_aside a JOIN minutes m ON m.id = a.minutes WHERE a.person = ? ORDER BY a.at`, s.Person); err != nil {
		return nil, err
	}
	if e.Sent, err = store.All(tx, store.Value[string], `
		SELECT datetime(r.at, 'unixepoch') || 'Z ' || m.title || ', Fassung ' || r.number FROM minutes_revision r JOIN minutes m ON m.id = r.minutes WHERE r.author = ? ORDER BY r.at`, s.Person); err != nil {
		return nil, err
	}
	if e.Objections, err = store.All(tx, store.Value[string], `
		SELECT datetime(o.at, 'unixepoch') || 'Z ' || m.title || ': ' || o.body || iif(o.reason = '', '', ' / ' || o.reason)
		FROM minutes_objection o JOIN minutes m ON m.id = o.minutes WHERE o.person = ? ORDER BY o.at`, s.Person); err != nil {
		return nil, err
	}
	if e.Answers, err = store.All(tx, store.Value[string], `
		SELECT datetime(o.answered, 'unixepoch') || 'Z ' || m.title || ': ' || o.reason FROM minutes_objection o JOIN minutes m ON m.id = o.minutes
		WHERE o.answerer = ? ORDER BY o.answered`, s.Person); err != nil {
		return nil, err
	}
	if e.Notes, err = store.All(tx, store.Value[string], `
		SELECT datetime(n.at, 'unixepoch') || 'Z ' || m.title || ': ' || n.body FROM minutes_note n JOIN minutes m ON m.id = n.minutes WHERE n.person = ? ORDER BY n.at`, s.Person); err != nil {
		return nil, err
	}
	e.Charge, err = store.All(tx, store.Value[string], `SELECT title FROM minutes WHERE ?1 IN (keeper, writer, approver) ORDER BY held, id`, s.Person)
	return e, err
}

// erase forgets who has written, objected and approved. What was written stays: it is the committee's. Names that stand in
// minutes that were sent stay, too: the minutes prove what a body has decided and who took part in it, which is the reason
// for which they are kept (GDPR Art. 17 (3) b and d); sent, they are a revision that never changes. A draft has no names of
// its own: its facts are asked from the meeting each time. What was typed and never became part of the minutes goes.
func (f *feature) erase(tx *store.Tx, s house.Subject) error {
	if s.Person == 0 {
		return nil
	}
	for _, q := range []func() (int64, error){
		func() (int64, error) {
			return tx.Exec(`UPDATE minutes SET keeper = nullif(keeper, ?1), writer = nullif(writer, ?1), approver = nullif(approver, ?1) WHERE ?1 IN (keeper, writer, approver)`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE minutes_text SET author = NULL WHERE author = ?`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE minutes_version SET author = NULL WHERE author = ?`, s.Person)
		},
		func() (int64, error) { return tx.Exec(`DELETE FROM minutes_aside WHERE person = ?`, s.Person) },
		func() (int64, error) {
			return tx.Exec(`UPDATE minutes_revision SET author = NULL WHERE author = ?`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE minutes_objection SET person = nullif(person, ?1), answerer = nullif(answerer, ?1) WHERE ?1 IN (person, answerer)`, s.Person)
		},
		func() (int64, error) {
			return tx.Exec(`UPDATE minutes_note SET person = NULL WHERE person = ?`, s.Person)
		},
	} {
		if _, err := q(); err != nil {
			return err
		}
	}
	return f.Tasks.Cancel(tx, tellKind, s.Person)
}
