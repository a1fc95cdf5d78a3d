package meeting

import (
	"context"
	"fmt"
	"strings"
	"time"

	"nestfunk/app/base/calendar"
	"nestfunk/app/base/committee"
	"nestfunk/app/base/fault"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/mail"
	"nestfunk/app/base/notice"
	"nestfunk/app/base/settings"
	"nestfunk/app/base/store"
	"nestfunk/app/base/task"
	"nestfunk/app/base/text"
	"nestfunk/app/base/web"
	"nestfunk/app/base/who"
)

// mailKind is the task that writes to one person about a meeting: ref is the person, arg what, the meeting and its sequence.
const mailKind = "meeting.mail"

// What is written.
const (
	invite = "invite" // also that something has changed
	off    = "off"    // the meeting is cancelled
	thanks = "thanks" // a substitute is no longer needed
)

// late reports whether an invitation of today comes too late for a meeting, and until when it would have been in time.
func late(tx *store.Tx, h *house.House, m Meeting) (bool, time.Time, error) {
	rules, err := committee.RulesOf(tx, m.Unit)
	if err != nil {
		return false, time.Time{}, err
	}
	land, err := h.Settings.Get(tx, settings.Land)
	last := rules.Latest(day(m.Starts), land)
	return day(h.Now()).After(last), last, err
}

// errLate asks those who invite to confirm that they do so too late.
func errLate(last time.Time) error {
	return fault.At("late", "Die Ladungsfrist ist nicht eingehalten: Die Einladung hätte spätestens am %s hinausgehen müssen. Bitte bestätigen Sie, dass Sie trotzdem einladen.",
		lang.German().Day(last))
}

// call invites to a meeting, or tells those who are invited what has changed. anyway: also too late, which is then noted.
func call(tx *store.Tx, h *house.House, m Meeting, anyway bool) error {
	if err := m.open(); err != nil {
		return err
	}
	now := h.Now()
	if !m.Starts.After(now) {
		return fault.New(fault.Conflict, "Der Beginn ist schon vorbei. Bitte ändern Sie zuerst den Termin.")
	}
	all, err := items(tx, m.ID)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fault.New(fault.Conflict, "Die Tagesordnung ist leer. Bitte schreiben Sie zuerst, worum es geht.")
	}
	seats, err := committee.Seats(tx, m.Unit, m.Starts)
	if err != nil {
		return err
	}
	if len(committee.Voters(seats)) == 0 {
		return fault.New(fault.Conflict, "An diesem Tag hat in dem Gremium niemand eine Stimme. Bitte prüfen Sie, bis wann die Ämter vergeben sind.")
	}
	if m.State == Invited && !m.Stale() {
		return fault.New(fault.Conflict, "Alle kennen schon den letzten Stand. Es gibt nichts Neues zu verschicken.")
	}
	missed, last, err := late(tx, h, m)
	if err != nil {
		return err
	}
	called, err := store.One(tx, store.Value[int64], `SELECT coalesce(called, 0) FROM meeting WHERE id = ?`, m.ID)
	if err != nil {
		return err
	}
	if called == m.Starts.Unix() {
		missed = m.Late // the same day was named before, and in time or not
	} else if missed && !anyway {
		return errLate(last)
	}
	if _, err := tx.Exec(`UPDATE meeting SET state = 'invited', invited = coalesce(invited, ?1), called = starts, late = ?2 WHERE id = ?3`, now.Unix(), missed, m.ID); err != nil {
		return err
	}
	if err := admit(tx, m, now); err != nil {
		return err
	}
	if _, _, err := fill(tx, m, now); err != nil {
		return err
	}
	if err := send(tx, h, m.ID, false); err != nil {
		return err
	}
	return touch(tx, h, m.ID, m.Unit)
}

// send writes to all who are invited to a meeting, with the next sequence. Whom an earlier message has not reached yet gets
// the later one only.
func send(tx *store.Tx, h *house.House, id int64, cancelled bool) error {
	if _, err := tx.Exec(`UPDATE meeting SET sequence = sequence + (told IS NOT NULL), told = ?1, moved = min(moved, ?1) WHERE id = ?2`, h.Now().Unix(), id); err != nil {
		return err
	}
	m, err := plain(tx, id)
	if err != nil {
		return err
	}
	people, err := store.All(tx, store.Value[int64], `SELECT person FROM meeting_guest WHERE meeting = ? AND released IS NULL ORDER BY person`, id)
	if err != nil {
		return err
	}
	what := invite
	if cancelled {
		what = off
	}
	for _, p := range people {
		if err := letter(tx, h, m, p, what); err != nil {
			return err
		}
	}
	return nil
}

// letter has one person written to.
func letter(tx *store.Tx, h *house.House, m Meeting, person int64, what string) error {
	return h.Tasks.Add(tx, mailKind, person, fmt.Sprintf("%s %d %d", what, m.ID, m.Sequence))
}

// mailJob writes to one person, where there still is something to write: a later message takes the place of all before it.
func mailJob(h *house.House) task.Job {
	return task.Job{Kind: mailKind, Run: func(ctx context.Context, person int64, arg string) error {
		var what string
		var id int64
		var sequence int
		if _, err := fmt.Sscanf(arg, "%s %d %d", &what, &id, &sequence); err != nil {
			return task.Drop(err)
		}
		wanted := false
		err := notice.Send(ctx, h, person, func(tx *store.Tx, v who.Viewer, l *lang.Lang) (n notice.Notice, err error) {
			n, wanted, err = compose(tx, h, v, l, what, id, sequence)
			return n, err
		})
		if err != nil || !wanted {
			return err
		}
		return h.DB.Write(ctx, func(tx *store.Tx) error {
			if what == thanks {
				sequence = -1 // whoever is asked once more is written to once more
			}
			_, err := tx.Exec(`UPDATE meeting_guest SET sent = ?1 WHERE meeting = ?2 AND person = ?3 AND (?4 <> 'thanks' OR released IS NOT NULL)`, sequence, id, person, what)
			return err
		})
	}}
}

// compose says what somebody is told of a meeting; wanted is false where that is told already, or no longer so.
func compose(tx *store.Tx, h *house.House, v who.Viewer, l *lang.Lang, what string, id int64, sequence int) (n notice.Notice, wanted bool, err error) {
	now := h.Now()
	m, err := plain(tx, id)
	if err != nil {
		return n, false, err
	}
	all, err := guests(tx, m)
	if err != nil {
		return n, false, err
	}
	var g Guest
	for _, x := range all {
		if x.Person == v.ID {
			g = x
		}
	}
	switch {
	case g.Person == 0, !m.Starts.After(now):
		return n, false, nil
	case what == thanks && (g.Released.IsZero() || g.Sent < 0):
		return n, false, nil
	case what != thanks && (!g.Released.IsZero() || m.Sequence != sequence || g.Sent >= sequence):
		return n, false, nil
	case what == invite && m.State != Invited, what == off && (m.State != Cancelled || g.Sent < 0):
		return n, false, nil
	}
	level, err := committee.LevelOf(tx, v, m.Unit, now)
	if err != nil {
		return n, false, err
	}
	if m = m.shown(level); what == invite && !m.Sits() { // has left meanwhile
		return n, false, nil
	}
	agenda, err := ItemsOf(tx, m)
	if err != nil {
		return n, false, err
	}
	n = notice.Notice{Body: when(l, m, now), Path: fmt.Sprintf("/sitzung/%d", id), From: m.UnitName, Tag: fmt.Sprintf("m%d", id), Until: m.Ends,
		Ref: fmt.Sprintf("sitzung-%d-%d-%d", id, v.ID, sequence)}
	method := calendar.Request
	switch {
	case what == off:
		method, n.Title, n.Lines = calendar.Cancel, l.T("Abgesagt: %s", m.Title), []string{m.Reason}
	case what == thanks:
		method, n.Title = calendar.Cancel, l.T("Sie werden nicht mehr gebraucht: %s", m.Title)
		n.Lines = []string{l.T("%s kommt doch. Danke, dass Sie eingesprungen wären!", g.For)}
	case g.Sent >= 0:
		n.Title = l.T("Geändert: %s", m.Title)
	default:
		n.Title = l.T("Einladung: %s", m.Title)
	}
	if method == calendar.Request {
		if g.Instead != 0 {
			n.Lines = append(n.Lines, l.T("Sie sind als Ersatz für %s eingeladen.", g.For))
		}
		n.Lines = append(n.Lines, m.Place, m.Online, text.Plain(m.Body, 0), printed(l, agenda), l.T("Bitte sagen Sie auf dieser Seite, ob Sie kommen:"))
	}
	n.Calendar = func(house, from, to string, details bool) mail.Calendar {
		e := m.event(h)
		e.Changed, e.Sequence, e.Cancelled = now, sequence, method == calendar.Cancel
		e.Organizer = calendar.Party{Name: m.UnitName, Address: from}
		e.Attendees = []calendar.Party{{Name: v.Name(), Address: to, Answer: g.status()}}
		if details && method == calendar.Request {
			e.Text = strings.Join(slim(m.Online, text.Plain(m.Body, 0), printed(l, agenda)), "\n\n")
		}
		return mail.Calendar{Method: method, File: calendar.Calendar{Method: method, Events: []calendar.Event{e}}.Write(web.Zone())}
	}
	return n, true, nil
}

// status is what a guest has answered, as calendars say it.
func (g Guest) status() calendar.Answer {
	return map[string]calendar.Answer{Yes: calendar.Accepted, No: calendar.Declined, Maybe: calendar.Tentative, "": calendar.Asked}[g.Answer]
}

// event is a meeting as calendars have it: under one UID from the first invitation until it is called off.
func (m Meeting) event(h *house.House) calendar.Event {
	return calendar.Event{UID: m.UID + "@nestfunk", Sequence: m.Sequence, Changed: m.Changed, Start: m.Starts, End: m.Ends,
		Title: m.UnitName + ": " + m.Title, Place: m.Place, URL: h.URL(fmt.Sprintf("/sitzung/%d", m.ID)), Cancelled: m.State == Cancelled}
}

// when says when a meeting is, in a language.
func when(l *lang.Lang, m Meeting, now time.Time) string {
	s, e := house.Local(m.Starts), house.Local(m.Ends)
	first, from, to := s.Format(time.DateOnly), s.Hour()*60+s.Minute(), e.Hour()*60+e.Minute()
	if to == 0 {
		to = 24 * 60
	}
	return l.Span(first, first, &from, &to, house.Local(now))
}

// printed is an agenda as lines of text; "" for an empty one.
func printed(l *lang.Lang, all []Item) string {
	if len(all) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString(l.T("Tagesordnung"))
	for _, i := range all {
		fmt.Fprintf(&b, "\n%s  %s", i.Number, i.Title)
	}
	return b.String()
}

func slim(all ...string) (some []string) {
	for _, s := range all {
		if s != "" {
			some = append(some, s)
		}
	}
	return some
}
