package account

import (
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/org"
	"nestfunk/app/base/store"
	"nestfunk/app/base/who"
)

// A Place is where somebody belongs: by a child, or by a role.
type Place struct {
	Child string // "": a role
	Role  who.Role
	Unit  string // group or unit; "" where the state does not allow to say
	State string
	Since time.Time
	Until int64
}

func (p *Place) fields() []any {
	return []any{&p.Child, &p.Role, &p.Unit, &p.State, (*store.Time)(&p.Since), &p.Until}
}

// What names the place.
func (p Place) What() string {
	if p.Child != "" {
		return p.Child
	}
	return p.Role.Word()
}

// Word is the state in German.
func (p Place) Word() string {
	switch p.State {
	case org.Invited:
		return "Brief noch nicht eingelöst"
	case org.Accepted:
		return "wird noch geprüft"
	case org.Suspended:
		return "gesperrt"
	case org.Ended:
		return "beendet"
	}
	return "freigegeben"
}

// places lists the children and roles of a person. In which group a child is, is told only to who is confirmed and
// current, and its name also before that and while it is locked: it says what the letter was about. When custody has
// ended, only that it has. A child of which the person is not to be informed is not named at all.
func places(tx *store.Tx, id int64, now time.Time) ([]Place, error) {
	return store.All(tx, (*Place).fields, `
		SELECT CASE WHEN g.state = 'ended' OR g.until <= ?2 THEN '' ELSE trim(c.given || ' ' || c.family) END, 6,
			CASE WHEN g.state = 'confirmed' AND g.since <= ?2 AND g.until > ?2 THEN coalesce((SELECT u.name FROM child_stay s JOIN unit u ON u.id = s.unit
				WHERE s.child = c.id ORDER BY s.since DESC LIMIT 1), '') ELSE '' END,
			CASE WHEN g.until <= ?2 THEN 'ended' ELSE g.state END, g.since, g.until
		FROM guardian g JOIN child c ON c.id = g.child WHERE g.person = ?1 AND g.informed = 1
		UNION ALL
		SELECT '', m.role, u.name, CASE WHEN m.until <= ?2 THEN 'ended' ELSE m.state END, m.since, m.until
		FROM membership m JOIN unit u ON u.id = m.unit WHERE m.person = ?1
		ORDER BY 1 DESC, 2, 3`, id, now.Unix())
}

// operates reports whether the viewer runs the whole house.
func operates(tx *store.Tx, v who.Viewer) (bool, error) {
	for _, id := range v.Units(who.Of(who.Admin)) {
		if u, err := org.Get(tx, id); err != nil || u.Parent == 0 {
			return err == nil, err
		}
	}
	return false, nil
}

// contact is a mail address at which the person's facility reaches it; "": it knows none.
func contact(tx *store.Tx, id int64) (string, error) {
	mail, err := store.One(tx, store.Value[string], `
		SELECT mail FROM guardian WHERE person = ?1 AND mail <> '' AND state <> 'ended'
		UNION ALL SELECT mail FROM membership WHERE person = ?1 AND mail <> '' AND state <> 'ended' LIMIT 1`, id)
	if fault.KindOf(err) == fault.NotFound {
		return "", nil
	}
	return mail, err
}

// wait says what somebody waits for who is signed in and may see nothing.
func wait(all []Place) string {
	has := map[string]bool{}
	for _, p := range all {
		has[p.State] = true
	}
	switch {
	case has[org.Accepted]:
		return "Ihr Brief ist eingelöst. Ihre Einrichtung prüft Ihren Zugang noch und gibt ihn dann frei. Sie müssen nichts weiter tun."
	case has[org.Invited]:
		return "Für Sie gibt es einen Brief mit einem Code. Wenn Sie ihn eingeben, sehen Sie hier alles."
	case has[org.Suspended]:
		return "Ihr Zugang ist zurzeit gesperrt. Bitte fragen Sie in Ihrer Einrichtung nach."
	case has[org.Confirmed]:
		return "Ihr Zugang hat noch nicht begonnen, oder Ihr Kind ist gerade in keiner Gruppe eingetragen. Bitte fragen Sie in Ihrer Einrichtung nach."
	}
	return "Ihr Zugang ist beendet. Wenn das nicht stimmt, hilft Ihnen Ihre Einrichtung."
}
