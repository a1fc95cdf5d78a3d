package announcement

import (
	"context"
	"time"

	"nestfunk/app/base/channel"
	"nestfunk/app/base/house"
	"nestfunk/app/base/lang"
	"nestfunk/app/base/store"
	"nestfunk/app/base/text"
)

// A letter is one delivery that is to be carried out: to a person, at an
// address, in a language.
type letter struct {
	Person   int64
	Address  string
	Name     string
	Language string
	again    bool // a reminder
	token    []byte
}

func (l *letter) fields() []any {
	return []any{&l.Person, &l.Address, &l.Name, &l.Language, &l.again, &l.token}
}

// waiting lists deliveries of a channel that are due, after a person in the order of ids.
func waiting(ctx context.Context, h *house.House, id int64, ch string, after int64, most int) (all []letter, err error) {
	err = h.DB.Read(ctx, func(tx *store.Tx) (err error) {
		all, err = store.All(tx, (*letter).fields, `
			SELECT d.person, d.address, p.given || ' ' || p.family,
				coalesce((SELECT g.language FROM guardian g WHERE g.person = p.id AND g.state = 'confirmed' LIMIT 1), p.language), d.again, a.token
			FROM announcement_delivery d JOIN person p ON p.id = d.person JOIN announcement a ON a.id = d.announcement
			WHERE d.announcement = ?1 AND d.channel = ?2 AND (d.state = 'waiting' AND d.due <= ?3 OR d.again = 1) AND d.person > ?4
			ORDER BY d.person LIMIT ?5`, id, ch, h.Now().Unix(), after, most)
		return err
	})
	return all, err
}

// A told announcement is what every channel says of it: one of today's words, with its closure where it has one.
type told struct {
	Announcement
	closure *Closure // nil: none
	details bool     // the channel may carry what the announcement says
	now     time.Time
}

// tellable prepares an announcement for a channel. setting allows what it says to be carried: settings.MailDetails or
// settings.PushDetails.
func tellable(ctx context.Context, h *house.House, a Announcement, setting string) (t told, err error) {
	t = told{Announcement: a, now: h.Now()}
	err = h.DB.Read(ctx, func(tx *store.Tx) error {
		s, err := h.Settings.Get(tx, setting)
		if t.details = s == "1"; err != nil || a.Kind != ClosureKind {
			return err
		}
		c, err := closureOf(tx, a.Closure)
		t.closure = &c
		return err
	})
	return t, err
}

// title is the one line that says what it is about. What an author wrote may name a child, and is carried by mail, or
// where the house allows it.
func (t told) title(l *lang.Lang, mail bool) string {
	switch {
	case t.closure != nil:
		return Card{Announcement: t.Announcement, Closure: t.closure}.Heading(l, t.now)
	case t.Kind == DrillKind:
		return l.T("Probealarm: Bitte bestätigen Sie")
	case mail || t.details:
		return t.Title
	}
	return l.T("Neue Mitteilung von %s", isolated(l, t.UnitName))
}

// facts are the lines below the title that the reader's language has words for.
func (t told) facts(l *lang.Lang) (lines []string) {
	if t.Kind == DrillKind {
		return []string{l.T("Es ist nichts passiert. Wir prüfen, ob wir Sie im Notfall erreichen.")}
	}
	if t.closure == nil {
		return nil
	}
	lines = append(lines, t.closure.Name, l.T("Wann")+": "+t.closure.Span(l, t.now))
	if t.details {
		lines = append(lines, l.T("Warum")+": "+t.closure.Why(l))
	}
	if t.closure.Places > 0 && t.closure.State == Running {
		lines = append(lines, l.T("Notbetreuung")+": "+l.N(t.closure.Places, "Es gibt %d Plätze."))
	}
	return lines
}

// words are what the author wrote, as text; "" where the channel must not carry it.
func (t told) words() string {
	if !t.details || t.Body == "" {
		return ""
	}
	return text.ForMail(t.Body)
}

// proved notes that a person came over a channel, which so has worked.
func proved(tx *store.Tx, id, person int64, ch string, now time.Time) error {
	if ch == channel.App {
		return nil
	}
	to, err := store.All(tx, store.Value[string], `
		SELECT address FROM announcement_delivery WHERE announcement = ? AND person = ? AND channel = ?`, id, person, ch)
	for _, address := range to {
		if err := channel.Proved(tx, person, ch, address, now); err != nil {
			return err
		}
	}
	return err
}
