package announcement

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/live"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/push"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/who"
)

// States of what was asked for a child (Notbetreuung).
const (
	Asked   = "asked"   // the head decides
	Given   = "given"   // has a place
	InLine  = "waiting" // moves up when a place becomes free
	Refused = "refused"
	Home    = "home" // stays at home
)

// A Care is what was asked for a child during a closure.
type Care struct {
	Child int64
	Name  string
	Group string
	State string // "": nothing yet
	Turn  int    // in the order of asking
	Ahead int    // children before it in the line
}

func (c *Care) fields() []any { return []any{&c.Child, &c.Name, &c.Group, &c.State, &c.Turn, &c.Ahead} }

// myCare lists the viewer's children whom a closure concerns and for whom the viewer decides.
func myCare(tx *store.Tx, closure int64, v who.Viewer, now time.Time) ([]Care, error) {
	return store.All(tx, (*Care).fields, `
		SELECT c.id, c.given, u.name, coalesce(k.state, ''), coalesce(k.turn, 0),
			(SELECT count(*) FROM announcement_care o WHERE o.closure = ?1 AND o.state = 'waiting' AND o.turn < k.turn)
		FROM guardian g JOIN child c ON c.id = g.child JOIN child_stay s ON s.child = c.id JOIN unit u ON u.id = s.unit
		LEFT JOIN announcement_care k ON k.closure = ?1 AND k.child = c.id
		WHERE g.person = ?2 AND g.informed = 1 AND g.decides = 1 AND g.state = 'confirmed' AND g.since <= ?3 AND g.until > ?3
			AND s.since <= ?3 AND s.until > ?3
			AND EXISTS (SELECT 1 FROM announcement_audience t JOIN unit_up p ON p.above = t.unit WHERE t.announcement = ?1 AND p.unit = s.unit)
		ORDER BY c.born, c.given, c.id`, closure, v.ID, now.Unix())
}

// allCare lists what was asked, in the order of asking, for those who may know the children.
func allCare(tx *store.Tx, closure int64) ([]Care, error) {
	return store.All(tx, (*Care).fields, `
		SELECT c.id, c.given || ' ' || c.family, coalesce(u.name, ''), k.state, k.turn, 0
		FROM announcement_care k JOIN child c ON c.id = k.child
		LEFT JOIN child_stay s ON s.child = c.id AND s.until = 9223372036854775807 LEFT JOIN unit u ON u.id = s.unit
		WHERE k.closure = ? ORDER BY k.turn`, closure)
}

func taken(tx *store.Tx, closure int64) (int, error) {
	return store.One(tx, store.Value[int], `SELECT count(*) FROM announcement_care WHERE closure = ? AND state = 'given'`, closure)
}

// want asks for a place for a child, or says that it stays at home. Whoever
// does either has read the closure: that is a confirmation. Want is "place",
// "home" or "none", which takes back what was asked.
func want(tx *store.Tx, h *house.House, closure, child int64, v who.Viewer, want string) error {
	now := h.Now()
	a, err := get(tx, closure, v, now)
	if err != nil {
		return err
	}
	c, err := closureOf(tx, closure)
	if err != nil {
		return err
	}
	mine, err := myCare(tx, closure, v, now)
	if err != nil {
		return err
	}
	var was *Care
	for i := range mine {
		if mine[i].Child == child {
			was = &mine[i]
		}
	}
	switch {
	case was == nil:
		return notFound()
	case !c.Now(now):
		return fault.New(fault.Conflict, "Diese Schließung ist schon vorbei.")
	case want == "place" && c.Places == 0:
		return fault.New(fault.Conflict, "Für diese Schließung gibt es keine Notbetreuung.")
	case want == "place" && (was.State == Given || was.State == InLine || was.State == Asked):
		return nil // asked twice is asked once
	case want == "place" && was.State == Refused:
		return fault.New(fault.Conflict, "Die Leitung konnte Ihnen leider keinen Platz geben. Bitte rufen Sie in der Einrichtung an.")
	}
	if want == "place" {
		away, err := absent(tx, closure, child)
		if err != nil {
			return err
		}
		if away {
			return fault.New(fault.Conflict, "%s ist für diese Zeit abgemeldet. Nehmen Sie zuerst die Abmeldung zurück.", was.Name)
		}
	}
	state := Home
	switch want {
	case "home":
	case "none":
		state = ""
	case "place":
		n, err := taken(tx, closure)
		if err != nil {
			return err
		}
		switch {
		case c.Rule == "head":
			state = Asked
		case n < c.Places:
			state = Given
		default:
			state = InLine
		}
	default:
		return fault.New(fault.Malformed, "Das versteht dieses Formular nicht.")
	}
	if state == "" {
		if _, err := tx.Exec(`DELETE FROM announcement_care WHERE closure = ? AND child = ?`, closure, child); err != nil {
			return err
		}
	} else if _, err := tx.Exec(`
		INSERT INTO announcement_care (closure, child, person, state, turn, at)
		VALUES (?1, ?2, ?3, ?4, (SELECT coalesce(max(turn), 0) + 1 FROM announcement_care WHERE closure = ?1), ?5)
		ON CONFLICT (closure, child) DO UPDATE SET person = excluded.person, state = excluded.state, turn = excluded.turn, at = excluded.at`,
		closure, child, v.ID, state, now.Unix()); err != nil {
		return err
	}
	if was.State == Given && state != Given {
		if err := moveUp(tx, h, c); err != nil {
			return err
		}
	}
	last := closure
	if a.Replaced != 0 {
		last = a.Replaced
	}
	for _, id := range []int64{closure, last} {
		if err := confirm(tx, h, id, v.ID, "app"); err != nil {
			return err
		}
	}
	return tell(tx, h, closure)
}

// tell has every open page of the closure look again.
func tell(tx *store.Tx, h *house.House, closure int64) error {
	held, err := above(tx, closure)
	if err != nil {
		return err
	}
	us, err := store.All(tx, store.Value[int64], `SELECT unit FROM announcement_audience WHERE announcement = ?`, closure)
	tx.After(func() { h.Live.Publish(live.Event{Units: us, Held: held}) })
	return err
}

// moveUp gives free places to those who wait, in their order, and tells the families.
func moveUp(tx *store.Tx, h *house.House, c Closure) error {
	if c.Rule != "first" {
		return nil
	}
	n, err := taken(tx, c.ID)
	if err != nil {
		return err
	}
	next, err := store.All(tx, store.Value[int64], `
		SELECT child FROM announcement_care WHERE closure = ? AND state = 'waiting' ORDER BY turn LIMIT ?`, c.ID, max(0, c.Places-n))
	if err != nil {
		return err
	}
	for _, child := range next {
		if err := give(tx, h, c.ID, child, Given); err != nil {
			return err
		}
	}
	return nil
}

func give(tx *store.Tx, h *house.House, closure, child int64, state string) error {
	if _, err := tx.Exec(`UPDATE announcement_care SET state = ?, at = ? WHERE closure = ? AND child = ?`, state, h.Now().Unix(), closure, child); err != nil {
		return err
	}
	return h.Tasks.Add(tx, careKind, closure, strconv.FormatInt(child, 10))
}

// decide gives a place to a child or refuses it, where the head decides; and
// takes a place back in either case.
func decide(tx *store.Tx, h *house.House, closure, child int64, v who.Viewer, state string) error {
	c, err := closureOf(tx, closure)
	if err != nil {
		return err
	}
	if err := mayName(tx, c, v, h.Now()); err != nil {
		return err
	}
	was, err := store.One(tx, store.Value[string], `SELECT state FROM announcement_care WHERE closure = ? AND child = ?`, closure, child)
	if err != nil {
		return err
	}
	n, err := taken(tx, closure)
	if err != nil {
		return err
	}
	switch {
	case state != Given && state != Refused:
		return fault.New(fault.Malformed, "Das versteht dieses Formular nicht.")
	case was == state:
		return nil
	case state == Given && n >= c.Places:
		return fault.New(fault.Conflict, "Alle %d Plätze sind vergeben.", c.Places)
	}
	if err := give(tx, h, closure, child, state); err != nil {
		return err
	}
	if was == Given {
		if err := moveUp(tx, h, c); err != nil {
			return err
		}
	}
	return tell(tx, h, closure)
}

// mayName: only who works in the facility may know which child needs care.
func mayName(tx *store.Tx, c Closure, v who.Viewer, now time.Time) error {
	n, err := store.One(tx, store.Value[int], `
		SELECT count(*) FROM holding h JOIN unit_up p ON p.unit = h.unit
		WHERE h.person = ?1 AND p.above = ?2 AND (?3 & (1 << h.role)) <> 0 AND h.since <= ?4 AND h.until > ?4`,
		v.ID, c.Facility, int64(names()), now.Unix())
	if err == nil && n == 0 {
		err = notFound()
	}
	return err
}

const careKind = "announcement.care"

// careJob tells the guardians of a child that it has a place now, or that it gets none: each by a task of their own, so
// that one mailbox that is busy has nobody else told twice. The argument is the child, and then "child-person".
func careJob(h *house.House) task.Job {
	return task.Job{Kind: careKind, Run: func(ctx context.Context, closure int64, arg string) error {
		first, second, one := strings.Cut(arg, "-")
		child, err := strconv.ParseInt(first, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		if !one {
			return h.DB.Write(ctx, func(tx *store.Tx) error {
				ids, err := store.All(tx, store.Value[int64], `SELECT person FROM guardian WHERE child = ? AND informed = 1 AND state = 'confirmed'`, child)
				for _, id := range ids {
					if err := h.Tasks.Add(tx, careKind, closure, first+"-"+strconv.FormatInt(id, 10)); err != nil {
						return err
					}
				}
				return err
			})
		}
		person, err := strconv.ParseInt(second, 10, 64)
		if err != nil {
			return task.Drop(err)
		}
		return tellCare(ctx, h, closure, child, person)
	}}
}

// tellCare tells one guardian, on their devices and by mail.
func tellCare(ctx context.Context, h *house.House, closure, child, person int64) error {
	var c Closure
	var state, name string
	var to letter
	var devices []push.Subscription
	err := h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		if c, err = closureOf(tx, closure); err != nil {
			return err
		}
		if state, err = store.One(tx, store.Value[string], `SELECT state FROM announcement_care WHERE closure = ? AND child = ?`, closure, child); err != nil {
			return err
		}
		if name, err = store.One(tx, store.Value[string], `SELECT given FROM child WHERE id = ?`, child); err != nil {
			return err
		}
		if to, err = store.One(tx, (*letter).fields, `
			SELECT g.person, g.mail, p.given || ' ' || p.family, g.language, 0, x''
			FROM guardian g JOIN person p ON p.id = g.person
			WHERE g.child = ? AND g.person = ? AND g.informed = 1 AND g.state = 'confirmed'`, child, person); err != nil {
			return err
		}
		devices, err = push.Of(tx, h.Now(), person)
		return err
	})
	if fault.KindOf(err) == fault.NotFound {
		return nil // taken back meanwhile
	}
	if err != nil {
		return err
	}
	l := lang.Of(to.Language)
	link := h.URL("/schliessung/" + strconv.FormatInt(closure, 10))
	for _, d := range devices { // a lock screen names no child; a device that fails is no reason to tell the others twice
		_ = h.Push.Send(ctx, d, push.Message{Title: l.T("Notbetreuung") + ": " + c.Name, Body: l.T("Es gibt eine Antwort auf Ihre Anfrage."), Navigate: link,
			Lang: l.Code, Tag: fmt.Sprintf("care%d", closure), Urgency: push.High, TTL: 12 * time.Hour})
	}
	if to.Address == "" || !h.Mail.Configured(ctx) {
		return nil // the page says it
	}
	line := l.T("Sie haben einen Platz für %s.", name)
	if state != Given {
		line = l.T("Die Leitung konnte Ihnen leider keinen Platz geben. Bitte rufen Sie in der Einrichtung an.")
	}
	err = h.Mail.Send(ctx, mail.Message{To: to.Address, Name: to.Name, Kind: mail.Closure, Urgent: true, Language: l.Code,
		Ref:     fmt.Sprintf("care-%d-%d-%d-%s", closure, child, person, state),
		Subject: l.T("Notbetreuung") + ": " + c.Name,
		Text:    strings.Join([]string{line, c.Title(l, h.Now()), link, l.T("Diese Nachricht kommt von %s.", c.Name)}, "\n\n")})
	if mail.Refused(err) {
		return nil
	}
	return err
}
