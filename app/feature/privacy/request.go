package privacy

import (
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/audit"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// The states of a request.
const (
	isOpen    = "open"
	isChecked = "checked"
	isDone    = "done"
	isRefused = "refused"
	withdrawn = "withdrawn"
)

// Who has asked.
const (
	bySelf     = "self"
	byGuardian = "guardian"
	byDesk     = "desk" // a clerk took it down
)

// A request is that somebody be forgotten. One person of the house looks what would go and passes it on, another confirms.
type request struct {
	ID      int64
	Kind    string
	Subject house.Subject // zero: it is done
	Origin  string
	Asker   int64
	AskerBy string // name
	Words   string
	At      time.Time
	State   string
	Checker int64
	CheckBy string
	Checked time.Time
	Closer  int64
	CloseBy string
	Closed  time.Time
	Reason  string
	Numbers string
}

func (r *request) fields() []any {
	return []any{&r.ID, &r.Kind, &r.Subject.Person, &r.Subject.Child, &r.Origin, &r.Asker, &r.AskerBy, &r.Words, (*store.Time)(&r.At), &r.State,
		&r.Checker, &r.CheckBy, (*store.Time)(&r.Checked), &r.Closer, &r.CloseBy, (*store.Time)(&r.Closed), &r.Reason, &r.Numbers}
}

// Running reports whether it waits for somebody.
func (r request) Running() bool { return r.State == isOpen || r.State == isChecked }

// From says who has asked.
func (r request) From() string {
	return map[string]string{bySelf: "die Person selbst", byGuardian: "Sorgeberechtigte", byDesk: "aufgenommen von der Verwaltung"}[r.Origin]
}

// Stands says how far it is.
func (r request) Stands() string {
	return map[string]string{isOpen: "wartet auf die Prüfung", isChecked: "wartet auf die Freigabe durch eine zweite Person", isDone: "gelöscht",
		isRefused: "abgelehnt", withdrawn: "zurückgezogen"}[r.State]
}

// Plan is what would go, or what went.
func (r request) Plan() plan { return readPlan(r.Numbers) }

func getRequest(tx *store.Tx, id int64) (request, error) {
	return store.One(tx, (*request).fields, `
		SELECT r.id, r.kind, coalesce(r.person, 0), coalesce(r.child, 0), r.origin, coalesce(r.asker, 0),
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = r.asker), ''), r.words, r.at, r.state,
			coalesce(r.checker, 0), coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = r.checker), ''), coalesce(r.checked, 0),
			coalesce(r.closer, 0), coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = r.closer), ''), coalesce(r.closed, 0), r.reason, r.numbers
		FROM privacy_request r WHERE r.id = ?`, id)
}

// requests lists those that wait, and then those that are closed, the latest first.
func requests(tx *store.Tx) ([]request, error) {
	return store.All(tx, (*request).fields, `
		SELECT r.id, r.kind, coalesce(r.person, 0), coalesce(r.child, 0), r.origin, coalesce(r.asker, 0),
			coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = r.asker), ''), r.words, r.at, r.state,
			coalesce(r.checker, 0), coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = r.checker), ''), coalesce(r.checked, 0),
			coalesce(r.closer, 0), coalesce((SELECT trim(given || ' ' || family) FROM person WHERE id = r.closer), ''), coalesce(r.closed, 0), r.reason, r.numbers
		FROM privacy_request r ORDER BY r.state NOT IN ('open', 'checked'), coalesce(r.closed, 0) DESC, r.at LIMIT 300`)
}

// runningFor finds the request about a subject that waits; id 0: there is none.
func runningFor(tx *store.Tx, s house.Subject) (request, error) {
	id, err := store.One(tx, store.Value[int64], `
		SELECT coalesce(max(id), 0) FROM privacy_request WHERE state IN ('open', 'checked') AND (person = ? OR child = ?)`, s.Person, s.Child)
	if err != nil || id == 0 {
		return request{}, err
	}
	return getRequest(tx, id)
}

// longest is for how many letters of somebody's own words there is room.
const longest = 1000

// ask takes a request down; one that waits already is a Conflict.
func ask(tx *store.Tx, s house.Subject, origin string, asker int64, words string, now time.Time) (int64, error) {
	if words = strings.TrimSpace(words); len([]rune(words)) > longest {
		return 0, fault.At("words", "Das ist zu lang: höchstens %d Zeichen.", longest)
	}
	there, err := runningFor(tx, s)
	if err != nil {
		return 0, err
	}
	if there.ID != 0 {
		return 0, fault.New(fault.Conflict, "Dafür gibt es schon ein Verlangen vom %s.", house.Local(there.At).Format("2.1.2006"))
	}
	kind := "person"
	if s.Child != 0 {
		kind = "child"
	}
	return store.One(tx, store.Value[int64], `
		INSERT INTO privacy_request (kind, person, child, origin, asker, words, at, state) VALUES (?, nullif(?, 0), nullif(?, 0), ?, ?, ?, ?, 'open') RETURNING id`,
		kind, s.Person, s.Child, origin, asker, words, now.Unix())
}

// withdraw takes back a request of one's own.
func withdraw(tx *store.Tx, id, asker int64, now time.Time) error {
	n, err := tx.Exec(`
		UPDATE privacy_request SET state = 'withdrawn', closed = ?, words = '' WHERE id = ? AND asker = ? AND origin <> 'desk' AND state IN ('open', 'checked')`, now.Unix(), id, asker)
	if err == nil && n == 0 {
		err = fault.Gone()
	}
	return err
}

// pass is what the first of two people does: it has seen what would go.
func pass(tx *store.Tx, r request, v who.Viewer, p plan, now time.Time) error {
	if !r.Running() {
		return errClosed()
	}
	_, err := tx.Exec(`UPDATE privacy_request SET state = 'checked', checker = ?, checked = ?, numbers = ? WHERE id = ?`, v.ID, now.Unix(), p.json(), r.ID)
	return err
}

func errClosed() error {
	return fault.New(fault.Conflict, "Dieses Verlangen ist schon erledigt.")
}

// second says why the viewer cannot be the second of the two; nil: it can.
func (r request) second(tx *store.Tx, v who.Viewer, now time.Time) error {
	switch {
	case r.State == isOpen:
		return fault.New(fault.Conflict, "Das hat noch niemand geprüft und vorgelegt.")
	case r.State != isChecked:
		return errClosed()
	case r.Checker == v.ID:
		return fault.New(fault.Forbidden, "Sie haben das selbst vorgelegt. Freigeben muss es jemand anderes.")
	case r.Origin == byDesk && r.Asker == v.ID:
		return fault.New(fault.Forbidden, "Sie haben das selbst aufgenommen. Freigeben muss es jemand anderes.")
	case r.Subject.Person == v.ID:
		return fault.New(fault.Forbidden, "Über die eigene Löschung entscheiden andere.")
	case r.Asker == v.ID:
		return fault.New(fault.Forbidden, "Sie haben das selbst verlangt. Freigeben muss es jemand anderes.")
	}
	return audit.Seasoned(tx, v.ID, who.Clerks, now)
}

// closeRequest notes what came of a request. Of one that is done nothing is left but numbers and who did it.
func closeRequest(tx *store.Tx, id int64, state, reason, numbers string, by int64, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE privacy_request SET state = ?2, reason = ?3, numbers = CASE WHEN ?4 = '' THEN numbers ELSE ?4 END, closer = ?5, closed = ?6, words = '',
			person = CASE WHEN ?2 = 'done' THEN NULL ELSE person END, child = CASE WHEN ?2 = 'done' THEN NULL ELSE child END
		WHERE id = ?1`, id, state, reason, numbers, by, now.Unix())
	return err
}

// forgetRequests removes a subject from requests: about it, and by it. What was still waiting is done with that.
func forgetRequests(tx *store.Tx, s house.Subject, now time.Time) error {
	if _, err := tx.Exec(`
		UPDATE privacy_request SET person = NULL, child = NULL, words = '', reason = '', closed = coalesce(closed, ?3),
			state = CASE WHEN state IN ('open', 'checked') THEN 'done' ELSE state END
		WHERE person = ?1 OR child = ?2`, s.Person, s.Child, now.Unix()); err != nil {
		return err
	}
	if s.Person == 0 {
		return nil
	}
	_, err := tx.Exec(`
		UPDATE privacy_request SET asker = nullif(asker, ?1), checker = nullif(checker, ?1), closer = nullif(closer, ?1)
		WHERE asker = ?1 OR checker = ?1 OR closer = ?1`, s.Person)
	return err
}

// look is a request as the viewer may see it, whose subject it looks after in all its places. Whose it was that is done
// nobody knows any more, and who asked is still in it: it is for those who look after the whole house.
func (f *feature) look(tx *store.Tx, v who.Viewer, id int64) (request, subject, error) {
	r, err := getRequest(tx, id)
	if err != nil {
		return r, subject{}, err
	}
	if r.Subject == (house.Subject{}) {
		whole, err := wholeHouse(tx, v)
		if err == nil && !whole {
			err = fault.Gone()
		}
		return r, subject{}, err
	}
	x, err := find(tx, v, r.Subject, f.Now())
	if err == nil {
		err = x.whole()
	}
	return r, x, err
}

// subjects are all who are forgotten with one.
func (x subject) subjects() []house.Subject {
	all := []house.Subject{x.Subject}
	for _, id := range x.with {
		all = append(all, house.Subject{Person: id})
	}
	return all
}

// confirm is what the second of two people does: the subject is forgotten.
func (f *feature) confirm(tx *store.Tx, v who.Viewer, id int64, sure bool) error {
	r, x, err := f.look(tx, v, id)
	if err != nil {
		return err
	}
	if err := r.second(tx, v, f.Now()); err != nil {
		return err
	}
	if err := x.erasable(v); err != nil {
		return err
	}
	if !sure {
		return fault.At("sure", "Bitte bestätigen Sie, dass Sie endgültig löschen möchten.")
	}
	if err := f.eraseForGood(tx, x.Subject); err != nil {
		return err
	}
	action, id := "person.erased", x.Person
	if x.Child != 0 {
		action, id = "child.erased", x.Child
	}
	if err := f.log(tx, f.Now(), v.ID, action, id); err != nil {
		return err
	}
	for _, id := range x.with {
		if err := f.eraseForGood(tx, house.Subject{Person: id}); err != nil {
			return err
		}
		if err := f.log(tx, f.Now(), v.ID, "person.erased", id); err != nil {
			return err
		}
	}
	if r.Origin == byGuardian {
		if err := f.tell(tx, r.Asker, told, r.ID); err != nil {
			return err
		}
	}
	if err := closeRequest(tx, r.ID, isDone, "", r.Numbers, v.ID, f.Now()); err != nil {
		return err
	}
	if err := f.log(tx, f.Now(), v.ID, "erasure.confirmed", r.ID); err != nil {
		return err
	}
	f.Rights(tx)
	return nil
}

func requestPath(id int64) string { return fmt.Sprintf("/loeschung/%d", id) }
