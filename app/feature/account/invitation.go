package account

import (
	"errors"
	"fmt"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/person"
	"nestfunk/app/base/store"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// An invitation is one letter: for one guardian of one child, or one membership.
type invitation struct {
	ID         int64
	Guardian   int64 // 0: of a membership
	Membership int64 // 0: of a guardian
	Author     int64 // 0: ehemals im Haus
	Expires    time.Time
	Used       time.Time // zero: open
}

func (i *invitation) fields() []any {
	return []any{&i.ID, store.Null(&i.Guardian), store.Null(&i.Membership), store.Null(&i.Author), (*store.Time)(&i.Expires), (*store.Time)(&i.Used)}
}

// open says whether the letter can still be used; who holds its code may know why not.
func (i invitation) open(now time.Time) error {
	switch {
	case !i.Used.IsZero():
		return fault.At("code", "Dieser Brief wurde schon benutzt. Melden Sie sich an wie beim letzten Mal, oder bitten Sie Ihre Einrichtung um einen neuen Brief.")
	case !now.Before(i.Expires):
		return fault.At("code", "Dieser Brief gilt nicht mehr. Bitte bitten Sie Ihre Einrichtung um einen neuen.")
	}
	return nil
}

// errGuess marks the answer to a code that belongs to no letter.
var errGuess = errors.New("a guess")

// findInvitation finds the letter of a code.
func findInvitation(tx *store.Tx, code string) (invitation, error) {
	return store.One(tx, (*invitation).fields, `
		SELECT id, guardian, membership, author, expires, used FROM account_invitation WHERE hash = ?`, codeHash(code))
}

// invite makes a letter and returns its code. Of the open ones for the same guardian or membership only the latest
// stays, so that two are open at most.
func invite(tx *store.Tx, guardian, membership, author int64, now time.Time) (string, error) {
	if _, err := tx.Exec(`
		UPDATE account_invitation SET expires = ?3 WHERE used IS NULL AND expires > ?3 AND (guardian = ?1 OR membership = ?2) AND id <> (
			SELECT max(id) FROM account_invitation WHERE used IS NULL AND expires > ?3 AND (guardian = ?1 OR membership = ?2))`,
		guardian, membership, now.Unix()); err != nil {
		return "", err
	}
	code := newCode()
	_, err := tx.Exec(`
		INSERT INTO account_invitation (hash, guardian, membership, author, created, expires) VALUES (?, nullif(?, 0), nullif(?, 0), ?, ?, ?)`,
		codeHash(code), guardian, membership, author, now.Unix(), now.Add(letterFor).Unix())
	return code, err
}

// A redemption is what a code was good for.
type redemption struct {
	Person int64  // who has come in
	Of     int64  // for whom the letter was
	Joined string // whose access was added to that of the viewer; "": nobody's
	Used   bool   // the access it has opened was in use before
}

// redeem uses a letter up. Viewer is who is signed in, 0: nobody; join adds the letter to the viewer's own access.
// Approve: the house wants a second look.
func redeem(tx *store.Tx, code string, viewer int64, join, approve bool, now time.Time) (redemption, error) {
	i, err := findInvitation(tx, code)
	if fault.KindOf(err) == fault.NotFound {
		return redemption{}, fmt.Errorf("%w (%w)", fault.At("code", "Diesen Code gibt es nicht. Bitte prüfen Sie ihn, oder bitten Sie Ihre Einrichtung um einen neuen Brief."), errGuess)
	}
	if err != nil {
		return redemption{}, err
	}
	if err := i.open(now); err != nil {
		return redemption{}, err
	}
	g, m, err := i.of(tx)
	if err != nil {
		return redemption{}, err
	}
	id := g.Person + m.Person // one of them is none
	if g.State == org.Suspended || g.State == org.Ended || m.State == org.Suspended || m.State == org.Ended ||
		i.Guardian != 0 && g.Until <= now.Unix() || i.Membership != 0 && m.Ended(now) {
		return redemption{}, fault.At("code", "Dieser Brief gilt nicht mehr. Bitte fragen Sie in Ihrer Einrichtung nach.")
	}
	if i.Membership != 0 { // whoever has printed it could still give that role
		ok, err := org.Manages(tx, i.Author, m.Unit, m.Role.Granters(), now)
		if err != nil {
			return redemption{}, err
		}
		if !ok {
			return redemption{}, fault.At("code", "Dieser Brief gilt nicht mehr. Bitte fragen Sie in Ihrer Einrichtung nach.")
		}
	}
	if id != viewer {
		ok, err := covers(tx, i.Author, id, who.Registrars, now)
		if err != nil {
			return redemption{}, err
		}
		if !ok {
			return redemption{}, fault.At("code", "Sie haben schon einen Zugang. Bitte melden Sie sich zuerst damit an und geben Sie den Code dann noch einmal ein. Wenn das nicht mehr geht, druckt Ihnen der Betrieb des Hauses einen Brief.")
		}
	}
	r := redemption{Person: id, Of: id}
	if r.Used, err = used(tx, id, now); err != nil {
		return redemption{}, err
	}
	join = join && viewer != 0 && viewer != id
	if join {
		if r.Used {
			return redemption{}, fault.At("code", "Den Zugang aus diesem Brief benutzt schon jemand. Deshalb lässt er sich nicht zu Ihrem hinzufügen. Bitte fragen Sie in Ihrer Einrichtung nach.")
		}
		if err := unlocked(tx, viewer, g, m, now); err != nil {
			return redemption{}, err
		}
	}
	if _, err := tx.Exec(`UPDATE account_invitation SET used = ? WHERE id = ?`, now.Unix(), i.ID); err != nil {
		return redemption{}, err
	}
	if err := i.endOthers(tx, g, now); err != nil {
		return redemption{}, err
	}
	if join {
		r.Person, r.Joined = viewer, g.Name()
		if i.Membership != 0 {
			r.Joined = person.Person{Given: m.Given, Family: m.Family}.Name()
		}
		if err := merge(tx, id, viewer, now); err != nil {
			return r, err
		}
	}
	state := org.Confirmed
	if approve {
		state = org.Accepted
	}
	if i.Membership != 0 {
		return r, admitMember(tx, r.Person, m, state, now)
	}
	return r, admitGuardian(tx, r.Person, g.Child, state, now)
}

// unlocked keeps a second letter from lifting a lock: it would be taken, used up, and open nothing.
func unlocked(tx *store.Tx, viewer int64, g person.Guardian, m org.Membership, now time.Time) (err error) {
	locked := false
	if g.ID != 0 {
		locked, err = person.Locked(tx, viewer, g.Child)
	} else {
		locked, err = org.Locked(tx, viewer, m.Unit, m.Role, now)
	}
	if locked {
		err = fault.At("code", "Ihr Zugang ist hier zurzeit gesperrt. Der Brief bleibt gültig. Bitte fragen Sie in Ihrer Einrichtung nach.")
	}
	return err
}

// of finds for whom a letter is.
func (i invitation) of(tx *store.Tx) (g person.Guardian, m org.Membership, err error) {
	if i.Guardian != 0 {
		g, err = person.GetGuardian(tx, i.Guardian)
	} else {
		m, err = org.GetMembership(tx, i.Membership)
	}
	return g, m, err
}

// used reports whether somebody can sign in as a person, or is signed in. Whoever prints letters must not take such an access
// over with one, nor slip a way in that is their own into somebody else's.
func used(tx *store.Tx, id int64, now time.Time) (bool, error) {
	can, err := ways(tx, id)
	if err != nil || !can.Bare(true) || can.Two() {
		return true, err
	}
	all, err := web.SessionsOf(tx, id, now)
	return len(all) > 0, err
}

// endOthers ends what else was printed for the same place: a letter was lost, and this one is its replacement.
func (i invitation) endOthers(tx *store.Tx, g person.Guardian, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE account_invitation SET expires = ?4 WHERE used IS NULL AND expires > ?4 AND (membership = ?1 OR guardian IN (
			SELECT x.id FROM guardian x JOIN child c ON c.id = x.child WHERE x.person = ?2 AND c.facility = (SELECT facility FROM child WHERE id = ?3)))`,
		i.Membership, g.Person, g.Child, now.Unix())
	return err
}

// endLetters ends every open letter for a person.
func endLetters(tx *store.Tx, id int64, now time.Time) error {
	_, err := tx.Exec(`
		UPDATE account_invitation SET expires = ?2 WHERE used IS NULL AND expires > ?2
			AND (guardian IN (SELECT id FROM guardian WHERE person = ?1) OR membership IN (SELECT id FROM membership WHERE person = ?1))`, id, now.Unix())
	return err
}

// merge hands everything of one person to another, whom nobody could sign in as. Other letters for the one end: their codes
// are somebody else's.
func merge(tx *store.Tx, from, into int64, now time.Time) error {
	if err := endLetters(tx, from, now); err != nil {
		return err
	}
	if err := person.Join(tx, from, into); err != nil {
		return err
	}
	if err := org.Join(tx, from, into, now); err != nil {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM account_mail WHERE person = ?`, from); err != nil { // names for a password that there is not
		return err
	}
	return shut(tx, from)
}

// admitGuardian moves the guardian on, for this child and its siblings in the same facility: one letter does for all.
func admitGuardian(tx *store.Tx, id, child int64, state string, now time.Time) error {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT g.id FROM guardian g JOIN child c ON c.id = g.child
		WHERE g.person = ?1 AND g.state = 'invited' AND c.facility = (SELECT facility FROM child WHERE id = ?2)`, id, child)
	if err != nil {
		return err
	}
	for _, g := range ids {
		if err := person.SetGuardianState(tx, g, state, now); err != nil {
			return err
		}
	}
	return nil
}

// admitMember moves the membership on.
func admitMember(tx *store.Tx, id int64, m org.Membership, state string, now time.Time) error {
	ids, err := store.All(tx, store.Value[int64], `
		SELECT id FROM membership WHERE person = ? AND unit = ? AND role = ? AND state = 'invited'`, id, m.Unit, int64(m.Role))
	if err != nil {
		return err
	}
	for _, id := range ids {
		if err := org.SetState(tx, id, state, now); err != nil {
			return err
		}
	}
	return nil
}

// covers reports whether somebody looks after every unit where a person has a place already, in one of some roles and in
// none below the person's there. A letter opens a whole access; without this, whoever prints letters in one facility could
// enter another, and a carrier's manager become its operator.
func covers(tx *store.Tx, by, id int64, roles who.Right, now time.Time) (bool, error) {
	type seat struct {
		unit int64
		role who.Role
	}
	all, err := store.All(tx, func(s *seat) []any { return []any{&s.unit, &s.role} }, `
		SELECT unit, role FROM membership WHERE person = ?1 AND state IN ('accepted', 'confirmed', 'suspended') AND until > ?2
		UNION ALL
		SELECT s.unit, 6 FROM guardian g JOIN child_stay s ON s.child = g.child
		WHERE g.person = ?1 AND g.state IN ('accepted', 'confirmed', 'suspended') AND g.until > ?2 AND s.until > ?2`, id, now.Unix())
	for _, s := range all {
		may := roles
		if g := s.role.Granters(); g != 0 {
			may &= g
		}
		if ok, err := org.Manages(tx, by, s.unit, may, now); err != nil || !ok {
			return false, err
		}
	}
	return err == nil, err
}
